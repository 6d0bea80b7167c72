// How far headlines move over what was assumed: placeholders drawn from their ranges, and one by one to their ends.

import seedrandom from 'seedrandom';
import { UserError, unitOf, type Dimension, type Presets, type Sourced, type TreeValue } from '../config/index.js';
import { dimensionOfKey, type LoadedRun } from '../run-config/index.js';
import { KnownRuns, simulateHeadlines, type Headlines, type Result } from '../simulation/index.js';
import type { Assumption, Interval, RatioInterval, Swing, Uncertainty } from '../result/uncertainty-types.js';
import type { Assignment } from './sweep/axes.js';
import { PointResolver, type SweepBase } from './sweep/resolver.js';

/** Share of the draws that an interval holds. */
const COVERED = 0.95;
/** Draws where nobody says how many. */
export const DRAWS = 200;

/** A headline of a run. */
interface Headline {
  key: string;
  title: string;
  unit: string;
  read: (figures: Headlines) => number;
}

/** What a run is judged by. */
export const HEADLINES: readonly Headline[] = [
  { key: 'time.totalS', title: 'time', unit: 's', read: ({ time }) => time.totalS },
  { key: 'energy.totalJ', title: 'energy', unit: 'J', read: ({ energy }) => energy.totalJ },
  { key: 'area.totalMm2', title: 'area', unit: 'mm2', read: ({ area }) => area.totalMm2 },
  { key: 'efficiency.gopsPerW', title: 'energy efficiency', unit: 'GOPS/W', read: ({ efficiency: e }) => e.gopsPerW },
  {
    key: 'efficiency.gopsPerMm2',
    title: 'area efficiency',
    unit: 'GOPS/mm2',
    read: ({ efficiency: e }) => e.gopsPerMm2,
  },
];

/** A design with what its assumptions allow. */
interface Design {
  run: LoadedRun;
  result: Result;
  resolver: PointResolver;
  /** Draws of energies and areas leave the flow as it is. */
  known: KnownRuns;
  drawn: Drawn[];
  fixed: string[];
  sampled: Headlines[];
}

interface Drawn extends Assumption {
  /** The constant with its value at a quantile. */
  at: (quantile: number) => Assignment;
}

/** A run to be looked at: how it was named, and what it gave. */
export interface UncertainRun {
  run: LoadedRun;
  sets: readonly string[];
  result: Result;
}

/**
 * Draws the placeholders of runs from their ranges: evenly by logarithm where a range lies above 0, else evenly.
 * Each constant has a stream of its own, so that designs that share one see the same draws.
 * @param runs the first is the baseline of the ratios.
 * @throws UserError for a range that no double holds
 */
export function uncertaintyOf(
  presets: Presets,
  runs: readonly UncertainRun[],
  { draws = DRAWS, seed = 1, progress }: { draws?: number; seed?: number; progress?: (share: number) => void } = {},
): { designs: Uncertainty[]; ratios: RatioInterval[] } {
  const designs = runs.map((one, d) =>
    sample(designOf(presets, one), draws, seed, (share) => progress?.((d + share) / runs.length)),
  );
  const baseline = designs[0];
  return {
    designs: designs.map((design) => summary(design, draws, seed)),
    ratios: baseline === undefined ? [] : designs.slice(1).flatMap((design) => ratios(design, baseline)),
  };
}

function designOf(presets: Presets, { run, sets, result }: UncertainRun): Design {
  const base: SweepBase = { file: run.loaded.file, config: run.label, set: {}, sets };
  const used = new Set(result.placeholders);
  const drawn: Drawn[] = [];
  const fixed: string[] = [];
  for (const [key, constant] of constantsOf(run)) {
    if (!used.has(key)) continue;
    const assumption = drawnOf(key, constant);
    if (assumption === undefined) fixed.push(key);
    else drawn.push(assumption);
  }
  return {
    run,
    result,
    resolver: new PointResolver(presets, base),
    known: new KnownRuns(),
    drawn,
    fixed,
    sampled: [],
  };
}

/** Every placeholder of a config, by its key. */
function constantsOf({ config }: LoadedRun): [string, Sourced<unknown>][] {
  const found: [string, Sourced<unknown>][] = [];
  const walk = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
    if (isPlaceholder(value)) found.push([path, value]);
    else for (const [key, inner] of Object.entries(value)) walk(inner, path === '' ? key : `${path}.${key}`);
  };
  walk({ device: config.device, components: config.components }, '');
  return found;
}

const isPlaceholder = (value: object): value is Sourced<unknown> =>
  'placeholder' in value && value.placeholder === true && 'value' in value;

/** A number or time with its unit as a config writes it. */
interface Written {
  value: number;
  unit: string;
}

