// Rules of the verdict about energy and area: where they go, and the assumptions that they rest on.

import { SENSING_KINDS, sensorOf, type ComponentName } from '../components/index.js';
import { pairsOf } from '../config/typed.js';
import { mapped } from '../kernel/index.js';
import {
  conversionsS,
  EQUAL,
  factsOf,
  isAssumed,
  knob,
  numberAt,
  ownBusyS,
  readS,
  shareText,
  type Facts,
  type Judged,
  type Unit,
} from './verdict-facts.js';
import type { Assumed, Limit } from './verdict-types.js';

/** Parts below this share are not named. */
const NAMED = 0.05;
/** Parts that a sentence names. */
const MOST = 3;
/** An assumption behind this share of a figure is the one that it rests on. */
const RESTS = 0.5;

const LINKS = new Set(['bus', 'router', 'chipLink', 'dispatch', 'outsideMemory']);
const CONVERTERS: ReadonlySet<string> = new Set(
  SENSING_KINDS.flatMap((kind) => sensorOf(kind).actions.map(({ component }) => component)),
);

/** Names of passes as a sentence has them. */
const PASS_WORDS: Record<string, string> = {
  F: 'forward',
  E: 'output error',
  B: 'backward',
  G: 'gradients',
  U: 'weight updates',
  X: 'perturbation',
};

/** What an action is called in the plural. */
const ACTION_WORDS: Record<string, string> = {
  read: 'reads',
  write: 'writes',
  convert: 'conversions',
  integrate: 'integrations',
  transfer: 'transfers',
  access: 'accesses',
  lookup: 'look-ups',
  'multiply-accumulate': 'multiply-accumulates',
  'shift-add': 'shift&adds',
  leakage: 'at rest',
};

type Action = Judged['actions'][number];

/** A pass as a sentence has it. */
export const passWords = (pass: string): string => PASS_WORDS[pass] ?? pass;

/** `buffer writes`, `idle adc`. @param named what the component is called */
export const actionWords = (component: string, action: string, named = component): string =>
  action === 'idle' ? `idle ${named}` : `${named} ${ACTION_WORDS[action] ?? action}`;

interface Part {
  component: Action['component'];
  action: Action['action'];
  energyJ: number;
  byPass: Map<Action['pass'], number>;
}

/** Energy by component and action, the costliest first. */
function partsOf({ actions }: Judged): Part[] {
  const parts = new Map<string, Part>();
  for (const { component, action, pass, energyJ } of actions) {
    const key = `${component} ${action}`;
    const part = parts.get(key) ?? { component, action, energyJ: 0, byPass: new Map<Action['pass'], number>() };
    parts.set(key, part);
    part.energyJ += energyJ;
    part.byPass.set(pass, (part.byPass.get(pass) ?? 0) + energyJ);
  }
  return [...parts.values()].sort((a, b) => b.energyJ - a.energyJ);
}

const kindOf = ({ component, action }: Part): string => {
  if (action === 'leakage' || action === 'idle') return action;
  if (action === 'write' && component === 'crossbar') return 'cell-write';
  if (component === 'crossbar') return 'cell-read';
  if (LINKS.has(component)) return 'link';
  if (CONVERTERS.has(component)) return 'converter';
  if (component === 'buffer') return action === 'write' ? 'buffer-write' : 'buffer-read';
  return component === 'mac' || component === 'weightMemory' ? 'units' : component;
};

/** `crossbar writes 80 % (gradients 49 %, weight updates 31 %)`. */
function partText({ component, action, energyJ, byPass }: Part, totalJ: number): string {
  const passes = [...byPass]
    .filter(([pass, joules]) => joules >= NAMED * totalJ && pass !== 'leakage' && pass !== 'idle')
    .sort((a, b) => b[1] - a[1]);
  const among = passes.map(([pass, joules]) => `${passWords(pass)} ${shareText(joules / totalJ)}`);
  const what = actionWords(component, action);
  return (
    `${what} ${shareText(energyJ / totalJ)}` + (byPass.size > 1 && passes.length > 1 ? ` (${among.join(', ')})` : '')
  );
}

/** Knobs that would lower a part of the energy. */
function energyAdvice(result: Judged, kind: string): Limit['next'] {
  const { sensing } = result;
  if (kind === 'cell-write' && result.mode === 'training' && knob(result, 'gradient.mapping') === 'unrolled')
    return [{ set: ['gradient.mapping=plain'], why: 'neurons written once, not once a window' }];
  if (kind === 'converter' && sensing !== null && sensing.bits !== null && sensing.bits > sensing.requiredBits)
    return [{ set: [`sensing.bits=${sensing.requiredBits}`], why: 'as many bits as column sums need' }];
  if (kind.startsWith('buffer') && result.mode === 'attack' && knob(result, 'neurons') === 'kept')
    return [{ set: ['neurons=masks'], why: 'masks instead of neurons wait for the backward pass' }];
  const bits = numberAt(result, 'inputs.bits') ?? 1;
  if (kind === 'cell-read' && bits % 2 === 0)
    return [{ set: [`inputs.bits=${bits / 2}`], why: 'half the reads, if the accuracy bears it' }];
  return [];
}

