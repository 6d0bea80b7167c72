// A config document: YAML text to plain data, with the place where each key was written.

import {
  LineCounter,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  parseDocument as parseYaml,
  visit,
  type Document,
  type Node as YamlNode,
  type YAMLParseError,
} from 'yaml';
import { ConfigError, UserError, type Origin } from './errors.js';
import { shortened } from './escape.js';
import { FORBIDDEN } from './forbidden.js';
import { Origins } from './origins.js';
import { withoutPlainItems, type PlainItem, type WithoutPlainItems } from './plain-items.js';

/** Plain data of a YAML mapping. Its prototype is null: any key may be looked up. */
export type Tree = { [key: string]: TreeValue };
/** Plain data of YAML. */
export type TreeValue = string | number | boolean | null | TreeValue[] | Tree;

/** Data of one or several merged documents, with the place of each key. */
export interface Loaded {
  tree: Tree;
  origins: Origins;
  file: string;
}

/** Characters of a document: some seconds of the parser. */
const MOST_CHARACTERS = 4 * 2 ** 20;
/** Keys and values of a document, and those that aliases repeat. */
const MOST_NODES = 1_000_000;
const MOST_REPEATED = 50_000;
/** Mappings and lists within each other. */
const MOST_DEPTH = 100;

/** Reads a YAML 1.2 (or JSON) mapping. @throws ConfigError with file, line and column. */
export function parseDocument(text: string, file: string): Loaded {
  const root: Origin = { file, line: 1, column: 1 };
  if (text.length > MOST_CHARACTERS)
    throw new ConfigError(root, '', `has ${text.length} characters, expected at most ${MOST_CHARACTERS}`);
  // An anchor may have others repeat what stands below it.
  const plain = text.includes('&') ? null : withoutPlainItems(text);
  if (plain !== null) {
    try {
      const loaded = parsed(plain, file, root);
      if (loaded !== null) return loaded;
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
    }
  }
  // What is wrong is said of the text as it was written.
  return parsed({ text, runs: NO_RUNS }, file, root)!;
}

