// Comparisons in sweep files: conditions on knobs, constraints on results. `a <= b`, several joined by `or`.

import type { TreeValue } from '../../config/index.js';
import { isOneOf, keysOf } from '../../config/typed.js';

type Operand = { key: string } | { literal: string | number | boolean | null };

interface Single {
  left: string;
  operator: keyof typeof OPERATORS;
  right: Operand;
}

/** Alternatives of which one must hold. */
export type Comparison = readonly Single[];

const OPERATORS = {
  '<=': (order: number) => order <= 0,
  '>=': (order: number) => order >= 0,
  '!=': (order: number) => order !== 0,
  '==': (order: number) => order === 0,
  '<': (order: number) => order < 0,
  '>': (order: number) => order > 0,
};
const FORM = /^\s*([A-Za-z][\w.*-]*)\s*(<=|>=|!=|==|<|>)\s*(\S.*?)\s*$/;
const KEY = /^[A-Za-z][\w-]*(\.[\w*-]+)+$/;

/** The parts of a comparison that `or` joins. */
const alternatives = (text: string): string[] => text.trim().replace(/\s+/g, ' ').split(' or ');

/** Reads a comparison. @throws Error that says what was expected. */
export function parseComparison(text: string): Comparison {
  return alternatives(text).map((part) => {
    const match = FORM.exec(part);
    const operator = match?.[2] ?? '';
    if (match === null || !isOneOf(keysOf(OPERATORS), operator))
      throw new Error(
        `found ${JSON.stringify(text)}, expected a comparison such as "crossbar.rows <= crossbar.columns"`,
      );
    return { left: match[1]!, operator, right: operandOf(match[3]!) };
  });
}

/** Dotted words are keys; all else is a number, true, false, null or text. */
function operandOf(text: string): Operand {
  if (KEY.test(text)) return { key: text };
  const word = /^(["'])(.*)\1$/.exec(text);
  if (word !== null) return { literal: word[2]! };
  if (text === 'true' || text === 'false') return { literal: text === 'true' };
  if (text === 'null') return { literal: null };
  const number = Number(text);
  return { literal: Number.isFinite(number) ? number : text };
}

/** A comparison of figures, which are numbers, as SQL. `column` writes a key. */
export const comparisonSql = (comparison: Comparison, column: (key: string) => string): string =>
  comparison
    .map(({ left, operator, right }) => {
      const other = 'key' in right ? column(right.key) : String(right.literal);
      return `${column(left)} ${operator === '==' ? '=' : operator} ${other}`;
    })
    .join(' OR ');

/** The first value of a comparison that is neither a number nor a key. */
export const noNumberIn = (comparison: Comparison): TreeValue | undefined =>
  comparison
    .flatMap(({ right }) => ('literal' in right ? [right.literal] : []))
    .find((literal) => typeof literal !== 'number');

/** Keys that a comparison looks at. */
export const comparedKeys = (comparison: Comparison): string[] =>
  comparison.flatMap(({ left, right }) => ('key' in right ? [left, right.key] : [left]));

/** True where one of the alternatives holds. @throws Error where values have no order. */
export function holds(comparison: Comparison, valueOf: (key: string) => TreeValue | undefined): boolean {
  return comparison.some(({ left, operator, right }) => {
    const a = valueOf(left) ?? null;
    const b = 'key' in right ? (valueOf(right.key) ?? null) : right.literal;
    if (operator === '==' || operator === '!=')
      return OPERATORS[operator](JSON.stringify(a) === JSON.stringify(b) ? 0 : 1);
    if (a === null || b === null) return false;
    if (typeof a !== 'number' || typeof b !== 'number')
      throw new Error(
        `${left} ${operator} compares ${JSON.stringify(a)} with ${JSON.stringify(b)}, expected numbers (text ` +
          'has == and != only)',
      );
    return OPERATORS[operator](a - b);
  });
}
