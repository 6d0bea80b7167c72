// Quantization of models: what is too much is refused with the tensor's name, what takes long shows how far it is.

import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/config/index.js';
import { MOST_CODEBOOK_LEVELS, quantizeModel, type QuantizeOptions } from '../../src/experiment/quantize.js';
import type { Tensor } from '../../src/tensors/index.js';

const OPTIONS: QuantizeOptions = {
  method: 'clipped',
  bits: 16,
  per: 'channel',
  biases: false,
  zero: false,
  rounding: 'nearest-even',
  only: [],
  seed: 1,
};
const tensor = (name: string, ...shape: [number, number]): Tensor => ({
  name,
  dtype: 'f32',
  shape,
  data: Float32Array.from({ length: shape[0] * shape[1] }, (_, i) => Math.sin(i)),
});

describe('codebooks by channel', () => {
  it('of 16 bits: clips of every channel are searched, and progress is told', () => {
    const told = new Set<string>();
    const shares: number[] = [];
    const { layers } = quantizeModel([tensor('a', 3, 20), tensor('b', 2, 30)], OPTIONS, undefined, (share, name) => {
      shares.push(share);
      told.add(name);
    });
    expect(layers.map(({ codebooks }) => codebooks!.map(({ length }) => length))).toEqual([
      [65_535, 65_535, 65_535],
      [65_535, 65_535],
    ]);
    expect([...told]).toEqual(['a', 'b']);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.length).toBeGreaterThanOrEqual(500);
    expect([shares[0], shares.at(-1)]).toEqual([0, 0.75]);
  });

  it.each(['min-max', 'k-means', 'clipped', 'log'] as const)('of more levels than a result lists: %s', (method) => {
    const channels = MOST_CODEBOOK_LEVELS / 2 ** 16 + 1;
    expect(() => quantizeModel([tensor('a', channels, 1)], { ...OPTIONS, method })).toThrow(
      new UserError(
        `--bits: found 16, which gives ${channels} codebooks ${channels * 2 ** 16} levels, expected at most ` +
          `${MOST_CODEBOOK_LEVELS} in all (fewer bits, --per tensor, or --only)`,
      ),
    );
  });

  it('a number format has no levels to list', () => {
    expect(quantizeModel([tensor('a', 200, 1)], { ...OPTIONS, method: 'fixed' }).layers).toHaveLength(1);
  });
});

describe('what cells hold', () => {
  it.each([
    [{ kind: 'words', sign: 'differential', wordBits: 4, cellBits: 9 }, /^tensor "a": .*cellBits/],
    [{ kind: 'conductances', sign: 'offset', least: 1, most: 1 }, /^tensor "a": conductances from 1 to 1 S/],
  ] as const)('out of range: %o', (cells, message) => {
    const use = (): unknown => quantizeModel([tensor('a', 2, 2)], { ...OPTIONS, bits: 2, cells });
    expect(use).toThrow(UserError);
    expect(use).toThrow(message);
  });
});
