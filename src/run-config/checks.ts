// Knobs that do not go together, and networks that a machine cannot run.

import { COMPONENT_NAMES, declarationOf } from '../components/index.js';
import { formatQuantity } from '../config/index.js';
import { backwardOf, isOutputSoftmax, reachedByError } from '../workload/graph/index.js';
import type { Network } from '../workload/index.js';
import { resolveWorkload, storedBits, type Config } from './config.js';
import { checkLineCurrent } from './currents.js';
import { hasCrossbars, kindsOf, type KindName } from './kinds.js';
import type { LawUse } from './laws.js';

type Fail = (path: string[], message: string) => never;

/**
 * Checks the knobs of a config against each other and against its network. @param laws constants that came out of laws,
 * by their key.
 */
export function checkCombination(
  config: Config,
  network: Network,
  laws: ReadonlyMap<string, LawUse>,
  fail: Fail,
): void {
  const { workload, neurons, pipeline, mapping, buffers } = config;
  refuseBackward(config, network, fail);
  if (workload.mode === 'attack' && workload.images !== undefined) {
    fail(
      ['workload', 'images'],
      'an attack runs batch x iterations images; set workload.iterations and workload.batch instead',
    );
  }
  const { images } = resolveWorkload(workload);
  if (images > Number.MAX_SAFE_INTEGER) {
    const times = workload.mode === 'attack' ? 'batch x iterations' : '10 batches';
    fail(
      ['workload', workload.mode === 'attack' && workload.iterations !== undefined ? 'iterations' : 'batch'],
      `${times} are about ${images.toExponential(2)} images, more than the 2^53 that can be counted exactly`,
    );
  }
  if (workload.mode !== 'attack' && workload.iterations !== undefined) {
    fail(
      ['workload', 'iterations'],
      `counts the perturbation updates of an attack, which ${workload.mode} has none of; expected workload.images`,
    );
  }
  if (workload.mode === 'training' && neurons === 'masks') {
    fail(
      ['neurons'],
      'training needs the neurons themselves (G_l multiplies d_{l-1} with the error); masks serve attacks ' +
        'only, expected kept',
    );
  }
  if (pipeline.granularity === 'row') {
    if (workload.mode !== 'inference')
      fail(['pipeline', 'granularity'], `row runs inference only, expected image for ${workload.mode}`);
    if (pipeline.advance === 'lockstep')
      fail(['pipeline', 'advance'], 'lockstep advances whole images, expected elastic with granularity row');
  }
  if (
    (mapping.replication.scheme === 'budget' || mapping.replication.scheme === 'strides') &&
    mapping.replication.arrays === undefined
  )
    fail(['mapping', 'replication', 'arrays'], 'this key is missing, expected the array budget');
  if (mapping.padded === 'dropped' && (workload.mode !== 'inference' || pipeline.granularity === 'row'))
    fail(
      ['mapping', 'padded'],
      'dropped leaves positions out of inference of whole images; expected read, or workload.mode inference with ' +
        'pipeline.granularity image',
    );
  if (buffers.entries !== undefined && pipeline.granularity === 'row')
    fail(['buffers', 'entries'], 'counts images; row-granular buffers hold rows of a window');
  const { tiles, arraysPerTile, arrays } = config.chip;
  if (arrays !== undefined && tiles !== undefined && arraysPerTile !== undefined)
    fail(
      ['chip', 'arrays'],
      `found ${arrays}, but chip.tiles x chip.arraysPerTile say that a chip has ${tiles * arraysPerTile}; expected ` +
        'one of the two',
    );
  if (config.dynamic.on === 'crossbar') checkOperandArrays(config, network, fail);
  refuseUnreadTimes(config, fail);
  for (const kind of kindsOf(config)) CHECKS[kind]({ config, network, laws, fail });
}

/** Times that each kind of component takes, and why not the others. */
const TIMES: Record<ReturnType<typeof declarationOf>['timing'], { reads: readonly string[]; why: string }> = {
  none: { reads: [], why: 'it acts within the times of others (those of the cells stand in the device)' },
  paced: { reads: ['latency'], why: 'it keeps the pace of the slots of the arrays, or of its own steps' },
  unit: { reads: ['latency', 'interval'], why: 'it has no writes' },
  'read-write': { reads: ['latency', 'writeLatency', 'interval'], why: '' },
};

