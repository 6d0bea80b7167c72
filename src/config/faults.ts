// Checks loaded data against a schema and turns the first fault into one line that a user can act on.

import * as z from 'zod';
import { isTree, type Loaded } from './document.js';
import { closest, ConfigError, suggestion, type Origin } from './errors.js';
import { SAYS_ALL, shapeOf } from './schema-parts.js';

type Issue = z.core.$ZodIssue;

/** How often a schema has checked something. */
const checks = new WeakMap<z.ZodType, number>();
/** Checks after which zod compiles a schema for speed: a run makes two or three, of a config and networks. */
const CHECKS_BEFORE = 4;

/**
 * The typed, checked data. @throws ConfigError for the fault that stands first in the document; it carries the
 * others, up to ten in all.
 */
export function validate<S extends z.ZodType>(schema: S, loaded: Loaded): z.output<S> {
  const before = checks.get(schema) ?? 0;
  checks.set(schema, before + 1);
  const result = schema.safeParse(loaded.tree, {
    error: expectation,
    reportInput: true,
    jitless: before < CHECKS_BEFORE,
  });
  if (result.success) return result.data;
  const faults = foremost(result.error.issues, loaded).flatMap((issue) => faultsOf(issue, schema, loaded.tree, []));
  // A misspelt key is also a missing one; the misspelling says more.
  const misspelt = new Set(
    faults.filter(({ kind }) => kind === 'unknown').map(({ path }) => path.slice(0, -1).join('/')),
  );
  const kept = faults.filter(({ kind, path }) => kind !== 'missing' || !misspelt.has(path.slice(0, -1).join('/')));
  const ranked = kept.map((fault) => ({ ...fault, origin: loaded.origins.at(fault.path) }));
  // A wrong override is named before what it makes of the file; otherwise the document's order counts.
  ranked.sort((a, b) => a.origin.line - b.origin.line || a.origin.column - b.origin.column);
  const told = new Map<string, ConfigError>();
  for (const { origin, ...fault } of ranked) {
    if (told.size === MOST_TOLD) break;
    const key = fault.path.join('.');
    if (!told.has(key)) told.set(key, new ConfigError(origin, key, messageFor(fault, loaded.tree)));
  }
  const [first, ...others] = told.values();
  if (first === undefined) throw new Error('a schema refused its input without an issue');
  first.others = others;
  throw first;
}

/** Issues that are looked into. */
const MOST_ISSUES = 200;
/** Faults of one document that are told. */
const MOST_TOLD = 10;

/** The issues that stand first in the document; of unknown keys of one mapping the first that can be told. */
function foremost(issues: readonly Issue[], { origins }: Loaded): Issue[] {
  const placed = issues.map((issue) => {
    if (issue.code !== 'unrecognized_keys') return { issue, at: origins.at(issue.path) };
    const keys = issue.keys.map((key) => ({ key, at: origins.at([...issue.path, key]) })).sort(byPlace);
    const [first] = keys;
    return first === undefined
      ? { issue, at: origins.at(issue.path) }
      : { issue: { ...issue, keys: keys.slice(0, MOST_TOLD).map(({ key }) => key) }, at: first.at };
  });
  return placed
    .sort(byPlace)
    .slice(0, MOST_ISSUES)
    .map(({ issue }) => issue);
}

const byPlace = ({ at: a }: { at: Origin }, { at: b }: { at: Origin }): number =>
  a.line - b.line || a.column - b.column;

/** What is wrong at a place; `messageFor` puts it into words. */
interface Fault {
  /** `said`: the text says it all. */
  readonly kind: 'unknown' | 'missing' | 'wrong' | 'said';
  readonly path: PropertyKey[];
  /** What was expected. */
  readonly text: string;
  /** What may have been meant: `; did you mean "x"?`, or nothing. */
  readonly near: string;
}

function messageFor({ kind, path, text, near }: Fault, root: unknown): string {
  switch (kind) {
    case 'unknown':
      return `unknown key${near}`;
    case 'missing':
      return `this key is missing, expected ${text}`;
    case 'wrong':
      return `found ${showValue(valueAt(root, path))}, expected ${text}${near}`;
    case 'said':
      return text;
  }
}

