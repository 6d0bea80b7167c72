// Architectures side by side: ratios to a baseline, and what each ratio comes from.

import { DESIGN_PARTS, dimensionOfKey } from '../run-config/index.js';
import { formatQuantity } from '../config/index.js';
import { bookOf, explain, type Book } from '../explain/index.js';
import type { ComparisonView } from '../report/compare-view.js';
import type { Headlines, Result } from '../simulation/index.js';
import {
  arrayCause,
  bufferCause,
  cyclesCause,
  groupCause,
  informativeCause,
  largestPart,
  quotient,
  share,
  slowestWaves,
  storageCause,
  timeCause,
  unitCause,
  wavesCause,
  wearCause,
} from './compare-causes.js';
import { grouped } from '../config/numbers.js';
import { leading } from '../config/typed.js';

/** A figure that designs are compared by. */
export interface Metric {
  /** Its path in a result. */
  key: string;
  title: string;
  /** SI, areas in mm2; '' of counts and shares. */
  unit: string;
  /** Null where a result has none. */
  value: (figures: Headlines) => number | null;
  /** True where more is better. */
  more: boolean;
  /** What its ratio to the baseline comes from, in words; '' where nothing says. */
  cause: (result: Result, baseline: Result) => string;
}

/** The figures that a metric of a comparison follows from, where it is none of a result. */
const BEHIND: Record<string, string[]> = {
  'stages.waves': [],
  'equalArea.totalS': ['time.totalS', 'area.totalMm2'],
  'equalTime.areaMm2': ['time.totalS', 'area.totalMm2'],
};

/** Headlines that a metric follows from; others have no known share of assumptions. */
const HEADLINES: Record<string, ('time' | 'energy' | 'area')[]> = {
  'time.totalS': ['time'],
  'throughput.gops': ['time'],
  'energy.totalJ': ['energy'],
  'area.totalMm2': ['area'],
  'efficiency.gopsPerW': ['energy'],
  'efficiency.gopsPerMm2': ['time', 'area'],
  'equalArea.totalS': ['time', 'area'],
  'equalTime.areaMm2': ['time', 'area'],
};

function assumedShareOf({ verdict }: Result, metric: string): number | null {
  const parts = HEADLINES[metric];
  return parts === undefined ? null : Math.max(...parts.map((part) => verdict.assumed[part].share));
}

/** Assumptions behind a figure of a result; none behind one that it does not have. */
const placeholdersBehind = (book: Book, key: string): number =>
  book.has(key) ? explain(book, key).placeholders.length : 0;

/** Designs beside a baseline, as comparison.json has it: ratios and their causes. */
export interface Comparison extends ComparisonView {
  schema: 'xbarflow/compare@1';
  rows: (ComparisonView['rows'][number] & { unit: string; baselineValue: number | null })[];
  results: Result[];
}

/** Whether a key is a knob of the design; constants stand behind the device's name and the figures. */
function isDesignKnob(key: string): boolean {
  const [part = ''] = key.split('.');
  return DESIGN_PARTS.has(part) && part !== 'components' && (part !== 'device' || key === 'device.name');
}

