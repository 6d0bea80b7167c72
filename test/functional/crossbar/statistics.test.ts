// What cells and converters do wrong, against closed forms; draws that depend on their names alone.

import { describe, expect, test } from 'vitest';
import { idealOptions, type CrossbarOptions } from '../../../src/functional/crossbar/options.js';
import { CrossbarProduct } from '../../../src/functional/crossbar/product.js';
import { LAYOUT, withCells } from './differential.js';

/** Mean and standard deviation. */
function moments(values: ArrayLike<number>): { mean: number; deviation: number } {
  let mean = 0;
  for (let i = 0; i < values.length; i++) mean += values[i]! / values.length;
  let square = 0;
  for (let i = 0; i < values.length; i++) square += (values[i]! - mean) ** 2;
  return { mean, deviation: Math.sqrt(square / (values.length - 1)) };
}

const programming = { relativeTo: 'range', distribution: 'normal', levels: null, verify: null } as const;

describe('read noise', () => {
  /** 128 rows of weight 2 (one cell of level 2) driven with 1 in one slot. */
  const column = (options: CrossbarOptions, vectors: number): Float64Array => {
    const values = new Int32Array(128).fill(2);
    const product = new CrossbarProduct({ name: 'm', rows: 128, columns: 1, values }, options, {
      inputs: { bits: 1, signed: false },
    });
    const out = new Float64Array(vectors);
    product.forward(new Int32Array(128 * vectors).fill(1), vectors, out);
    return out;
  };

  test.each([
    ['conductance', 'fast'],
    ['range', 'fast'],
    ['conductance', 'float64'],
  ] as const)('relative to %s (%s): deviation within 0.01 of theory over 100,000 draws', (relativeTo, precision) => {
    const deviation = 0.05;
    const out = column(withCells({ read: { deviation, relativeTo } }, { precision }), 100_000);
    const { mean, deviation: found } = moments(out);
    // Lines without weights (levels 0) are silent, or read with the range's noise: eight lines of weights 1, 4, 16, 64.
    const perCell = relativeTo === 'conductance' ? (deviation * 2) ** 2 : (deviation * 3) ** 2;
    const lines = relativeTo === 'conductance' ? 1 : 2 * (1 + 4 ** 2 + 16 ** 2 + 64 ** 2);
    const theory = Math.sqrt(128 * perCell * lines);
    expect(found / theory).toBeGreaterThan(0.99);
    expect(found / theory).toBeLessThan(1.01);
    expect(Math.abs(mean - 256)).toBeLessThan((4 * theory) / Math.sqrt(100_000));
  });

  test('a recurrent layer draws at each step: theory over 10,000 steps, one by one or at once', () => {
    const [deviation, steps] = [0.05, 10_000];
    const values = new Int32Array(128).fill(2);
    const made = (): CrossbarProduct =>
      new CrossbarProduct(
        { name: 'm', rows: 128, columns: 1, values },
        withCells({ read: { deviation, relativeTo: 'conductance' } }),
        { inputs: { bits: 1, signed: false } },
      );
    const inputs = new Int32Array(128 * steps).fill(1);
    const once = new Float64Array(steps);
    made().forward(inputs, steps, once, { image: 3, vectorsPerImage: steps });
    const product = made();
    const apart = new Float64Array(steps);
    for (let step = 0; step < steps; step++)
      product.forward(inputs.subarray(0, 128), 1, apart.subarray(step), { image: 3, vectorsPerImage: 1, from: step });
    expect(apart).toEqual(once);
    const found = moments(once);
    const theory = deviation * 2 * Math.sqrt(128);
    expect(Math.abs(found.deviation / theory - 1)).toBeLessThan(0.03);
    let together = 0;
    for (let step = 1; step < steps; step++)
      together += ((once[step]! - found.mean) * (once[step - 1]! - found.mean)) / (steps * theory ** 2);
    expect(Math.abs(together)).toBeLessThan(0.04);
    const other = new Float64Array(steps);
    made().forward(inputs, steps, other, { image: 4, vectorsPerImage: steps });
    expect(other.every((value, step) => value !== once[step])).toBe(true);
  });

  test('noise of conversions: a converter draws anew, codes do not fall below 0', () => {
    // Each slice of 106 is a level above 0; the lines of the other sign carry nothing.
    const [rows, vectors, noise] = [16, 20_000, 4];
    const converter = { ...idealOptions(LAYOUT).converter, bits: 10, noise };
    const values = new Int32Array(rows).fill(106);
    const product = new CrossbarProduct({ name: 'm', rows, columns: 1, values }, withCells({}, { converter }), {
      inputs: { bits: 1, signed: false },
    });
    const out = new Float64Array(vectors);
    product.forward(new Int32Array(rows * vectors).fill(1), vectors, out);
    const { mean, deviation } = moments(out);
    // Sums of 16 and 32 units lie four deviations and more above 0; a sum of 0 gives max(0, draw), of mean
    // noise / sqrt(2 pi) and variance noise^2 (1/2 - 1/(2 pi)); a code is rounded (1/12).
    const squares = 1 + 4 ** 2 + 16 ** 2 + 64 ** 2;
    const above = squares * (noise ** 2 + 1 / 12);
    const atZero = squares * (noise ** 2 * (1 / 2 - 1 / (2 * Math.PI)) + 1 / 24);
    expect(deviation / Math.sqrt(above + atZero)).toBeCloseTo(1, 1.5);
    const below = ((1 + 4 + 16 + 64) * noise) / Math.sqrt(2 * Math.PI);
    expect(Math.abs(mean - (rows * 106 - below))).toBeLessThan((4 * deviation) / Math.sqrt(vectors) + 1);
  });

  test.each([
    [{ deviation: 0.1, relativeTo: 'conductance' }, 0],
    [null, 3],
    [{ deviation: 0.1, relativeTo: 'range' }, 3],
  ] as const)('integers, floats and the reference draw the same numbers: cells %o, conversions %d', (read, noise) => {
    const converter = { ...idealOptions(LAYOUT).converter, bits: 8, noise };
    const run = (options: CrossbarOptions): Float64Array => {
      const values = Int32Array.from({ length: 40 * 6 }, (_, i) => ((i * 37) % 255) - 127);
      const product = new CrossbarProduct({ name: 'm', rows: 40, columns: 6, values }, options, {
        inputs: { bits: 8, signed: true },
      });
      const out = new Float64Array(20 * 6);
      product.forward(
        Int32Array.from({ length: 20 * 40 }, (_, i) => ((i * 53) % 256) - 128),
        20,
        out,
      );
      return out;
    };
    const integers = run(withCells({ read }, { converter }));
    // A limit that no sum reaches takes the way through floats.
    expect(run(withCells({ read }, { converter, currentLimit: 1e9 }))).toEqual(integers);
    expect(run(withCells({ read }, { converter, precision: 'float64' }))).toEqual(integers);
  });

  test('errors of converters: each trial draws its own; slices read one after the other meet the same ones', () => {
    const [rows, columns] = [6, 16];
    const converter = { ...idealOptions(LAYOUT).converter, bits: 12, offset: 40 };
    const values = new Int32Array(rows * columns).fill(1 + 4 + 16 + 64);
    const errorsOf = (trial: number, slices: 'arrays' | 'columns' = 'columns'): Float64Array => {
      const options = { ...withCells({}, { converter }), layout: { ...LAYOUT, slices } };
      const product = new CrossbarProduct({ name: 'm', rows, columns, values }, options, {
        inputs: { bits: 1, signed: false },
        errors: { bits: 1, signed: false },
        trial,
      });
      const out = new Float64Array(rows);
      product.transposed(new Int32Array(columns).fill(1), 1, out);
      return out.map((sum) => sum - columns * 85);
    };
    expect(errorsOf(1)).toEqual(errorsOf(1));
    expect(errorsOf(1)).not.toEqual(errorsOf(0));
    // One converter's offset, clipped at 0 in the array of the other sign, in all four slices: multiples of 85.
    for (const error of errorsOf(0)) expect(Math.abs(error % 85)).toBe(0);
    expect(errorsOf(0, 'arrays').some((error) => error % 85 !== 0)).toBe(true);
    const forward = (trial: number): Float64Array => {
      const product = new CrossbarProduct({ name: 'm', rows, columns, values }, withCells({}, { converter }), {
        trial,
      });
      const out = new Float64Array(columns);
      product.forward(new Int32Array(rows).fill(1), 1, out);
      return out;
    };
    expect(forward(1)).toEqual(forward(1));
    expect(forward(1)).not.toEqual(forward(0));
  });

  test('depends on the image, not on how images are batched', () => {
    const options = withCells({ read: { deviation: 0.1, relativeTo: 'conductance' } });
    const values = Int32Array.from({ length: 20 * 3 }, (_, i) => (i % 50) - 25);
    const inputs = Int32Array.from({ length: 12 * 20 }, (_, i) => i % 100);
    const run = (batch: number): Float64Array => {
      const product = new CrossbarProduct({ name: 'm', rows: 20, columns: 3, values }, options);
      const all = new Float64Array(12 * 3);
      // Four images of three vectors.
      for (let image = 0; image < 4; image += batch) {
        const out = new Float64Array(batch * 3 * 3);
        product.forward(inputs.subarray(image * 60, (image + batch) * 60), batch * 3, out, {
          image,
          vectorsPerImage: 3,
        });
        all.set(out, image * 9);
      }
      return all;
    };
    expect(run(1)).toEqual(run(4));
    expect(run(2)).toEqual(run(4));
  });
});

