// Rules of the verdict about time: each looks at a result's facts and says what it found, or nothing.

import {
  conversionsS,
  EQUAL,
  knob,
  numberAt,
  ownBusyS,
  readS,
  shareText,
  stageText,
  timeText,
  type Facts,
  type Judged,
  type Stage,
} from './verdict-facts.js';
import type { Limit } from './verdict-types.js';
import { grouped } from '../config/numbers.js';

/** A rule: what limits, or null where it does not apply. */
export type Rule = (facts: Facts) => Limit | null;

const LINKS = new Set(['bus', 'router', 'chipLink', 'outsideMemory']);
/** A stage this much busier than the next one stands alone. */
const ALONE = 1.25;
/** From this share of what is lost on, a cause of waits is named. */
const MOST_OF_THE_WAITS = 0.5;

const time = (code: string, share: number, text: string, next: Limit['next'] = []): Limit => ({
  code,
  of: 'time',
  share,
  text,
  next,
});

/** `1 wave`, `512 waves`. */
const counted = (number: number, thing: string): string => `${grouped(number)} ${thing}${number === 1 ? '' : 's'}`;

const paceShare = ({ pace, result }: Facts): number => pace.busyS / result.time.totalS;

const slotsOf = (result: Judged): number =>
  Math.ceil((numberAt(result, 'inputs.bits') ?? 1) / (numberAt(result, 'inputs.bitsPerSlot') ?? 1));

/** What a wave of reads on arrays is made of. */
interface Waves {
  slots: number;
  slotS: number;
  readS: number;
  conversionS: number;
  /** Seconds a wave beyond its slots: cells that are written first. */
  writeS: number;
}

/** Null where the pace is not set by arrays that are read. */
function wavesOf({ pace, result }: Facts): Waves | null {
  const { component, role, intervalS } = pace.unit;
  const read = readS(result);
  if (component !== 'crossbar' || role === 'write weights' || read === undefined) return null;
  const conversionS = conversionsS(result);
  const longest = Math.max(read, conversionS);
  // A transposed read drives the slices of a weight one after the other: a whole number of times the slots.
  const serial = knob(result, 'gradient.write') === 'serial' && pace.stages[0]!.pass === 'G';
  const times = serial ? 1 : Math.max(1, Math.floor((intervalS / (slotsOf(result) * longest)) * (1 + 1e-6)));
  const slots = slotsOf(result) * times;
  const slotS = serial ? longest : intervalS / slots;
  return { slots, slotS, readS: read, conversionS, writeS: Math.max(0, intervalS - slots * slotS) };
}

const fewerSlots = (result: Judged): Limit['next'] => {
  const bits = numberAt(result, 'inputs.bits') ?? 1;
  return bits % 2 === 1 ? [] : [{ set: [`inputs.bits=${bits / 2}`], why: 'half the slots, if the accuracy bears it' }];
};

/** The cells are as slow as the slot: their read time sets it. */
export const cellRead: Rule = (facts) => {
  const waves = wavesOf(facts);
  if (waves === null || waves.writeS > waves.slots * waves.slotS || waves.conversionS > waves.readS * (1 + EQUAL))
    return null;
  const tie = waves.conversionS >= waves.readS * (1 - EQUAL);
  return time(
    tie ? 'cell-read-and-converter' : 'cell-read',
    paceShare(facts),
    `${counted(waves.slots, 'slot')} of ${timeText(waves.slotS)}, ` +
      (tie ? 'as long as a read of the cells and the conversions of its lines alike' : "the cells' read"),
    fewerSlots(facts.result),
  );
};

/** Converters are slower than the cells: columns that share one wait for each other. */
export const converter: Rule = (facts) => {
  const waves = wavesOf(facts);
  const { result, pace } = facts;
  if (pace.unit.role === 'sense')
    return time('converter', paceShare(facts), `${pace.unit.component}, ${timeText(pace.unit.intervalS)} a wave`);
  if (waves === null || waves.conversionS <= waves.readS * (1 + EQUAL)) return null;
  const columns = numberAt(result, 'sensing.columnsPerConverter') ?? 1;
  return time(
    'converter',
    paceShare(facts),
    `converters: ${columns} columns that share one take ${timeText(waves.conversionS)} a slot, the cells' read ` +
      timeText(waves.readS),
    columns > 1
      ? [{ set: [`sensing.columnsPerConverter=${Math.ceil(columns / 2)}`], why: 'half the conversions of a slot' }]
      : [{ set: [`sensing.rate=${2 * (numberAt(result, 'sensing.rate') ?? 1)} Hz`], why: 'faster converters' }],
  );
};

