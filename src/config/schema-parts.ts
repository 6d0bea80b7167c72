// Schema parts in the words of a config: quantities, counts, choices, sourced constants. One declaration gives type,
// check and JSON Schema.

import * as z from 'zod';
import { exampleOf, parseQuantity, patternOf, unitOf, type Dimension } from './units.js';
import { isRecord, messageOf } from './typed.js';

// No schema here contains itself, so none needs zod's watch for values that contain themselves.
z.config({ memoizer: { attach: () => undefined, guard: () => undefined, alloc: (_schema, _payload, empty) => empty } });

/** A constant with where it comes from; a placeholder is an assumption that reports show. */
export interface Sourced<T> {
  value: T;
  source?: string | undefined;
  placeholder: boolean;
  note?: string | undefined;
  /** Lowest and highest value that its sources allow; what `--uncertainty` draws from. */
  range?: readonly [T, T] | undefined;
  /** Instead of a range: the factor by which it may be lower or higher. */
  spread?: number | undefined;
  /** Knobs at which the value holds, by their dotted keys, as written (`crossbar.rows: 128`, `chip.node: 32 nm`). */
  point?: Readonly<Record<string, string | number | boolean>> | undefined;
}

/** Mark of an issue whose message says all; other messages are what was expected. */
export const SAYS_ALL = 'saysAll';

/** Text that is no such value; the message is what was expected. */
class Unexpected extends Error {}

/** Of what kind the quantities among the schemas are. */
const dimensions = new WeakMap<z.core.$ZodType, Dimension>();

/**
 * The schema with its description in the JSON Schema (zod's `.describe`, which copies the schema, takes twice the
 * time).
 */
const described = <S extends z.ZodType>(schema: S, description: string): S => {
  z.globalRegistry.add(schema, { description });
  return schema;
};

const matching = <S extends z.ZodType>(schema: S, pattern: string): S => {
  z.globalRegistry.add(schema, { pattern: `^(${pattern})$` });
  return schema;
};

/**
 * Text that `parse` understands; what it throws is the whole message (an `Unexpected`: what was expected). It fits the
 * regular expression `pattern`, which editors know.
 */
export const parsed = <T>(expected: string, pattern: string, parse: (text: string) => T, description: string) =>
  described(
    matching(z.string({ error: expected }), pattern).transform((text, context): T => {
      try {
        return parse(text);
      } catch (error) {
        context.addIssue({
          code: 'custom',
          message: messageOf(error),
          params: { [SAYS_ALL]: !(error instanceof Unexpected) },
        });
        return z.NEVER;
      }
    }),
    description,
  );

/**
 * A quantity with its unit (`29.31 ns`); the output is the SI number (areas in mm2, capacities in bit). Negative values
 * are refused, and 0 where it must be `positive`.
 */
export const quantity = (dimension: Dimension, description: string, { positive: above = false } = {}) => {
  const example = `e.g. "${exampleOf(dimension)}"`;
  const parse = (text: string): number => {
    const value = parseQuantity(text, dimension);
    if (value < 0) throw new Unexpected(`a quantity that is not negative, ${example}`);
    if (above && value === 0) throw new Unexpected(`a quantity above 0, ${example}`);
    return value;
  };
  const schema = parsed(
    `a number with a unit, ${example}`,
    patternOf(dimension),
    parse,
    `${description} (quantity in ${unitOf(dimension)}, ${example})`,
  );
  return ofDimension(dimension, schema);
};

/** The schema, known to be of a dimension; for quantities that have forms of their own (times in cycles). */
export function ofDimension<S extends z.ZodType>(dimension: Dimension, schema: S): S {
  dimensions.set(schema, dimension);
  return schema;
}

/** The schemas of a mapping's keys. */
export const shapeOf = ({ shape }: z.ZodObject): Readonly<Record<PropertyKey, z.core.$ZodType | undefined>> => shape;

/**
 * The dimension of the quantity at a path such as `chip.clock` or `components.adc.area`; undefined where there is none.
 */
export function dimensionAt(schema: z.core.$ZodType, path: readonly string[]): Dimension | undefined {
  const [key, ...rest] = path;
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return dimensionAt(schema.unwrap(), path);
  if (key === undefined) return dimensions.get(schema);
  const inner = schema instanceof z.ZodObject ? shapeOf(schema)[key] : undefined;
  return inner === undefined ? undefined : dimensionAt(inner, rest);
}