describe('cells', () => {
  /** What the cells of level 3 (weight 3) and of level 0 hold. */
  const held = (options: CrossbarOptions, trial = 0): { top: Float64Array; zero: Float64Array } => {
    const values = new Int32Array(128 * 100).fill(3);
    const product = new CrossbarProduct({ name: 'm', rows: 128, columns: 100, values }, options, { trial });
    const { conductances, digits } = product.tiles[0]!;
    const pick = (level: number): Float64Array => conductances!.filter((_, i) => digits[i] === level);
    return { top: pick(3), zero: pick(0) };
  };

  test('programming errors have the deviation that was asked for, and differ from trial to trial', () => {
    const options = withCells({ programming: { ...programming, deviation: 0.02 } });
    const { top, zero } = held(options);
    expect(moments(top).deviation / (0.02 * 3)).toBeCloseTo(1, 1);
    expect(moments(zero).deviation / (0.02 * 3)).toBeCloseTo(1, 1);
    expect(moments(zero).mean).toBeCloseTo(0, 2);
    expect(held(options)).toEqual(held(options));
    expect(held(options, 1)).not.toEqual(held(options));
  });

  test('lognormal errors keep the mean', () => {
    const { top } = held(
      withCells({
        programming: { ...programming, deviation: 0.3, distribution: 'lognormal', relativeTo: 'conductance' },
      }),
    );
    expect(moments(top).mean / 3).toBeCloseTo(1, 1);
    expect(moments(top).deviation / 0.9).toBeCloseTo(1, 1);
  });

  test('measured levels: each its own mean and deviation', () => {
    const levels = [
      { mean: 0, deviation: 0.0086 },
      { mean: 0.3846, deviation: 0.0335 },
      { mean: 0.7217, deviation: 0.0274 },
      { mean: 1, deviation: 0.0034 },
    ];
    const { top, zero } = held(withCells({ programming: { ...programming, deviation: 0, levels } }));
    expect(moments(top).mean / 3).toBeCloseTo(1, 3);
    expect(moments(top).deviation / 3 / 0.0034).toBeCloseTo(1, 1);
    expect(moments(zero).deviation / 3 / 0.0086).toBeCloseTo(1, 1);
  });

  test('write-verify leaves no cell outside of its tolerance while writes suffice', () => {
    const { top } = held(
      withCells({ programming: { ...programming, deviation: 0.1, verify: { tolerance: 0.05, writes: 100 } } }),
    );
    for (const g of top) expect(Math.abs(g - 3)).toBeLessThanOrEqual(0.15);
  });

  test('shares of stuck cells', () => {
    const { top, zero } = held(withCells({ stuckOn: 0.1, stuckOff: 0.05 }));
    const share = (values: Float64Array, g: number): number =>
      values.filter((value) => value === g).length / values.length;
    expect(share(zero, 3)).toBeCloseTo(0.1, 2);
    expect(share(top, 0)).toBeCloseTo(0.05, 1);
  });

  test('drift: ((t + t0) / t0)^-nu, and results scaled back where it is compensated', () => {
    const drift = { after: 3600, exponent: 0.049, deviation: 0, reference: 20, compensated: false };
    const { top } = held(withCells({ drift }));
    const left = (3620 / 20) ** -0.049;
    for (const g of top) expect(g).toBeCloseTo(3 * left, 12);
    // 0.775 of the conductance after an hour (aihwkit).
    expect(left).toBeCloseTo(0.775, 3);
    const product = new CrossbarProduct(
      { name: 'm', rows: 4, columns: 1, values: Int32Array.of(5, -7, 9, 100) },
      withCells({ drift: { ...drift, compensated: true } }),
    );
    const out = new Float64Array(1);
    product.forward(Int32Array.of(1, 2, -3, 4), 1, out);
    expect(out[0]).toBeCloseTo(5 - 14 - 27 + 400, 3);
  });

  test('drift whose exponent differs from cell to cell: results are scaled back by the mean share that is left', () => {
    const drift = { after: 3.15e7, exponent: 0.05, deviation: 0.04, reference: 20, compensated: true };
    const own = new CrossbarProduct(
      { name: 'm', rows: 128, columns: 64, values: new Int32Array(128 * 64).fill(100) },
      withCells({ drift }),
      { inputs: { bits: 1, signed: false } },
    );
    const out = new Float64Array(64);
    own.forward(new Int32Array(128).fill(1), 1, out);
    // A cell's share deviates by a third of its mean: 0.3 % of the mean over 128 x 64 cells of the largest slice.
    expect(Math.abs(moments(out).mean / 12_800 - 1)).toBeLessThan(0.01);
  });

  test('lost states: 1 - exp(-t / tau) of the cells', () => {
    const { top } = held(withCells({ retention: { after: 2, retention: 10 } }));
    expect(top.filter((g) => g === 0).length / top.length).toBeCloseTo(1 - Math.exp(-0.2), 1);
  });

  test('a finite on/off ratio changes nothing behind ideal converters, for either sign', () => {
    for (const sign of ['differential', 'offset'] as const)
      for (const reference of ['column', 'digital'] as const) {
        const product = new CrossbarProduct(
          { name: 'm', rows: 5, columns: 2, values: Int32Array.of(1, -2, 3, -4, 5, 6, -7, 8, -128 + 1, 127) },
          { ...withCells({ on: 1, off: 0.1 }, { precision: 'float64', reference }), layout: { ...LAYOUT, sign } },
        );
        const out = new Float64Array(2);
        product.forward(Int32Array.of(3, -1, 4, -128, 127), 1, out);
        expect(out[0]).toBeCloseTo(3 - 3 + 20 + 896 - 127 * 127, 8);
        expect(out[1]).toBeCloseTo(-6 + 4 + 24 - 128 * 8 + 127 * 127, 8);
      }
  });
});
