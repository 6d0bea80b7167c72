// What a sweep keeps of a result: one flat row of numbers, the same columns for every point.

import { COMPONENT_NAMES } from '../../hardware/index.js';
import type { Result } from '../../simulation/index.js';
import { METRICS } from '../compare.js';

type Read = (result: Result) => number | null;

const MORE: Record<string, Read> = {
  'time.perImageS': ({ time }) => time.perImageS,
  'time.firstResultS': ({ time }) => time.firstResultS,
  'throughput.imagesPerS': ({ throughput }) => throughput.imagesPerS,
  'energy.perImageJ': ({ energy }) => energy.perImageJ,
  'energy.leakageJ': ({ energy }) => energy.leakageJ,
  'power.averageW': ({ power }) => power.averageW,
  'utilization.spatial': ({ utilization }) => utilization.spatial,
  'utilization.temporal': ({ utilization }) => utilization.temporal,
  'energyDelay.product': ({ energy, time }) => energy.perImageJ * time.perImageS,
};

const READERS: ReadonlyMap<string, Read> = new Map([
  ...METRICS.map(({ key, value }): [string, Read] => [key, value]),
  ...Object.entries(MORE),
  ...COMPONENT_NAMES.map((name): [string, Read] => [`energy.byComponentJ.${name}`, ({ energy }) => energy.byComponentJ[name] ?? null]),
  ...COMPONENT_NAMES.map((name): [string, Read] => [`area.byComponentMm2.${name}`, ({ area }) => area.byComponentMm2[name] ?? null]),
]);

/** Columns that every row has, by their key in the result. */
export const METRIC_KEYS: readonly string[] = [...READERS.keys()];

/** Numbers of one result by key; null where a machine has no such thing. */
export type MetricRow = Record<string, number | null>;

/** The row of a result. */
export function metricRow(result: Result): MetricRow {
  const row: MetricRow = {};
  for (const [key, read] of READERS) row[key] = read(result);
  return row;
}
