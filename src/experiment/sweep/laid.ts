// Values of a point laid on a config: trees that share what the values do not touch, and the place of every key.

import {
  Origins,
  isTree,
  merge,
  nested,
  type Loaded,
  type Origin,
  type Tree,
  type TreeValue,
} from '../../config/index.js';
import type { Assignment } from './axes.js';

/** Where a value was written. */
export type OriginOf = (key: string, value: TreeValue) => Origin;

const NOWHERE: Origin = { file: '', line: 0, column: 0 };

/** Lays values on a base; parts of the tree that no value touches stay the same objects. */
export function lay(base: Loaded, values: readonly Assignment[], originOf: OriginOf): Loaded {
  let tree = { ...base.tree };
  for (const { key, value } of values) {
    const end = key.indexOf('.');
    const part = end < 0 ? key : key.slice(0, end);
    const old = Object.hasOwn(tree, part) ? tree[part] : undefined;
    if (isTree(old)) tree[part] = laidOn(old, part, key, value);
    else tree = overlaid(tree, key, value);
  }
  return { tree, origins: new LaidOrigins(base.origins, values, originOf), file: base.file };
}

/** Parts of configs with a value laid on them, by what they were before. */
let laidParts = new WeakMap<Tree, Map<string, TreeValue>>();
let kept = 0;
/** Parts that are kept: some 20 MB. */
const MOST_PARTS = 20_000;

/** A part with a value laid on it: the same object for the same value, so that it is checked and hashed once. */
function laidOn(old: Tree, part: string, key: string, value: TreeValue): TreeValue {
  let known = laidParts.get(old);
  if (known === undefined) laidParts.set(old, (known = new Map<string, TreeValue>()));
  const name = `${key}=${JSON.stringify(value)}`;
  const before = known.get(name);
  if (before !== undefined) return before;
  const laid = overlaid({ [part]: old }, key, value)[part]!;
  if (++kept > MOST_PARTS) {
    laidParts = new WeakMap<Tree, Map<string, TreeValue>>();
    kept = 0;
  } else known.set(name, laid);
  return laid;
}

const overlaid = (tree: Tree, key: string, value: TreeValue): Tree =>
  merge(bare(tree), bare(nested(key.split('.'), value))).tree;

/** Values as a document of their own, with the place of each. */
export function overlay(values: readonly { path: string[]; value: TreeValue; origin: Origin }[]): Loaded {
  return values
    .map(({ path, value, origin }): Loaded => {
      const origins = new Origins(origin);
      path.forEach((_, i) => {
        origins.set(path.slice(0, i + 1), origin);
      });
      return { tree: nested(path, value), origins, file: origin.file };
    })
    .reduce((base, over) => merge(base, over), bare({}));
}

/** A tree with the place of each of its keys, given by their path joined by dots. */
export function placed(tree: Tree, originOf: (path: string) => Origin): Loaded {
  const origins = new Origins(NOWHERE);
  const walk = (value: TreeValue, path: string[]): void => {
    if (path.length > 0) origins.set(path, originOf(path.join('.')));
    if (isTree(value)) for (const [key, inner] of Object.entries(value)) walk(inner, [...path, key]);
  };
  walk(tree, []);
  return { tree, origins, file: '' };
}

/** The value at a path of keys joined by dots; undefined where there is none. */
export function valueAt(tree: Tree, path: string): TreeValue | undefined {
  let value: TreeValue | undefined = tree;
  for (const key of path.split('.')) value = isTree(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return value;
}

/** Places of values laid on a base, found when they are asked for. */
class LaidOrigins extends Origins {
  readonly #under: Origins;
  readonly #values: readonly Assignment[];
  readonly #originOf: OriginOf;

  constructor(under: Origins, values: readonly Assignment[], originOf: OriginOf) {
    super(NOWHERE);
    this.#under = under;
    this.#values = values;
    this.#originOf = originOf;
  }

  override at(path: readonly PropertyKey[]): Origin {
    const key = path.join('.');
    const laid = this.#values.find((value) => key === value.key || key.startsWith(`${value.key}.`));
    return laid === undefined ? this.#under.at(path) : this.#originOf(laid.key, laid.value);
  }
}

/** A tree whose places do not matter. */
const bare = (tree: Tree): Loaded => ({ tree, origins: new Origins(NOWHERE), file: '' });
