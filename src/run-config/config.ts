// The whole config of a run: every knob with its unit, description and default. Types, checks and JSON Schema come from
// here.

import type * as z from 'zod';
import {
  choice,
  count,
  dimensionAt,
  flag,
  fraction,
  mapping,
  object,
  orLaw,
  quantity,
  text,
  union,
  unitOf,
  type Dimension,
} from '../config/index.js';
import { isOneOf, isRecord, keysOf } from '../config/typed.js';
import { DRIVER_KINDS, SENSING_KINDS, componentsSchema, deviceSchema } from '../components/index.js';
import { digital, dynamic, vector, links, memory } from './units.js';
import { simulation } from './simulation.js';
import { functionalSchema } from './functional.js';
import { attackSchema, trainingSchema } from './training.js';
import { dataSchema, modelSchema } from './data.js';

const workload = object(
  {
    mode: choice(
      ['inference', 'training', 'attack'],
      "What is run: inference, training (PipeLayer) or an adversarial attack (A3's AttackNet)",
    ).default('inference'),
    images: count(
      'Images in all (default: inference 64, training 10 batches; in attack mode it is batch x iterations and ' +
        'must not be set)',
    ).optional(),
    batch: count(
      'Images of a batch; in attack mode images that share a perturbation (default: training 64, attack 40 as ' +
        'RP2, inference 1)',
    ).optional(),
    iterations: count("Attack only: perturbation updates (default 300, RP2's LISA-CNN run)").optional(),
    trace: text('Trace file (CSV) whose densities of ones replace `inputs.density`').optional(),
    seed: count('Seed of every random draw', { min: 0 }).default(1),
  },
  'What is run',
);

const crossbar = object(
  {
    rows: count('Wordlines of an array', { max: 65536 }).default(128),
    columns: count('Bitlines of an array', { max: 65536 }).default(128),
    device: text('Device preset (configs/devices) or path').default('none'),
    cellBits: count('Bits stored in a cell', { max: 16 }).default(4),
    summation: choice(
      ['current', 'resistance'],
      'Columns sum currents, or resistances in series (low-resistance cells; Jung et al., Nature 2022)',
    ).default('current'),
    columnCurrentLimit: quantity(
      'current',
      'Largest current that a column may carry with all its cells driven and in their lowest resistance; ' +
        'unset: not checked',
    ).optional(),
    writeRows: count('Rows of an array that are written at once').default(1),
  },
  'Crossbar arrays',
);

const weights = object(
  {
    bits: count('Bits of a weight', { max: 64 }).default(16),
    sign: choice(
      ['differential', 'offset'],
      'Signed weights: a positive and a negative array, or one crossbar storing w + 2^(bits-1)',
    ).default('differential'),
    referenceColumn: choice(
      ['extra', 'inside'],
      'Offset only: the column that sums the inputs is one more (128 + 1, ISAAC) or one of the columns',
    ).default('extra'),
    offsetSteps: count('Offset only: shift&add steps that taking the offset off adds to a wave', { min: 0 }).default(1),
    slices: choice(
      ['arrays', 'columns'],
      'Slices of a weight in separate arrays (PipeLayer) or in neighbouring columns (ISAAC)',
    ).default('arrays'),
    sliceReads: choice(
      ['parallel', 'serial'],
      'Slices in arrays of their own are read at once, or one after the other (slices: arrays)',
    ).default('parallel'),
    copies: choice(
      ['dedicated', 'shared'],
      'Weights for backpropagation: a second array set, or the forward arrays read transposed',
    ).default('dedicated'),
    codebook: choice(
      ['uniform', 'importance', 'k-means', 'tanh', 'log'],
      'Levels that weights take; other than uniform ones are stored as conductances proportional to the code ' +
        'values, one cell a weight, or as `codeWordBits`',
    ).default('uniform'),
    codeWordBits: count(
      'Codebook values rounded to fixed-point words of so many bits, sliced over cells; unset: one cell a weight',
      { max: 64 },
    ).optional(),
  },
  'How weights are stored',
);

