// The verdict: what a result amounts to, from rules over it. Each rule is a function that says what it found.

import { judgeArea, judgeEnergy, assumedArea, assumedEnergy, assumedTime } from './verdict-cost.js';
import { factsOf, type Judged } from './verdict-facts.js';
import { judgeTime } from './verdict-time.js';
import type { Limit, Next, Verdict } from './verdict-types.js';
import { leading } from '../config/typed.js';
import { grouped } from '../config/numbers.js';

/** Commands that a verdict names. */
const MOST_NEXT = 3;
/** A limit of a smaller share is not worth a command. */
const WORTH = 0.1;
const SET = '--set ';

/** What a result amounts to: its limits, its ideal, its assumptions, what to try next. */
export function verdictOf(result: Judged): Verdict {
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
    next: nextOf(result, [time.limits, energy.limits, area.limits]),
  };
}

/** `training of vgg-a, 640 images in batches of 64`. */
export function workText({ mode, network, images, batch }: Judged): string {
  const number = (value: number): string => grouped(value);
  const several = (count: number): string => `${number(count)} image${count === 1 ? '' : 's'}`;
  if (mode === 'attack') return `attack on ${network}, ${number(images / batch)} iterations of ${several(batch)}`;
  return mode === 'training'
    ? `training of ${network}, ${several(images)} in batches of ${number(batch)}`
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
function nextOf(result: Judged, limits: readonly Limit[][]): Next[] {
  const advice = limits.map((found) => found.filter(({ share }) => share >= WORTH).flatMap(({ next }) => next));
  const [time, energy, area] = leading(3, advice);
  const chosen = [time[0], energy[0], area[0], ...time.slice(1)];
  const seen = new Set<string>();
  return (
    chosen
      .flatMap((one) => one ?? [])
      // One advice a knob: what is worth a converter's time is not taken back for its area.
      .filter(({ set: [first] }) => {
        const key = first!.slice(0, first!.indexOf('='));
        return !seen.has(key) && seen.add(key);
      })
      .slice(0, MOST_NEXT)
      .map(({ set, why }) => ({ command: commandOf(result, set), set, why }))
  );
}

/** The command of this run, with overrides added. */
function commandOf({ label, places }: Judged, set: readonly string[]): string {
  const keys = new Set(set.map((one) => one.slice(0, one.indexOf('='))));
  const given = Object.entries(places.config).flatMap(([key, at]) =>
    at.startsWith(SET) && !keys.has(key) ? [at.slice(SET.length)] : [],
  );
  const flags = [...given, ...set].map((one) => ` --set ${/[^\w.,:=/+-]/.test(one) ? `'${one}'` : one}`);
  return `xbarflow run ${label}${flags.join('')}`;
}