/** Knobs that make writing shorter. */
function fasterWrites(result: Judged): Limit['next'] {
  const rows = numberAt(result, 'crossbar.writeRows') ?? 1;
  const most = numberAt(result, 'crossbar.rows') ?? 1;
  return rows < most
    ? [{ set: [`crossbar.writeRows=${Math.min(most, 8 * rows)}`], why: 'more rows written at once' }]
    : [];
}

/** Gradient arrays are written before they are read. */
export const gradientWrite: Rule = (facts) => {
  const { result, pace } = facts;
  const waves = wavesOf(facts);
  if (waves === null || waves.writeS <= waves.slots * waves.slotS) return null;
  return time(
    'write',
    paceShare(facts),
    `writing cells of ${pace.stages[0]!.layer} before they are read: ${timeText(waves.writeS)} of a wave of ` +
      timeText(pace.unit.intervalS),
    [...fasterWrites(result), { set: ['gradient.write=overlapped'], why: 'writes while the layer before computes' }],
  );
};

/** The weights are written between batches, when nothing else runs. */
export const weightUpdate: Rule = ({ result, updateS }) => {
  if (result.mode !== 'training') return null;
  const rows = (numberAt(result, 'crossbar.rows') ?? 1) / (numberAt(result, 'crossbar.writeRows') ?? 1);
  const what = numberAt(result, 'digital.units') === undefined ? `, ${Math.ceil(rows)} row writes an array` : '';
  return time(
    'write',
    updateS / result.time.totalS,
    `the weight updates between batches${what}`,
    what === '' ? [] : fasterWrites(result),
  );
};

/** A bus, router or link is the slowest unit of the chain. */
export const link: Rule = (facts) => {
  const { unit } = facts.pace;
  if (!LINKS.has(unit.component)) return null;
  const bits = numberAt(facts.result, 'links.bus.bits');
  const rate = numberAt(facts.result, 'links.chip.rate');
  const memory = numberAt(facts.result, 'memory.rate');
  const next =
    unit.component === 'bus' && bits !== undefined
      ? [{ set: [`links.bus.bits=${4 * bits}`], why: 'a wider bus' }]
      : unit.component === 'chipLink' && rate !== undefined
        ? [{ set: [`links.chip.rate=${(4 * rate) / 8e9} GB/s`], why: 'faster links' }]
        : unit.component === 'outsideMemory' && memory !== undefined
          ? [{ set: [`memory.rate=${(4 * memory) / 8e9} GB/s`], why: 'a faster memory' }]
          : [];
  return time('link', paceShare(facts), `the ${unit.component}, ${timeText(unit.intervalS)} a wave`, next);
};

/** A port of a buffer is the slowest unit of the chain. */
export const bufferPort: Rule = (facts) => {
  const { unit } = facts.pace;
  if (unit.component !== 'buffer' && !unit.role.startsWith('read window')) return null;
  const bits = numberAt(facts.result, 'buffers.portBits');
  return time(
    'buffer',
    paceShare(facts),
    `the buffer's ${unit.role}, ${timeText(unit.intervalS)} a wave`,
    bits === undefined ? [] : [{ set: [`buffers.portBits=${2 * bits}`], why: 'a wider port' }],
  );
};

/** Digital units work without a pause: a digital design's for all layers, or those beside the arrays. */
export const digitalUnits: Rule = (facts) => {
  const all = numberAt(facts.result, 'digital.units');
  const units = all ?? numberAt(facts.result, 'dynamic.units');
  if (facts.pace.unit.component !== 'mac' || units === undefined) return null;
  const work = all === undefined ? 'products of two activations' : 'layers';
  const key = all === undefined ? 'dynamic.units' : 'digital.units';
  return time('units', paceShare(facts), `${grouped(units)} multiply-accumulate units for all ${work}`, [
    { set: [`${key}=${2 * units}`], why: 'twice the units' },
  ]);
};