/** Where the energy goes, reads and writes apart. */
export function judgeEnergy(result: Judged): { text: string; limits: Limit[] } {
  const { totalJ } = result.energy;
  const parts = partsOf(result).filter(({ energyJ }) => energyJ > 0);
  const named = parts.filter(({ energyJ }, i) => i === 0 || energyJ >= NAMED * totalJ).slice(0, MOST);
  const of = (action: Action['action']): number =>
    parts.reduce((sum, part) => sum + (part.action === action ? part.energyJ : 0), 0) / totalJ;
  const memory = `writes ${shareText(of('write'))} in all, reads ${shareText(of('read'))}`;
  return {
    text: parts.length === 0 ? 'nothing' : `${named.map((part) => partText(part, totalJ)).join(', ')}; ${memory}`,
    limits: named.map((part) => ({
      code: kindOf(part),
      of: 'energy',
      share: part.energyJ / totalJ,
      text: partText(part, totalJ),
      next: energyAdvice(result, kindOf(part)),
    })),
  };
}

/** The constants that an action's energy follows from. */
function energyKeys(result: Judged, component: Action['component'], action: Action['action']): string[] {
  if (action === 'leakage') return [`components.${component}.leakage`];
  if (action === 'idle') {
    // What never rests takes its power, or the energy of the work of every slot.
    const work = result.poweredOn.find((powered) => powered.component === component)?.work ?? null;
    return work === null ? [`components.${component}.power`] : energyKeys(result, component, work.action);
  }
  if (component === 'crossbar') return action === 'write' ? ['device.write.energy'] : ['device.read.energy'];
  return [`components.${component}.energy.${action}`];
}

/** The constant that an instance's area follows from. */
const areaKey = (result: Judged, component: ComponentName): string =>
  component === 'crossbar' && knob(result, 'components.crossbar.area') === undefined
    ? 'device.cellArea'
    : `components.${component}.area`;

interface Based {
  keys: readonly string[];
  value: number;
}

/** Shares of a figure by the placeholder constant behind each part. */
function assumedShares(result: Judged, parts: readonly Based[], total: number): Map<string, number> {
  const sums = new Map<string, number>();
  const known = new Map<string, boolean>();
  const assumed = (key: string): boolean => {
    let is = known.get(key);
    if (is === undefined) known.set(key, (is = isAssumed(result, key)));
    return is;
  };
  for (const { keys, value } of parts) {
    const key = keys.find(assumed);
    if (key !== undefined && value > 0) sums.set(key, (sums.get(key) ?? 0) + value / total);
  }
  return sums;
}

function assumedOf(result: Judged, parts: readonly Based[], total: number): Assumed {
  const sums = assumedShares(result, parts, total);
  const [most] = [...sums].sort((a, b) => b[1] - a[1]);
  const share = [...sums.values()].reduce((sum, value) => sum + value, 0);
  return { share: Math.min(1, share), key: most?.[0] ?? null, keyShare: most?.[1] ?? 0 };
}

/** Shares of the energy that placeholders are behind: of an action, or of the time for which a power is drawn. */
export const assumedEnergy = (facts: Facts): Assumed => {
  const { result } = facts;
  const parts = [...energyParts(result), ...overTime(facts)];
  return assumedOf(result, parts, result.energy.totalJ);
};

/** What each action's energy follows from. */
function energyParts(result: Judged): Based[] {
  const known = new Map<Action['component'], Map<Action['action'], string[]>>();
  return mapped(result.actions, ({ component, action, energyJ }) => {
    let ofComponent = known.get(component);
    if (ofComponent === undefined) known.set(component, (ofComponent = new Map<Action['action'], string[]>()));
    let keys = ofComponent.get(action);
    if (keys === undefined) ofComponent.set(action, (keys = energyKeys(result, component, action)));
    return { keys, value: energyJ };
  });
}

/** Powers that are no assumptions, for as long as the time rests on some. */
function overTime(facts: Facts): Based[] {
  const { result } = facts;
  const shares = [...timeShares(facts)];
  if (shares.length === 0) return [];
  return result.actions.flatMap(({ component, action, energyJ }) => {
    if (action !== 'leakage' && action !== 'idle') return [];
    if (energyKeys(result, component, action).some((key) => isAssumed(result, key))) return [];
    const work = action === 'idle' && result.poweredOn.some((one) => one.component === component && one.work !== null);
    return shares
      .filter(([key]) => !work || !BEAT_KEYS.has(key))
      .map(([key, share]) => ({ keys: [key], value: share * energyJ }));
  });
}

/** Times of a beat: as much work in every beat has a power that falls where the beat, and the run, grow longer. */
const BEAT_KEYS: ReadonlySet<string> = new Set(['device.read.latency', 'components.mac.latency']);

