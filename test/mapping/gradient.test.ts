// Gradient arrays, worked out by hand (docs/model.md section 3).

import { describe, expect, it } from 'vitest';
import { planGradient, type GradientKnobs } from '../../src/mapping/gradient.js';
import { CONV_DENSE, LSTM, layersOf } from './networks.js';

const [conv, fc] = CONV_DENSE as [(typeof CONV_DENSE)[0], (typeof CONV_DENSE)[0]];
const unrolled: GradientKnobs = { mapping: 'unrolled', copies: 1, steps: 1 };
const plain: GradientKnobs = { ...unrolled, mapping: 'plain' };

describe('gradient arrays', () => {
  it('unrolled: places by unrolled windows, a vector a kernel', () => {
    expect(planGradient(conv, unrolled, false)).toEqual({
      matrix: { rows: 15, columns: 18, groups: 2 },
      vectors: 4,
      replication: 1,
      waves: 4,
    });
  });

  it('plain: input places by channels, a shifted vector a tap', () => {
    expect(planGradient(conv, plain, false)).toEqual({
      matrix: { rows: 60, columns: 2, groups: 2 },
      vectors: 36,
      replication: 1,
      waves: 36,
    });
  });

  it.each([unrolled, plain])('a dense layer is the same either way (%o)', (knobs) => {
    expect(planGradient(fc, knobs, false)).toMatchObject({ matrix: { rows: 1, columns: 120, groups: 1 }, vectors: 10 });
  });

  it.each([unrolled, plain])(
    'a recurrent layer: steps by features and hidden, a vector a gate column (%o)',
    (knobs) => {
      expect(planGradient(LSTM, knobs, false)).toMatchObject({
        matrix: { rows: 5, columns: 10, groups: 1 },
        vectors: 16,
      });
    },
  );

  it('a column of ones gives the gradients of biases, where there are any', () => {
    const [plain, biased] = layersOf(
      'features: 7',
      'name: plain, type: dense, features: 3, bias: false',
      'name: biased, type: dense, features: 2',
    );
    expect(planGradient(plain!, unrolled, true).matrix.columns).toBe(7);
    expect(planGradient(biased!, unrolled, true).matrix.columns).toBe(4);
    expect(planGradient(biased!, unrolled, false).matrix.columns).toBe(3);
  });

  it('kernels that are not square count their taps', () => {
    const [wide] = layersOf(
      'channels: 3, height: 6, width: 6',
      'name: c, type: conv2d, channels: 5, kernel: [2, 3], padding: valid',
    );
    expect(planGradient(wide!, unrolled, false).matrix).toEqual({ rows: 20, columns: 18, groups: 1 });
    expect(planGradient(wide!, plain, false)).toMatchObject({
      matrix: { rows: 36, columns: 3, groups: 1 },
      vectors: 30,
    });
  });

  it.each([
    ['balanced to steps', { ...plain, copies: 'balanced', steps: 7 }, 6, 6],
    ['a number for all', { ...plain, copies: 5 }, 5, 8],
    ['no more than vectors', { ...plain, copies: 99 }, 36, 1],
    ['by name', { ...plain, copies: { conv: 12 } }, 12, 3],
    ['one where the name is not there', { ...plain, copies: { other: 12 } }, 1, 36],
  ] as const)('replication: %s', (_, knobs, replication, waves) => {
    expect(planGradient(conv, knobs, false)).toMatchObject({ replication, waves });
  });
});
