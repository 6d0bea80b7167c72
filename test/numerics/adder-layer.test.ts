import { describe, expect, it } from 'vitest';
import {
  adaptiveRate,
  adderBackward,
  adderForward,
  adderOutputSize,
  type AdderShape,
} from '../../src/numerics/adder-layer.js';
import { goldenJson } from './golden.js';

const single: AdderShape = { n: 1, channelsIn: 1, height: 1, width: 1, channelsOut: 1, kernel: 1, stride: 1, pad: 0 };

describe('AdderNet layer', () => {
  it('is a negative distance; padding adds -|F|', () => {
    expect([...adderForward(single, [3], [1])]).toEqual([-2]);
    const padded = { ...single, kernel: 3, pad: 1 };
    expect([...adderForward(padded, [0], [1, 2, 3, 4, 5, 6, 7, 8, 9])]).toEqual([-45]);
  });

  it('gradients: X - F for filters, HardTanh(F - X) for inputs (Chen et al. 2020, section 3.2)', () => {
    expect(adderBackward(single, [3], [1], [0.5])).toEqual({
      input: Float64Array.of(-0.5),
      filter: Float64Array.of(1),
    });
    expect(adderBackward(single, [0.75], [1], [2])).toEqual({
      input: Float64Array.of(0.5),
      filter: Float64Array.of(-0.5),
    });
  });

  it('the adaptive rate gives every layer the same step length eta sqrt(k) (section 3.3)', () => {
    const gradient = [3, 4, 0, 0];
    const rate = adaptiveRate(gradient);
    expect(Math.hypot(...gradient.map((g) => g * rate))).toBeCloseTo(0.2 * 2, 12);
    expect(Number.isFinite(adaptiveRate([0, 0]))).toBe(true);
  });

  it(
    'gradients are the slopes of half the squared distance (filters) and of its clipped form (inputs), by ' +
      'finite differences',
    () => {
      const shape: AdderShape = {
        n: 1,
        channelsIn: 2,
        height: 4,
        width: 3,
        channelsOut: 2,
        kernel: 2,
        stride: 1,
        pad: 1,
      };
      const [rows, columns] = adderOutputSize(shape);
      const at = (length: number, seed: number): number[] => Array.from({ length }, (_, i) => Math.sin(seed + 3 * i));
      const [input, filters, slope] = [at(24, 1), at(16, 2), at(2 * rows * columns, 3)];
      const { filter, input: inputGradient } = adderBackward(shape, input, filters, slope);
      // X - F is the gradient of -1/2 sum (X - F)^2, and HardTanh(F - X) = F - X where they are closer than 1.
      const loss = (x: readonly number[], f: readonly number[], term: (distance: number) => number): number => {
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
                      term((inside ? x[channel * 12 + y * 3 + z]! : 0) - f[((out * 2 + channel) * 2 + i) * 2 + j]!) *
                      slope[(out * rows + row) * columns + column]!;
                  }
            }
        return total;
      };
      const difference = (values: readonly number[], i: number, of: (changed: number[]) => number): number =>
        (of(values.with(i, values[i]! + 1e-6)) - of(values.with(i, values[i]! - 1e-6))) / 2e-6;
      const square = (d: number): number => (-d * d) / 2;
      const huber = (d: number): number => (Math.abs(d) <= 1 ? (-d * d) / 2 : 0.5 - Math.abs(d));
      filter.forEach((g, i) => {
        expect(g).toBeCloseTo(
          difference(filters, i, (f) => loss(input, f, square)),
          6,
        );
      });
      inputGradient.forEach((g, i) => {
        expect(g).toBeCloseTo(
          difference(input, i, (x) => loss(x, filters, huber)),
          6,
        );
      });
      const y = adderForward(shape, input, filters);
      expect(y.reduce((sum, value, i) => sum + value * slope[i]!, 0)).toBeCloseTo(
        loss(input, filters, (d) => -Math.abs(d)),
        9,
      );
    },
  );

  it('refuses arrays that do not fit', () => {
    expect(() => adderForward(single, [1, 2], [1])).toThrow('the input has 2 elements, its shape 1');
    expect(() => adderForward({ ...single, kernel: 3 }, [1], [1])).toThrow('a kernel of 3 does not fit into 1 x 1');
    expect(() => adderBackward({ ...single, stride: 0 }, [1], [1], [1])).toThrow('stride is 0');
  });

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
      const shape: AdderShape = {
        n: c.n,
        channelsIn: c.cin,
        height: c.h,
        width: c.w,
        channelsOut: c.cout,
        kernel: c.k,
        stride: c.stride,
        pad: c.pad,
      };
      expect([c.n, c.cout, ...adderOutputSize(shape)]).toEqual(c.yshape);
      expect([...adderForward(shape, c.x, c.weight)].map((y) => y + 0)).toEqual(c.y.map((y) => y + 0));
      const { input, filter } = adderBackward(shape, c.x, c.weight, c.gradY);
      for (const expected of [c.gradX_ref, c.gradX_code])
        expect([...input].map((g) => g + 0)).toEqual(expected.map((g) => g + 0));
      expect([...filter].map((g) => g + 0)).toEqual(c.gradW_raw.map((g) => g + 0));
      expect(Math.hypot(...filter)).toBeCloseTo(c.gradW_l2, 11);
      // The authors' code computes in float32.
      filter.forEach((g, i) => {
        expect(g * adaptiveRate(filter)).toBeCloseTo(c.gradW_code[i]!, 5);
      });
    }
  });
});
