// Constants that a config gives as a law: each is worked out from the config's own values and becomes a plain constant
// with its source.

import {
  ConfigError,
  Origins,
  isTree,
  parseQuantity,
  suggestion,
  unitOf,
  type Dimension,
  type Loaded,
  type Tree,
  type TreeValue,
} from '../config/index.js';
import { parseDuration } from '../components/index.js';
import { LAWS, evaluateLaw, type LawArgument, type LawValues } from '../estimators/index.js';
import { knobDefault } from './config.js';
import { messageOf } from '../config/typed.js';

const OWN_KEYS = ['law', 'placeholder', 'source', 'note', 'range', 'spread', 'at'];

/** Trees in which no law was found; trees stay as they were read. */
const LAWLESS = new WeakSet<Tree>();

/**
 * What trees with laws became. Equal ones are one object, so that what was found out about a part holds for every
 * config that has it.
 */
const WORKED_OUT = new WeakMap<Tree, Kept<Tree>>();
/** Most that is kept of one tree, and of the laws of a config. */
const KEPT_TREES = 512;
const KEPT_CONFIGS = 4096;

/** Things by a name; the oldest go when there are too many. */
class Kept<T> {
  readonly #most: number;
  readonly #byName = new Map<string, T>();

  constructor(most: number) {
    this.#most = most;
  }

  get(name: string): T | undefined {
    return this.#byName.get(name);
  }