const inputs = object(
  {
    bits: count('Bits of an input value', { max: 64 }).default(16),
    bitsPerSlot: count('Input bits that a slot applies', { max: 16 }).default(1),
    density: fraction('Share of ones among the applied bits where no trace says better').default(0.5),
  },
  'Inputs of the crossbars',
);

const mappingKnobs = object(
  {
    biasRow: flag('A bias takes a row of the array').default(false),
    groups: choice(
      ['separate', 'packed'],
      'Groups of a grouped or depthwise convolution (heads, directions): each in arrays of its own, or as many as ' +
        'fit block-diagonally in one array, spread evenly over the arrays',
    ).default('separate'),
    overflow: choice(
      ['refuse', 'reload'],
      'Where the arrays of a chip (chip.arrays, or chip.tiles x arraysPerTile) do not hold all layers: refused ' +
        '(chip.tiles: more chips), or layers take turns, a whole batch each, and their weights are written anew ' +
        '(inference)',
    ).default('refuse'),
    adderLevels: union(
      [choice(['log2'], 'ceil(log2(row tiles))'), count('Fixed', { min: 0 })],
      "Levels of the vertical adder that a result passes: ceil(log2(row tiles)), or a number (ISAAC's tile " +
        'shift&add: 1)',
    ).default('log2'),
    padded: choice(
      ['read', 'dropped'],
      'Positions of a convolution whose windows reach into padding: read as all others, or left out of time, energy ' +
        'and counts as NeuroSim leaves them out (inference of whole images; what they would give is missing)',
    ).default('read'),
    replication: object(
      {
        scheme: choice(
          ['given', 'balanced', 'budget', 'strides'],
          'Copies G of each layer: given by layer, balanced to equal steps, one more for the slowest while a ' +
            'budget of arrays lasts, or by the strides from the last layer back and halved until the arrays ' +
            'hold them (ISAAC Sec. IV)',
        ).default('balanced'),
        byLayer: mapping(
          count('Copies G of the layer'),
          'Given: G by layer name; * stands for any letters (conv1_*: 1024)',
        ).prefault({}),
        otherwise: choice(
          ['one', 'balanced'],
          'Given: layers that no pattern fits get one copy or are balanced to `steps`',
        ).default('balanced'),
        steps: count('Balanced: most steps of a layer').default(49),
        arrays: count('Budget, strides: logical arrays for the forward copies').optional(),
      },
      'Replication G',
    ).prefault({}),
  },
  'How matrices are laid onto arrays',
);

const gradient = object(
  {
    mapping: choice(
      ['unrolled', 'plain'],
      'Gradient arrays: d unrolled K_h K_w times (PipeLayer Fig. 12) or written once',
    ).default('unrolled'),
    copies: union(
      [
        choice(['balanced'], 'Balanced to `steps`'),
        count('For every layer'),
        mapping(count('Copies'), 'By layer name'),
      ],
      'Error vectors that go at once',
    ).default('balanced'),
    steps: count('Balanced: most steps of a gradient stage').default(512),
    write: choice(
      ['overlapped', 'serial'],
      'Writing d into the gradient arrays: while d is made (hidden), or row by row before the error streams through',
    ).default('overlapped'),
  },
  'Weight gradients (training)',
);

const sensing = object(
  {
    kind: choice(
      SENSING_KINDS,
      'Integrate-and-fire with counter, sample-and-hold with ADC, or spin neurons with low-bit outputs',
    ).default('adc'),
    bits: count('Resolution of the ADC, output bits of a spin neuron', { max: 32 }).optional(),
    columnsPerConverter: count('Lines that share a converter').default(1),
    rate: orLaw(
      quantity('sampleRate', 'Conversions a second of one converter, or a law (adc-sar-rate)', { positive: true }),
    ).optional(),
    encoding: choice(['plain', 'flipped'], 'Flipped columns save one bit of resolution (ISAAC Sec. V)').default(
      'plain',
    ),
  },
  'Sensing of the lines',
);

