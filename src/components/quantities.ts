// Quantities with two ways to write them: durations in seconds or clock cycles, energies directly or as power over
// rate.

import { dimensionOf, ofDimension, parsed, parseQuantity, patternOf } from '../config/index.js';
import { messageOf } from '../config/typed.js';

/** A latency as it was written: in seconds, or in cycles of the component's clock. */
export type Duration = { seconds: number } | { cycles: number };

/** `29.31 ns` or `2 cycles`; not negative. */
export const duration = (description: string) =>
  ofDimension(
    'time',
    parsed(
      'a time with a unit or a number of cycles, e.g. "29.31 ns" or "2 cycles"',
      `${patternOf('time')}|\\s*\\d+(\\.\\d+)?\\s*cycles?\\s*`,
      parseDuration,
      `${description} (time, e.g. "29.31 ns", or clock cycles, e.g. "2 cycles")`,
    ),
  );

/** A duration as it is written. @throws Error that says what is wrong with it */
export function parseDuration(text: string): Duration {
  const cycles = /^\s*(\d+(?:\.\d+)?)\s*cycles?\s*$/.exec(text);
  if (cycles !== null) return { cycles: Number(cycles[1]) };
  try {
    const seconds = parseQuantity(text, 'time');
    if (seconds < 0) throw new Error(`"${text}" is negative, expected a time of at least 0`);
    return { seconds };
  } catch (error) {
    throw new Error(`${messageOf(error)}, or cycles, e.g. "2 cycles"`, { cause: error });
  }
}

const ENERGY_EXAMPLES = 'e.g. "1.08 pJ", "2 mW / 1.28 GHz" or "0.2 mW * 100 ns / 1024"';

/**
 * `1.08 pJ`, `2 mW / 1.28 GHz` (power of a unit that does so many actions a second) or `0.2 mW * 100 ns / 1024`;
 * joules.
 */
export const actionEnergy = (description: string) => {
  const parse = (text: string): number => {
    const joules = parseActionEnergy(text);
    if (joules < 0) throw new Error(`"${text}" is negative`);
    return joules;
  };
  return ofDimension(
    'energy',
    parsed(
      `an energy with a unit, ${ENERGY_EXAMPLES}`,
      `${patternOf('energy')}|${patternOf('power')}([*/][^*/]+)+`,
      parse,
      `${description} (energy, ${ENERGY_EXAMPLES})`,
    ),
  );
};

const isPlain = (operand: string): boolean => /^\s*\d+(\.\d+)?\s*$/.test(operand);

/** An energy, or a power over one frequency or times one time, times and over numbers. */
function parseActionEnergy(text: string): number {
  const [first, ...steps] = text.split(/(?=[*/])/);
  if (steps.length === 0 || dimensionOf(/[a-z]+\s*$/i.exec(first!)?.[0].trim() ?? '') === 'energy')
    return parseQuantity(text, 'energy');
  let value = parseQuantity(first!, 'power');
  let durations = 0;
  for (const step of steps) {
    const operand = step.slice(1);
    const plain = isPlain(operand);
    if (!plain) durations++;
    const factor = plain ? Number(operand) : parseQuantity(operand, step.startsWith('*') ? 'time' : 'frequency');
    value = step.startsWith('*') ? value * factor : value / factor;
  }
  if (durations !== 1)
    throw new Error(
      `"${text}" is no energy, expected a power times one time or over one frequency, e.g. "2 mW / 1.28 GHz"`,
    );
  if (!Number.isFinite(value)) throw new Error(`"${text}" divides by zero`);
  return value;
}