function written(value: unknown, dimension: Dimension | undefined): Written | undefined {
  if (typeof value === 'number') return { value, unit: dimension === undefined ? '' : unitOf(dimension) };
  if (typeof value !== 'object' || value === null) return undefined;
  if ('seconds' in value && typeof value.seconds === 'number') return { value: value.seconds, unit: 's' };
  if ('cycles' in value && typeof value.cycles === 'number') return { value: value.cycles, unit: 'cycles' };
  return undefined;
}

function drawnOf(key: string, { value, range, spread, source }: Sourced<unknown>): Drawn | undefined {
  const dimension = dimensionOfKey(key);
  const now = written(value, dimension);
  const by = (factor: number): Written | undefined => now && { value: now.value * factor, unit: now.unit };
  const [low, high] =
    range === undefined && spread !== undefined
      ? [by(1 / spread), by(spread)]
      : [range?.[0], range?.[1]].map((end) => written(end, dimension));
  if (low === undefined || now === undefined || high === undefined || low.unit !== high.unit) return undefined;
  if (!Number.isFinite(low.value > 0 ? high.value / low.value : high.value - low.value))
    throw new UserError(
      `${key}: its range from ${low.value} to ${high.value} ${low.unit} is too wide to draw from; expected a smaller ` +
        (spread === undefined ? 'range' : 'spread'),
    );
  const between = (quantile: number): number =>
    low.value > 0 ? low.value * (high.value / low.value) ** quantile : low.value + (high.value - low.value) * quantile;
  const at = (quantile: number): Assignment => {
    const drawnValue = between(quantile);
    const constant: TreeValue = {
      value: low.unit === '' ? drawnValue : `${drawnValue} ${low.unit}`,
      placeholder: true,
      source: source ?? 'drawn from its range',
    };
    return { key, value: constant };
  };
  return { key, unit: low.unit, value: now.value, low: low.value, high: high.value, at };
}

/** Figures of a design with these constants. */
const figuresAt = ({ resolver, known }: Design, values: readonly Assignment[]): Headlines => {
  const { run, trace } = resolver.resolve(values);
  return simulateHeadlines(run, { trace, known });
};

function sample(design: Design, draws: number, seed: number, progress: (share: number) => void): Design {
  const streams = design.drawn.map(({ key }) => seedrandom.alea(`uncertainty:${seed}:${key}`));
  for (let i = 0; i < draws; i++) {
    const values = design.drawn.map(({ at }, k) => at(streams[k]!()));
    design.sampled.push(figuresAt(design, values));
    progress((i + 1) / draws);
  }
  return design;
}

/** Ends of the middle 95 % of values. */
function interval(values: readonly number[]): { low: number; high: number } {
  const sorted = [...values].sort((a, b) => a - b);
  const cut = Math.floor((sorted.length * (1 - COVERED)) / 2);
  return { low: sorted[cut]!, high: sorted[sorted.length - 1 - cut]! };
}

function summary(design: Design, draws: number, seed: number): Uncertainty {
  const { result, drawn, fixed, sampled } = design;
  const headlines = HEADLINES.map(({ key, title, unit, read }): Interval => {
    const value = read(result);
    return { key, title, unit, value, ...around(value, sampled.map(read)), rests: drawn.length };
  });
  const tornado = drawn.flatMap(({ key, at }): Swing[] => {
    const ends = [figuresAt(design, [at(0)]), figuresAt(design, [at(1)])] as const;
    return HEADLINES.flatMap((headline) => {
      const [low, high] = [headline.read(ends[0]), headline.read(ends[1])];
      const now = headline.read(result);
      return low === now && high === now ? [] : [{ key, headline: headline.key, low, high }];
    });
  });
  const order = (key: string): number => HEADLINES.findIndex((headline) => headline.key === key);
  tornado.sort((a, b) => order(a.headline) - order(b.headline) || Math.abs(b.high - b.low) - Math.abs(a.high - a.low));
  return {
    schema: 'xbarflow/uncertainty@1',
    architecture: result.architecture,
    draws,
    seed,
    drawn: drawn.map(({ key, unit, value, low, high }) => ({ key, unit, value, low, high })),
    fixed,
    headlines,
    tornado,
  };
}

/** The interval of draws; where nothing was drawn, the value alone. */
const around = (value: number, values: readonly number[]): { low: number; high: number } =>
  values.length === 0 ? { low: value, high: value } : interval(values);

function ratios(design: Design, baseline: Design): RatioInterval[] {
  return HEADLINES.map(({ key, title, read }) => {
    const value = read(design.result) / read(baseline.result);
    const values = design.sampled.map((figures, i) => read(figures) / read(baseline.sampled[i]!));
    return {
      architecture: design.result.architecture,
      key,
      title,
      unit: '',
      value,
      ...around(value, values),
      rests: new Set([...design.drawn, ...baseline.drawn].map((drawn) => drawn.key)).size,
    };
  });
}
