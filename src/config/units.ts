// Quantities with units: text to SI numbers and back.

import { shortened } from './escape.js';
import { keysOf } from './typed.js';

interface DimensionRule {
  /** Unit that results are in. */
  si: string;
  /** Units that take a prefix, with their factor to the SI unit. */
  prefixed: Record<string, number>;
  /** Units that stand alone. */
  plain?: Record<string, number>;
  /** The prefix counts squared (areas). */
  power?: number;
  example: string;
}

const BYTES = { bit: 1, b: 1, B: 8 };

const RULES = {
  time: {
    si: 's',
    prefixed: { s: 1 },
    plain: { min: 60, h: 3600, year: 31_557_600, years: 31_557_600 },
    example: '29.31 ns',
  },
  energy: { si: 'J', prefixed: { J: 1 }, example: '1.08 pJ' },
  power: { si: 'W', prefixed: { W: 1 }, example: '2 mW' },
  area: { si: 'mm2', prefixed: { m2: 1e6 }, power: 2, example: '0.372 mm2' },
  frequency: { si: 'Hz', prefixed: { Hz: 1 }, example: '1.2 GHz' },
  sampleRate: { si: 'S/s', prefixed: { 'S/s': 1, Sps: 1, SPS: 1 }, example: '1.28 GSps' },
  capacity: { si: 'bit', prefixed: BYTES, example: '64 KiB' },
  rate: { si: 'bit/s', prefixed: { 'bit/s': 1, 'b/s': 1, 'B/s': 8 }, example: '6.4 GB/s' },
  voltage: { si: 'V', prefixed: { V: 1 }, example: '0.5 V' },
  current: { si: 'A', prefixed: { A: 1 }, example: '40 uA' },
  resistance: { si: 'ohm', prefixed: { ohm: 1, Ohm: 1, Ω: 1 }, example: '100 kohm' },
  conductance: { si: 'S', prefixed: { S: 1 }, example: '25 uS' },
  length: { si: 'm', prefixed: { m: 1 }, example: '32 nm' },
} satisfies Record<string, DimensionRule>;

/** What a quantity measures. */
export type Dimension = keyof typeof RULES;

const DECIMAL: Record<string, number> = {
  f: -15,
  p: -12,
  n: -9,
  u: -6,
  µ: -6,
  μ: -6,
  m: -3,
  c: -2,
  '': 0,
  k: 3,
  K: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
};
const BINARY: Record<string, number> = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 };
/** `/ 8` or `* 3` behind a quantity. */
const FACTOR = /^(.*?)\s*([*/])\s*(\d+(?:\.\d+)?)\s*$/;
const QUANTITY = /^\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([A-Za-zµμΩ][A-Za-z0-9µμΩ/]*)\s*$/;

/** The SI unit of a dimension; areas are in mm2, capacities in bit. */
export const unitOf = (dimension: Dimension): string => RULES[dimension].si;

/** The dimension of a unit with its prefix (`mW`: power); undefined for what is none. */
export const dimensionOf = (unit: string): Dimension | undefined =>
  keysOf(RULES).find((dimension) => unitScale(unit, RULES[dimension]) !== undefined);

/** A regular expression that quantities of a dimension fit, for JSON Schemas. */
export function patternOf(dimension: Dimension): string {
  const { prefixed, plain = {} }: DimensionRule = RULES[dimension];
  const prefix = `(${[...Object.keys(DECIMAL), ...(prefixed === BYTES ? Object.keys(BINARY) : [])].join('|')})`;
  const units = [...Object.keys(plain), `${prefix}(${Object.keys(prefixed).join('|')})`].join('|');
  const number = '[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?';
  return `\\s*${number}\\s*(${units})\\s*([*/]\\s*\\d+(\\.\\d+)?\\s*)*`;
}

/** An example of how a quantity is written. */
export const exampleOf = (dimension: Dimension): string => RULES[dimension].example;

/**
 * Reads a quantity with its unit, such as `29.31 ns` or `64 KiB`; plain numbers may multiply or divide it (`4 mW /
 * 1024`: a table's row by its units).
 * @returns the value in SI units (areas in mm2, capacities in bit).
 * @throws Error that says what was expected.
 */