const pipeline = object(
  {
    enabled: flag('False: an image enters when the one before it has left').default(true),
    granularity: choice(
      ['image', 'row'],
      'A stage starts when the whole image is there (PipeLayer) or the rows of its window (ISAAC; inference only)',
    ).default('image'),
    advance: choice(
      ['lockstep', 'elastic'],
      'Logical cycles of all stages together, or each stage as soon as it can',
    ).default('lockstep'),
    write: choice(
      ['hidden', 'serial'],
      'Results are written while the next slot is read, or each slot is read and then written (crossbars)',
    ).default('hidden'),
    cycle: choice(
      ['active', 'fixed'],
      'Lockstep: a cycle lasts as long as its slowest active stage, or as the slowest of all',
    ).default('active'),
  },
  'Pipeline',
);

const buffers = object(
  {
    kind: choice(
      ['reram', 'edram', 'sram', 'spin'],
      'Technology of the intermediate storage, which says what wears out; its energies and times stand in ' +
        'components.buffer (extend buffer-reram, buffer-edram or buffer-sram for all of it)',
    ).default('reram'),
    capacity: quantity('capacity', 'Capacity of one memory, which the memory laws refer to').optional(),
    wordBits: count('Bits of one access').default(16),
    portBits: count('Bits that a port moves at once; unset: wide enough for a wave').optional(),
    entries: count(
      'Entries (images) of every buffer; unset: as many as the schedule needs, 2(L-l)+1, doubled where read ' +
        'and written in one cycle',
    ).optional(),
    pooling: choice(
      ['before', 'after'],
      'Outputs are stored before pooling (its windows are found again) or after',
    ).default('before'),
  },
  'Intermediate storage',
);

const chip = object(
  {
    clock: orLaw(
      quantity(
        'frequency',
        'Clock, or a law of it (adc-sar-clock); latencies in cycles refer to it, and clocked units start on its edges',
        { positive: true },
      ),
    ).optional(),
    node: quantity('length', 'Technology node').optional(),
    roadmap: choice(
      ['lp', 'hp'],
      'Transistors of the digital blocks, which the block laws refer to: low standby power, or high performance ' +
        '(more leakage, less energy and delay)',
    ).default('lp'),
    idle: choice(
      ['gated', 'on'],
      'What a unit takes while it does not work: leakage alone, or the power of one that never rests (what a power ' +
        'table adds up to). A result has both as energy.activityJ and energy.poweredOnJ; this says which is the total',
    ).default('gated'),
    arraysPerCore: count('Physical arrays of a core (ISAAC: of an IMA)').optional(),
    arraysPerTile: count('Physical arrays of a tile (SPINDLE: of a cluster of cores)').optional(),
    arrays: count(
      'Physical arrays of the chip, where chip.tiles does not say it; more are refused, or taken in turns ' +
        '(mapping.overflow). Unset: as many as the mapping needs',
    ).optional(),
    tiles: count(
      'Tiles on a chip; a run that needs more takes more chips. Unset: one chip with as many as the arrays need',
    ).optional(),
  },
  'Chip',
);

/** The parts of a config that say what is built: knobs, and the constants of device and components. */
const design = {
  crossbar: crossbar.prefault({}),
  device: deviceSchema,
  digital: digital.optional(),
  weights: weights.prefault({}),
  inputs: inputs.prefault({}),
  driver: object(
    { kind: choice(DRIVER_KINDS, 'Spike driver, DAC, or a switch matrix for inputs of one bit a slot').default('dac') },
    'Drivers',
  ).prefault({}),
  mapping: mappingKnobs.prefault({}),
  gradient: gradient.prefault({}),
  neurons: choice(
    ['kept', 'masks'],
    'What backpropagation finds again: the neurons, or only arg-max indices and ReLU masks',
  ).default('kept'),
  sensing: sensing.prefault({}),
  pooling: object(
    {
      kind: choice(
        ['register', 'buffered'],
        'Running maximum on the fly (PipeLayer) or windows read back from the buffer (ISAAC)',
      ).default('register'),
    },
    'Pooling',
  ).prefault({}),
  pipeline: pipeline.prefault({}),
  buffers: buffers.prefault({}),
  chip: chip.prefault({}),
  links: links.prefault({}),
  memory: memory.prefault({}),
  vector: vector.prefault({}),
  dynamic: dynamic.prefault({}),
  components: componentsSchema.prefault({}),
};

