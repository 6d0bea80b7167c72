// What a reader of a result should know beside its figures: limits that it passes, constants outside their design
// point.

import { formatEngineering, formatQuantity, parseQuantity, type Sourced } from '../config/index.js';
import { grouped, plainNumber } from '../config/numbers.js';
import { biasesInRow, vectorsInside, vectorsOf } from '../mapping/index.js';
import { dimensionOfKey, hasCrossbars, type LoadedRun } from '../run-config/index.js';
import { elementsOf } from '../workload/graph/index.js';
import { valuesOf } from '../workload/index.js';
import type { Note, NoteCode } from './result-types.js';
import type { Judged } from './verdict-facts.js';

/** Heat that air takes off a chip, and a liquid, W/mm2 (100 and 300 W/cm2; our limits, rounded). */
const AIR = 1;
const LIQUID = 3;
/**
 * A line's current above this is more than its wire takes for long: 1 mA (our limit; a wire of 100 nm takes 0.1 mA).
 */
const LINE_CURRENT_A = 1e-3;
/** Bits a cycle that a port of a real chip moves (our limit: twice the widest buses of the presets). */
const PORT_BITS = 1024;
/** A memory outside the chip brings so much a second, bytes (our limit: a channel of DDR4-3200). */
const OUTSIDE = 25.6e9;
const DAY = 86_400;
/** Below this ratio of highest to lowest resistance a cell's levels hardly differ. */
const ON_OFF = 2;
/** Off its design point by less than this, a constant says nothing. */
const SAME = 1e-9;

type Rule = (result: Judged, run: LoadedRun) => Note[];

const powerDensity: Rule = ({ power, area }) => {
  const density = power.averageW / area.totalMm2;
  if (!(density > AIR)) return [];
  const over =
    density > LIQUID ? `${LIQUID} W/mm2, which liquid cooling takes off` : `${AIR} W/mm2, which air takes off`;
  const said = `${plainNumber(density)} W/mm2 are above the ${over}`;
  return [{ code: 'power-density', figure: 'power.averageW', text: said }];
};

const lineCurrent: Rule = ({ sensing }) => {
  const current = sensing?.lineCurrentA ?? 0;
  if (current <= LINE_CURRENT_A) return [];
  const [found, most] = [current, LINE_CURRENT_A].map((amperes) => formatQuantity(amperes, 'current'));
  const text = `a line with all its cells driven in their lowest resistance carries ${found}, above ${most}`;
  return [{ code: 'line-current', figure: 'sensing.lineCurrentA', text }];
};

const converterBits: Rule = ({ sensing }) => {
  if (sensing === null || sensing.bits === null || sensing.kind !== 'adc' || sensing.bits >= sensing.requiredBits)
    return [];
  const text =
    `converters of ${sensing.bits} bits where column sums take ${sensing.requiredBits}: sums are clipped or rounded, ` +
    'which costs accuracy (evaluate)';
  return [{ code: 'converter-bits', figure: 'sensing.bits', text }];
};

const linkDemand: Rule = ({ actions, instances, time }, { config }) => {
  const { rate } = config.links.chip;
  const bits = actions.filter(({ component }) => component === 'chipLink').reduce((sum, a) => sum + Number(a.count), 0);
  const links = instances.filter(({ component }) => component === 'chipLink').reduce((sum, i) => sum + i.count, 0);
  if (rate === undefined || bits === 0) return [];
  const [demand, built] = [bits / time.totalS, links * rate];
  if (demand <= built) return [];
  const text =
    `layers on different chips want ${formatEngineering(demand / 8, 'B/s')} where ` +
    `${formatEngineering(built / 8, 'B/s')} are built`;
  return [{ code: 'link-demand', figure: 'actions.chipLink.transfer', text }];
};

/** A port or a bus that is as wide as a wave, or of a width that no real chip has. */
const portWidth: Rule = ({ layers }, { config }) => {
  const { buffers, links, inputs } = config;
  const widest = layers
    .map((layer) => ({ name: layer.name, bits: layer.replication * layer.rows * layer.groups * inputs.bits }))
    .reduce((most, one) => (one.bits > most.bits ? one : most), { name: '', bits: 0 });
  const moved = (code: NoteCode, key: string, what: string, given: number | undefined): Note[] => {
    const bits = Math.min(given ?? widest.bits, widest.bits);
    if (bits <= PORT_BITS) return [];
    const how = given === undefined ? `as wide as a wave (${key} is unset)` : `wide (${key})`;
    const text =
      `${what} are ${how}: layer "${widest.name}" moves ${grouped(bits)} bits at once, a real one ` +
      `${grouped(PORT_BITS)} or fewer`;
    return [{ code, figure: key, text }];
  };
  return [
    ...moved('port-width', 'buffers.portBits', 'ports', buffers.portBits),
    ...(links.bus.used ? moved('bus-width', 'links.bus.bits', 'buses', links.bus.bits) : []),
  ];
};

