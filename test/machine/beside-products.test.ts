// What stands beside products is counted once, by hand: sums, pools, activations; paddings that cannot be counted are
// refused.

import { describe, expect, it } from 'vitest';
import type { Result } from '../../src/simulation/index.js';
import { loaded, resultOf } from '../helpers.js';

const files = (layers: readonly string[], input = '{ channels: 4, height: 8, width: 8 }'): Record<string, string> => ({
  'n.yaml': `name: n\ninput: ${input}\nlayers:\n${layers.map((layer) => `  - { ${layer} }\n`).join('')}`,
});
const conv = (name: string, from?: string): string =>
  `name: ${name}, type: conv2d, channels: 4, kernel: 3, padding: 1${from === undefined ? '' : `, from: ${from}`}`;
const sum = (name: string, from: readonly string[]): string => `name: ${name}, type: add, from: [${from.join(', ')}]`;
const reads = (from?: string): string => (from === undefined ? '' : `, from: ${from}`);
const pool = (kernel: number, stride: number, from?: string): string =>
  `name: pool${kernel}, type: maxpool, kernel: ${kernel}, stride: ${stride}${reads(from)}`;
const act = (name: string, type: string, from?: string): string =>
  `name: ${name}, type: ${type}${from === undefined ? '' : `, from: ${from}`}`;

/** How often an action is done, an image. */
const counted = ({ actions, images }: Result, component: string, action: string): number =>
  actions.reduce(
    (all, one) => all + (one.component === component && one.action === action ? Number(one.count) : 0),
    0,
  ) / images;

describe('counts of a map of 4 x 8 x 8 = 256 values', () => {
  const residual = [0, 1, 2, 3, 4].flatMap((i) => {
    const before = i === 0 ? 'stem' : `sum${i - 1}`;
    return [conv(`conv${i}`, before), sum(`sum${i}`, [`conv${i}`, before])];
  });
  it.each<[string, string[], [component: string, action: string], number]>([
    ['five residual blocks: 5 x 256', [conv('stem'), ...residual], ['add', 'add'], 1280],
    [
      'a sum of three with two readers, summed again: 2 x 256 + 256',
      [
        ...[conv('a'), conv('b', 'input'), conv('c', 'input'), sum('s', ['a', 'b', 'c'])],
        ...[conv('d', 's'), conv('e', 's'), sum('t', ['d', 'e'])],
      ],
      ['add', 'add'],
      768,
    ],
    [
      'overlapping windows in front: 3 x 3 places of 9 values, 4 maps',
      [pool(3, 2), conv('a')],
      ['pooling', 'compare'],
      324,
    ],
    [
      'windows with gaps: 3 x 3 places of 4 values, 4 maps',
      [conv('a'), pool(2, 3), conv('b')],
      ['pooling', 'compare'],
      144,
    ],
    [
      'a pool behind a sum, once: 4 x 4 places of 4 values, 4 maps',
      [conv('a'), conv('b', 'input'), sum('s', ['a', 'b']), pool(2, 2), conv('c')],
      ['pooling', 'compare'],
      256,
    ],
    [
      'three functions in a row',
      [conv('a'), act('f', 'relu'), act('g', 'sigmoid'), act('h', 'tanh'), conv('b')],
      ['activation', 'lookup'],
      768,
    ],
    [
      'two functions of one map',
      [
        ...[conv('a'), act('f', 'relu', 'a'), act('g', 'tanh', 'a')],
        ...[conv('b', 'f'), conv('c', 'g'), sum('s', ['b', 'c'])],
      ],
      ['activation', 'lookup'],
      512,
    ],
  ])('%s', (_, layers, [component, action], expected) => {
    expect(counted(resultOf('isaac', ['network=n.yaml'], files(layers)), component, action)).toBe(expected);
  });
});

it('a sequence and a vector are added step by step; a recurrent layer behind a dense one runs every step', () => {
  const { network } = loaded(
    'isaac',
    ['network=n.yaml'],
    files(
      [
        'name: d, type: dense, features: 6',
        'name: l, type: lstm, hidden: 5, from: d',
        'name: m, type: lstm, hidden: 5, output: last, from: d',
        sum('s', ['l', 'm']),
        'name: e, type: dense, features: 3',
      ],
      '{ steps: 7, features: 4 }',
    ),
  );
  // 7 x 4 x 6; twice 7 x 4 gates x 5 x (6 + 5); 7 x 5 x 3. The vector of 5 meets each of 7 steps.
  expect(network.layers.map(({ name, macs, adds }) => [name, macs, adds])).toEqual([
    ['d', 168, 0],
    ['l', 1540, 0],
    ['m', 1540, 35],
    ['e', 105, 0],
  ]);
});

describe('paddings whose values cannot be counted', () => {
  it.each([
    [
      ['name: a, type: conv2d, channels: 2, kernel: 3, padding: 4503599627370496'],
      'layers.0.kernel: layer "a": a padding',
    ],
    [['name: a, type: conv2d, channels: 2, kernel: 3, padding: 9007199254740993'], 'layers.0.padding: found'],
    [
      ['name: a, type: conv2d, channels: 2, kernel: 3, padding: same, dilation: 4503599627370495'],
      'layers.0.kernel: layer "a": a padding',
    ],
    [['name: a, type: conv2d, channels: 2, kernel: 3, padding: 100000000'], 'layers.0: layer "a" is too large'],
  ])('%j', (layers, message) => {
    expect(() => loaded('isaac', ['network=n.yaml'], files(layers))).toThrow(message);
  });
});