/** The document of a text; null where an item that stands for a run of others is not one of a list. */
function parsed({ text, runs }: WithoutPlainItems, file: string, root: Origin): Loaded | null {
  const lines = new LineCounter();
  // Keys are compared while they are converted: the parser takes a square of their number.
  const options = { lineCounter: lines, merge: true, uniqueKeys: false, prettyErrors: false };
  const document = guarded(root, () => parseYaml(text, options));
  const originAt = (offset: number): Origin => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const [fault] = document.errors;
  if (fault !== undefined) {
    // The line after an unfinished line is where the parser notices; the pointer goes where it says.
    throw new ConfigError(originAt(fault.pos[0]), '', `YAML: ${faultOf(fault)}`);
  }
  const origins = new Origins(root);
  const targets = text.includes('&') ? guarded(root, () => aliasTargets(document)) : NO_ALIASES;
  let nodes = 0;
  let placed = 0;
  let repeated = 0;
  const open = new Set<YamlNode>();
  const aliases = { open: 0 };

  const convert = (node: YamlNode | null, path: PropertyKey[], at: Origin): TreeValue => {
    if (++nodes > MOST_NODES || (aliases.open > 0 && ++repeated > MOST_REPEATED))
      throw new ConfigError(at, path.join('.'), 'the document is too large (an alias used too often?)');
    if (path.length > MOST_DEPTH) throw new ConfigError(at, '', `stands within more than ${MOST_DEPTH} others`);
    if (node === null) return null;
    if (isAlias(node)) {
      const target = targets.get(node);
      if (target === undefined) throw new ConfigError(at, path.join('.'), `unknown alias *${node.source}`);
      if (open.has(target)) throw new ConfigError(at, path.join('.'), `alias *${node.source} contains itself`);
      aliases.open++;
      const value = convert(target, path, at);
      aliases.open--;
      return value;
    }
    open.add(node);
    const value = convertOpen(node, path, at);
    open.delete(node);
    return value;
  };
  const convertOpen = (node: YamlNode, path: PropertyKey[], at: Origin): TreeValue => {
    if (isMap<YamlNode, YamlNode | null>(node)) {
      const tree: Tree = {};
      const own = new Set<string>();
      // What `<<` takes in first: the mapping's own keys stand above it, and of several the first.
      const entries = node.items.some(({ key }) => isMergeKey(key))
        ? [...node.items].sort((a, b) => Number(isMergeKey(b.key)) - Number(isMergeKey(a.key)))
        : node.items;
      for (const { key: keyNode, value } of entries) {
        const keyAt = keyNode.range ? originAt(keyNode.range[0]) : at;
        if (!isScalar(keyNode)) throw new ConfigError(keyAt, path.join('.'), 'a key must be a plain word');
        if (isMergeKey(keyNode)) {
          const taken = convert(value, path, keyAt);
          for (const part of Array.isArray(taken) ? taken : [taken]) {
            if (!isTree(part))
              throw new ConfigError(
                keyAt,
                [...path, '<<'].join('.'),
                'expected a mapping, or a list of them, to take in',
              );
            for (const [key, inner] of Object.entries(part)) tree[key] ??= inner;
          }
          continue;
        }
        const key = String(keyNode.value);
        if (own.has(key)) throw new ConfigError(keyAt, '', `YAML: the key ${key} stands here a second time`);
        own.add(key);
        if (FORBIDDEN.has(key)) throw new ConfigError(keyAt, [...path, key].join('.'), 'this key is not allowed');
        const below = [...path, key];
        origins.set(below, keyAt);
        tree[key] = convert(value, below, keyAt);
      }
      return tree;
    }
    if (isSeq<YamlNode>(node)) {
      const values: TreeValue[] = [];
      for (const itemNode of node.items) {
        const run = itemNode.range ? runs.get(itemNode.range[0]) : undefined;
        if (run !== undefined) {
          placed++;
          for (const item of run) {
            nodes += nodesOf(item);
            values.push(plainTree(item, [...path, values.length], file, origins));
          }
          continue;
        }
        const itemAt = itemNode.range ? originAt(itemNode.range[0]) : at;
        const below = [...path, values.length];
        origins.set(below, itemAt);
        values.push(convert(itemNode, below, itemAt));
      }
      return values;
    }
    const value: unknown = isScalar(node) ? node.value : null;
    if (typeof value === 'number' && !Number.isFinite(value))
      throw new ConfigError(at, path.join('.'), `found ${value}, expected a finite number`);
    if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      return value;
    throw new ConfigError(at, path.join('.'), 'expected text, a number, true or false, a list or a mapping');
  };

  const tree = convert(document.contents, [], root);
  if (!isTree(tree)) throw new ConfigError(root, '', 'expected a mapping of keys and values');
  return placed === runs.size && nodes <= MOST_NODES ? { tree, origins, file } : null;
}

const nodesOf = ({ pairs }: PlainItem): number =>
  pairs.reduce((sum, { value }) => sum + 1 + (Array.isArray(value) ? value.length : 0), 1);

/** The tree of a mapping that stands on a line, its places set. */
function plainTree({ line, column, pairs }: PlainItem, path: PropertyKey[], file: string, origins: Origins): Tree {
  origins.set(path, { file, line, column });
  const tree: Tree = {};
  for (const { key, column: keyColumn, value } of pairs) {
    const below = [...path, key];
    origins.set(below, { file, line, column: keyColumn });
    tree[key] = value;
    if (!Array.isArray(value)) continue;
    // Behind `key: [`, then behind each value and its comma.
    let at = keyColumn + key.length + 3;
    value.forEach((word, i) => {
      origins.set([...below, i], { file, line, column: at });
      at += String(word).length + 2;
    });
  }
  return tree;
}

/** `<<` where YAML 1.1's merge is meant; quoted it is a key like any other. */
const isMergeKey = (node: YamlNode): boolean => isScalar(node) && typeof node.value === 'symbol';

/** What parser and walks over its document say; they call themselves for each level. */
function guarded<T>(root: Origin, use: () => T): T {
  try {
    return use();
  } catch (error) {
    if (error instanceof RangeError) throw new ConfigError(root, '', 'YAML: nested too deeply');
    throw error;
  }
}

const NO_RUNS: WithoutPlainItems['runs'] = new Map();
const NO_ALIASES: ReadonlyMap<YamlNode, YamlNode> = new Map();

