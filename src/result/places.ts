// Where a run's knobs and layers were written, so that a figure can be followed to its line.

import type { LoadedRun } from '../run-config/index.js';
import { isTree, place, type TreeValue } from '../config/index.js';
import type { Result } from './result-types.js';

/**
 * `file:line:column` of every knob and constant that a file or the command line wrote (defaults are not written
 * anywhere), and of every weight layer.
 */
export function placesOf({ loaded, networkFile, network }: LoadedRun): Result['places'] {
  const config: Record<string, string> = {};
  const walk = (value: TreeValue, path: string[]): void => {
    // How a run is simulated is behind none of its figures.
    if (path[0] === 'simulation') return;
    if (isTree(value) && !Object.hasOwn(value, 'value')) {
      for (const [key, inner] of Object.entries(value)) walk(inner, [...path, key]);
      return;
    }
    config[path.join('.')] = place(loaded.origins.at(path));
  };
  walk(loaded.tree, []);
  const { layers } = networkFile.tree;
  const numbers = new Map(
    Array.isArray(layers) ? layers.map((layer, i) => [isTree(layer) ? layer.name : null, i] as const) : [],
  );
  return {
    config,
    layers: Object.fromEntries(
      network.layers.map(({ name }) => [name, place(networkFile.origins.at(['layers', numbers.get(name) ?? -1]))]),
    ),
  };
}
