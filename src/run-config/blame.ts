// Whose key it was: a fault at a preset's line often comes with what a user wrote, which fits the preset no more.

import {
  causeOfSet,
  ConfigError,
  findFile,
  isTree,
  parseDocument,
  place,
  UserError,
  type Cause,
  type Loaded,
  type Presets,
  type Tree,
} from '../config/index.js';
import { PRESET_KINDS, RUN_KINDS } from '../config/preset-kinds.js';

/** Keys of a user's file that are tried. */
const MOST_KEYS = 64;

/**
 * The fault, and with which overrides or keys of the user's own file it comes: each without which the run is whole.
 * A fault at the user's own line stays as it is.
 * @param load loads the run with these presets and overrides
 */
export function blamed(
  fault: ConfigError,
  presets: Presets,
  { label, sets }: { readonly label: string; readonly sets: readonly string[] },
  load: (presets: Presets, sets: readonly string[]) => unknown,
): ConfigError {
  if (!isPreset(presets, fault.origin.file)) return fault;
  const isWhole = (from: Presets, over: readonly string[]): boolean => {
    try {
      load(from, over);
      return true;
    } catch (error) {
      if (error instanceof UserError) return false;
      throw error;
    }
  };
  const overrides = sets.filter((_, i) => isWhole(presets, sets.toSpliced(i, 1))).map(causeOfSet);
  const own = findFile(presets, RUN_KINDS, label);
  const written = isPreset(presets, own.path) ? undefined : parseDocument(own.text, own.path);
  const keys =
    written === undefined
      ? []
      : leaves(written.tree)
          .slice(0, MOST_KEYS)
          .filter((path) => isWhole(withoutKey(presets, own.path, written, path), sets))
          .map((path): Cause => {
            const key = path.join('.');
            return { key, value: null, written: `${key} (${place(written.origins.at(path))})` };
          });
  const causes = [...overrides, ...keys];
  if (causes.length === 0) return fault;
  const told = new ConfigError(fault.origin, fault.key, fault.detail, causes);
  told.others = fault.others;
  return told;
}

const isPreset = ({ folder }: Presets, file: string): boolean =>
  PRESET_KINDS.some((kind) => file.startsWith(`${folder(kind)}/`));

/** Paths of a tree's values; lists and what has a unit or source are one value. */
function leaves(tree: Tree, path: readonly string[] = []): string[][] {
  return Object.entries(tree).flatMap(([key, value]) => {
    if (path.length === 0 && key === 'extends') return [];
    return isTree(value) && !('value' in value) ? leaves(value, [...path, key]) : [[...path, key]];
  });
}

/** The presets, with a file that does not say this key. */
const withoutKey = (presets: Presets, file: string, written: Loaded, path: readonly string[]): Presets => ({
  ...presets,
  parsed: (name, text) =>
    name === file ? { ...written, tree: without(written.tree, path) } : presets.parsed?.(name, text),
});

function without(tree: Tree, [key, ...rest]: readonly string[]): Tree {
  const kept = Object.fromEntries(Object.entries(tree).filter(([name]) => name !== key));
  const inner = key === undefined ? undefined : tree[key];
  return rest.length === 0 || !isTree(inner) ? kept : { ...kept, [key!]: without(inner, rest) };
}