const lifetime: Rule = ({ endurance }) => {
  const first = endurance?.firstWornS;
  if (endurance === null || first === null || first === undefined || first >= DAY) return [];
  const rated = `${formatEngineering(endurance.ratedWrites ?? 0, 'writes')}${endurance.placeholder ? ', assumed' : ''}`;
  const others = endurance.scenarios
    .filter(({ ratedWrites }) => ratedWrites !== endurance.ratedWrites)
    .map((one) => `${formatQuantity(one.firstWornS, 'time')} at ${formatEngineering(one.ratedWrites, 'writes')}`);
  const text =
    `cells reach their rated ${rated} after ${formatQuantity(first, 'time')} of this work` +
    (others.length === 0 ? '' : ` (${others.join(', ')})`);
  return [{ code: 'lifetime', figure: 'endurance.firstWornS', text }];
};

const onOffRatio: Rule = (_, { config }) => {
  const { device } = config;
  const on = device.resistance?.on?.value;
  const off = device.resistance?.off?.value;
  if (!hasCrossbars(config) || on === undefined || off === undefined || off >= ON_OFF * on) return [];
  const text = `highest over lowest resistance of ${device.name} is ${plainNumber(off / on)}, below ${ON_OFF}`;
  return [{ code: 'on-off-ratio', figure: 'device.resistance.off', text }];
};

/**
 * A run that does more for a watt than its chip at peak contradicts itself. What a trace's densities save is in no
 * roll-up by activity.
 */
const abovePeak: Rule = ({ efficiency, rollUp }, { config: { chip, workload } }) => {
  if (rollUp === null || (chip.idle === 'gated' && workload.trace !== undefined)) return [];
  const peak = chip.idle === 'on' ? rollUp.gopsPerW : rollUp.gatedGopsPerW;
  if (!(efficiency.gopsPerW > peak * (1 + SAME))) return [];
  const text =
    `${plainNumber(efficiency.gopsPerW)} GOPS/W are above the roll-up's peak of ${plainNumber(peak)}: the constants ` +
    'contradict each other';
  return [{ code: 'above-peak', figure: 'efficiency.gopsPerW', text }];
};

const lawRange: Rule = ({ constants }) =>
  constants.flatMap(({ key, law }): Note[] =>
    law?.beyond === undefined ? [] : [{ code: 'law-range', figure: key, text: law.beyond }],
  );

/** A value at a path of keys; undefined where there is none. */
const at = (tree: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, key)
        ? Object.getOwnPropertyDescriptor(inner, key)?.value
        : undefined,
    tree,
  );

/** The number of a knob as it stands in a config, or of one as a file wrote it. */
function numberOf(value: unknown, key: string): number | string | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'object' && value !== null && 'value' in value) return numberOf(value.value, key);
  if (typeof value !== 'string') return undefined;
  const dimension = dimensionOfKey(key);
  return dimension === undefined ? value : parseQuantity(value, dimension);
}

const isSourced = (value: unknown): value is Sourced<unknown> =>
  typeof value === 'object' && value !== null && 'placeholder' in value && 'value' in value;

const offPoint: Rule = ({ constants }, { config }) => {
  const moved = constants.flatMap(({ key }): Note[] => {
    const constant = at(config, key.split('.'));
    if (!isSourced(constant) || constant.point === undefined) return [];
    const off = Object.entries(constant.point).flatMap(([knob, wrote]) => {
      const [now, holds] = [numberOf(at(config, knob.split('.')), knob), numberOf(wrote, knob)];
      if (now === holds || now === undefined || holds === undefined) return [];
      if (typeof now !== 'number' || typeof holds !== 'number') return [`${knob} ${now}, not ${holds}`];
      if (Math.abs(now / holds - 1) < SAME) return [];
      return [`${knob} is ${plainNumber(now / holds)} times the ${String(wrote)} that it holds at`];
    });
    if (off.length === 0) return [];
    return [{ code: 'off-point', figure: key, text: `used outside its design point: ${off.join('; ')}` }];
  });
  // Constants that left their point in the same way share a note.
  const groups = new Map<string, Note[]>();
  for (const note of moved) groups.set(note.text, [...(groups.get(note.text) ?? []), note]);
  return [...groups.values()].map(([first, ...others]) => {
    const text =
      others.length === 0
        ? first!.text
        : `${first!.text} (as ${others.length === 1 ? 'is' : 'are'} ${others.map(({ figure }) => figure).join(', ')})`;
    return { ...first!, text };
  });
};

