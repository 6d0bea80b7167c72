// Architectures side by side: ratios to a baseline, and what each ratio comes from.

import { configSchema } from '../run-config/index.js';
import { dimensionAt, formatEngineering, formatQuantity } from '../config/index.js';
import { bookOf, explain, type Book } from '../explain/index.js';
import type { Figures, Result } from '../simulation/index.js';

export interface Metric {
  key: string;
  title: string;
  unit: string;
  value: (figures: Figures) => number | null;
  /** True where more is better. */
  more: boolean;
  cause: (result: Result, baseline: Result) => string;
}

/** Assumptions behind a figure of a result; none behind one that it does not have. */
const placeholdersBehind = (book: Book, key: string): number =>
  book.has(key) ? explain(book, key).placeholders.length : 0;

export interface Comparison {
  schema: 'xbarflow/compare@1';
  baseline: string;
  rows: {
    architecture: string;
    metric: string;
    unit: string;
    value: number | null;
    baselineValue: number | null;
    ratio: number | null;
    cause: string;
    /** Placeholder constants that the value rests on. */
    placeholders: number;
  }[];
  /** Knobs in which each design differs from the baseline. */
  knobs: { architecture: string; differences: { key: string; baseline: string; value: string }[] }[];
  results: Result[];
}

const KNOBS = [
  'crossbar',
  'weights',
  'inputs',
  'driver',
  'mapping',
  'gradient',
  'neurons',
  'sensing',
  'pooling',
  'pipeline',
  'buffers',
  'chip',
  'links',
  'digital',
  'device.name',
];

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