/** Constants whose times are all read; they never change. */
const READ = new WeakSet<Config['components']>();

/** A time that no chain reads is refused, so that nobody takes a figure for its effect. */
function refuseUnreadTimes({ components }: Config, fail: Fail): void {
  if (READ.has(components)) return;
  for (const name of COMPONENT_NAMES) {
    const { reads, why } = TIMES[declarationOf(name).timing];
    const given = components[name];
    for (const key of ['latency', 'writeLatency', 'interval'] as const)
      if (given?.[key] !== undefined && !reads.includes(key))
        fail(
          ['components', name, key],
          `no run reads it: ${why}; expected ${reads.join(', ') || 'no time'} of ${name}`,
        );
  }
  READ.add(components);
}

/** What the check of a kind looks at. */
interface Checked {
  config: Config;
  network: Network;
  laws: ReadonlyMap<string, LawUse>;
  fail: Fail;
}

/** What each kind of hardware asks of the knobs and of the layers. */
const CHECKS: Record<KindName, (checked: Checked) => void> = {
  crossbar({ config, network, laws, fail }) {
    checkCrossbars(config, laws, fail);
    refuseAdders(network, fail);
  },
  digital({ config, network, fail }) {
    if (config.digital !== undefined) checkDigital(config, config.digital, network, fail);
    if (config.digital?.operation !== 'l1') refuseAdders(network, fail);
  },
};

/** Nothing is free in silence: an operator that no error goes through is refused by name. */
function refuseBackward({ workload: { mode } }: Config, { graph }: Network, fail: Fail): void {
  if (mode === 'inference') return;
  // The error of a softmax at the output is the difference to the label.
  for (const node of reachedByError(graph))
    if (!isOutputSoftmax(graph, node) && backwardOf(graph, node) === null)
      fail(
        ['workload', 'mode'],
        `operator "${node.name}" (${node.type}) runs inference only: no error goes back through it; expected ` +
          'inference',
      );
}

/** Operands are written into arrays for inference, where there are arrays. */
function checkOperandArrays(config: Config, { layers }: Network, fail: Fail): void {
  const product = layers.find(({ dynamic }) => dynamic !== null);
  if (product === undefined) return;
  const { mode } = config.workload;
  if (mode !== 'inference')
    fail(
      ['dynamic', 'on'],
      `found crossbar, but operator "${product.name}" writes operands into arrays in inference only; expected ` +
        `digital for ${mode}`,
    );
  if (!hasCrossbars(config))
    fail(['dynamic', 'on'], 'found crossbar, but a digital design has no arrays; expected digital');
}

function refuseAdders(network: Network, fail: Fail): void {
  const adder = network.layers.find((layer) => layer.type === 'adder2d');
  if (adder !== undefined)
    fail(
      ['network'],
      `layer "${adder.name}" is an AdderNet layer (L1 distances), which needs digital units with operation ` +
        'l1; a product cannot compute it',
    );
}