/**
 * Biases with a row of their own are read, written and updated with it, and their gradients come out of a column of the
 * gradient arrays.
 */
const biasesFree: Rule = (_, { config, workload, network: { layers } }) => {
  if (config.mapping.biasRow) return [];
  const foldsNorms = workload.mode !== 'training';
  const biases = layers.reduce((sum, layer) => sum + biasesInRow(layer, { biasRow: true, foldsNorms }), 0);
  if (biases === 0) return [];
  const work = workload.mode === 'training' ? 'additions, gradients and updates' : 'additions';
  const text =
    `${work} of ${plainNumber(biases)} biases are not counted: without a row in the arrays (mapping.biasRow) a bias ` +
    'is where sums start';
  return [{ code: 'biases', figure: 'networkTotals.biases', text }];
};

/** What lies outside the buffers between stages: accesses are counted, the memory itself is not built. */
const memoryNotBuilt: Rule = (_, { network: { graph, input }, workload }) => {
  const note = (values: number, what: string): Note => ({
    code: 'memory-not-built',
    figure: 'area.totalMm2',
    text: `${plainNumber(values)} values of ${what} stand in a memory that has no area and no leakage`,
  });
  const own = graph.nodes.flatMap(({ operator, parameters }) =>
    operator.kind === 'gather' && operator.lookup ? (parameters.get('table') ?? []) : [],
  );
  // Layers may share a table.
  const tables = [...new Map(own.map(({ key, shape }) => [key, elementsOf(shape)])).values()].reduce(
    (a, b) => a + b,
    0,
  );
  const pixels = valuesOf(input);
  return [
    ...(tables === 0 ? [] : [note(tables, 'embedding tables')]),
    ...(workload.mode === 'attack'
      ? [note(2 * pixels, "the perturbation and of the input's errors, each image,")]
      : []),
  ];
};

/** What comes from outside the chip and goes there, where the config takes it as free. */
const outsideFree: Rule = ({ stages, layers, images, time }, { config, network: { graph, outputs } }) => {
  const { memory, inputs, weights } = config;
  if (memory.used) return [];
  const note = (bytes: number, what: string): Note => {
    const rate = `${formatEngineering(bytes / time.totalS, 'B/s')} of ${what}`;
    const text = `${rate} come from or go to a memory outside the chip for nothing (memory.used is false)`;
    return { code: 'outside-free', figure: 'energy.totalJ', text };
  };
  const loads = new Map(stages.filter(({ pass }) => pass === 'W').map(({ layer, starts }) => [layer, starts]));
  const loaded = layers.reduce((sum, of) => sum + of.weights * (loads.get(of.name) ?? 0), 0);
  const taken = graph.inputs.reduce((sum, id) => sum + elementsOf(graph.tensors[id]!.shape), 0);
  const moved = ((taken + outputs) * images * inputs.bits) / 8;
  return [
    ...(loaded === 0 ? [] : [note((loaded * weights.bits) / 8, 'weights of turns')]),
    ...(moved / time.totalS <= OUTSIDE ? [] : [note(moved, 'inputs and outputs')]),
  ];
};

/** What a mapping leaves out of the work of a network. */
const paddedDropped: Rule = (_, { config, network: { layers } }) => {
  if (config.mapping.padded === 'read' || !hasCrossbars(config)) return [];
  const [all, inside] = [vectorsOf, vectorsInside].map((of) => layers.reduce((sum, layer) => sum + of(layer), 0));
  if (all === inside) return [];
  const text =
    `${plainNumber(all! - inside!)} of ${plainNumber(all!)} input vectors of an image reach into padding and are ` +
    'left out (mapping.padded is dropped): what they give is missing from time, energy and counts';
  return [{ code: 'padded-dropped', figure: 'time.totalS', text }];
};

const RULES: readonly Rule[] = [
  abovePeak,
  powerDensity,
  converterBits,
  lineCurrent,
  onOffRatio,
  linkDemand,
  portWidth,
  lifetime,
  paddedDropped,
  biasesFree,
  memoryNotBuilt,
  outsideFree,
  lawRange,
  offPoint,
];

/** What stands beside the figures of a result, the gravest first. */
export const notesOf: Rule = (result, run) => RULES.flatMap((rule) => rule(result, run));
