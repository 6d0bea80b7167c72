// Parts of a service's time: latencies of the units of a part once, intervals of the unit that sets the pace for each
// further wave, and the share of the arrays' time that each part has.

import type { Factor } from '../factors.js';
import type { Result } from '../result-types.js';
import { PART_OF, type TimePart } from '../time-parts.js';
import { agrees, difference, leaf, number, product, sum, type Derivation } from './derivation.js';
import { derivationOf } from './factors.js';
import type { Sources } from './sources.js';
import { unitKeys } from './units.js';

type Stage = Result['stages'][number];

/** A unit of a chain with how often its latency and its interval count in a service. */
interface Timed {
  key: string;
  component: Stage['units'][number]['component'];
  latency: Factor;
  latencies: Derivation | null;
  intervals: Derivation | null;
}

/**
 * How a part of a service came about. What the chain alone does not give (arrays that are written first, times between
 * clock edges) is told as timed. @param whole a service on units that nobody else has
 */
export function partOfService(sources: Sources, stage: Stage, part: TimePart, whole: Derivation): Derivation {
  const name = `stages.${stage.name}.partsS.${part}`;
  const value = stage.partsS[part];
  const own = part === 'waits' ? waits(sources, stage, name, whole) : ofUnits(sources, stage, part, name);
  if (own !== null && own.parts.length > 0 && value !== 0 && agrees(own.value, value)) return own;
  const says =
    value === 0
      ? 'no time of its units counts: the chain has none, or others set the pace'
      : part === 'waits'
        ? 'what a service took longer than its chain alone'
        : 'latencies of the units of this part, and intervals of the one that sets the pace (docs/results.md)';
  return leaf('timed', { name, value, unit: 's', says });
}

function waits(sources: Sources, { name: stage }: Stage, name: string, whole: Derivation): Derivation {
  return difference(name, 's', { from: sources.figure(`stages.${stage}.serviceS`), less: whole });
}

/** The part's units, the arrays' share among them; null where a share is not known. */
function ofUnits(sources: Sources, stage: Stage, part: TimePart, name: string): Derivation | null {
  const terms: Derivation[] = [];
  for (const unit of timedUnits(sources, stage)) {
    if (unit.component === 'crossbar') {
      const share = shareOfArrays(sources, stage, part, unit);
      if (share === null) return null;
      terms.push(...share);
    } else if (PART_OF[unit.component] === part) terms.push(...timesOf(sources, unit));
  }
  return sum(name, 's', terms, 'latencies of its units once, and intervals of the one that sets the pace');
}

/** Latency and interval of a unit, as often as they count. */
function timesOf(sources: Sources, { key, latencies, intervals }: Timed): Derivation[] {
  const of = (count: Derivation | null, word: 'latencyS' | 'intervalS'): Derivation[] => {
    if (count === null) return [];
    const time = sources.figure(`${key}.${word}`);
    return count.value === 1 && count.op === 'number' ? [time] : [product(`${key}.${word}`, 's', [count, time])];
  };
  return [...of(latencies, 'latencyS'), ...of(intervals, 'intervalS')];
}

/** Units with their counts: a serial stage takes the whole chain for each wave, rows the pace alone. */
function timedUnits(sources: Sources, stage: Stage): Timed[] {
  const waves = sources.figure(`stages.${stage.name}.waves`);
  const inRows = sources.setting('pipeline.granularity') === 'row' && !stage.serial;
  const keys = unitKeys(stage);
  const interval = (u: number): number => sources.figure(`${keys[u]!}.intervalS`).value;
  const pace = stage.units.reduce((most, _, u) => (interval(u) > interval(most) ? u : most), 0);
  const once = number(1, 'the first wave');
  const further = difference('further waves', '', { from: waves, less: once });
  return stage.units.map(({ component, latency }, u) => ({
    key: keys[u]!,
    component,
    latency,
    latencies: stage.serial ? waves : inRows ? null : once,
    intervals: stage.serial || u !== pace ? null : inRows ? waves : further,
  }));
}

/** A time before it was put on an edge of the clock. */
const exact = (time: Factor): Factor => {
  const [only, ...others] = time.parts ?? [];
  return time.op === 'ticks' && only !== undefined && others.length === 0 ? exact(only) : time;
};

/** Parts that share the time of arrays. */
const OF_ARRAYS: readonly TimePart[] = ['write', 'array', 'converter', 'buffer'];

/** What a part has of the time of arrays; null where they are written first, so that their slots are not the whole. */
function shareOfArrays(sources: Sources, stage: Stage, part: TimePart, unit: Timed): Derivation[] | null {
  if (!OF_ARRAYS.includes(part)) return [];
  const whole = timesOf(sources, unit);
  const { op, parts = [] } = exact(unit.latency);
  if (op === 'ticks' || parts.some(({ name }) => name === 'pulses')) return part === 'write' ? whole : [];
  const slots = parts.filter(({ name }) => name !== 'slot');
  if (op !== 'product' || slots.length === parts.length) return null;
  if (part === 'write') return [];
  const slotsOf = product(
    'slots of a wave',
    '',
    slots.map((factor) => derivationOf(sources, factor, stage.layer)),
  );
  const spent = (time: Derivation): Derivation[] =>
    [unit.latencies, unit.intervals].flatMap((count) =>
      count === null ? [] : [product('slots', 's', [count, slotsOf, time])],
    );
  const reads = spent(sources.duration('device.read.latency'));
  if (part === 'array') return reads;
  const stored =
    sources.setting('pipeline.write') === 'serial' ? spent(sources.duration('components.buffer.writeLatency')) : [];
  if (part === 'buffer') return stored;
  const beyond = difference('conversions beyond the reads', 's', {
    from: sum('time of the arrays', 's', whole),
    less: sum('reads, and what is stored between them', 's', [...reads, ...stored]),
  });
  return [beyond];
}