/** What can be compared, in the order in which it is shown. */
export const METRICS: readonly Metric[] = [
  { key: 'time.totalS', title: 'time', unit: 's', more: false, value: ({ time }) => time.totalS, cause: timeCause },
  {
    key: 'time.logicalCycles',
    title: 'logical cycles',
    unit: '',
    more: false,
    value: ({ time }) => time.logicalCycles,
    cause: cyclesCause,
  },
  {
    key: 'throughput.gops',
    title: 'throughput',
    unit: 'GOPS',
    more: true,
    value: ({ throughput }) => throughput.gops,
    cause: timeCause,
  },
  {
    key: 'energy.totalJ',
    title: 'energy',
    unit: 'J',
    more: false,
    value: ({ energy }) => energy.totalJ,
    cause: (r, b) => largestPart(r.energy.byComponentJ, b.energy.byComponentJ, (x) => formatQuantity(x, 'energy')),
  },
  {
    key: 'area.totalMm2',
    title: 'area',
    unit: 'mm2',
    more: false,
    value: ({ area }) => area.totalMm2,
    cause: (r, b) => largestPart(r.area.byComponentMm2, b.area.byComponentMm2, (x) => formatQuantity(x, 'area')),
  },
  {
    key: 'efficiency.gopsPerW',
    title: 'energy efficiency',
    unit: 'GOPS/W',
    more: true,
    value: ({ efficiency }) => efficiency.gopsPerW,
    cause: (r, b) =>
      quotient('throughput', r.throughput.gops / b.throughput.gops, 'power', r.power.averageW / b.power.averageW),
  },
  {
    key: 'efficiency.gopsPerMm2',
    title: 'area efficiency',
    unit: 'GOPS/mm2',
    more: true,
    value: ({ efficiency }) => efficiency.gopsPerMm2,
    cause: (r, b) =>
      quotient('throughput', r.throughput.gops / b.throughput.gops, 'area', r.area.totalMm2 / b.area.totalMm2),
  },
  {
    key: 'arrays.physical',
    title: 'physical arrays',
    unit: '',
    more: false,
    value: ({ arrays }) => arrays.physical,
    cause: arrayCause,
  },
  {
    key: 'arrays.groups.total',
    title: 'array groups',
    unit: '',
    more: false,
    value: ({ arrays }) => arrays.groups.total,
    cause: groupCause,
  },
  {
    key: 'utilization.informative',
    title: 'informative utilization',
    unit: '',
    more: true,
    value: ({ utilization }) => utilization.informative,
    cause: informativeCause,
  },
  {
    key: 'utilization.effective',
    title: 'effective utilization',
    unit: '',
    more: true,
    value: ({ utilization }) => utilization.effective,
    cause: (r, b) =>
      `informative x temporal: temporal ${share(b.utilization.temporal)} -> ${share(r.utilization.temporal)}`,
  },
  {
    key: 'storage.neuronCycles',
    title: 'neuron storage',
    unit: 'neurons x cycles',
    more: false,
    value: ({ storage }) => storage.neuronCycles,
    cause: storageCause,
  },
  {
    key: 'storage.bits',
    title: 'buffers',
    unit: 'bit',
    more: false,
    value: ({ storage }) => storage.neuronBits + storage.maskBits + storage.errorBits,
    cause: bufferCause,
  },
  {
    key: 'stalls.unit',
    title: 'waits for shared units',
    unit: 's',
    more: false,
    value: ({ stalls }) => stalls.unit,
    cause: unitCause,
  },
  {
    key: 'endurance.firstWornS',
    title: 'first cells worn out after',
    unit: 's',
    more: true,
    value: ({ endurance }) => endurance?.firstWornS ?? null,
    cause: wearCause,
  },
];

/** A metric that only a comparison has: it needs the lists of a result, or the baseline. */
type ComparedMetric = Omit<Metric, 'value'> & { value: (result: Result, baseline: Result) => number | null };

/** Ratios of time x area: both rows say the same ratio, each in the unit that a reader asks for. */
const timesArea = (r: Result, b: Result): string =>
  `time ${plain(r.time.totalS / b.time.totalS)}x times area ${plain(r.area.totalMm2 / b.area.totalMm2)}x`;

const plain = (value: number): number => Number(value.toPrecision(4));

const ONLY_COMPARED: readonly ComparedMetric[] = [
  {
    key: 'stages.waves',
    title: 'waves of slowest stage',
    unit: '',
    more: false,
    value: slowestWaves,
    cause: wavesCause,
  },
  {
    key: 'equalArea.totalS',
    title: 'time at equal area',
    unit: 's',
    more: false,
    value: (r, b) => (b.area.totalMm2 === 0 ? null : (r.time.totalS * r.area.totalMm2) / b.area.totalMm2),
    cause: timesArea,
  },
  {
    key: 'equalTime.areaMm2',
    title: 'area at equal time',
    unit: 'mm2',
    more: false,
    value: (r, b) => (b.time.totalS === 0 ? null : (r.area.totalMm2 * r.time.totalS) / b.time.totalS),
    cause: timesArea,
  },
];