/** What zod asks for where the schema has no words of its own for it. */
const expectation: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      return PLAIN_WORDS.get(issue.expected) ?? issue.expected;
    case 'too_small':
      return `at least ${issue.minimum}${issue.origin === 'array' ? ' entries' : ''}`;
    case 'too_big':
      return `at most ${issue.maximum}${issue.origin === 'array' ? ' entries' : ''}`;
    default:
      return undefined;
  }
};

const A_MAPPING = 'a mapping';
const PLAIN_WORDS = new Map<string, string>([
  ['object', A_MAPPING],
  ['record', A_MAPPING],
  ['array', 'a list'],
  ['string', 'text'],
  ['number', 'a number'],
  ['boolean', 'true or false'],
  ['int', 'a whole number'],
]);

function faultsOf(issue: Issue, schema: z.core.$ZodType, root: unknown, base: PropertyKey[]): Fault[] {
  const path = [...base, ...issue.path];
  const found = valueAt(root, path);
  const kind = found === undefined ? 'missing' : 'wrong';
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        kind: 'unknown',
        path: [...path, key],
        text: '',
        near: elsewhere(schema, key) ?? suggestion(key, knownBeside(schema, path, root, key)),
      }));
    case 'invalid_value': {
      const words = issue.values.map(String);
      const text = words.length === 1 ? words[0]! : `one of ${words.join(', ')}`;
      return [{ kind, path, text, near: typeof found === 'string' ? suggestion(found, words) : '' }];
    }
    case 'invalid_union':
      return [
        issue.errors.length === 0
          ? wrongKind(issue, root, path, found)
          : bestBranch(issue.errors, schema, { root, path, found }),
      ];
    case 'invalid_type':
      return [{ kind, path, text: issue.message, near: '' }];
    case 'custom':
      return [{ kind: issue.params?.[SAYS_ALL] === true ? 'said' : 'wrong', path, text: issue.message, near: '' }];
    default:
      return [{ kind: 'wrong', path, text: issue.message, near: '' }];
  }
}

/** Keys that may stand at a path, beside the one that was found there. */
const knownBeside = (schema: z.core.$ZodType, path: readonly PropertyKey[], root: unknown, key: string): string[] =>
  [...(path.length === 0 ? ['extends'] : []), ...knownKeys(schema, path, root)].filter((known) => known !== key);

/** Places of one name that a message lists. */
const MOST_PLACES = 3;

/** Where a key of just this name stands in the schema, if at few places: `mode` for `workload.mode`. */
function elsewhere(schema: z.core.$ZodType, key: string): string | undefined {
  const places = placesOf(schema, key, []);
  if (places.length === 0 || places.length > MOST_PLACES) return undefined;
  return `; did you mean ${places.map((path) => `"${path}"`).join(' or ')}?`;
}

/** The dotted paths of all keys of a name in a schema's mappings; lists, unions and free names end the search. */
function placesOf(schema: z.core.$ZodType, key: string, path: readonly string[]): string[] {
  const plain = unwrapped(schema);
  if (!(plain instanceof z.ZodObject)) return [];
  return Object.entries(shapeOf(plain)).flatMap(([name, inner]) => [
    ...(name === key ? [[...path, name].join('.')] : []),
    ...(inner === undefined ? [] : placesOf(inner, key, [...path, name])),
  ]);
}

/** A schema without what says that it may be missing, its default, or what its output becomes. */
function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return unwrapped(schema.unwrap());
  return schema instanceof z.ZodPipe ? unwrapped(schema.in) : schema;
}

