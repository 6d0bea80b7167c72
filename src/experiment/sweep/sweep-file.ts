// The form of a sweep file: base config, axes, samples, objectives, constraints, limit.

import * as z from 'zod';
import { choice, count, list, mapping, object, real, text, type Tree, type TreeValue } from '../../config/index.js';

const anyValue = (description: string) => z.custom<TreeValue>().describe(description);

const range = object(
  {
    from: real('First value'),
    to: real('Last value'),
    step: real('Distance of neighbours').optional(),
    count: count('Number of values').optional(),
  },
  'Equally spaced values; a sampled sweep draws between from and to and needs neither step nor count',
);

const logRange = object(
  {
    from: real('First value, above 0'),
    to: real('Last value, above 0'),
    count: count('Number of values').optional(),
  },
  'Values with equal ratios',
);

const plainAxis = {
  key: text('Config key, e.g. crossbar.rows; `config` names the base config').optional(),
  values: list(anyValue('Any value of the key'), 'Values in order').optional(),
  range: range.optional(),
  logRange: logRange.optional(),
  round: z
    .union([z.literal(true), count('Multiple of')], { error: 'true or a whole number of at least 1' })
    .describe('Round values to whole numbers (true) or to multiples of a number')
    .optional(),
  unit: text('Unit of the values of a range, e.g. ns').optional(),
  points: list(
    mapping(anyValue('Any value of the key'), 'Value by config key'),
    'Combinations of keys, one by one',
  ).optional(),
};

const deepAxis = {
  ...plainAxis,
  zip: list(object(plainAxis, 'An axis'), 'Axes of one length that go together').optional(),
};

const axis = object(
  {
    ...deepAxis,
    product: list(object(deepAxis, 'An axis or a zip'), 'Axes in all combinations, the last one fastest').optional(),
  },
  'One axis: key with values, range or logRange; or zip, product, points',
);

/** Schema of a sweep file. */
export const sweepSchema = object(
  {
    name: text('Name of the sweep').optional(),
    description: text('One line about it').optional(),
    source: text('Publication it follows').optional(),
    config: text('Base config: preset or path'),
    set: z
      .custom<Tree>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), {
        error: 'a mapping',
      })
      .describe('Knobs laid on the base config')
      .optional(),
    axes: list(axis, 'Axes; points are their product, the last axis fastest').min(1, {
      error: 'at least one axis',
    }),
    conditions: list(
      text('A comparison such as `crossbar.rows <= crossbar.columns`; several may be joined by `or`'),
      'All must hold for a point to be kept',
    ).default([]),
    sample: object(
      {
        method: choice(['random', 'latin-hypercube'], 'How points are drawn'),
        count: count('Points to draw'),
        seed: count('Seed of the draws', { min: 0 }).default(1),
      },
      "Draw points between the axes' ends instead of enumerating them",
    ).optional(),
    evaluate: object(
      { images: count('Samples (default: data.count)').optional() },
      'Also run the numbers of each point: accuracy.* and perplexity.* are figures then',
    ).optional(),
    objectives: mapping(
      choice(['minimize', 'maximize'], 'Goal'),
      'Goal by result key, e.g. energy.totalJ: minimize, or by swept key, e.g. weights.bits: maximize',
    ).default({}),
    constraints: list(
      text('A comparison such as `area.totalMm2 <= 100`'),
      'What a result must fulfil to count as feasible',
    ).default([]),
    optimize: object(
      {
        population: count('Points of a generation', { min: 4 }).default(24),
        generations: count('Generations').default(10),
        seed: count('Seed of the search', { min: 0 }).default(1),
      },
      'Search (NSGA-II) that `--optimize` runs instead of enumerating',
    ).prefault({}),
    limit: count('Most points; the first ones are kept').optional(),
  },
  'A parameter sweep',
);

/** A checked sweep file. */
export type SweepFile = z.output<typeof sweepSchema>;
/** An axis of a sweep file: a key and its values. */
export type AxisFile = SweepFile['axes'][number];
/** How a sweep draws its points where it does not take all. */
export type SampleFile = NonNullable<SweepFile['sample']>;
