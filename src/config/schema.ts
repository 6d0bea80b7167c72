// Schema parts in the words of a config: quantities, counts, choices, sourced constants. One declaration gives type, check and JSON Schema.

import { z } from 'zod';
import { exampleOf, parseQuantity, patternOf, unitOf, type Dimension } from './units.js';

/** A constant with where it comes from; a placeholder is an assumption that reports show. */
export interface Sourced<T> {
  value: T;
  source?: string | undefined;
  placeholder: boolean;
  note?: string | undefined;
}

/** A quantity with its unit (`29.31 ns`); the output is the SI number (areas in mm2, capacities in bit). Negative values are refused, and 0 where it must be `positive`. */
export const quantity = (dimension: Dimension, description: string, { positive: above = false } = {}) =>
  z.string({ error: `expected a number with a unit, e.g. "${exampleOf(dimension)}"` })
    .meta({ pattern: `^${patternOf(dimension)}$` })
    .transform((text, context): number => {
      try {
        const value = parseQuantity(text, dimension);
        if (value < 0) throw new Error(`expected a quantity that is not negative, e.g. "${exampleOf(dimension)}"`);
        if (above && value === 0) throw new Error(`expected a quantity above 0, e.g. "${exampleOf(dimension)}"`);
        return value;
      } catch (error) {
        context.addIssue({ code: 'custom', message: (error as Error).message });
        return z.NEVER;
      }
    })
    .describe(`${description} (quantity in ${unitOf(dimension)}, e.g. "${exampleOf(dimension)}")`);

/** A whole number, by default at least 1. */
export const count = (description: string, { min = 1, max = Number.MAX_SAFE_INTEGER } = {}) => {
  const range = max === Number.MAX_SAFE_INTEGER ? `a whole number of at least ${min}` : `a whole number from ${min} to ${max}`;
  return z.int({ error: `expected ${range}` }).min(min, { error: `expected ${range}` }).max(max, { error: `expected ${range}` }).describe(description);
};

/** A finite number above 0. */
export const positive = (description: string) => z.number({ error: 'expected a number above 0' }).positive({ error: 'expected a number above 0' }).describe(description);

/** A finite number of any sign. */
export const real = (description: string) => z.number({ error: 'expected a number' }).describe(description);

/** A number from 0 to 1. */
export const fraction = (description: string) =>
  z.number({ error: 'expected a number from 0 to 1' }).min(0, { error: 'expected a number from 0 to 1' }).max(1, { error: 'expected a number from 0 to 1' }).describe(description);

export const flag = (description: string) => z.boolean({ error: 'expected true or false' }).describe(description);

export const text = (description: string) => z.string({ error: 'expected text' }).min(1, { error: 'expected text' }).describe(description);

export const choice = <const T extends readonly [string, ...string[]]>(values: T, description: string) => z.enum(values).describe(description);

/** A mapping with these keys and no others. */
export const object = <S extends z.ZodRawShape>(shape: S, description: string) => z.strictObject(shape).describe(description);

/** A mapping from any names to values of one kind. */
export const mapping = <V extends z.ZodType>(value: V, description: string) => z.record(z.string(), value).describe(description);

export const list = <V extends z.ZodType>(value: V, description: string) => z.array(value, { error: 'expected a list' }).describe(description);

export const union = <const T extends readonly [z.ZodType, z.ZodType, ...z.ZodType[]]>(options: T, description: string) => z.union(options).describe(description);

/** A constant: alone, as `{ value, source, placeholder, note }`, or as `{ law, ... }`, which is worked out before the check. */
export const sourced = <T, In>(inner: z.ZodType<T, In>, description: string) =>
  z.union([
    z.strictObject({
      value: inner,
      source: z.string({ error: 'expected text that says where the value comes from' }).optional(),
      placeholder: z.boolean({ error: 'expected true or false' }).default(false),
      note: z.string({ error: 'expected text' }).optional(),
    }).transform(({ value, source, placeholder, note }): Sourced<T> => ({ value, source, placeholder, note })),
    inner.transform((value): Sourced<T> => ({ value, placeholder: false })),
    z.looseObject({ law: z.string({ error: 'expected the name of a law (xbarflow list laws)' }) }).transform((_, context): Sourced<T> => {
      context.addIssue({ code: 'custom', message: 'a law cannot stand here' });
      return z.NEVER;
    }),
  ]).describe(description);

/**
 * JSON Schema (draft 2020-12) of one file, for editors. `layered` files lay themselves on others, which may give what they leave out, so no
 * setting is required of them; what tells forms apart is (`value` of a constant).
 */
export function toJsonSchema(schema: z.ZodType, title: string, { layered }: { layered: boolean }): Record<string, unknown> {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Record<string, unknown>;
  const parents = { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }], description: 'Preset or path that this file lays itself on, or a list of them' };
  const clean = withoutNoise(json) as Record<string, unknown>;
  const whole = { ...clean, title, properties: { extends: parents, ...(clean.properties as Record<string, unknown>) } };
  return layered ? withoutRequired(whole) : whole;
}

/** Drops `required` from a mapping and the mappings that are its values. */
function withoutRequired(node: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(node).flatMap(([key, value]) => {
    if (key === 'required') return [];
    if (key !== 'properties') return [[key, value]];
    const settings = Object.entries(value as Record<string, Record<string, unknown>>);
    return [[key, Object.fromEntries(settings.map(([name, inner]) => [name, inner.properties === undefined ? inner : withoutRequired(inner)]))]];
  }));
}

function withoutNoise(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutNoise);
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(
    Object.entries(node).filter(([, value]) => Math.abs(Number(value)) !== Number.MAX_SAFE_INTEGER).map(([key, value]) => [key, withoutNoise(value)]),
  );
}
