// Configs of many points, checked part by part: a part of the tree that is the same object as before is not checked again.

import { configSchema, type Config } from '../../architecture/index.js';
import { isTree, type Tree, type TreeValue } from '../../config/index.js';
import { COMPONENT_NAMES, componentsSchema, deviceSchema } from '../../hardware/index.js';

/** The config schema but for its large parts, which few points change. */
const knobsSchema = configSchema.omit({ components: true, device: true });

type Components = Config['components'];
type Check<T> = (value: TreeValue | undefined) => T | undefined;

/** A check that remembers what it said of a tree. */
function remembered<T>(check: Check<T>): Check<T> {
  const known = new WeakMap<Tree, { data: T | undefined }>();
  return (value) => {
    if (!isTree(value)) return check(value);
    let entry = known.get(value);
    if (entry === undefined) {
      entry = { data: check(value) };
      known.set(value, entry);
    }
    return entry.data;
  };
}

/** Checks configs as `configSchema` does. */
export class CheckedParts {
  readonly #device = remembered((value) => deviceSchema.safeParse(value).data);
  readonly #component = new Map(COMPONENT_NAMES.map((name) => [name as string, remembered((value) => componentsSchema.safeParse({ [name]: value }).data)]));
  readonly #components = remembered((value): Components | undefined => {
    if (!isTree(value)) return value === undefined ? {} : undefined;
    if (Object.keys(value).some((name) => !this.#component.has(name))) return undefined;
    const all: Components = {};
    for (const [name, check] of this.#component) {
      if (value[name] === undefined) continue;
      const one = check(value[name]);
      if (one === undefined) return undefined;
      Object.assign(all, one);
    }
    return all;
  });

  /** The checked config; undefined where anything is wrong with it. Laws must have been worked out. */
  config(tree: Tree): Config | undefined {
    const { components: componentTree, device: deviceTree, ...rest } = tree;
    const components = this.#components(componentTree);
    const device = this.#device(deviceTree);
    const knobs = knobsSchema.safeParse(rest).data;
    return components === undefined || device === undefined || knobs === undefined ? undefined : { ...knobs, components, device };
  }
}
