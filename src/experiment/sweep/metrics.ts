// What a sweep keeps of a result: one flat row of numbers, the same columns for every point.

import { COMPONENT_NAMES } from '../../components/index.js';
import { mapped } from '../../kernel/index.js';
import type { Headlines } from '../../simulation/index.js';
import type { Evaluation } from '../../functional/evaluate/result.js';
import { METRICS } from '../compare.js';

type Read = (figures: Headlines) => number | null;

interface Column {
  key: string;
  title: string;
  unit: string;
  read: Read;
}

const MORE: Column[] = [
  { key: 'time.perImageS', title: 'time an image', unit: 's', read: ({ time }) => time.perImageS },
  { key: 'time.firstResultS', title: 'time of the first result', unit: 's', read: ({ time }) => time.firstResultS },
  {
    key: 'throughput.imagesPerS',
    title: 'throughput',
    unit: 'images/s',
    read: ({ throughput }) => throughput.imagesPerS,
  },
  { key: 'energy.perImageJ', title: 'energy an image', unit: 'J', read: ({ energy }) => energy.perImageJ },
  { key: 'energy.leakageJ', title: 'leakage', unit: 'J', read: ({ energy }) => energy.leakageJ },
  { key: 'power.averageW', title: 'average power', unit: 'W', read: ({ power }) => power.averageW },
  {
    key: 'utilization.spatial',
    title: 'spatial utilization',
    unit: '',
    read: ({ utilization }) => utilization.spatial,
  },
  {
    key: 'utilization.temporal',
    title: 'temporal utilization',
    unit: '',
    read: ({ utilization }) => utilization.temporal,
  },
  {
    key: 'sensing.missingBits',
    title: 'bits that the converters lack',
    unit: 'bit',
    read: ({ sensing }) =>
      sensing === null || sensing.bits === null ? null : Math.max(0, sensing.requiredBits - sensing.bits),
  },
  {
    key: 'energyDelay.product',
    title: 'energy-delay product of an image',
    unit: 'J s',
    read: ({ energy, time }) => energy.perImageJ * time.perImageS,
  },
];

/** What `evaluate:` adds; null without it. */
const MEASURES = [
  { key: 'accuracy.hardware', title: 'accuracy on the hardware' },
  { key: 'accuracy.deviation', title: 'deviation of the accuracy over trials' },
  { key: 'accuracy.integer', title: 'accuracy on integers' },
  { key: 'accuracy.float', title: 'accuracy in floating point' },
  { key: 'perplexity.hardware', title: 'perplexity on the hardware' },
] as const;

/** Figures of an evaluation, by the keys of `MEASURES`. */
export type Measures = Record<(typeof MEASURES)[number]['key'], number | null>;

/** Keys that a sweep has figures for with `evaluate:` alone. */
export const MEASURE_KEYS: readonly string[] = MEASURES.map(({ key }) => key);

/** The measures of an evaluation. */
export const measuresOf = ({ accuracy, perplexity }: Evaluation): Measures => ({
  'accuracy.hardware': accuracy?.hardware.mean ?? null,
  'accuracy.deviation': accuracy?.hardware.deviation ?? null,
  'accuracy.integer': accuracy?.integer ?? null,
  'accuracy.float': accuracy?.float ?? null,
  'perplexity.hardware': perplexity?.hardware.mean ?? null,
});

const COLUMNS: ReadonlyMap<string, Column> = new Map(
  [
    ...METRICS.map(({ key, title, unit, value }): Column => ({ key, title, unit, read: value })),
    ...MORE,
    ...MEASURES.map(({ key, title }): Column => ({ key, title, unit: '', read: () => null })),
    ...COMPONENT_NAMES.map((name): Column => ({
      key: `energy.byComponentJ.${name}`,
      title: `energy of ${name}`,
      unit: 'J',
      read: ({ energy }) => energy.byComponentJ[name] ?? null,
    })),
    ...COMPONENT_NAMES.map((name): Column => ({
      key: `area.byComponentMm2.${name}`,
      title: `area of ${name}`,
      unit: 'mm2',
      read: ({ area }) => area.byComponentMm2[name] ?? null,
    })),
  ].map((column) => [column.key, column]),
);

const LIST: readonly Column[] = [...COLUMNS.values()];

/** Columns that every row has, by their key in the result. */
export const METRIC_KEYS: readonly string[] = LIST.map(({ key }) => key);

/** Numbers of one result by key; null where a machine has no such thing. */
export type MetricRow = Record<string, number | null>;

/** The figures of a result in the order of `METRIC_KEYS`, with the measures of an evaluation where there was one. */
export function metricsOf(figures: Headlines, measures?: Measures): (number | null)[] {
  const own: Partial<Record<string, number | null>> = measures ?? {};
  return mapped(LIST, ({ key, read }) => own[key] ?? read(figures));
}

/** A row with all its keys: a copy of it has its place for each of them at once. */
const EMPTY: MetricRow = Object.fromEntries(METRIC_KEYS.map((key) => [key, null]));

/** Figures in the order of `METRIC_KEYS`, by key. */
export function metricRow(metrics: readonly (number | null)[]): MetricRow {
  const row = { ...EMPTY };
  for (let i = 0; i < METRIC_KEYS.length; i++) row[METRIC_KEYS[i]!] = metrics[i]!;
  return row;
}

/** How people call an objective, and its unit: a column, or a knob by its key. */
export function metricTitle(key: string): { title: string; unit: string } {
  const { title, unit } = COLUMNS.get(key) ?? { title: key, unit: '' };
  return { title, unit };
}
