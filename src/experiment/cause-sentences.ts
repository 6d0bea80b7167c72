// Why a design differs from another in a headline, in one plain sentence, from what both results are made of.

import { formatQuantity } from '../config/index.js';
import { pairsOf } from '../config/typed.js';
import { EVEN } from '../report/compare-view.js';
import { componentWords } from '../result/component-words.js';
import { actionWords, passWords } from '../result/verdict-cost.js';
import { factsOf, shareText, stageText, type Facts } from '../result/verdict-facts.js';
import type { Result } from '../simulation/index.js';

/** A design with the name that sentences call it by. */
export interface Named {
  name: string;
  result: Result;
}

/** The headlines that have a sentence, by their key in a result. */
export const TOLD_HEADLINES = ['time.totalS', 'energy.totalJ', 'area.totalMm2', 'utilization.effective'] as const;
type ToldHeadline = (typeof TOLD_HEADLINES)[number];

/** What of the difference a sentence names, where both designs have some of the figure. */
type Because = (ours: Named, theirs: Named) => string;
interface Told {
  valueOf: (result: Result) => number;
  verb: 'takes' | 'has';
  figure: string;
  /** It is of the work, not of the machine alone. */
  ofWork: boolean;
  because: Because;
}

/** From this share of a part's change on, one pass is behind it. */
const MOSTLY = 0.9;
/** Knobs that are named with their values. */
const MOST_KNOBS = 3;
/** Longer values of a knob are not written out. */
const LONGEST_VALUE = 24;

const digits = (value: number, places = 3): string =>
  Number(value.toPrecision(places)).toLocaleString('en-US', { maximumSignificantDigits: places });
const percent = (share: number): string => `${digits(100 * share)} %`;
/** A ratio, with more digits where three do not tell it from 1. */
const factor = (ratio: number): string => digits(ratio, Math.abs(ratio - 1) < 0.01 ? 4 : 3);
/** `0.33 of`, `3.1 times`. */
const ratioWords = (ratio: number): string => `${factor(ratio)} ${ratio < 1 ? 'of' : 'times'}`;
const plural = (count: string, word: string): string => `${count} ${word}${count === '1' ? '' : 's'}`;

/** Two figures in words, with more digits where three do not tell them apart. */
function apart(after: number, before: number, unit: 'time' | 'energy' | 'area'): readonly [string, string] {
  const both = (places: number): [string, string] => [
    formatQuantity(after, unit, places),
    formatQuantity(before, unit, places),
  ];
  const [short, exact] = [both(3), both(6)];
  return short[0] === short[1] ? exact : short;
}

/** `86 ns instead of 256 ns`. */
const instead = (...figures: Parameters<typeof apart>): string => apart(...figures).join(' instead of ');

/**
 * Why one design takes more or less of a headline than another: one sentence about the part that changes it most; ''
 * where works are unlike, or the designs the same.
 */
export function causeSentence(key: ToldHeadline, ours: Named, theirs: Named): string {
  const { valueOf, verb, figure, ofWork, because } = TOLD[key];
  const [after, before] = [valueOf(ours.result), valueOf(theirs.result)];
  if (ours.result.configHash === theirs.result.configHash) return '';
  if (ofWork && ours.result.verdict.work !== theirs.result.verdict.work) return '';
  const both = `${theirs.name} and ${ours.name} ${verb === 'has' ? 'have' : 'take'} the same ${figure}`;
  if (after === before) return `${both}.`;
  if (before === 0 || after === 0) return `${ours.name} ${verb} ${after === 0 ? 'no' : 'some'} ${figure}.`;
  const ratio = after / before;
  if (Math.abs(ratio - 1) < EVEN) return `${both} within ${percent(EVEN)}.`;
  const why = because(ours, theirs);
  return `${ours.name} ${verb} ${ratioWords(ratio)} ${theirs.name}'s ${figure}${why === '' ? '' : ` because ${why}`}.`;
}

/** In what designs differ, in one sentence. @param knobs as `knobDifferences` lists them */
export function differenceSentence(
  ours: Named,
  theirs: Named,
  knobs: readonly { key: string; baseline: string; value: string }[],
): string {
  const both = `${theirs.name} and ${ours.name}`;
  const works = [theirs, ours].map(({ name, result }) => `${name} ${result.verdict.work}`);
  if (theirs.result.verdict.work !== ours.result.verdict.work)
    return `Times and energies do not compare, since the work is unlike: ${works.join('; ')}.`;
  if (ours.result.configHash === theirs.result.configHash) return `${both} are the same design on the same work.`;
  if (knobs.length === 0) return `${both} differ in no knob of the design.`;
  const each = knobs.map(
    ({ key, baseline, value }) => `${key} (${theirs.name} ${clipped(baseline)}, ${ours.name} ${clipped(value)})`,
  );
  const count = knobs.length === 1 ? 'one knob' : `${knobs.length} knobs`;
  return `${both} differ in ${count}${knobs.length > MOST_KNOBS ? '' : `: ${each.join(', ')}`}.`;
}