/** A whole number, by default at least 1. */
export const count = (description: string, { min = 1, max = Number.MAX_SAFE_INTEGER } = {}) => {
  const range =
    max === Number.MAX_SAFE_INTEGER ? `a whole number of at least ${min}` : `a whole number from ${min} to ${max}`;
  // Beyond 2^53 not every whole number can be told from the next.
  const error = ({ code }: { code?: string }): string =>
    code === 'too_big' && max === Number.MAX_SAFE_INTEGER ? `${range} and below 2^53` : range;
  return described(z.int({ error }).check(z.gte(min, { error: range }), z.lte(max, { error })), description);
};

/** A finite number above 0, by default of any size. */
export const positive = (description: string, { max = Infinity } = {}) => {
  const error = max === Infinity ? 'a number above 0' : `a number above 0 and up to ${max}`;
  const above = z.number({ error }).positive({ error });
  return described(max === Infinity ? above : above.check(z.lte(max, { error })), description);
};

/** A finite number, by default of any sign and size. */
export const real = (description: string, { min = -Infinity, max = Infinity } = {}) => {
  if (min === -Infinity) return described(z.number({ error: 'a number' }), description);
  const range = max === Infinity ? `a number of at least ${min}` : `a number from ${min} to ${max}`;
  const atLeast = z.gte(min, { error: range });
  const checks = max === Infinity ? [atLeast] : [atLeast, z.lte(max, { error: range })];
  return described(z.number({ error: range }).check(...checks), description);
};

/** A number from 0 to 1. */
export const fraction = (description: string) => real(description, { min: 0, max: 1 });

/** A number from 0 that stays below 1. */
export const below1 = (description: string) => {
  const range = 'a number of at least 0 and below 1';
  return described(
    z.number({ error: range }).check(z.gte(0, { error: range }), z.lt(1, { error: range })),
    description,
  );
};

/** True or false. */
export const flag = (description: string) => described(z.boolean({ error: 'true or false' }), description);

/** Text of at least one character. */
export const text = (description: string) =>
  described(z.string({ error: 'text' }).min(1, { error: 'text' }), description);

/** One of these words. */
export const choice = <const T extends readonly string[]>(values: T, description: string) =>
  described(z.enum(values), description);

/** A key that may be left out, of a schema that many keys share, under a description of its own. */
export const optionalOf = <S extends z.ZodType>(schema: S, description: string) =>
  described(schema.optional(), description);

const noOther = z.never();

/**
 * A mapping with these keys and no others. Keys that a function gives are made when a value first asks for them:
 * schemas are dear to make, and a run reads a part of what configs can say.
 */
export const object = <S extends z.ZodRawShape>(keys: S | (() => S), description: string) => {
  let shape = typeof keys === 'function' ? undefined : keys;
  const schema = new z.ZodObject({
    type: 'object',
    catchall: noOther,
    get shape() {
      return (shape ??= typeof keys === 'function' ? keys() : keys);
    },
  });
  // Cast: what `z.strictObject` says of these keys; it would make them at once, and a `never` for each mapping.
  return described(schema as z.ZodObject<S, z.core.$strict>, description);
};

/** A mapping from any names to values of one kind. */
export const mapping = <V extends z.ZodType>(value: V, description: string) =>
  described(z.record(z.string(), value), description);

/** A list of such values. */
export const list = <V extends z.ZodType>(value: V, description: string) =>
  described(z.array(value, { error: 'a list' }), description);

/** A value of one of several forms. */
export const union = <const T extends readonly [z.ZodType, z.ZodType, ...z.ZodType[]]>(
  options: T,
  description: string,
) => described(z.union(options), description);

/** What stands beside the value of a constant; the same schemas for all constants, since there are hundreds of them. */
const beside = {
  source: z.string({ error: 'text that says where the value comes from' }).optional(),
  placeholder: z.boolean({ error: 'true or false' }).default(false),
  note: z.string({ error: 'text' }).optional(),
  spread: z
    .number({ error: 'a factor above 1, by which the value may be lower or higher' })
    .gt(1, { error: 'a factor above 1, by which the value may be lower or higher' })
    .optional(),
  at: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]), {
      error: 'the knobs at which the value holds, e.g. { crossbar.rows: 128, chip.node: 32 nm }',
    })
    .optional(),
};

