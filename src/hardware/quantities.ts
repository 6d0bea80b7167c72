// Quantities with two ways to write them: durations in seconds or clock cycles, energies directly or as power over rate.

import { z } from 'zod';
import { parseQuantity, patternOf } from '../config/index.js';

/** A latency as it was written: in seconds, or in cycles of the component's clock. */
export type Duration = { seconds: number } | { cycles: number };

/** `29.31 ns` or `2 cycles`; not negative. */
export const duration = (description: string) =>
  z.string({ error: `expected a time with a unit or a number of cycles, e.g. "29.31 ns" or "2 cycles"` })
    .meta({ pattern: `^(${patternOf('time')}|\\s*\\d+(\\.\\d+)?\\s*cycles?\\s*)$` })
    .transform((text, context): Duration => {
      const cycles = /^\s*(\d+(?:\.\d+)?)\s*cycles?\s*$/.exec(text);
      try {
        const result = cycles ? { cycles: Number(cycles[1]) } : { seconds: parseQuantity(text, 'time') };
        if ('seconds' in result && result.seconds < 0) throw new Error(`"${text}" is negative, expected a time of at least 0`);
        return result;
      } catch (error) {
        context.addIssue({ code: 'custom', message: `${(error as Error).message}, or cycles, e.g. "2 cycles"` });
        return z.NEVER;
      }
    })
    .describe(`${description} (time, e.g. "29.31 ns", or clock cycles, e.g. "2 cycles")`);

/** `1.08 pJ`, `2 mW / 1.28 GHz` (power of a unit that does so many actions a second) or `0.2 mW * 100 ns / 1024`; joules. */
export const actionEnergy = (description: string) =>
  z.string({ error: `expected an energy with a unit, e.g. "1.08 pJ", "2 mW / 1.28 GHz" or "0.2 mW * 100 ns / 1024"` })
    .meta({ pattern: `^(${patternOf('energy')}|${patternOf('power')}([*/][^*/]+)+)$` })
    .transform((text, context): number => {
      try {
        const joules = parseActionEnergy(text);
        if (joules < 0) throw new Error(`"${text}" is negative`);
        return joules;
      } catch (error) {
        context.addIssue({ code: 'custom', message: (error as Error).message });
        return z.NEVER;
      }
    })
    .describe(`${description} (energy, e.g. "1.08 pJ", "2 mW / 1.28 GHz" or "0.2 mW * 100 ns / 1024")`);

/** An energy, or a power over one frequency or times one time, times and over numbers. */
function parseActionEnergy(text: string): number {
  const [first, ...steps] = text.split(/(?=[*/])/);
  if (steps.length === 0) return parseQuantity(text, 'energy');
  let value = parseQuantity(first!, 'power');
  let durations = 0;
  for (const step of steps) {
    const operand = step.slice(1);
    const plain = /^\s*\d+(\.\d+)?\s*$/.test(operand);
    if (!plain) durations++;
    const factor = plain ? Number(operand) : parseQuantity(operand, step.startsWith('*') ? 'time' : 'frequency');
    value = step.startsWith('*') ? value * factor : value / factor;
  }
  if (durations !== 1) throw new Error(`"${text}" is no energy, expected a power times one time or over one frequency, e.g. "2 mW / 1.28 GHz"`);
  if (!Number.isFinite(value)) throw new Error(`"${text}" divides by zero`);
  return value;
}