function checkCrossbars(config: Config, laws: ReadonlyMap<string, LawUse>, fail: Fail): void {
  const { crossbar, device, weights, sensing } = config;
  if (device.kind === 'none')
    fail(['crossbar', 'device'], 'this key is missing, expected the name of a device (xbarflow list devices)');
  if (config.driver.kind === 'switch-matrix' && config.inputs.bitsPerSlot > 1)
    fail(
      ['driver', 'kind'],
      `switch-matrix sets one bit a slot, found inputs.bitsPerSlot ${config.inputs.bitsPerSlot}; expected dac, or ` +
        'one bit a slot',
    );
  const stored = storedBits(weights);
  if (stored < weights.bits)
    fail(
      ['weights', 'codeWordBits'],
      `found ${stored}, but a codebook of ${weights.bits} bits has more levels than words of so many bits; ` +
        `expected at least ${weights.bits}`,
    );
  if (weights.codebook !== 'uniform' && weights.codeWordBits === undefined && crossbar.cellBits !== weights.bits) {
    fail(
      ['crossbar', 'cellBits'],
      `found ${crossbar.cellBits}, but a weight of the ${weights.codebook} codebook stands in one cell: ` +
        `expected ${weights.bits}, or weights.codeWordBits for words sliced over cells`,
    );
  }
  if (crossbar.cellBits > stored)
    fail(['crossbar', 'cellBits'], `a cell of ${crossbar.cellBits} bits is larger than a weight of ${stored} bits`);
  if (device.maxBits !== undefined && crossbar.cellBits > device.maxBits.value) {
    fail(
      ['crossbar', 'cellBits'],
      `found ${crossbar.cellBits}, but a cell of ${device.name} holds at most ${device.maxBits.value} bits`,
    );
  }
  if (device.levels !== undefined && device.levels.value.length < 2 ** crossbar.cellBits) {
    fail(
      ['crossbar', 'cellBits'],
      `found ${crossbar.cellBits}, but ${device.name} has ${device.levels.value.length} levels, expected at ` +
        `most ${Math.floor(Math.log2(device.levels.value.length))} bits`,
    );
  }
  const descending = device.levels?.value.findIndex(({ mean }, k, all) => k > 0 && mean <= all[k - 1]!.mean) ?? -1;
  if (descending > 0)
    fail(
      ['device', 'levels'],
      `level ${descending} (${formatQuantity(device.levels!.value[descending]!.mean, 'resistance')}) is not ` +
        'above the one before it, expected resistances from the lowest level on',
    );
  const { on, off } = device.resistance ?? {};
  if (on !== undefined && off !== undefined && off.value <= on.value)
    fail(
      ['device', 'resistance', 'off'],
      `found ${formatQuantity(off.value, 'resistance')}, which is not above device.resistance.on ` +
        `(${formatQuantity(on.value, 'resistance')}); expected the highest resistance of a cell here`,
    );
  if (weights.sliceReads === 'serial' && weights.slices === 'columns')
    fail(
      ['weights', 'sliceReads'],
      'found serial, but slices in neighbouring columns share their wordline; expected parallel, or ' +
        'weights.slices: arrays',
    );
  if (sensing.columnsPerConverter > crossbar.columns)
    fail(
      ['sensing', 'columnsPerConverter'],
      `found ${sensing.columnsPerConverter}, expected at most the ${crossbar.columns} columns of an array`,
    );
  if (sensing.kind === 'spin-neuron' && sensing.bits === undefined)
    fail(['sensing', 'bits'], 'this key is missing, expected the output bits of a spin neuron');
  if (crossbar.summation === 'resistance' && laws.get('device.read.energy')?.name !== 'cell-read-energy') {
    fail(
      ['crossbar', 'summation'],
      `found resistance, but the read energy of ${device.name} does not follow from its resistances; expected ` +
        'a device with read.energy: { law: cell-read-energy }',
    );
  }
  if (crossbar.summation === 'resistance' && weights.copies === 'shared') {
    fail(
      ['crossbar', 'summation'],
      'found resistance, but cells in series are read along their column only, and weights.copies: shared ' +
        'reads rows as well; expected current, or weights.copies: dedicated',
    );
  }
  checkLineCurrent(config, fail);
}

function checkDigital(
  { workload, pipeline, weights }: Config,
  digital: NonNullable<Config['digital']>,
  network: Network,
  fail: Fail,
): void {
  const product = network.layers.find(({ type }) => type !== 'adder2d');
  if (digital.operation === 'l1' && workload.mode !== 'inference' && product !== undefined)
    fail(
      ['digital', 'operation'],
      `found l1, whose errors layer "${product.name}" (${product.type}) does not have; expected layers of adder2d ` +
        `alone, or multiply-accumulate for ${workload.mode}`,
    );
  if (pipeline.granularity === 'row')
    fail(['pipeline', 'granularity'], 'one set of digital units serves all layers, expected image');
  if (pipeline.advance === 'lockstep')
    fail(['pipeline', 'advance'], 'one set of digital units serves all layers, expected elastic');
  if (weights.copies === 'shared')
    fail(['weights', 'copies'], 'digital units read weights from a memory, expected dedicated (the default)');
}
