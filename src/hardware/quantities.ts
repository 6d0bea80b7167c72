// Quantities with two ways to write them: durations in seconds or clock cycles, energies directly or as power over rate.

import { z } from 'zod';
import { parseQuantity } from '../config/index.js';

/** A latency as it was written: in seconds, or in cycles of the component's clock. */
export type Duration = { seconds: number } | { cycles: number };

/** `29.31 ns` or `2 cycles`; not negative. */
export const duration = (description: string) =>
  z.string({ error: `expected a time with a unit or a number of cycles, e.g. "29.31 ns" or "2 cycles"` })
    .transform((text, context): Duration => {
      const cycles = /^\s*(\d+(?:\.\d+)?)\s*cycles?\s*$/.exec(text);
      try {
        const result = cycles ? { cycles: Number(cycles[1]) } : { seconds: parseQuantity(text, 'time') };
        if ('seconds' in result && result.seconds < 0) throw new Error(`"${text}" is negative`);
        return result;
      } catch (error) {
        context.addIssue({ code: 'custom', message: `${(error as Error).message}, or cycles, e.g. "2 cycles"` });
        return z.NEVER;
      }
    })
    .describe(`${description} (time, e.g. "29.31 ns", or clock cycles, e.g. "2 cycles")`);

/** `1.08 pJ`, `2 mW / 1.28 GHz` (power of a unit that does so many actions a second) or `0.3 mW * 100 ns`; joules. */
export const actionEnergy = (description: string) =>
  z.string({ error: `expected an energy with a unit, e.g. "1.08 pJ", "2 mW / 1.28 GHz" or "0.3 mW * 100 ns"` })
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
    .describe(`${description} (energy, e.g. "1.08 pJ", "2 mW / 1.28 GHz" or "0.3 mW * 100 ns")`);

function parseActionEnergy(text: string): number {
  const [power, rate, ...more] = text.split('/');
  if (rate !== undefined && more.length === 0) return parseQuantity(power!, 'power') / parseQuantity(rate, 'frequency');
  const factors = text.split('*');
  if (factors.length > 1) return factors.slice(1).reduce((product, factor) => product * plainOrTime(factor), parseQuantity(factors[0]!, 'power'));
  return parseQuantity(text, 'energy');
}

const plainOrTime = (text: string): number => (/^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) : parseQuantity(text, 'time'));