export function parseQuantity(text: string, dimension: Dimension): number {
  const value = quantityIn(text, dimension);
  if (value === undefined || !Number.isFinite(value)) {
    throw new Error(
      `"${shortened(text, 60)}" is not a quantity in ${unitOf(dimension)} (expected a number with a unit, e.g. ` +
        `"${exampleOf(dimension)}"${meant(text, dimension)})`,
    );
  }
  return value;
}

/** The unit that one of another case or with a sign of powers stands for: `; um2 for um^2`. */
function meant(text: string, dimension: Dimension): string {
  const written = /([A-Za-zµμΩ][^\s*]*)\s*$/.exec(text)?.[1];
  if (written === undefined) return '';
  const plain = written.replace(/[\^²]/g, (sign) => (sign === '²' ? '2' : '')).toLowerCase();
  const { prefixed, plain: alone = {} }: DimensionRule = RULES[dimension];
  const units = Object.keys(prefixed).flatMap((unit) => Object.keys(DECIMAL).map((prefix) => `${prefix}${unit}`));
  const fits = [...Object.keys(alone), ...units].filter((unit) => unit.toLowerCase() === plain);
  // Of mHz and MHz the one whose prefix is as written.
  const best = fits.find((unit) => unit.startsWith(written[0]!)) ?? fits[0];
  return best === undefined || best === written ? '' : `; ${best} for ${shortened(written, 20)}`;
}

/** Longest quantity, with its factors. */
const MOST_CHARACTERS = 200;

function quantityIn(text: string, dimension: Dimension): number | undefined {
  if (text.length > MOST_CHARACTERS) return undefined;
  const [, less, sign, factor] = FACTOR.exec(text) ?? [];
  if (less !== undefined) {
    const value = quantityIn(less, dimension);
    return value === undefined ? undefined : sign === '*' ? value * Number(factor) : value / Number(factor);
  }
  const [, number, unit] = QUANTITY.exec(text) ?? [];
  const scale = unit === undefined ? undefined : unitScale(unit, RULES[dimension]);
  if (scale === undefined) return undefined;
  // Dividing by a whole power of ten rounds once; multiplying by its inverse would round twice.
  return scale >= 1 ? Number(number) * scale : Number(number) / Number((1 / scale).toPrecision(15));
}

function unitScale(unit: string, rule: DimensionRule): number | undefined {
  const { plain = {} } = rule;
  if (Object.hasOwn(plain, unit)) return plain[unit];
  for (const [name, factor] of Object.entries(rule.prefixed)) {
    if (!unit.endsWith(name)) continue;
    const prefix = unit.slice(0, -name.length);
    const decimal = Object.hasOwn(DECIMAL, prefix) ? DECIMAL[prefix] : undefined;
    if (decimal !== undefined) return factor * Number(`1e${decimal * (rule.power ?? 1)}`);
    if (rule.prefixed === BYTES && Object.hasOwn(BINARY, prefix)) return factor * BINARY[prefix]!;
  }
  return undefined;
}

const ENGINEERING = ['f', 'p', 'n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P'];

/** Writes an SI value in engineering notation: `29.31 ns`, `0.372 mm2`, `1.2 GHz`. */
export function formatQuantity(value: number, dimension: Dimension, digits = 4): string {
  const unit = unitOf(dimension);
  if (!Number.isFinite(value)) return `${value} ${unit}`;
  if (dimension === 'area')
    return value !== 0 && Math.abs(value) < 1e-3
      ? `${significant(value * 1e6, digits)} um2`
      : `${significant(value, digits)} mm2`;
  return formatEngineering(value, unit, digits);
}

/** A number with an engineering prefix before any unit: `142.9 GOPS/W`. */
export function formatEngineering(value: number, unit: string, digits = 4): string {
  if (value === 0) return `0 ${unit}`.trim();
  const exponent = Math.floor(Math.log10(Math.abs(Number(value.toPrecision(digits)))) / 3);
  const step = Math.min(5, Math.max(-5, exponent));
  return `${significant(value / 10 ** (3 * step), digits)} ${ENGINEERING[step + 5]!}${unit}`.trim();
}

function significant(value: number, digits: number): string {
  return String(Number(value.toPrecision(digits)));
}
