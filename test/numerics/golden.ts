// Golden vectors of ../shared or of its slice, read for tests.

import { readFileSync } from 'node:fs';
import { sharedUrl } from '../shared.js';

export const goldenBytes = (path: string): Uint8Array => new Uint8Array(readFileSync(sharedUrl(path)));

export const goldenJson = (path: string): unknown => JSON.parse(readFileSync(sharedUrl(path), 'utf8'));

/** Rows of a CSV without quotes, by column name. */
export function goldenCsv(path: string): Record<string, string>[] {
  const [header, ...lines] = readFileSync(sharedUrl(path), 'utf8').trim().split('\n');
  const names = header!.trim().split(',');
  return lines.map((line) => {
    const cells = line.trim().split(',');
    return Object.fromEntries(names.map((name, i) => [name, cells[i]!]));
  });
}

const view = new DataView(new ArrayBuffer(8));

export function float32(hex: string): number {
  view.setUint32(0, Number.parseInt(hex, 16));
  return view.getFloat32(0);
}

export function float64(hex: string): number {
  view.setBigUint64(0, BigInt(`0x${hex}`));
  return view.getFloat64(0);
}

/** Pieces of a string of hex codes, `digits` each. */
export const hexCodes = (text: string, digits: number): number[] =>
  Array.from({ length: text.length / digits }, (_, i) => Number.parseInt(text.slice(i * digits, (i + 1) * digits), 16));
