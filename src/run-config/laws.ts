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
 * What trees with laws became, newest last. Equal ones are one object, so that what was found out about a part holds
 * for every config that has it.
 */
const WORKED_OUT = new WeakMap<Tree, Tree[]>();
/** Most that is kept of one tree. */
const KEPT = 32;

/**
 * `made`, or what an equal one was made of `original` before; keys and their order are those of `original` or of a
 * constant.
 */
function oneOf(original: Tree, made: Tree): Tree {
  let known = WORKED_OUT.get(original);
  if (known === undefined) {
    known = [];
    WORKED_OUT.set(original, known);
  }
  const keys = Object.keys(made);
  const same = known.findLast((before) => keys.every((key) => before[key] === made[key]));
  if (same !== undefined) return same;
  if (known.length === KEPT) known.shift();
  known.push(made);
  return made;
}

/** What a law gave, with all that it was worked out from: its arguments as they were written, and the clock. */
interface Outcome {
  given: readonly (TreeValue | undefined)[];
  constant: Tree;
  use: LawUse;
}

/** Outcomes of trees with a law, newest last: the next point of a sweep asks most laws for the same again. */
const OUTCOMES = new WeakMap<Tree, Outcome[]>();

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

/**
 * Replaces every `{ law: ... }` below `components` and `device`; parts without a law stay the same objects. `laws` says
 * for each such constant, by its key, how it was worked out.
 * @throws ConfigError for an unknown law, a missing or wrong argument.
 */
export function resolveLaws(loaded: Loaded): { loaded: Loaded; laws: Map<string, LawUse> } {
  const laws = new Map<string, LawUse>();
  const resolve = (value: TreeValue, path: string[], root: Tree): TreeValue => {
    if (!isTree(value) || LAWLESS.has(value)) return value;
    if (typeof value.law === 'string') {
      const { constant, use } = outcomeOf(value.law, value, path, { root, origins: loaded.origins });
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
  const knob = (root: Tree, path: readonly string[]): Tree => {
    const node = valueAt(root, path);
    if (!isTree(node) || typeof node.law !== 'string') return root;
    const { constant, use } = outcomeOf(node.law, node, [...path], { root, origins: loaded.origins });
    laws.set(path.join('.'), use);
    return withValue(root, path, constant.value ?? null);
  };
  // Knobs first, then the device: laws of components may refer to both, those of its energies to the time of its reads.
  const knobs = LAWFUL_KNOBS.reduce(knob, loaded.tree);
  const timed = valueAt(knobs, READ_TIME);
  const device = timed === undefined ? knobs : withValue(knobs, READ_TIME, resolve(timed, [...READ_TIME], knobs));
  const tree = ['device', 'components'].reduce(
    (root, key) => (root[key] === undefined ? root : { ...root, [key]: resolve(root[key], [key], root) }),
    device,
  );
  return { loaded: { ...loaded, tree }, laws };
}

/** Knobs that may be laws; what comes out stands as if it had been written. */
const LAWFUL_KNOBS: readonly (readonly string[])[] = [
  ['chip', 'clock'],
  ['sensing', 'rate'],
];
const READ_TIME = ['device', 'read', 'latency'];

/** The tree with another value at a path that it has; what equals the old stays the same object. */
function withValue(tree: Tree, [key, ...rest]: readonly string[], value: TreeValue): Tree {
  if (key === undefined) return tree;
  const inner = tree[key];
  const changed = rest.length === 0 ? value : isTree(inner) ? withValue(inner, rest, value) : undefined;
  return changed === undefined || changed === inner ? tree : { ...tree, [key]: changed };
}

/** What a law gives, worked out once for equal arguments. */
function outcomeOf(
  name: string,
  node: Tree,
  path: string[],
  context: { readonly root: Tree; readonly origins: Origins },
): Outcome {
  const law = Object.hasOwn(LAWS, name) ? LAWS[name]! : undefined;
  const given = [
    knobAt(context.root, 'chip.clock'),
    ...Object.entries(law?.arguments ?? {}).map(([key, argument]) => givenOf(node, key, argument, context.root)),
  ];
  let known = OUTCOMES.get(node);
  if (known === undefined) {
    known = [];
    OUTCOMES.set(node, known);
  }
  const same = known.findLast((before) => before.given.every((value, i) => value === given[i]));
  if (same !== undefined) return same;
  const { constant, use } = constantOf(name, node, path, context);
  const outcome = { given, constant: oneOf(node, constant), use };
  if (known.length === KEPT) known.shift();
  known.push(outcome);
  return outcome;
}

/** An argument as it was written: by the law's user, as a knob of the config, or the law's own default. */
const givenOf = (node: Tree, key: string, { from, otherwise }: LawArgument, root: Tree): TreeValue | undefined =>
  node[key] ?? (from === undefined ? undefined : knobAt(root, from)) ?? otherwise;

function constantOf(
  name: string,
  node: Tree,
  path: string[],
  { root, origins }: { readonly root: Tree; readonly origins: Origins },
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
