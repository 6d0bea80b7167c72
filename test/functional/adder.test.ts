import { describe, expect, it } from 'vitest';
import { adaptedGradient, adder, adderBackward } from '../../src/functional/operators/adder.js';
import type { Convolution } from '../../src/functional/operators/conv.js';
import type { Values } from '../../src/functional/operators/values.js';
import { goldenJson } from '../numerics/golden.js';
import { relativeError } from './graphs.js';

const values = (shape: readonly number[], data: readonly number[]) =>
  ({ shape, data: Float64Array.from(data) }) satisfies Values;
const square = (kernel: number, stride: number, pad: number): Convolution => ({
  kernel: [kernel, kernel],
  strides: [stride, stride],
  dilations: [1, 1],
  padBegin: [pad, pad],
  padEnd: [pad, pad],
  groups: 1,
});
const one = (x: number): Values => values([1, 1, 1, 1], [x]);

describe('AdderNet layer', () => {
  it('is a negative distance; padding adds -|F|', () => {
    expect([...adder(one(3), one(1), undefined, square(1, 1, 0)).data]).toEqual([-2]);
    const filter = values([1, 1, 3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect([...adder(one(0), filter, undefined, square(3, 1, 1)).data]).toEqual([-45]);
  });

  it('gradients: X - F for filters, HardTanh(F - X) for inputs (Chen et al. 2020, section 3.2)', () => {
    const gradients = (x: number, w: number, dy: number): number[] => {
      const { input, weight } = adderBackward(one(x), one(w), one(dy), square(1, 1, 0));
      return [input.data[0]!, weight.data[0]!];
    };
    expect(gradients(3, 1, 0.5)).toEqual([-0.5, 1]);
    expect(gradients(0.75, 1, 2)).toEqual([0.5, -0.5]);
  });

  it('its own step has the length eta sqrt(k) in every layer (section 3.3)', () => {
    expect(Math.hypot(...adaptedGradient(values([4], [3, 4, 0, 0]), 0.2).data)).toBeCloseTo(0.2 * 2, 12);
    expect([...adaptedGradient(values([2], [0, 0]), 0.2).data]).toEqual([0, 0]);
  });

  it(
    'gradients are the slopes of half the squared distance (filters) and of its clipped form (inputs), by ' +
      'finite differences',
    () => {
      const [rows, columns] = [5, 4];
      const at = (length: number, seed: number): number[] => Array.from({ length }, (_, i) => Math.sin(seed + 3 * i));
      const [input, filters, slope] = [at(24, 1), at(16, 2), at(2 * rows * columns, 3)];
      const x = values([1, 2, 4, 3], input);
      const w = values([2, 2, 2, 2], filters);
      const gradients = adderBackward(x, w, values([1, 2, rows, columns], slope), square(2, 1, 1));
      // X - F is the gradient of -1/2 sum (X - F)^2, and HardTanh(F - X) = F - X where they are closer than 1.
      const loss = (xs: readonly number[], fs: readonly number[], term: (distance: number) => number): number => {
        let total = 0;
        for (let out = 0; out < 2; out++)
          for (let row = 0; row < rows; row++)
            for (let column = 0; column < columns; column++) {
              for (let channel = 0; channel < 2; channel++)
                for (let i = 0; i < 2; i++)
                  for (let j = 0; j < 2; j++) {
                    const [y, z] = [row + i - 1, column + j - 1];
                    const inside = y >= 0 && y < 4 && z >= 0 && z < 3;
                    total +=
                      term((inside ? xs[channel * 12 + y * 3 + z]! : 0) - fs[((out * 2 + channel) * 2 + i) * 2 + j]!) *
                      slope[(out * rows + row) * columns + column]!;
                  }
            }
        return total;
      };
      const difference = (of: (changed: number[]) => number, numbers: readonly number[], i: number): number =>
        (of(numbers.with(i, numbers[i]! + 1e-6)) - of(numbers.with(i, numbers[i]! - 1e-6))) / 2e-6;
      const half = (d: number): number => (-d * d) / 2;
      const huber = (d: number): number => (Math.abs(d) <= 1 ? (-d * d) / 2 : 0.5 - Math.abs(d));
      gradients.weight.data.forEach((g, i) => {
        const slopeOf = difference((f) => loss(input, f, half), filters, i);
        expect(g).toBeCloseTo(slopeOf, 6);
      });
      gradients.input.data.forEach((g, i) => {
        const slopeOf = difference((changed) => loss(changed, filters, huber), input, i);
        expect(g).toBeCloseTo(slopeOf, 6);
      });
      const y = adder(x, w, undefined, square(2, 1, 1));
      expect(y.shape).toEqual([1, 2, rows, columns]);
      expect(Float64Array.from(y.data).reduce((sum, value, i) => sum + value * slope[i]!, 0)).toBeCloseTo(
        loss(input, filters, (d) => -Math.abs(d)),
        9,
      );
    },
  );

  it("addernet_conv.json: forward and both gradients of the authors' code", () => {
    interface Case {
      n: number;
      cin: number;
      h: number;
      w: number;
      cout: number;
      k: number;
      stride: number;
      pad: number;
      x: number[];
      weight: number[];
      y: number[];
      yshape: number[];
      gradY: number[];
      gradX_code: number[];
      gradX_ref: number[];
      gradW_raw: number[];
      gradW_code: number[];
      gradW_l2: number;
    }
    const { cases } = goldenJson('golden/formats/addernet_conv.json') as { cases: Case[] };
    expect(cases).toHaveLength(6);
    for (const c of cases) {
      const convolution = square(c.k, c.stride, c.pad);
      const x = values([c.n, c.cin, c.h, c.w], c.x);
      const w = values([c.cout, c.cin, c.k, c.k], c.weight);
      const y = adder(x, w, undefined, convolution);
      expect(y.shape).toEqual(c.yshape);
      expect(relativeError(y.data, c.y)).toBeLessThan(1e-15);
      const { input, weight } = adderBackward(x, w, values(c.yshape, c.gradY), convolution);
      for (const expected of [c.gradX_ref, c.gradX_code])
        expect(relativeError(input.data, expected)).toBeLessThan(1e-14);
      expect(relativeError(weight.data, c.gradW_raw)).toBeLessThan(1e-14);
      expect(Math.hypot(...weight.data)).toBeCloseTo(c.gradW_l2, 11);
      // The authors' code computes in float32.
      adaptedGradient(weight, 0.2).data.forEach((g, i) => {
        expect(g).toBeCloseTo(c.gradW_code[i]!, 5);
      });
    }
  });
});