/** True where a range of numbers (or of times in one unit) holds its value. */
function spans<T>([low, high]: readonly [T, T], value: T): boolean {
  const [from, at, to] = [low, value, high].map(magnitude);
  return from === undefined || at === undefined || to === undefined || (from <= at && at <= to);
}

/** The number of a quantity, or of a time in seconds or cycles; undefined for what has no order. */
function magnitude(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'object' || value === null) return undefined;
  const inner: unknown = 'seconds' in value ? value.seconds : 'cycles' in value ? value.cycles : undefined;
  return typeof inner === 'number' ? inner : undefined;
}

const lawElsewhere = z
  .looseObject({ law: z.string({ error: 'the name of a law (xbarflow list laws)' }) })
  .transform((_, context): never => {
    context.addIssue({ code: 'custom', message: 'a law cannot stand here', params: { [SAYS_ALL]: true } });
    return z.NEVER;
  });

/**
 * A constant: alone, as `{ value, source, placeholder, note, range, at }`, or as `{ law, ... }`, which is worked out
 * before the check. `range` holds the lowest and highest value (or `spread` a factor either way), `at` the knobs at
 * which the value holds.
 */
export const sourced = <T, In>(inner: z.ZodType<T, In>, description: string) => {
  const schema = described(
    z.union([
      z
        .strictObject({
          value: inner,
          ...beside,
          range: z.tuple([inner, inner], { error: '[lowest, highest]' }).optional(),
        })
        .transform(({ value, source, placeholder, note, range, spread, at }, context): Sourced<T> => {
          if (range !== undefined && !spans(range, value)) {
            context.addIssue({
              code: 'custom',
              path: ['range'],
              message: '[lowest, highest] around the value',
            });
          }
          return { value, source, placeholder, note, range, spread, point: at };
        }),
      inner.transform((value): Sourced<T> => ({ value, placeholder: false })),
      lawElsewhere,
    ]),
    description,
  );
  const dimension = dimensions.get(inner);
  return dimension === undefined ? schema : ofDimension(dimension, schema);
};

/** A knob that may be given as `{ law, ... }`, which is worked out before the check. */
export function orLaw<T, In>(inner: z.ZodType<T, In>) {
  const schema = z.union([inner, lawElsewhere]);
  const dimension = dimensions.get(inner);
  return dimension === undefined ? schema : ofDimension(dimension, schema);
}

/**
 * JSON Schema (draft 2020-12) of one file, for editors. `layered` files lay themselves on others, which may give what
 * they leave out, so no
 * setting is required of them; what tells forms apart is (`value` of a constant).
 */
export function toJsonSchema(
  schema: z.ZodType,
  title: string,
  { layered }: { layered: boolean },
): Record<string, unknown> {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const parents = {
    anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }],
    description: 'Preset or path that this file lays itself on, or a list of them',
  };
  const clean = cleaned({ ...json });
  const whole = {
    ...clean,
    title,
    properties: { extends: parents, ...(isRecord(clean.properties) && clean.properties) },
  };
  return layered ? withoutRequired(whole) : whole;
}

/** Drops `required` from a mapping and the mappings that are its values. */
function withoutRequired(node: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(node).filter(([key]) => key !== 'required');
  return mapValues(entries, (value, key) =>
    key !== 'properties' || !isRecord(value)
      ? value
      : mapValues(Object.entries(value), (inner) =>
          isRecord(inner) && inner.properties !== undefined ? withoutRequired(inner) : inner,
        ),
  );
}

/** Drops the limits of whole numbers, which say nothing. */
const cleaned = (node: Record<string, unknown>): Record<string, unknown> =>
  mapValues(
    Object.entries(node).filter(([, value]) => Math.abs(Number(value)) !== Number.MAX_SAFE_INTEGER),
    withoutNoise,
  );

const withoutNoise = (node: unknown): unknown =>
  Array.isArray(node) ? node.map(withoutNoise) : isRecord(node) ? cleaned(node) : node;

const mapValues = (
  entries: readonly [string, unknown][],
  made: (value: unknown, key: string) => unknown,
): Record<string, unknown> => Object.fromEntries(entries.map(([key, value]) => [key, made(value, key)]));
