// The plan of a sweep: its points in order, each resolved, checked and named by its key before anything runs.

import {
  causeOfSet,
  ConfigError,
  UserError,
  isTree,
  place,
  suggestion,
  type Cause,
  type Presets,
  type Tree,
  type TreeValue,
} from '../../config/index.js';
import { formatBytes, grouped } from '../../config/numbers.js';
import { holds, comparedKeys } from './comparison.js';
import { valueAt } from './laid.js';
import { PointList, type Values } from './point-list.js';
import { combinations, gridPlaces, samplePlaces } from './points.js';
import { PointResolver } from './resolver.js';
import { mustEnumerate, type Sweep } from './sweep.js';
import { messageOf } from '../../config/typed.js';

/** Points of a sweep without `limit` beyond which it is taken for a mistake. */
const MOST_POINTS = 5_000_000;
/** What a point takes with its values, key and outcome, bytes: an estimate that is checked before any is made. */
const POINT_BYTES = 1024;
/** Memory for all points, unless `--max-memory` says otherwise. */
const DEFAULT_MEMORY = 2 ** 30;
/** Combinations in a row, and in all, that are looked at for some that fulfil the conditions. */
const MOST_MISSES = 300_000;
const MOST_TRIES = 5_000_000;

/** @throws UserError where so many points take more memory than they may. */
export function checkCount({ base }: Sweep, count: number, maxMemory = DEFAULT_MEMORY): void {
  if (count * POINT_BYTES > maxMemory)
    throw new UserError(
      `${base.file}: axes: ${grouped(count)} points would take about ` +
        `${formatBytes(count * POINT_BYTES)} of memory, expected at most ` +
        `${formatBytes(maxMemory)}; set limit, draw a ` +
        'sample, or give more with --max-memory',
    );
}

/** True where no key is within another. */
const areApart = (keys: readonly string[]): boolean =>
  !keys.some((key) => keys.some((other) => other.startsWith(`${key}.`)));

/** Checks points and gives them their keys. */
export class Planner {
  readonly #presets: Presets;
  readonly #sweep: Sweep;
  readonly #resolver: PointResolver;
  #areApart: boolean | undefined;

  constructor(presets: Presets, sweep: Sweep) {
    this.#presets = presets;
    this.#sweep = sweep;
    this.#resolver = new PointResolver(presets, sweep.base, sweep.originOf);
  }