const clipped = (value: string): string =>
  value.length > LONGEST_VALUE ? `${value.slice(0, LONGEST_VALUE)}...` : value;

/** The largest of the changes in a direction; undefined where nothing changes in it. */
const largest = <T extends { change: number }>(parts: readonly T[], direction: number): T | undefined =>
  parts.filter(({ change }) => change * direction > 0).sort((x, y) => Math.abs(y.change) - Math.abs(x.change))[0];

/** The pace, the updates between batches, or what is lost beside them. */
const timeBecause: Because = (ours, theirs) => {
  const [after, before] = [factsOf(ours.result), factsOf(theirs.result)];
  const parts = [
    { change: after.pace.busyS - before.pace.busyS, says: () => paceBecause(after, before, theirs.name) },
    {
      change: after.updateS - before.updateS,
      says: () => `the updates between batches take ${instead(after.updateS, before.updateS, 'time')}`,
    },
    {
      change: after.lostS - before.lostS,
      says: () => `filling, draining and waiting take ${instead(after.lostS, before.lostS, 'time')}`,
    },
  ];
  return largest(parts, ours.result.time.totalS - theirs.result.time.totalS)?.says() ?? '';
};

/** How often what sets the pace starts, the waves of a start, and what one takes on average. */
function paceOf({ pace: { stages, shared, busyS } }: Facts): { starts: number; waves: number; waveS: number } {
  const users = shared ? stages : stages.slice(0, 1);
  const starts = Math.max(...users.map((stage) => stage.starts));
  const waves = users.reduce((sum, stage) => sum + (stage.waves * stage.starts) / starts, 0);
  return { starts, waves, waveS: busyS / (starts * waves) };
}

/** `B2 of conv2`, `F1 and B1 of conv1 in turns`, `G5 of conv4_1 and 5 that tie`. */
function paceName({ pace: { stages, shared, unit } }: Facts): string {
  const [first] = stages;
  const ofLayer = stageText(first!).replace(/ \((.*)\)$/, ' of $1');
  if (!shared) return stages.length === 1 ? ofLayer : `${ofLayer} and ${stages.length - 1} that tie`;
  if (unit.component !== 'crossbar') return `${stages.length} stages in turns on one ${componentWords(unit.component)}`;
  return `${stages.map(({ name }) => name).join(' and ')} of ${first!.layer} in turns`;
}

/** Which of starts, waves and the time of a wave changes most in what sets the pace. */
function paceBecause(after: Facts, before: Facts, whose: string): string {
  const [ours, theirs] = [paceOf(after), paceOf(before)];
  const [here, there] = [paceName(after), paceName(before)];
  const same = here === there;
  const slowest = same ? `its slowest stage (${here})` : 'its slowest stage';
  const compared = (unit: string, [a, b]: readonly [string, string]): string =>
    `${a}${unit}${same ? '' : ` (${here})`}, ${whose}'s ${b}${same ? '' : ` (${there})`}`;
  const says = {
    waves: `${slowest} has ${compared(' an image', [plural(digits(ours.waves), 'wave'), digits(theirs.waves)])}`,
    waveS: `a wave of ${slowest} takes ` + compared('', apart(ours.waveS, theirs.waveS, 'time')),
    starts: `${slowest} starts ${compared('', [plural(digits(ours.starts), 'time'), digits(theirs.starts)])}`,
  };
  const terms = pairsOf(says).map(([key, text]) => ({ change: Math.log(ours[key] / theirs[key]), text }));
  return largest(terms, after.pace.busyS - before.pace.busyS)?.text ?? '';
}

interface Spent {
  energyJ: number;
  count: number;
  byPass: Map<string, number>;
  what: string;
}

/** What a design spends on each action of each component. */
function spentOf({ actions }: Result): Map<string, Spent> {
  const spent = new Map<string, Spent>();
  for (const { component, action, pass, count, energyJ } of actions) {
    const what = spentOn(component, action);
    const part = spent.get(what) ?? { energyJ: 0, count: 0, byPass: new Map<string, number>(), what };
    spent.set(what, part);
    part.energyJ += energyJ;
    part.count += Number(count);
    part.byPass.set(pass, (part.byPass.get(pass) ?? 0) + energyJ);
  }
  return spent;
}

/** What is spent without anything being done. */
const RESTING: ReadonlySet<string> = new Set(['idle', 'leakage']);

/** `reads of cells`, `buffer writes`, `idle converters`. */
function spentOn(component: string, action: string): string {
  if (component === 'crossbar' && (action === 'read' || action === 'write')) return `${action}s of cells`;
  return action === 'idle' ? `idle ${plurals(component)}` : actionWords(component, action, componentWords(component));
}

const NONE: Omit<Spent, 'what'> = { energyJ: 0, count: 0, byPass: new Map() };