/** Names of the parts of a config that say what is built, not what runs on it. */
export const DESIGN_PARTS: ReadonlySet<string> = new Set(keysOf(design));

/** Every knob of a config after `extends` is resolved. */
export const configSchema = object(
  {
    name: text('Name of the architecture').optional(),
    description: text('One line about it').optional(),
    source: text('Publication it follows').optional(),
    network: text('Network preset (configs/networks) or path'),
    workload: workload.prefault({}),
    ...design,
    functional: functionalSchema.optional(),
    training: trainingSchema.optional(),
    attack: attackSchema.optional(),
    model: modelSchema.optional(),
    data: dataSchema.optional(),
    test: dataSchema.optional(),
    simulation: simulation.prefault({}),
  },
  'A run of xbarflow',
);

/** The parts of a config, in the order in which results have them. */
export const CONFIG_PARTS = keysOf(configSchema.shape);

const defaults = new Map<string, unknown>();

/** Default of a knob that a law may refer to; undefined where there is none. */
export function knobDefault(group: string, knob: string): unknown {
  if (!isOneOf(CONFIG_PARTS, group)) return undefined;
  if (!defaults.has(group)) defaults.set(group, configSchema.shape[group].safeParse(undefined, { jitless: true }).data);
  const part = defaults.get(group);
  return isRecord(part) && Object.hasOwn(part, knob) ? part[knob] : undefined;
}

/** The dimension that the knob or constant of a dotted key (`chip.clock`) is declared with; undefined of plain ones. */
export const dimensionOfKey = (key: string): Dimension | undefined => dimensionAt(configSchema, key.split('.'));

/** The unit of the knob or constant of a dotted key, '' where it has none; times may stand in cycles instead. */
export function unitOfKey(key: string): string {
  const dimension = dimensionOfKey(key);
  return dimension === undefined ? '' : unitOf(dimension);
}

/** A checked config: SI units, defaults filled in. */
export type Config = z.output<typeof configSchema>;

/** What a file may leave out: any key, as what it extends may give it. */
type Layered<T> = T extends readonly unknown[] ? T : T extends object ? { [K in keyof T]?: Layered<T[K]> } : T;

/** A config as it is written: quantities with units, presets by name, any key left out. */
export type ConfigInput = Layered<z.input<typeof configSchema>> & { extends?: string | string[] };

/** Bits that a weight takes in cells: its own, or those of its codebook's fixed-point words. */
export const storedBits = ({ codebook, bits, codeWordBits = bits }: Config['weights']): number =>
  codebook === 'uniform' ? bits : codeWordBits;

/** Numbers of images that a mode runs (docs/config.md). */
export interface ResolvedWorkload {
  mode: Config['workload']['mode'];
  images: number;
  batch: number;
}

/** Fills in what depends on the mode. Throws a plain Error naming the key when `images` is set in attack mode. */
export function resolveWorkload({ mode, images, batch, iterations }: Config['workload']): ResolvedWorkload {
  switch (mode) {
    case 'inference':
      return { mode, images: images ?? 64, batch: batch ?? 1 };
    case 'training': {
      const size = batch ?? 64;
      return { mode, images: images ?? 10 * size, batch: size };
    }
    case 'attack': {
      const size = batch ?? 40;
      return { mode, images: size * (iterations ?? 300), batch: size };
    }
  }
}