/** A unit that no rule above knows. */
export const otherUnit: Rule = (facts) => {
  const { component, role, intervalS } = facts.pace.unit;
  const known = ['crossbar', 'mac', 'buffer', ...LINKS].includes(component);
  if (known || role === 'sense' || role.startsWith('read window')) return null;
  return time('unit', paceShare(facts), `${component} (${role}), ${timeText(intervalS)} a wave`);
};

/** A knob that shortens a stage: more copies, or fewer steps of the gradient. */
function shorter(result: Judged, stage: Stage): Limit['next'] {
  const why = `fewer waves of ${stageText(stage)}`;
  if (stage.waves < 2) return [];
  if (stage.pass === 'G' && knob(result, 'gradient.copies') === 'balanced')
    return [{ set: [`gradient.steps=${Math.ceil(stage.waves / 2)}`], why }];
  const layer = result.layers.find(({ name }) => name === stage.layer);
  if (layer === undefined || (stage.pass !== 'F' && stage.pass !== 'B')) return [];
  const scheme = knob(result, 'mapping.replication.scheme');
  if (scheme === 'balanced')
    return [{ set: [`mapping.replication.steps=${Math.max(1, Math.floor(layer.steps / 2))}`], why }];
  return scheme === 'given'
    ? [{ set: [`mapping.replication.byLayer.${layer.name}=${2 * layer.replication}`], why: `twice the copies: ${why}` }]
    : [];
}

/** Knobs that shorten several stages at once. */
function shorterAll(result: Judged, stages: readonly Stage[]): Limit['next'] {
  const [first] = stages;
  const forward = stages.every(({ pass }) => pass === 'F' || pass === 'B');
  if (!forward || knob(result, 'mapping.replication.scheme') === 'balanced') return shorter(result, first!);
  const steps = Math.floor(Math.min(...stages.map(({ waves }) => waves)) / 2);
  return steps < 1
    ? []
    : [
        {
          set: ['mapping.replication.scheme=balanced', `mapping.replication.steps=${steps}`],
          why: 'half the waves of all that tie',
        },
      ];
}

/** One stage is slower than all others. */
export const oneStage: Rule = (facts) => {
  const { pace, runnerUp, result } = facts;
  const [stage] = pace.stages;
  if (pace.shared || pace.stages.length > 1 || runnerUp === null) return null;
  const factor = ownBusyS(stage!) / ownBusyS(runnerUp);
  if (factor < ALONE) return null;
  return time(
    'one-stage',
    paceShare(facts),
    `${stageText(stage!)} alone: ${counted(stage!.waves, 'wave')} an image, ` +
      `${Number(factor.toPrecision(3))} times as busy as ` +
      `the next, ${stageText(runnerUp)}`,
    shorter(result, stage!),
  );
};

/** Several stages are equally slow. */
export const ties: Rule = (facts) => {
  const { pace, result } = facts;
  const { stages } = pace;
  if (pace.shared || stages.length < 2) return null;
  const waves = [...new Set(stages.map((stage) => stage.waves))];
  return time(
    'tie',
    paceShare(facts),
    `${stages.length} of ${result.stages.length} stages that tie, ${names(stages)}: ` +
      (waves.length === 1
        ? `${counted(waves[0]!, 'wave')} an image`
        : `${Math.min(...waves)} to ${Math.max(...waves)} waves an image`),
    shorterAll(result, stages),
  );
};

/** Names of a few stages, in the order of the network. */
function names(stages: readonly Stage[]): string {
  const { compare } = new Intl.Collator('en', { numeric: true });
  const ordered = [...stages].sort((a, b) => compare(a.name, b.name));
  return ordered.length <= 3
    ? ordered.map(stageText).join(', ')
    : `${stageText(ordered[0]!)} to ${stageText(ordered.at(-1)!)}`;
}

/** Stages take turns on one unit. */
export const sharedUnit: Rule = (facts) => {
  const { pace } = facts;
  if (!pace.shared || pace.unit.component === 'mac') return null;
  const what =
    pace.unit.component === 'crossbar' ? `the arrays of ${pace.stages[0]!.layer}` : `one ${pace.unit.component}`;
  const turns = `${names(pace.stages)} in turns on ${what}`;
  return time('shared', paceShare(facts), turns, shorter(facts.result, pace.stages[0]!));
};

