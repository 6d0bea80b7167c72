import { describe, expect, it } from 'vitest';
import { adaptiveRate, adderBackward, adderForward, adderOutputSize, type AdderShape } from '../../src/numerics/adder-layer.js';
import { goldenJson, hasGolden } from './golden.js';

const single: AdderShape = { n: 1, channelsIn: 1, height: 1, width: 1, channelsOut: 1, kernel: 1, stride: 1, pad: 0 };

describe('AdderNet layer', () => {
  it('is a negative distance; padding adds -|F|', () => {
    expect([...adderForward(single, [3], [1])]).toEqual([-2]);
    const padded = { ...single, kernel: 3, pad: 1 };
    expect([...adderForward(padded, [0], [1, 2, 3, 4, 5, 6, 7, 8, 9])]).toEqual([-45]);
  });

  it('gradients: X - F for filters, HardTanh(F - X) for inputs (Chen et al. 2020, section 3.2)', () => {
    expect(adderBackward(single, [3], [1], [0.5])).toEqual({ input: Float64Array.of(-0.5), filter: Float64Array.of(1) });
    expect(adderBackward(single, [0.75], [1], [2])).toEqual({ input: Float64Array.of(0.5), filter: Float64Array.of(-0.5) });
  });

  it('the adaptive rate gives every layer the same step length eta sqrt(k) (section 3.3)', () => {
    const gradient = [3, 4, 0, 0];
    const rate = adaptiveRate(gradient);
    expect(Math.hypot(...gradient.map((g) => g * rate))).toBeCloseTo(0.2 * 2, 12);
    expect(Number.isFinite(adaptiveRate([0, 0]))).toBe(true);
  });

  it('refuses arrays that do not fit', () => {
    expect(() => adderForward(single, [1, 2], [1])).toThrow('the input has 2 elements, its shape 1');
  });

  it.skipIf(!hasGolden)('addernet_conv.json: forward and both gradients of the authors\' code (needs ../shared)', () => {
    interface Case { n: number; cin: number; h: number; w: number; cout: number; k: number; stride: number; pad: number; x: number[]; weight: number[]; y: number[]; yshape: number[]; gradY: number[]; gradX_code: number[]; gradX_ref: number[]; gradW_raw: number[]; gradW_code: number[]; gradW_l2: number }
    const { cases } = goldenJson('golden/formats/addernet_conv.json') as { cases: Case[] };
    expect(cases).toHaveLength(6);
    for (const c of cases) {
      const shape: AdderShape = { n: c.n, channelsIn: c.cin, height: c.h, width: c.w, channelsOut: c.cout, kernel: c.k, stride: c.stride, pad: c.pad };
      expect([c.n, c.cout, ...adderOutputSize(shape)]).toEqual(c.yshape);
      expect([...adderForward(shape, c.x, c.weight)].map((y) => y + 0)).toEqual(c.y.map((y) => y + 0));
      const { input, filter } = adderBackward(shape, c.x, c.weight, c.gradY);
      for (const expected of [c.gradX_ref, c.gradX_code]) expect([...input].map((g) => g + 0)).toEqual(expected.map((g) => g + 0));
      expect([...filter].map((g) => g + 0)).toEqual(c.gradW_raw.map((g) => g + 0));
      expect(Math.hypot(...filter)).toBeCloseTo(c.gradW_l2, 11);
      // The authors' code computes in float32.
      filter.forEach((g, i) => { expect(g * adaptiveRate(filter)).toBeCloseTo(c.gradW_code[i]!, 5); });
    }
  });
});
