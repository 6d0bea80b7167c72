// Cells of a page read back: number, prefix, unit.

import { expect, it } from 'vitest';

export const PREFIXES: Record<string, number> = {
  f: 1e-15,
  p: 1e-12,
  n: 1e-9,
  µ: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
};

/** Reads a cell's text back: number, prefix, unit; within the digits that it shows it is the exact value. */
export function expectRead(text: string, exact: number, path: string): void {
  const [, digits, unit = ''] = /^(-?[\d,.]+(?:e[+-]?\d+)?) ?(.*)$/.exec(text) ?? [];
  expect(digits, `${path}: ${text}`).toBeDefined();
  const prefix = /^[fpnµmkMGTP](?=[A-Zsb]|$)/.exec(unit)?.[0];
  const area = /^([µn])m²$/.exec(unit)?.[1];
  const factor =
    area !== undefined
      ? { µ: 1e-6, n: 1e-12 }[area]!
      : unit.includes('OPS')
        ? PREFIXES[prefix!]! / 1e9
        : unit === '%'
          ? 0.01
          : unit === 'years' || unit === 'h' || unit === 'min'
            ? { years: 31_557_600, h: 3600, min: 60 }[unit]
            : prefix === undefined
              ? 1
              : PREFIXES[prefix]!;
  expect(
    Math.abs(Number(digits!.replaceAll(',', '')) * factor - exact),
    `${path}: "${text}" for ${exact}`,
  ).toBeLessThanOrEqual(1e-3 * Math.abs(exact) + 1e-30);
}