  /** True where the sweep's conditions hold. @throws ConfigError for a condition that cannot be worked out */
  keeps(values: Values): boolean {
    const { conditions } = this.#sweep;
    if (conditions.length === 0) return true;
    const known = new Map(values.map(({ key, value }) => [key, value]));
    // Most conditions look at what is swept; the tree of a point takes much longer.
    const direct = (this.#areApart ??= areApart([...known.keys()]));
    let tree: Tree | undefined;
    const valueOf = (key: string): TreeValue | undefined => {
      if (key === 'config') return textOf(values, key);
      if (direct && known.has(key)) return known.get(key);
      return valueAt((tree ??= this.written(values)), key);
    };
    return conditions.every(({ comparison, origin }) => {
      try {
        return holds(comparison, valueOf);
      } catch (error) {
        throw new ConfigError(origin, 'conditions', messageOf(error));
      }
    });
  }

  /** The config of a point as written: base, `set`, overrides, values. */
  written(values: Values): Tree {
    return this.#resolver.written(values).tree;
  }

  /** @throws ConfigError for a condition on a key that the points do not have. */
  checkConditions(): void {
    const { conditions, axes, columns } = this.#sweep;
    if (conditions.length === 0) return;
    const known = [...flatKeys(this.written(axes.flatMap((axis) => axis.at(0)))), ...columns];
    for (const { comparison, origin } of conditions) {
      const unknown = comparedKeys(comparison).find((key) => !known.includes(key));
      if (unknown !== undefined)
        throw new ConfigError(
          origin,
          'conditions',
          `${unknown} stands neither in the base config nor on an axis${suggestion(unknown, known)}`,
        );
    }
  }

  /** The key of a point. @throws ConfigError at the line of the value that is wrong. */
  keyOf(values: Values): string {
    try {
      return this.#resolver.resolve(values).key;
    } catch (error) {
      throw error instanceof ConfigError ? this.#blamed(error, values) : error;
    }
  }

  /** A fault in a file that the sweep stands on, and the values and overrides without which it is not there. */
  #blamed(fault: ConfigError, values: Values): ConfigError {
    const { base, originOf } = this.#sweep;
    if (fault.origin.file === base.file) return fault;
    const isWhole = (resolver: PointResolver, some: Values): boolean => {
      try {
        resolver.resolve(some);
        return true;
      } catch (error) {
        if (error instanceof UserError) return false;
        throw error;
      }
    };
    const swept = values
      .filter((one) =>
        isWhole(
          this.#resolver,
          values.filter((other) => other !== one),
        ),
      )
      .map(({ key, value }): Cause => {
        const word = JSON.stringify(value);
        return { key, value: word, written: `${key}: ${word} (${place(originOf(key, value))})` };
      });
    const sets = base.sets
      .filter((_, i) =>
        isWhole(new PointResolver(this.#presets, { ...base, sets: base.sets.toSpliced(i, 1) }, originOf), values),
      )
      .map(causeOfSet);
    const causes = [...swept, ...sets];
    if (causes.length === 0) return fault;
    const told = new ConfigError(fault.origin, fault.key, fault.detail, causes);
    told.others = fault.others;
    return told;
  }
}

/** Points that a sweep enumerates or draws, before they are checked. @throws ConfigError where an axis has no end. */
function listPoints(sweep: Sweep, planner: Planner, maxMemory?: number): PointList {
  const { axes, sample, limit } = sweep;
  if (sample !== undefined) {
    checkCount(sweep, sample.count, maxMemory);
    const drawn = new PointList(axes, 'share');
    const keep = (places: readonly number[]): boolean => planner.keeps(drawn.valuesAt(places));
    for (const places of samplePlaces(axes, sample, keep)) drawn.add(places);
    if (sample.method === 'random' && drawn.length > 0 && drawn.length < sample.count)
      throw new UserError(
        `${sweep.base.file}: conditions: hold for so few draws that only ${drawn.length} of ${sample.count} ` +
          'points were found',
      );
    drawn.cut(limit ?? Infinity);
    return drawn;
  }
  mustEnumerate(sweep);
  const count = combinations(axes);
  if (count > MOST_POINTS && limit === undefined)
    throw new UserError(
      `${sweep.base.file}: axes: ${grouped(count)} points are more than ` +
        `${grouped(MOST_POINTS)}; set limit, or draw a sample`,
    );
  checkCount(sweep, Math.min(count, limit ?? Infinity), maxMemory);
  const kept = new PointList(axes, 'choice');
  let tries = 0;
  let misses = 0;
  for (const places of gridPlaces(axes)) {
    if (kept.length === limit) break;
    if (sweep.conditions.length === 0 || planner.keeps(kept.valuesAt(places))) {
      kept.add(places);
      misses = 0;
    } else misses++;
    if (++tries >= MOST_TRIES || misses >= MOST_MISSES)
      throw new UserError(
        `${sweep.base.file}: conditions: hold for ${kept.length} of the first ${grouped(tries)} ` +
          'combinations; expected fewer combinations, or a sample',
      );
  }
  return kept;
}

/** Checks many points at once: the key of each, null where one is wrong or was not looked at. */
export type CheckMany = (points: PointList) => Promise<(string | null)[]>;

/**
 * The whole plan of a sweep that enumerates or samples; the first fault of any point ends it. @throws UserError where
 * no point fulfils the conditions
 */
export async function planSweep(
  presets: Presets,
  sweep: Sweep,
  checkMany?: CheckMany,
  maxMemory?: number,
): Promise<PointList> {
  const planner = new Planner(presets, sweep);
  planner.checkConditions();
  const points = listPoints(sweep, planner, maxMemory);
  if (points.length === 0) throw new UserError(`${sweep.base.file}: conditions: no point fulfils them`);
  const keys = await checkMany?.(points);
  for (let i = 0; i < points.length; i++) points.keys.push(keys?.[i] ?? planner.keyOf(points.values(i)));
  return points;
}

function flatKeys(tree: Tree, prefix = ''): string[] {
  return Object.entries(tree).flatMap(([key, value]) => [
    `${prefix}${key}`,
    ...(isTree(value) ? flatKeys(value, `${prefix}${key}.`) : []),
  ]);
}

const textOf = (values: Values, name: string): TreeValue => values.find(({ key }) => key === name)?.value ?? null;