/** The action that changes most: its share of the difference, and whether it is done less often or costs less. */
const energyBecause: Because = (ours, theirs) => {
  const [after, before] = [spentOf(ours.result), spentOf(theirs.result)];
  const total = ours.result.energy.totalJ - theirs.result.energy.totalJ;
  const parts = [...new Set([...after.keys(), ...before.keys()])].map((what) => {
    const [here, there] = [after.get(what) ?? NONE, before.get(what) ?? NONE];
    return { what, here, there, change: here.energyJ - there.energyJ };
  });
  const most = largest(parts, total);
  if (most === undefined) return '';
  const { what, here, there, change } = most;
  const pass = [...new Set([...here.byPass.keys(), ...there.byPass.keys()])].find(
    (name) => ((here.byPass.get(name) ?? 0) - (there.byPass.get(name) ?? 0)) / change >= MOSTLY,
  );
  const none = [here, there].findIndex(
    ({ energyJ, byPass }) => energyJ === 0 || (pass !== undefined && (byPass.get(pass) ?? 0) === 0),
  );
  const of = pass === undefined || RESTING.has(pass) ? what : `${what} (${passWords(pass)})`;
  const takes = `${of} take ${instead(here.energyJ, there.energyJ, 'energy')}, ${ofDifference(change, total)}`;
  if (none >= 0) return `${takes}: ${[ours, theirs][none]!.name} has none`;
  return `${takes}: ${moreOrLarger([here.count, there.count], [here.energyJ, there.energyJ], 'costs')}`;
};

/** `83 % of the saving`. */
function ofDifference(change: number, total: number): string {
  const whole = total < 0 ? 'saving' : 'rise';
  return change / total > 1.005 ? `more than the whole ${whole}` : `${shareText(change / total)} of the ${whole}`;
}

/** Whether there are more or fewer, or each takes more or less: what changes the sum more. */
function moreOrLarger(counts: readonly [number, number], sums: readonly [number, number], each: string): string {
  const [times, one] = [counts[0] / counts[1], sums[0] / counts[0] / (sums[1] / counts[1])];
  return Math.abs(Math.log(times)) >= Math.abs(Math.log(one))
    ? `there are ${factor(times)} times as many`
    : `each ${each} ${factor(one)} times as much`;
}

/** The component whose area changes most: its share of the difference, and how many there are. */
const areaBecause: Because = (ours, theirs) => {
  const [after, before] = [ours.result, theirs.result];
  const total = after.area.totalMm2 - before.area.totalMm2;
  const built = ({ instances }: Result, name: string): number =>
    instances.reduce((sum, { component, count }) => (component === name ? sum + count : sum), 0);
  const areas = [after, before].map(({ area }) => new Map<string, number>(pairsOf(area.byComponentMm2)));
  const names = [...new Set(areas.flatMap((one) => [...one.keys()]))];
  const parts = names.map((name) => {
    const [here, there] = areas.map((one) => one.get(name) ?? 0);
    return { name, here: here!, there: there!, change: here! - there! };
  });
  const most = largest(parts, total);
  if (most === undefined) return '';
  const { name, here, there, change } = most;
  const counts = [built(after, name), built(before, name)] as const;
  const takes = `its ${plurals(name)} take ${instead(here, there, 'area')}, ${ofDifference(change, total)}`;
  if (here === 0 || there === 0) return `${takes}: ${(here === 0 ? ours : theirs).name} has none`;
  return `${takes}: ${moreOrLarger(counts, [here, there], 'takes')}`;
};

/** How long arrays are busy, or how many of their cells hold magnitude: what changes more. */
const utilizationBecause: Because = (ours, theirs) => {
  const [after, before] = [ours.result.utilization, theirs.result.utilization];
  const [cells, busy] = [after.informative / before.informative, after.temporal / before.temporal];
  const direction = after.effective - before.effective;
  const arrays = [ours, theirs].every(({ result }) => result.placements.length > 0) ? 'arrays' : 'arrays or units';
  const terms = [
    {
      change: Math.log(busy),
      text:
        `its ${arrays} are busy ${percent(after.temporal)} of the time, ` +
        `${theirs.name}'s ${percent(before.temporal)}`,
    },
    {
      change: Math.log(cells),
      text:
        `${percent(after.informative)} of its cells hold a part of a weight, ` +
        `${percent(before.informative)} of ${theirs.name}'s`,
    },
  ];
  return largest(terms, direction)?.text ?? '';
};

const TOLD: Readonly<Record<ToldHeadline, Told>> = {
  'time.totalS': {
    valueOf: ({ time }) => time.totalS,
    verb: 'takes',
    figure: 'time',
    ofWork: true,
    because: timeBecause,
  },
  'energy.totalJ': {
    valueOf: ({ energy }) => energy.totalJ,
    verb: 'takes',
    figure: 'energy',
    ofWork: true,
    because: energyBecause,
  },
  'area.totalMm2': {
    valueOf: ({ area }) => area.totalMm2,
    verb: 'takes',
    figure: 'area',
    ofWork: false,
    because: areaBecause,
  },
  'utilization.effective': {
    valueOf: ({ utilization }) => utilization.effective,
    verb: 'has',
    figure: 'utilization',
    ofWork: false,
    because: utilizationBecause,
  },
};

const plurals = (component: string): string => {
  const word = componentWords(component);
  return word.endsWith('y') ? `${word.slice(0, -1)}ies` : word.endsWith('s') ? `${word}es` : `${word}s`;
};
