// PNG pictures with palettes: colours by number, packed into bytes line by line.

import { encode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { MemoryBudget } from '../../../src/config/budget.js';
import { readPng } from '../../../src/functional/data/png.js';

const PALETTE = [
  [0, 1, 2],
  [10, 11, 12],
  [20, 21, 22],
  [30, 31, 32],
];
const read = (bytes: Uint8Array) => readPng(bytes, 'a.png', MemoryBudget.ofFile('a.png', bytes.length));
const picture = (depth: 1 | 2 | 4 | 8, data: number[], palette = PALETTE): Uint8Array =>
  encode({ width: 3, height: 2, channels: 1, depth, data: Uint8Array.from(data), palette });

describe('pictures with palettes', () => {
  // Pixels 1 0 1 / 0 1 0, and 3 1 2 / 0 2 3: three in a line, so that lines end within bytes.
  it.each([
    [1, [0b10100000, 0b01000000], [10, 0, 10, 0, 10, 0]],
    [2, [0b11011000, 0b00101100], [30, 10, 20, 0, 20, 30]],
    [4, [0x31, 0x20, 0x02, 0x30], [30, 10, 20, 0, 20, 30]],
    [8, [3, 1, 2, 0, 2, 3], [30, 10, 20, 0, 20, 30]],
  ] as const)('of %d bits a pixel have the colours that their numbers name', (depth, data, red) => {
    const { shape, data: planes } = read(picture(depth, [...data]));
    expect(shape).toEqual([3, 2, 3]);
    expect([...planes]).toEqual([0, 1, 2].flatMap((channel) => red.map((value) => value + channel)));
  });

  it('are refused where a colour is not in the palette, or the palette is missing', () => {
    expect(() => read(picture(8, [3, 1, 2, 0, 2, 4]))).toThrow('a.png: is no PNG: it has 4 colours, none of number 4');
    const whole = picture(8, [0, 0, 0, 0, 0, 0]);
    const at = Buffer.from(whole).indexOf('PLTE') - 4;
    const without = Buffer.concat([whole.subarray(0, at), whole.subarray(at + 12 + 3 * PALETTE.length)]);
    expect(() => read(without)).toThrow('a.png: is no PNG: its palette is missing');
  });

  it('say once which file would take too much memory', () => {
    const bytes = picture(8, [0, 0, 0, 0, 0, 0]);
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(16, 60_000);
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(20, 60_000);
    expect(() => read(bytes)).toThrow(/^a\.png: would take more than 256 MiB of memory/);
  });
});