/** Compares results with the first of them. */
export function compareResults(results: readonly Result[], baselineIndex = 0): Comparison {
  const baseline = results[baselineIndex]!;
  return {
    schema: 'xbarflow/compare@1',
    baseline: baseline.architecture,
    rows: results.flatMap((result) => {
      const book = bookOf(result);
      return METRICS.map((metric) => {
        const value = metric.value(result);
        const baselineValue = metric.value(baseline);
        const ratio = value === null || baselineValue === null || baselineValue === 0 ? null : value / baselineValue;
        return {
          architecture: result.architecture,
          metric: metric.key,
          unit: metric.unit,
          value,
          baselineValue,
          ratio,
          cause: result === baseline || value === baselineValue ? '' : metric.cause(result, baseline),
          placeholders: placeholdersBehind(book, metric.key),
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
  const relevant = (key: string): boolean => KNOBS.some((knob) => key === knob || key.startsWith(`${knob}.`));
  return [...new Set([...theirs.keys(), ...ours.keys()])]
    .filter(relevant)
    .filter((key) => ours.get(key) !== theirs.get(key))
    .map((key) => ({ key, baseline: theirs.get(key) ?? '-', value: ours.get(key) ?? '-' }));
}

/** Every knob of a config by its key, as text with its unit. */
function flatten(tree: unknown, prefix = ''): Map<string, string> {
  if (typeof tree !== 'object' || tree === null) {
    const dimension = typeof tree === 'number' ? dimensionAt(configSchema, prefix.split('.')) : undefined;
    return new Map([[prefix, dimension === undefined ? String(tree) : formatQuantity(Number(tree), dimension)]]);
  }
  return new Map(
    Object.entries(tree).flatMap(([key, value]) => [...flatten(value, prefix === '' ? key : `${prefix}.${key}`)]),
  );
}

const quotient = (above: string, ratioAbove: number, below: string, ratioBelow: number): string =>
  `${above} ${Number(ratioAbove.toPrecision(4))}x over ${below} ${Number(ratioBelow.toPrecision(4))}x`;

const share = (value: number): string => `${Number((100 * value).toPrecision(3))} %`;

function timeCause(r: Result, b: Result): string {
  const slowest = ({ stages }: Result): Result['stages'][number] =>
    stages.reduce((most, stage) => (stage.serviceS > most.serviceS ? stage : most));
  const name = ({ name: pass, layer, serviceS }: Result['stages'][number]): string =>
    `${pass} (${layer}) ${formatQuantity(serviceS, 'time')}`;
  const advance = ({ config }: Result): string => (config.pipeline as { advance: string }).advance;
  const [other, stage] = [name(slowest(b)), name(slowest(r))];
  const { logicalCycles: before } = b.time;
  const { logicalCycles: after } = r.time;
  const causes = [
    ...(advance(r) === advance(b) ? [] : [`stages advance ${advance(b)} -> ${advance(r)}`]),
    ...(before === null || after === null || before === after
      ? []
      : [`logical cycles ${before.toLocaleString('en-US')} -> ${after.toLocaleString('en-US')}`]),
    ...(stage === other ? [] : [`slowest stage ${other} -> ${stage}`]),
  ];
  return `${causes.length === 0 ? `slowest stage ${stage}` : causes.join(', ')}${unitShare(r, b)}`;
}

/** What sets the number of logical cycles: depth, batches, overlap (PipeLayer Table 2). */
function cyclesCause(r: Result, b: Result): string {
  const facts = ({ layers, images, batch, mode, config }: Result): Record<string, string> => ({
    mode,
    'weight layers': String(layers.length),
    images: images.toLocaleString('en-US'),
    batch: batch.toLocaleString('en-US'),
    'pipeline.enabled': String((config.pipeline as { enabled: boolean }).enabled),
    'buffers.entries': String((config.buffers as { entries?: number }).entries ?? 'as the schedule needs'),
  });
  const [before, after] = [facts(b), facts(r)];
  return Object.keys(after)
    .filter((fact) => before[fact] !== after[fact])
    .map((fact) => `${fact} ${before[fact]!} -> ${after[fact]!}`)
    .join(', ');
}

function unitShare(r: Result, b: Result): string {
  return r.stalls.unit > b.stalls.unit ? `, ${formatQuantity(r.stalls.unit, 'time')} of waiting for shared arrays` : '';
}

/** The part whose change explains most of a total's change. */
function largestPart(
  ours: Record<string, number>,
  theirs: Record<string, number>,
  write: (value: number) => string,
): string {
  const changes = [...new Set([...Object.keys(ours), ...Object.keys(theirs)])].map((name) => ({
    name,
    change: (ours[name] ?? 0) - (theirs[name] ?? 0),
  }));
  const total = changes.reduce((sum, { change }) => sum + change, 0);
  const most = changes.reduce((a, c) => (Math.abs(c.change) > Math.abs(a.change) ? c : a));
  return most.change === 0
    ? ''
    : `${most.name} ${write(theirs[most.name] ?? 0)} -> ` +
        `${write(ours[most.name] ?? 0)}${total === 0 ? '' : `, ${share(most.change / total)} of the change`}`;
}

function arrayCause(r: Result, b: Result): string {
  const uses = (['forward', 'backward', 'gradient'] as const).filter(
    (use) => r.arrays.physicalByUse[use] !== b.arrays.physicalByUse[use],
  );
  return uses
    .map(
      (use) =>
        `${use} ${b.arrays.physicalByUse[use].toLocaleString('en-US')} -> ` +
        r.arrays.physicalByUse[use].toLocaleString('en-US'),
    )
    .join(', ');
}

function groupCause(r: Result, b: Result): string {
  const uses = (['forward', 'backward', 'gradient'] as const).filter(
    (use) => r.arrays.groups[use] !== b.arrays.groups[use],
  );
  return uses.map((use) => `${use} ${b.arrays.groups[use]} -> ${r.arrays.groups[use]}`).join(', ');
}

function informativeCause(r: Result, b: Result): string {
  const weights = ({ config }: Result): { sign: string; referenceColumn: string; copies: string } =>
    config.weights as { sign: string; referenceColumn: string; copies: string };
  const sign = (result: Result): string =>
    weights(result).sign === 'offset'
      ? `offset in one crossbar, reference column ${weights(result).referenceColumn}`
      : 'differential: half of each pair of cells holds no magnitude';
  const spatial = ({ utilization }: Result): string => share(utilization.spatial);
  const copies =
    weights(r).copies === weights(b).copies
      ? ''
      : `, copies for backpropagation ${weights(b).copies} -> ${weights(r).copies}`;
  return [
    ...(sign(r) === sign(b) ? [] : [`${sign(b)} -> ${sign(r)}`]),
    ...(spatial(r) === spatial(b) ? [] : [`spatial ${spatial(b)} -> ${spatial(r)}${copies}`]),
  ].join('; ');
}

function storageCause(r: Result, b: Result): string {
  const longest = ({ buffers }: Result): number =>
    Math.max(0, ...buffers.filter(({ kind }) => kind === 'neurons').map(({ lifetimeCycles }) => lifetimeCycles ?? 0));
  return `a layer's neurons live at most ${longest(b)} -> ${longest(r)} logical cycles`;
}

function bufferCause(r: Result, b: Result): string {
  const parts = ({ storage }: Result): Record<string, number> => ({
    neurons: storage.neuronBits,
    masks: storage.maskBits,
    errors: storage.errorBits,
  });
  return largestPart(parts(r), parts(b), (bits) => formatQuantity(bits, 'capacity'));
}

function wearCause(r: Result, b: Result): string {
  const wear = ({ endurance, time }: Result): string => {
    const worn =
      endurance === null
        ? []
        : [endurance.weights, endurance.gradients, endurance.buffers].filter(
            (w) => w !== null && w.lifetimeS === endurance.firstWornS,
          );
    return worn[0]
      ? `${formatEngineering(worn[0].writesPerCell, 'writes')} a cell in ` +
          `${formatQuantity(time.totalS, 'time')}, rated ${formatEngineering(endurance!.ratedWrites!, '')}`
      : 'none';
  };
  return `${wear(b)} -> ${wear(r)}`;
}

function unitCause(r: Result): string {
  return r.stalls.unit > 0 ? 'F and B of a layer take turns on its arrays' : '';
}