/** Shares of the area that placeholders are behind. */
export const assumedArea = (result: Judged): Assumed => assumedOf(result, areaParts(result), result.area.totalMm2);

/** What each component's area follows from. */
const areaParts = (result: Judged): Based[] =>
  pairsOf(result.area.byComponentMm2).map(([component, mm2]) => ({ keys: [areaKey(result, component)], value: mm2 }));

const WRITE_KEYS = ['device.write.latency', 'device.write.pulses'];

/** What a unit's time follows from. */
function timeKeys(result: Judged, { component, role }: Unit): string[] {
  const buffer = ['components.buffer.latency', 'components.buffer.writeLatency'];
  if (component === 'crossbar' && role === 'write weights') return WRITE_KEYS;
  if (component === 'pooling' && role === 'read window, write maximum') return buffer;
  if (component === 'buffer') return role === 'move' ? buffer : [buffer[role === 'write' ? 1 : 0]!];
  const own = `components.${component}.latency`;
  if (component !== 'crossbar' && knob(result, own) !== undefined) return [own];
  // Cells, and units that take a slot each: as long as a read, unless converters take longer.
  return conversionsS(result) > (readS(result) ?? 0) * (1 + EQUAL) ? [] : ['device.read.latency'];
}

/** Share of the time in which the busiest stage waits for a unit whose time is a placeholder. */
export const assumedTime = (facts: Facts): Assumed => assumedOf(facts.result, ...timeParts(facts));

/** The same by placeholder; in sum not above 1. */
function timeShares(facts: Facts): Map<string, number> {
  const shares = assumedShares(facts.result, ...timeParts(facts));
  const sum = [...shares.values()].reduce((before, share) => before + share, 0);
  return new Map([...shares].map(([key, share]) => [key, share / Math.max(1, sum)]));
}

/** What the busiest stage and the updates wait for, and the seconds of both. */
function timeParts({ result, pace, updateS }: Facts): [parts: Based[], busyS: number] {
  const [stage] = pace.stages;
  const parts = stage!.units.map((unit) => {
    const { latencyS, intervalS } = unit;
    const times = unit.component === pace.unit.component && unit.role === pace.unit.role ? stage!.waves - 1 : 0;
    return {
      keys: timeKeys(result, unit),
      value: stage!.starts * (latencyS + times * intervalS),
    };
  });
  const update = { keys: WRITE_KEYS, value: updateS };
  return [[...parts, update], Math.max(ownBusyS(stage!), 1e-12) + updateS];
}

/** Shares of the time, the energy and the area that each placeholder is behind, 0 to 1, by its key. */
export function assumedBehind(result: Judged): Record<Limit['of'], ReadonlyMap<string, number>> {
  const facts = factsOf(result);
  return {
    time: assumedShares(result, ...timeParts(facts)),
    energy: assumedShares(result, [...energyParts(result), ...overTime(facts)], result.energy.totalJ),
    area: assumedShares(result, areaParts(result), result.area.totalMm2),
  };
}

/** Knobs that would make the part smaller. */
function areaAdvice(result: Judged, component: ComponentName): Limit['next'] {
  const columns = numberAt(result, 'sensing.columnsPerConverter');
  if (component === 'adc' && columns !== undefined && 2 * columns <= (numberAt(result, 'crossbar.columns') ?? 0))
    return [{ set: [`sensing.columnsPerConverter=${2 * columns}`], why: 'half the converters, each for more lines' }];
  const fine = knob(result, 'weights.sign') === 'differential' && result.sensing?.kind === 'integrate-fire';
  return fine ? [{ set: ['weights.sign=offset'], why: 'one array a signed weight, not two' }] : [];
}

/** What the area is, and the one assumption that it rests on. */
export function judgeArea(result: Judged): { text: string; limits: Limit[] } {
  const { totalMm2, byComponentMm2 } = result.area;
  const parts = pairsOf(byComponentMm2)
    .filter(([, mm2]) => mm2 > 0)
    .sort((a, b) => b[1] - a[1]);
  const named = parts.filter(([, mm2], i) => i === 0 || mm2 >= NAMED * totalMm2).slice(0, MOST);
  const { key, keyShare, share } = assumedArea(result);
  const rests =
    key !== null && keyShare >= RESTS
      ? `; ${shareText(keyShare)} rests on one assumption, ${key}`
      : share > 0
        ? `; ${shareText(share)} rests on assumptions`
        : '; no assumption in it';
  return {
    text:
      parts.length === 0
        ? 'nothing'
        : named.map(([component, mm2]) => `${component} ${shareText(mm2 / totalMm2)}`).join(', ') + rests,
    limits: named.map(([component, mm2]) => ({
      code: component,
      of: 'area',
      share: mm2 / totalMm2,
      text: `${component} ${shareText(mm2 / totalMm2)}`,
      next: areaAdvice(result, component),
    })),
  };
}
