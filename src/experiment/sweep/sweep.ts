// A sweep from its file: axes, conditions, objectives and constraints, each checked with its line.

import {
  ConfigError,
  loadConfig,
  suggestion,
  validate,
  type Loaded,
  type Origin,
  type Presets,
  type TreeValue,
} from '../../config/index.js';
import { axesOf, type Axis } from './axes.js';
import { comparedKeys, noNumberIn, parseComparison, type Comparison } from './comparison.js';
import { MEASURE_KEYS, METRIC_KEYS } from './metrics.js';
import type { SweepBase } from './resolver.js';
import { sweepSchema, type SweepFile } from './sweep-file.js';
import { messageOf } from '../../config/typed.js';

/** A result key with its goal. */
export interface Objective {
  key: string;
  goal: 'minimize' | 'maximize';
}

/** A comparison with its place in the sweep file. */
export interface Condition {
  comparison: Comparison;
  origin: Origin;
}

/** A sweep, checked but for its points. */
export interface Sweep {
  name: string;
  base: SweepBase;
  axes: readonly Axis[];
  /** Swept config keys in order. */
  columns: readonly string[];
  conditions: readonly Condition[];
  /** What a result must fulfil, as written. */
  constraints: readonly string[];
  objectives: readonly Objective[];
  sample: SweepFile['sample'];
  optimize: SweepFile['optimize'];
  limit: number | undefined;
  /** The place of a value in the sweep file. */
  originOf: (key: string, value: TreeValue) => Origin;
}

/** Loads a sweep file. @throws ConfigError naming file, line and key. */
export function loadSweep(presets: Presets, name: string, sets: readonly string[] = []): Sweep {
  const loaded = loadConfig(presets, ['sweeps'], name);
  const file = validate(sweepSchema, loaded);
  const axes = axesOf(file.axes, loaded.origins);
  const columns = axes.flatMap(({ keys }) => keys);
  const metric = metricOf(file.evaluate !== undefined);
  const objectives = Object.entries(file.objectives).map(([key, goal]) => ({
    key: objectiveKey(key, axes, loaded.origins.at(['objectives', key]), metric),
    goal,
  }));
  return {
    name: file.name ?? baseName(loaded.file),
    base: { file: loaded.file, config: file.config, set: file.set ?? {}, sets, evaluate: file.evaluate },
    axes,
    columns,
    conditions: comparisons(file.conditions, 'conditions', loaded).map((comparison, i) => ({
      comparison,
      origin: loaded.origins.at(['conditions', i]),
    })),
    constraints: constraintsOf(file.constraints, loaded, metric),
    objectives,
    sample: file.sample,
    optimize: file.optimize,
    limit: file.limit,
    originOf: originsOf(loaded, file),
  };
}

/** Checks a result key that a sweep records; `others` may stand there as well. */
type Metric = (key: string, origin: Origin, path: string, others?: readonly string[]) => string;

/** @param evaluates whether points are evaluated on data */
const metricOf =
  (evaluates: boolean): Metric =>
  (key, origin, path, others = []) => {
    if (!evaluates && MEASURE_KEYS.includes(key))
      throw new ConfigError(origin, `${path}.${key}`, 'needs evaluate: {}, which runs the numbers of each point');
    const known = [...METRIC_KEYS, ...others];
    if (!known.includes(key))
      throw new ConfigError(
        origin,
        `${path}.${key}`,
        'is not a figure that a sweep ' +
          `records${suggestion(key, known) || `, expected one of ${METRIC_KEYS.slice(0, 14).join(', ')}, ...`}`,
      );
    return key;
  };

/** What a sweep may strive for: figures, and numbers that it sweeps itself (bits of a weight that cost energy). */
function objectiveKey(key: string, axes: readonly Axis[], origin: Origin, metric: Metric): string {
  const axis = axes.find(({ keys }) => keys.includes(key));
  const choices = axis === undefined ? [] : (axis.choices ?? [axis.at(0)]);
  if (choices.some((choice) => choice.some((value) => value.key === key && typeof value.value !== 'number'))) {
    throw new ConfigError(origin, `objectives.${key}`, 'is swept over values that are no numbers');
  }
  return metric(
    key,
    origin,
    'objectives',
    axes.flatMap(({ keys }) => keys),
  );
}

function comparisons(texts: readonly string[], key: string, { origins }: Loaded): Comparison[] {
  return texts.map((text, i) => {
    try {
      return parseComparison(text);
    } catch (error) {
      throw new ConfigError(origins.at([key, i]), `${key}.${i}`, messageOf(error));
    }
  });
}

function constraintsOf(texts: readonly string[], loaded: Loaded, metric: Metric): readonly string[] {
  comparisons(texts, 'constraints', loaded).forEach((constraint, i) => {
    const origin = loaded.origins.at(['constraints', i]);
    for (const key of comparedKeys(constraint)) metric(key, origin, `constraints.${i}`);
    const word = noNumberIn(constraint);
    if (word !== undefined)
      throw new ConfigError(
        origin,
        `constraints.${i}`,
        `compares with ${JSON.stringify(word)}, expected a number or a figure`,
      );
  });
  return texts;
}

/** Places of axis values: the value's own line where it is listed, else its axis. */
function originsOf({ origins, file }: Loaded, sweep: SweepFile): Sweep['originOf'] {
  const places = new Map<string, { path: readonly PropertyKey[]; values: ReadonlyMap<string, number> }>();
  const points = new Map<string, Origin>();
  const visit = (axis: SweepFile['axes'][number], path: readonly PropertyKey[]): void => {
    axis.product?.forEach((inner, i) => {
      visit(inner, [...path, 'product', i]);
    });
    axis.zip?.forEach((inner, i) => {
      visit(inner, [...path, 'zip', i]);
    });
    axis.points?.forEach((point, i) => {
      for (const [key, value] of Object.entries(point))
        points.set(`${key} ${JSON.stringify(value)}`, origins.at([...path, 'points', i, key]));
    });
    if (axis.key !== undefined)
      places.set(axis.key, {
        path,
        values: new Map((axis.values ?? []).map((value, i) => [JSON.stringify(value), i])),
      });
  };
  sweep.axes.forEach((axis, i) => {
    visit(axis, ['axes', i]);
  });
  return (key, value) => {
    const listed = points.get(`${key} ${JSON.stringify(value)}`);
    if (listed !== undefined) return listed;
    const place = places.get(key);
    if (place === undefined)
      return key === 'config' || key.startsWith('set.') ? origins.at(key.split('.')) : { file, line: 1, column: 1 };
    const index = place.values.get(JSON.stringify(value));
    return index === undefined ? origins.at([...place.path, 'key']) : origins.at([...place.path, 'values', index]);
  };
}

const baseName = (path: string): string => path.replace(/^.*[\\/]/, '').replace(/\.[^.]+$/, '');

/** Throws where a sweep enumerates an axis that has only ends. */
export function mustEnumerate({ axes, base, originOf }: Sweep): void {
  const open = axes.find(({ choices }) => choices === null);
  if (open === undefined) return;
  const key = open.keys[0] ?? '';
  throw new ConfigError(
    { ...originOf(key, null), file: base.file },
    key,
    'the range has ends only: give step or count, or draw a `sample`',
  );
}
