// The verdict: what a result amounts to, from rules over it. Each rule is a function that says what it found.

import { judgeArea, judgeEnergy, assumedArea, assumedEnergy, assumedTime } from './verdict-cost.js';
import { factsOf, type Judged } from './verdict-facts.js';
import { judgeTime } from './verdict-time.js';
import type { Limit, Next, Verdict } from './verdict-types.js';
import { shellWord } from '../config/escape.js';
import { leading } from '../config/typed.js';
import { grouped } from '../config/numbers.js';

/** Commands that a verdict names. */
const MOST_NEXT = 3;
/** A limit of a smaller share is not worth a command. */
const WORTH = 0.1;
const SET = '--set ';

/** Sizes of symbolic dimensions, as `--shape` gives them. */
type Shapes = ReadonlyMap<string, number>;

/**
 * What a result amounts to: its limits, its ideal, its assumptions, what to try next.
 * @param shapes what the run was told of its network beside its config
 */
export function verdictOf(result: Judged, shapes: Shapes = new Map()): Verdict {
  const facts = factsOf(result);
  const time = judgeTime(facts);
  const energy = judgeEnergy(result);
  const area = judgeArea(result);
  const idealS = facts.pace.busyS + facts.updateS;
  return {
    work: workText(result),
    timeSetBy: time.text,
    energyGoesTo: energy.text,
    areaIs: area.text,
    idealS,
    idealShare: Math.min(1, idealS / result.time.totalS),
    peak: peakOf(result),
    limits: [...time.limits, ...energy.limits, ...area.limits],
    assumed: { time: assumedTime(facts), energy: assumedEnergy(facts), area: assumedArea(result) },
    next: nextOf(result, [time.limits, energy.limits, area.limits], shapes),
  };
}

/** `training of vgg-a, 640 images in batches of 64`, `6 images in one batch`. */
function workText({ mode, network, images, batch }: Judged): string {
  const number = (value: number): string => grouped(value);
  const several = (count: number): string => `${number(count)} image${count === 1 ? '' : 's'}`;
  if (mode === 'attack') return `attack on ${network}, ${number(images / batch)} iterations of ${several(batch)}`;
  return mode === 'training'
    ? `training of ${network}, ${several(images)} in ${images > batch ? `batches of ${number(batch)}` : 'one batch'}`
    : `inference of ${network}, ${several(images)}`;
}

/**
 * The peak of the arrays that are used: a full chip's, by their share of its arrays. A chip whose array is too narrow
 * for one weight has none.
 */
function peakOf({ rollUp, arrays, throughput, efficiency }: Judged): Verdict['peak'] {
  if (rollUp === null || rollUp.peakGops === 0) return null;
  const gops = (rollUp.peakGops * arrays.physical) / rollUp.arrays;
  return {
    gops,
    gopsShare: throughput.gops / gops,
    gopsPerW: rollUp.gopsPerW,
    gopsPerWShare: efficiency.gopsPerW / rollUp.gopsPerW,
  };
}

/** The run again with one knob changed: time's limits first, then energy's and area's. */
function nextOf(result: Judged, limits: readonly Limit[][], shapes: Shapes): Next[] {
  const advice = limits.map((found) => found.filter(({ share }) => share >= WORTH).flatMap(({ next }) => next));
  const [time, energy, area] = leading(3, advice);
  const chosen = [time[0], energy[0], area[0], ...time.slice(1)];
  const seen = new Set<string>();
  return (
    chosen
      .flatMap((one) => one ?? [])
      // One advice a knob: what is worth a converter's time is not taken back for its area.
      .filter(({ set: [first] }) => {
        const key = keyOf(first!);
        return !seen.has(key) && seen.add(key);
      })
      .slice(0, MOST_NEXT)
      .map(({ set, why }) => ({ command: commandOf(result, set, shapes), set, why }))
  );
}

/** The command of this run, with overrides added. */
function commandOf({ label, places }: Judged, set: readonly string[], shapes: Shapes): string {
  const keys = new Set(set.map(keyOf));
  const given = Object.entries(places.config).flatMap(([key, at]) =>
    at.startsWith(SET) && !keys.has(key) ? [at.slice(SET.length)] : [],
  );
  // A mapping stands once for all its keys, and before what was said of a single one of them.
  const depth = (one: string): number => keyOf(one).split('.').length;
  const overrides = [...new Set(given)].sort((a, b) => depth(a) - depth(b));
  return [
    'xbarflow run',
    shellWord(label),
    ...[...overrides, ...set].map((one) => `--set ${shellWord(one)}`),
    ...[...shapes].map(([name, size]) => `--shape ${shellWord(`${name}=${size}`)}`),
  ].join(' ');
}

/** The key of `key=value`. */
const keyOf = (set: string): string => set.slice(0, set.indexOf('='));