  keep(name: string, thing: T): T {
    if (this.#byName.size >= this.#most)
      for (const oldest of this.#byName.keys()) if (this.#byName.delete(oldest)) break;
    this.#byName.set(name, thing);
    return thing;
  }
}

const IDS = new WeakMap<object, number>();
let ids = 0;

/** Tells values apart: what is written by what it says, trees and lists by which they are. */
function idOf(value: TreeValue | undefined): string {
  if (typeof value !== 'object' || value === null)
    return typeof value === 'string' ? JSON.stringify(value) : String(value);
  let id = IDS.get(value);
  if (id === undefined) IDS.set(value, (id = ++ids));
  return `#${id}`;
}

/** What is kept of an object, made when it is first asked for. */
function keptOf<T>(all: WeakMap<Tree, Kept<T>>, of: Tree, most: number): Kept<T> {
  let kept = all.get(of);
  if (kept === undefined) all.set(of, (kept = new Kept<T>(most)));
  return kept;
}

/**
 * `made`, or what an equal one was made of `original` before; keys and their order are those of `original` or of a
 * constant.
 */
function oneOf(original: Tree, made: Tree): Tree {
  const kept = keptOf(WORKED_OUT, original, KEPT_TREES);
  const name = Object.entries(made)
    .map(([key, value]) => `${key}:${idOf(value)}`)
    .join();
  return kept.get(name) ?? kept.keep(name, made);
}

/** What a law gave. */
interface Outcome {
  constant: Tree;
  use: LawUse;
}

/** Outcomes of trees with a law, by its arguments and the clock: points of a sweep ask for the same again. */
const OUTCOMES = new WeakMap<Tree, Kept<Outcome>>();

/**
 * How a constant came out of a law: arguments in SI units; `from` is the config key that gave one where the law's user
 * did not.
 */
export interface LawUse {
  name: string;
  arguments: { name: string; value: number | string; from: string | null }[];
  /** Set where a knob lies outside the range that the law's source covers: what stands for it there. */
  beyond?: string;
}

/** Trees of a config in which laws stand: the device first, to which laws of components may refer. */
const WITH_LAWS = ['device', 'components'] as const;

/** What became of these trees, and how. */
interface Resolved {
  trees: readonly TreeValue[];
  laws: Map<string, LawUse>;
}

/** What became of a config's `components` beside a device, by the knobs that its laws ask for. */
interface KnownLaws {
  /** Which they are, as far as configs have asked. */
  asked: readonly string[];
  kept: Kept<Resolved>;
}

const KNOWN_LAWS = new WeakMap<Tree, Map<string, KnownLaws>>();

/**
 * Replaces every `{ law: ... }` below `components` and `device`; parts without a law stay the same objects. `laws` says
 * for each such constant, by its key, how it was worked out.
 * @throws ConfigError for an unknown law, a missing or wrong argument.
 */
export function resolveLaws(written: Loaded): { loaded: Loaded; laws: Map<string, LawUse> } {
  const { loaded, laws: ofKnobs } = withKnobs(written);
  const { device, components } = loaded.tree;
  const there = WITH_LAWS.filter((key) => loaded.tree[key] !== undefined);
  const done = ({ trees, laws }: Resolved): { loaded: Loaded; laws: Map<string, LawUse> } => {
    const tree: Tree = { ...loaded.tree };
    there.forEach((key, i) => (tree[key] = trees[i]!));
    return { loaded: { ...loaded, tree }, laws: ofKnobs.size === 0 ? laws : new Map([...ofKnobs, ...laws]) };
  };
  if (!isTree(components)) return done(workedOut(loaded, there, new Set<string>()));
  let beside = KNOWN_LAWS.get(components);
  if (beside === undefined) KNOWN_LAWS.set(components, (beside = new Map<string, KnownLaws>()));
  const name = idOf(device);
  const known = beside.get(name);
  const before = known?.kept.get(knobsOf(loaded.tree, known.asked));
  if (before !== undefined) return done(before);
  const asked = new Set(known?.asked);
  const resolved = workedOut(loaded, there, asked);
  // Of what was kept by fewer knobs nobody knows the others.
  const kept = known?.asked.length === asked.size ? known.kept : new Kept<Resolved>(KEPT_CONFIGS);
  beside.set(name, { asked: [...asked], kept });
  kept.keep(knobsOf(loaded.tree, [...asked]), resolved);
  return done(resolved);
}

/** The config with its knobs that are laws worked out, before all constants, as if what comes out had been written. */
function withKnobs(loaded: Loaded): { loaded: Loaded; laws: Map<string, LawUse> } {
  const laws = new Map<string, LawUse>();
  const tree = LAWFUL_KNOBS.reduce((root: Tree, path) => {
    const node = valueAt(root, path);
    if (!isTree(node) || typeof node.law !== 'string') return root;
    const context = { root, origins: loaded.origins, asked: new Set<string>() };
    const { constant, use } = outcomeOf(node.law, node, [...path], context);
    laws.set(path.join('.'), use);
    return withValue(root, path, constant.value ?? null);
  }, loaded.tree);
  return { loaded: tree === loaded.tree ? loaded : { ...loaded, tree }, laws };
}

/** Values of knobs, told apart. */
const knobsOf = (root: Tree, keys: readonly string[]): string => keys.map((key) => idOf(knobAt(root, key))).join();

/** Works the laws of these parts of a config out; `asked` gets the knobs outside of them that they ask for. */
function workedOut(loaded: Loaded, parts: readonly string[], asked: Set<string>): Resolved {
  const laws = new Map<string, LawUse>();
  const resolve = (value: TreeValue, path: string[], root: Tree): TreeValue => {
    if (!isTree(value) || LAWLESS.has(value)) return value;
    if (typeof value.law === 'string') {
      const { constant, use } = outcomeOf(value.law, value, path, { root, origins: loaded.origins, asked });
      laws.set(path.join('.'), use);
      return constant;
    }
    let tree = value;
    for (const [key, inner] of Object.entries(value)) {
      const resolved = resolve(inner, [...path, key], root);
      if (resolved !== inner) tree = { ...tree, [key]: resolved };
    }
    if (tree !== value) return oneOf(value, tree);
    LAWLESS.add(value);
    return tree;
  };
  // The time of reads first: laws of energies ask for it. Trees themselves stay those that were read.
  const timed = valueAt(loaded.tree, READ_TIME);
  const first =
    timed === undefined ? loaded.tree : withValue(loaded.tree, READ_TIME, resolve(timed, [...READ_TIME], loaded.tree));
  const tree = parts.reduce((root, key) => ({ ...root, [key]: resolve(loaded.tree[key]!, [key], root) }), first);
  return { trees: parts.map((key) => tree[key]!), laws };
}

/** Where a law is worked out. */
interface Context {
  readonly root: Tree;
  readonly origins: Origins;
  readonly asked: Set<string>;
}

/** Knobs that may be laws. */
const LAWFUL_KNOBS: readonly (readonly string[])[] = [
  ['chip', 'clock'],
  ['sensing', 'rate'],
];
const READ_TIME = ['device', 'read', 'latency'];

/** The tree with another value at a path that it has. */
function withValue(tree: Tree, [key, ...rest]: readonly string[], value: TreeValue): Tree {
  if (key === undefined) return tree;
  const inner = tree[key];
  const changed = rest.length === 0 ? value : isTree(inner) ? withValue(inner, rest, value) : undefined;
  return changed === undefined || changed === inner ? tree : { ...tree, [key]: changed };
}

/** What a law gives, worked out once for equal arguments. */
function outcomeOf(name: string, node: Tree, path: string[], context: Context): Outcome {
  const law = Object.hasOwn(LAWS, name) ? LAWS[name]! : undefined;
  const own = Object.entries(law?.arguments ?? {});
  for (const key of ['chip.clock', ...own.flatMap(([key, { from }]) => (node[key] === undefined ? (from ?? []) : []))])
    // What stands in the trees themselves follows from them and the other knobs.
    if (!WITH_LAWS.some((part) => key.startsWith(`${part}.`))) context.asked.add(key);
  const given = [
    knobAt(context.root, 'chip.clock'),
    ...own.map(([key, argument]) => givenOf(node, key, argument, context.root)),
  ];
  const kept = keptOf(OUTCOMES, node, KEPT_TREES);
  const values = given.map(idOf).join();
  const same = kept.get(values);
  if (same !== undefined) return same;
  const { constant, use } = constantOf(name, node, path, context);
  return kept.keep(values, { constant: oneOf(node, constant), use });
}

/** An argument as it was written: by the law's user, as a knob of the config, or the law's own default. */
const givenOf = (node: Tree, key: string, { from, otherwise }: LawArgument, root: Tree): TreeValue | undefined =>
  node[key] ?? (from === undefined ? undefined : knobAt(root, from)) ?? otherwise;

function constantOf(
  name: string,
  node: Tree,
  path: string[],
  { root, origins }: Context,
): { constant: Tree; use: LawUse } {
  const law = Object.hasOwn(LAWS, name) ? LAWS[name] : undefined;
  const fail = (key: string, message: string): never => {
    throw new ConfigError(origins.at([...path, key]), [...path, key].join('.'), message);
  };
  if (law === undefined) return fail('law', `no law named "${name}"${suggestion(name, Object.keys(LAWS))}`);
  const known = Object.keys(law.arguments);
  const stranger = Object.keys(node).find((key) => !OWN_KEYS.includes(key) && !known.includes(key));
  if (stranger !== undefined) fail(stranger, `law ${name} has no argument "${stranger}"${suggestion(stranger, known)}`);
  const values: LawValues = {};
  const said: string[] = [];
  const use: LawUse = { name, arguments: [] };
  let placeholder = law.placeholder || node.placeholder === true;
  for (const [key, argument] of Object.entries(law.arguments)) {
    const own = node[key];
    const given = givenOf(node, key, argument, root);
    const plain = isTree(given) && Object.hasOwn(given, 'value') ? given.value : given;
    if (isTree(plain) || Array.isArray(plain))
      return fail(key, `law ${name}: expected one value, found a ${isTree(plain) ? 'mapping' : 'list'}`);
    if (plain === undefined && argument.optional === true) continue;
    if (plain === undefined || plain === null) {
      return fail(
        'law',
        `law ${name} needs ${key} ` +
          `(${argument.description})${argument.from === undefined ? '' : `: give it here or as ${argument.from}`}`,
      );
    }
    if (isTree(given) && given.placeholder === true) placeholder = true;
    try {
      values[key] = read(argument, plain, root);
    } catch (error) {
      if (own === undefined && argument.from !== undefined && knobAt(root, argument.from) !== undefined)
        throw new ConfigError(origins.at(argument.from.split('.')), argument.from, messageOf(error));
      return fail(
        own === undefined ? 'law' : key,
        `law ${name}, ${own === undefined ? argument.from! : key}: ${messageOf(error)}`,
      );
    }
    said.push(`${key} ${String(plain)}`);
    use.arguments.push({ name: key, value: values[key], from: own === undefined ? (argument.from ?? null) : null });
  }
  try {
    const { value, beyond } = evaluateLaw(law, values);
    if (beyond !== undefined) use.beyond = beyond;
    const note = [`law ${name}: ${said.join(', ')}`, ...(typeof node.note === 'string' ? [node.note] : [])].join('; ');
    return {
      constant: {
        value: `${value} ${unitOf(law.result)}`,
        source: typeof node.source === 'string' ? `${node.source}; ${law.source}` : law.source,
        placeholder,
        note,
        ...(node.range === undefined || !within(value, node.range, law.result) ? {} : { range: node.range }),
        ...(node.spread === undefined ? {} : { spread: node.spread }),
        ...(isTree(node.at) ? { at: node.at } : {}),
      },
      use,
    };
  } catch (error) {
    if (error instanceof RangeError) return fail('law', `law ${name}: ${error.message}`);
    throw error;
  }
}

/** A range holds around the value that its source has in mind: a law that has gone out of it has none. */
function within(value: number, range: TreeValue, dimension: Dimension): boolean {
  if (!Array.isArray(range) || range.length !== 2) return true;
  const ends = range.map((end) => (typeof end === 'string' ? parseQuantity(end, dimension) : NaN));
  return !(value < ends[0]! || value > ends[1]!);
}

function read(argument: LawArgument, value: TreeValue, root: Tree): number | string {
  if ('choice' in argument) {
    if (typeof value === 'string' && argument.choice.includes(value)) return value;
    throw new Error(`found ${JSON.stringify(value)}, expected one of ${argument.choice.join(', ')}`);
  }
  if ('share' in argument) {
    if (typeof value === 'number' && value >= 0 && value <= 1) return value;
    throw new Error(`found ${JSON.stringify(value)}, expected a share from 0 to 1`);
  }
  if ('number' in argument) {
    if (typeof value === 'number' && value > 0) return value;
    throw new Error(`found ${JSON.stringify(value)}, expected a number above 0`);
  }
  if (typeof value !== 'string') throw new Error(`found ${JSON.stringify(value)}, expected a quantity with its unit`);
  const quantity = argument.dimension === 'time' ? secondsOf(value, root) : parseQuantity(value, argument.dimension);
  if (argument.dimension === 'resistance' && quantity === 0)
    throw new Error(`found ${JSON.stringify(value)}, expected a resistance above 0`);
  return quantity;
}

/** Seconds of a time, or of cycles of the config's clock. */
function secondsOf(text: string, root: Tree): number {
  const duration = parseDuration(text);
  if ('seconds' in duration) return duration.seconds;
  const clock = knobAt(root, 'chip.clock');
  if (typeof clock !== 'string') throw new Error(`"${text}" is in cycles, but chip.clock is not set`);
  return duration.cycles / parseQuantity(clock, 'frequency');
}

/** Keys of the knobs that laws ask for, taken apart. */
const PATHS = new Map<string, readonly string[]>();

/** The value of a knob: as the config gives it, else its default. */
function knobAt(root: Tree, key: string): TreeValue | undefined {
  let path = PATHS.get(key);
  if (path === undefined) {
    path = key.split('.');
    PATHS.set(key, path);
  }
  const given = valueAt(root, path);
  if (given !== undefined) return given;
  const otherwise = path.length === 2 ? knobDefault(path[0]!, path[1]!) : undefined;
  return typeof otherwise === 'string' || typeof otherwise === 'number' ? otherwise : undefined;
}

function valueAt(root: TreeValue, path: readonly string[]): TreeValue | undefined {
  return path.reduce<TreeValue | undefined>(
    (value, key) => (isTree(value) && Object.hasOwn(value, key) ? value[key] : undefined),
    root,
  );
}