/** Of a union's branches, the one that got furthest into a mapping; of a plain value what its plain forms expect. */
function bestBranch(
  branches: readonly Issue[][],
  schema: z.core.$ZodType,
  { root, path, found }: { readonly root: unknown; readonly path: PropertyKey[]; readonly found: unknown },
): Fault {
  const faults = branches
    .map((issues) => issues.flatMap((issue) => faultsOf(issue, schema, root, path)))
    .filter((list) => list.length > 0);
  const isMapping = isTree(found);
  const deep = faults.filter((list) => list.every((fault) => fault.path.length > path.length));
  const flat = faults.filter((list) => list.some((fault) => fault.path.length <= path.length));
  const chosen = isMapping ? (deep[0] ?? flat[0]) : (flat[0] ?? deep[0]);
  if (!isMapping && flat.length > 1) {
    const first = flat.map(([fault]) => fault!);
    const wanted = [...new Set(first.filter(({ kind }) => kind !== 'said').map(({ text }) => text))];
    const plain = wanted.filter((text) => text !== A_MAPPING);
    const text = (plain.length > 0 ? plain : wanted).join(' or ');
    if (found === undefined) return { kind: 'missing', path, text, near: '' };
    const precise = first.find(({ kind }) => kind === 'said');
    return precise ?? { kind: 'wrong', path, text, near: first.map(({ near }) => near).join('') };
  }
  return (
    chosen?.find(({ kind }) => kind === 'unknown') ??
    chosen?.[0] ?? { kind: 'wrong', path, text: 'another form', near: '' }
  );
}

/** The word that says which form a mapping has is missing or unknown. */
function wrongKind(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  root: unknown,
  path: PropertyKey[],
  found: unknown,
): Fault {
  const word = String(path.at(-1));
  const misspelt = found === undefined ? closest(word, Object.keys(valueAt(root, path.slice(0, -1)) ?? {})) : undefined;
  if (misspelt !== undefined)
    return { kind: 'unknown', path: [...path.slice(0, -1), misspelt], text: '', near: `; did you mean "${word}"?` };
  const words = 'options' in issue ? issue.options.map(String) : [];
  const near = typeof found === 'string' ? suggestion(found, words) : '';
  return { kind: found === undefined ? 'missing' : 'wrong', path, text: issue.message, near };
}

/** Keys that the schema knows at a path of `value`. */
function knownKeys(schema: z.core.$ZodType, path: readonly PropertyKey[], value: unknown): string[] {
  const [key, ...rest] = path;
  const below = key === undefined ? undefined : valueAt(value, [key]);
  const plain = unwrapped(schema);
  if (plain !== schema) return knownKeys(plain, path, value);
  if (schema instanceof z.ZodObject) {
    const shape = shapeOf(schema);
    const inner = key === undefined ? undefined : shape[key];
    return key === undefined ? Object.keys(shape) : inner === undefined ? [] : knownKeys(inner, rest, below);
  }
  if (schema instanceof z.ZodUnion)
    return optionsFor(schema, value).flatMap((option) => knownKeys(option, path, value));
  if (schema instanceof z.ZodRecord && key !== undefined) return knownKeys(schema.valueType, rest, below);
  if (schema instanceof z.ZodArray && key !== undefined) return knownKeys(schema.element, rest, below);
  return [];
}

/**
 * The options of a union that a value can mean: where a word tells them apart (a layer's `type`), the one with that
 * word.
 */
function optionsFor(schema: z.ZodUnion, value: unknown): readonly z.core.$ZodType[] {
  if (!(schema instanceof z.ZodDiscriminatedUnion)) return schema.options;
  const { discriminator } = schema.def;
  const word = valueAt(value, [discriminator]);
  const meant = schema.options.filter(
    (option) => option instanceof z.ZodObject && z.safeParse(shapeOf(option)[discriminator]!, word).success,
  );
  return meant.length > 0 ? meant : schema.options;
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    const inner: unknown = Reflect.get(value, key);
    value = inner;
  }
  return value;
}

/** What was found, as messages say it: text in quotes, the kind of a list or a mapping, at most 60 letters. */
export function showValue(value: unknown): string {
  const text =
    typeof value === 'string'
      ? JSON.stringify(value)
      : typeof value === 'object' && value !== null
        ? Array.isArray(value)
          ? 'a list'
          : 'a mapping'
        : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
