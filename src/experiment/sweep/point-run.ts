// A point of a sweep as a run of its own: `results/rows#20` where a config is expected.

import { existsSync } from 'node:fs';
import { UserError, type Presets } from '../../config/index.js';
import type { LoadedRun } from '../../run-config/index.js';
import { valuesOf, type Point } from './point-list.js';
import { PointResolver } from './resolver.js';
import { SweepStore } from './store.js';

/** A sweep's folder and the index of one of its points. */
export interface PointName {
  folder: string;
  index: number;
}

/** `FOLDER#20`; undefined where it is no such name, or a file has just this name. */
export function pointName(text: string): PointName | undefined {
  const [, folder, index] = /^(.+)#(\d+)$/s.exec(text) ?? [];
  if (folder === undefined || existsSync(text)) return undefined;
  return { folder, index: Number(index) };
}

/**
 * The checked run of a point, as the sweep simulated it.
 * @param sets overrides on top of the point's values
 * @throws UserError where the folder holds no sweep or no such point, or a file has changed since
 */
export function pointRun(presets: Presets, name: PointName, sets: readonly string[] = []): LoadedRun {
  const store = new SweepStore(name.folder);
  const info = store.info();
  if (info === undefined) throw new UserError(`${name.folder}: holds no sweep, expected what sweep wrote with --out`);
  let point: Point | undefined;
  let count = 0;
  for (const one of store.points()) {
    count++;
    if (one.index === name.index) point ??= one;
  }
  if (point === undefined)
    throw new UserError(`${name.folder}#${name.index}: there is no such point, expected 0 to ${count - 1}`);
  const label = `${name.folder}#${name.index}`;
  const resolver = new PointResolver(presets, info.base);
  const { run, key } = resolver.resolve(valuesOf(point));
  if (key !== point.key)
    throw new UserError(
      `${label}: its config is not what it was when the sweep was planned (a file has changed, or another version ` +
        'runs); run the sweep again',
    );
  return { ...(sets.length === 0 ? run : resolver.full(valuesOf(point), sets)), label };
}
