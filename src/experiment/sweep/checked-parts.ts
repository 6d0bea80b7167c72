// Configs of many points, checked part by part: a part of the tree that is the same object as before is not checked
// again.

import type { z } from 'zod';
import { CONFIG_PARTS, configSchema, type Config } from '../../run-config/index.js';
import { isTree, type Tree, type TreeValue } from '../../config/index.js';
import { recordOf } from '../../config/typed.js';
import { COMPONENT_NAMES, componentsSchema } from '../../components/index.js';

/** A part that is wrong; the full check names what of it. */
export class Refused extends Error {
  override name = 'Refused';
}

type Check<T> = (value: TreeValue | undefined) => T;

/** Values that are no trees of which a check remembers what it said. */
const MOST_PLAIN = 1000;

/** A check that remembers what it said of a tree, of a plain value, and of none: defaults then are one object, too. */
function remembered<T>(check: Check<T>): Check<T> {
  const trees = new WeakMap<Tree, { data: T }>();
  const plain = new Map<TreeValue | undefined, { data: T }>();
  return (value) => {
    const known = isTree(value) ? trees.get(value) : plain.get(value);
    if (known !== undefined) return known.data;
    const entry = { data: check(value) };
    if (isTree(value)) trees.set(value, entry);
    else if (!Array.isArray(value) && plain.size < MOST_PLAIN) plain.set(value, entry);
    return entry.data;
  };
}

function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const { success, data } = schema.safeParse(value);
  if (!success) throw new Refused();
  return data;
}

const checkOf = <T>(schema: z.ZodType<T>): Check<T> => remembered((value) => checked(schema, value));

function componentsCheck(): Check<Config['components']> {
  const checks = new Map<string, Check<Config['components']>>(
    COMPONENT_NAMES.map((name) => [name, remembered((value) => checked(componentsSchema, { [name]: value }))]),
  );
  return remembered((value) => {
    if (value === undefined) return {};
    if (!isTree(value) || Object.keys(value).some((name) => !checks.has(name))) throw new Refused();
    const all: Config['components'] = {};
    for (const [name, check] of checks) if (value[name] !== undefined) Object.assign(all, check(value[name]));
    return all;
  });
}

/** Checks configs as `configSchema` does. */
export class CheckedParts {
  readonly #checks = recordOf(CONFIG_PARTS, (part): Check<unknown> =>
    part === 'components' ? componentsCheck() : checkOf<unknown>(configSchema.shape[part]),
  );

  /** The checked config; laws must have been worked out. @throws Refused where anything is wrong with it. */
  config(tree: Tree): Config {
    if (Object.keys(tree).some((key) => !Object.hasOwn(this.#checks, key))) throw new Refused();
    // All parts in one order, those that are missing too: all configs then have one hidden class.
    const config: Partial<Record<keyof Config, unknown>> = {};
    for (const part of CONFIG_PARTS) config[part] = this.#checks[part](tree[part]);
    // Cast: each part of the schema has said what stands there.
    return config as Config;
  }
}