/** A stage in between: none ties, none stands alone. */
export const busiestStage: Rule = (facts) => {
  const { pace, runnerUp, result } = facts;
  if (pace.shared || pace.stages.length > 1) return null;
  if (runnerUp !== null && ownBusyS(pace.stages[0]!) >= ALONE * ownBusyS(runnerUp)) return null;
  const [stage] = pace.stages;
  const after = runnerUp === null ? '' : `, closely followed by ${stageText(runnerUp)}`;
  return time(
    'busiest',
    paceShare(facts),
    `${stageText(stage!)}, ${counted(stage!.waves, 'wave')} an image${after}`,
    shorter(result, stage!),
  );
};

/** Stages wait for room in the buffers behind them. */
export const bufferRoom: Rule = (facts) => {
  const { result, lostS } = facts;
  const entries = numberAt(result, 'buffers.entries');
  const { output } = result.stalls;
  if (output < MOST_OF_THE_WAITS * lostS || lostS === 0) return null;
  return time(
    'buffer-room',
    lostS / result.time.totalS,
    `waits for room in the buffers behind the stages, ${timeText(output)} in all`,
    entries === undefined ? [] : [{ set: [`buffers.entries=${2 * entries}`], why: 'room for more images' }],
  );
};

/** Images pass one after the other. */
export const unpipelined: Rule = (facts) => {
  const { result, lostS } = facts;
  if (knob(result, 'pipeline.enabled') !== false) return null;
  return time('unpipelined', lostS / result.time.totalS, 'images that enter one after the other has left', [
    { set: ['pipeline.enabled=true'], why: 'images follow each other' },
  ]);
};

/** The pipeline fills and drains more than it flows. */
export const fill: Rule = (facts) => {
  const { result, lostS } = facts;
  if (bufferRoom(facts) !== null || unpipelined(facts) !== null) return null;
  const share = lostS / result.time.totalS;
  const more =
    result.mode === 'inference'
      ? { set: [`workload.images=${10 * result.images}`], why: 'more images for one fill' }
      : { set: [`workload.batch=${2 * result.batch}`], why: 'fewer fills an image' };
  const through = counted(result.stages.length, 'stage');
  const text =
    result.mode === 'inference'
      ? `filling and draining, ${counted(result.images, 'image')} through ${through}`
      : `filling and draining, ${grouped(Math.min(result.batch, result.images))} a batch through ${through}`;
  return time('fill', share, text, [more]);
};

/** The perturbation of an attack is updated between iterations. */
export const perturbationUpdate: Rule = ({ result, updateS }) =>
  result.mode === 'attack' ? time('update', updateS / result.time.totalS, 'updates of the perturbation') : null;

/** What holds a wave up; one of them applies to every run. */
export const UNIT_RULES: readonly Rule[] = [
  gradientWrite,
  converter,
  cellRead,
  link,
  bufferPort,
  digitalUnits,
  otherUnit,
];
/** Which stages set the pace; one of them applies to every run. */
export const STAGE_RULES: readonly Rule[] = [sharedUnit, ties, oneStage, busiestStage];
/** What the rest of the time goes to. */
export const LOSS_RULES: readonly Rule[] = [unpipelined, bufferRoom, fill, weightUpdate, perturbationUpdate];
/** Smaller shares of the time are not named. */
const NAMED = 0.005;

/** The rules' findings in one sentence, the largest share first, and the findings. */
export function judgeTime(facts: Facts): { text: string; limits: Limit[] } {
  const found = (rules: readonly Rule[]): Limit[] => rules.flatMap((rule) => rule(facts) ?? []);
  const unit = found(UNIT_RULES).slice(0, 1);
  const stage = found(STAGE_RULES).slice(0, 1);
  const losses = found(LOSS_RULES).filter(({ share }) => share >= NAMED);
  const pace = { share: paceShare(facts), text: [...stage, ...unit].map(({ text }) => text).join('; ') };
  return {
    text: [pace, ...losses]
      .sort((a, b) => b.share - a.share)
      .map(({ text, share }, i) => `${text} (${shareText(share)}${i === 0 ? ' of the run' : ''})`)
      .join('; then '),
    // What shortens a wave comes before what makes fewer of them, but for the cells' own read time.
    limits: [...(unit[0]?.code === 'cell-read' ? [...stage, ...unit] : [...unit, ...stage]), ...losses].sort(
      (a, b) => b.share - a.share,
    ),
  };
}