/** What a comparison shows, in its order: the headlines, what they are at equal area and time, then the rest. */
const COMPARED: readonly ComparedMetric[] = (() => {
  const [waves, equalArea, equalTime] = leading(3, ONLY_COMPARED);
  const after: Record<string, ComparedMetric[]> = {
    'time.totalS': [waves],
    'efficiency.gopsPerMm2': [equalArea, equalTime],
  };
  return METRICS.flatMap((metric) => [metric, ...(after[metric.key] ?? [])]);
})();

/** Titles of the metrics that designs are compared by, in their order. */
export const COMPARED_TITLES: ReadonlyMap<string, string> = new Map(COMPARED.map(({ key, title }) => [key, title]));

/** What ran, and whether it is the same for all: networks may share a name and be none alike. */
export function workOf(results: readonly Result[]): Comparison['work'] {
  const named = results.map(({ verdict }) => verdict.work);
  const sized = results.map(({ networkTotals }) => sizeText(networkTotals));
  const sameNames = new Set(named).size === 1;
  const sameSizes = new Set(sized).size === 1;
  if (sameNames && sameSizes) return { same: true, text: named[0]! };
  const works = sameNames ? named.map((work, i) => `${work} (${sized[i]!})`) : named;
  const each = results.map(({ architecture }, i) => `${architecture} ${works[i]!}`);
  return {
    same: false,
    text: `unlike work, so times, energies and their ratios do not compare (efficiencies may): ${each.join('; ')}`,
  };
}

/** A network's totals in words: equal for networks of the same size alone. */
const sizeText = ({ macs, dynamicMacs, parameters, biases }: Result['networkTotals']): string =>
  `${grouped(macs)} multiply-accumulates an image, ` +
  (dynamicMacs === 0 ? '' : `${grouped(dynamicMacs)} of them of two activations, `) +
  `${grouped(parameters)} weights, ${grouped(biases)} biases`;

/** Compares results with the first of them. */
export function compareResults(results: readonly Result[], baselineIndex = 0): Comparison {
  const baseline = results[baselineIndex]!;
  return {
    schema: 'xbarflow/compare@1',
    baseline: baseline.architecture,
    work: workOf(results),
    rows: results.flatMap((result) => {
      const book = bookOf(result);
      return COMPARED.map((metric) => {
        const value = metric.value(result, baseline);
        const baselineValue = metric.value(baseline, baseline);
        const ratio = value === null || baselineValue === null || baselineValue === 0 ? null : value / baselineValue;
        return {
          architecture: result.architecture,
          metric: metric.key,
          unit: metric.unit,
          value,
          baselineValue,
          ratio,
          cause: result === baseline || value === baselineValue ? '' : metric.cause(result, baseline),
          assumedShare: assumedShareOf(result, metric.key),
          placeholders:
            BEHIND[metric.key]?.reduce((sum, key) => sum + placeholdersBehind(book, key), 0) ??
            placeholdersBehind(book, metric.key),
        };
      });
    }),
    knobs: results.map((result) => ({
      architecture: result.architecture,
      differences: knobDifferences(result, baseline),
    })),
    results: [...results],
  };
}

/** Knobs of two configs that differ, flattened. */
export function knobDifferences(result: Result, baseline: Result): { key: string; baseline: string; value: string }[] {
  const ours = flatten(result.config);
  const theirs = flatten(baseline.config);
  return [...new Set([...theirs.keys(), ...ours.keys()])]
    .filter(isDesignKnob)
    .filter((key) => ours.get(key) !== theirs.get(key))
    .map((key) => ({ key, baseline: theirs.get(key) ?? '-', value: ours.get(key) ?? '-' }));
}

/** Every knob of a config by its key, as text with its unit. */
function flatten(tree: unknown, prefix = ''): Map<string, string> {
  if (typeof tree !== 'object' || tree === null) {
    const dimension = typeof tree === 'number' ? dimensionOfKey(prefix) : undefined;
    return new Map([[prefix, dimension === undefined ? String(tree) : formatQuantity(Number(tree), dimension)]]);
  }
  return new Map(
    Object.entries(tree).flatMap(([key, value]) => [...flatten(value, prefix === '' ? key : `${prefix}.${key}`)]),
  );
}