/** What each alias stands for: the last node with its name before it. Found in one walk over the document. */
function aliasTargets(document: Document.Parsed): Map<YamlNode, YamlNode> {
  const anchors = new Map<string, YamlNode>();
  const targets = new Map<YamlNode, YamlNode>();
  visit(document, {
    Node(_, node) {
      if (isAlias(node)) {
        const target = anchors.get(node.source);
        if (target !== undefined) targets.set(node, target);
      } else if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return targets;
}

/** What the parser found, in words that fit a config. */
const faultOf = ({ code, message }: Pick<YAMLParseError, 'code' | 'message'>): string =>
  code === 'MULTIPLE_DOCS'
    ? 'a second document starts here, expected one a file'
    : message.startsWith('Maximum call stack')
      ? 'nested too deeply'
      : message.split('\n')[0]!;

/** True for a mapping; false for lists and scalars. */
export const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * A constant with its source; overriding any of it replaces all of it, so that no old source stands behind a new
 * number.
 */
const isConstant = (value: unknown): boolean => isTree(value) && Object.hasOwn(value, 'value');

/** A law takes the place of what stood there; its arguments alone merge into the law that stands there. */
const namesLaw = (value: unknown): boolean => isTree(value) && Object.hasOwn(value, 'law');

/**
 * Lays `over` on `base`: mappings merge, everything else replaces; places follow the winner.
 * @param root what answers for keys that neither has
 */
export function merge(base: Loaded, over: Loaded, root: Origin = base.origins.at([])): Loaded {
  const origins = base.origins.copy(root);
  const join = (below: Tree, above: Tree, path: string[]): Tree => {
    const tree: Tree = { ...below };
    for (const [key, value] of Object.entries(above)) {
      const old = Object.hasOwn(below, key) ? below[key] : undefined;
      const at = [...path, key];
      if (isTree(value) && isTree(old) && !isConstant(value) && !namesLaw(value) && !isConstant(old)) {
        origins.set(at, over.origins.at(at));
        tree[key] = join(old, value, at);
      } else {
        origins.adopt(at, over.origins);
        tree[key] = value;
      }
    }
    return tree;
  };
  return { tree: join(base.tree, over.tree, []), origins, file: over.file };
}

/** Keys of a path, whatever dots its names have: more are a mistake. */
const MOST_KEYS = 20;

/** Applies a `key.path=value` override; the value is read as YAML. @throws UserError for a bad form. */
export function applySet(loaded: Loaded, assignment: string): Loaded {
  const equals = assignment.indexOf('=');
  const path = equals < 0 ? [] : assignment.slice(0, equals).trim().split('.');
  const label = `--set ${shortened(assignment.replace(/\s+/g, ' '), 300)}`;
  if (path.length === 0 || path.length > MOST_KEYS || path.some((key) => key === ''))
    throw new UserError(`${label}: expected key.path=value`);
  const origin: Origin = { file: label, line: 0, column: 0 };
  const bad = path.find((key) => FORBIDDEN.has(key));
  if (bad !== undefined) throw new ConfigError(origin, path.join('.'), 'this key is not allowed');
  if (path[0] === 'extends') throw new ConfigError(origin, 'extends', 'stands in a file, an override cannot change it');
  let value: TreeValue;
  try {
    const { tree } = parseDocument(`value: ${assignment.slice(equals + 1)}`, label);
    if (Object.keys(tree).length > 1) throw new ConfigError(origin, '', 'expected one value');
    value = tree.value ?? null;
  } catch (error) {
    if (error instanceof ConfigError) throw new ConfigError(origin, path.join('.'), error.detail);
    throw error;
  }
  const origins = new Origins(origin);
  const tree = nested(path, value);
  path.forEach((_, i) => {
    origins.set(path.slice(0, i + 1), origin);
  });
  // Keys of a mapping keep their place where a later override says one of them.
  const placeIn = (tree: TreeValue, at: readonly string[]): void => {
    if (!isTree(tree)) return;
    for (const [key, inner] of Object.entries(tree)) {
      origins.set([...at, key], origin);
      placeIn(inner, [...at, key]);
    }
  };
  placeIn(value, path);
  return { ...merge(loaded, { tree, origins, file: label }), file: loaded.file };
}

/** A mapping that has one value, at a path; empty without a path. */
export function nested([key, ...rest]: readonly string[], value: TreeValue): Tree {
  return key === undefined ? {} : { [key]: rest.length === 0 ? value : nested(rest, value) };
}
