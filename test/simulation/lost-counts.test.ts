// What once was lost or counted twice between a network and its figures: counts, shapes and names. The right values are
// worked out by hand in each title.

import { describe, expect, it } from 'vitest';
import { networkOf } from '../../src/workload/index.js';
import { diskPresets } from '../../src/config/files.node.js';
import { loadConfig } from '../../src/config/index.js';
import { loaded, resultOf } from '../helpers.js';

const MAP = '{ channels: 8, height: 8, width: 8 }';
const SEQUENCE = '{ features: 28, steps: 28 }';

const text = (layers: readonly string[], input = MAP): string =>
  `name: n\ninput: ${input}\nlayers:\n${layers.map((layer) => `  - { ${layer} }\n`).join('')}`;
const of = (layers: readonly string[], input = MAP, preset = 'pipelayer', sets: readonly string[] = []) =>
  resultOf(preset, ['network=n.yaml', 'workload.mode=inference', 'workload.images=1', ...sets], {
    'n.yaml': text(layers, input),
  });
type Run = ReturnType<typeof of>;

const count = ({ actions }: Run, component: string, action: string): number =>
  actions.reduce((sum, a) => sum + (a.component === component && a.action === action ? Number(a.count) : 0), 0);
const macs = ({ layers }: Run): number[] => layers.map((layer) => layer.macs);

describe('residual additions', () => {
  const chain = (blocks: number): string[] => [
    'name: a0, type: conv2d, channels: 8, kernel: 1',
    ...Array.from({ length: blocks }, (_, i) => [
      `name: c${i + 1}, from: a${i}, type: conv2d, channels: 8, kernel: 1`,
      `name: a${i + 1}, from: [c${i + 1}, a${i}], type: add`,
    ]).flat(),
    'name: out, type: dense, features: 4',
  ];

  it.each([1, 3, 10])('%i identity blocks on 8 x 4 x 4: each sum once, 128 N', (blocks) => {
    const input = '{ channels: 8, height: 4, width: 4 }';
    expect(count(of(chain(blocks), input), 'add', 'add')).toBe(128 * blocks);
  });

  it('ResNet-18: 752,640; a sum is stored once, and the first map is kept for no later block', () => {
    const result = resultOf('pipelayer', ['network=resnet-18', 'workload.mode=inference', 'workload.images=1']);
    expect(count(result, 'add', 'add')).toBe(752_640);
    const { layers } = networkOf(loadConfig(diskPresets, ['networks'], 'resnet-18'));
    // A block's sum is read by the two stages behind it: its first convolution and the next sum (or the shortcut's).
    expect(Math.max(...layers.map(({ consumers }) => consumers.length))).toBe(2);
    expect(layers[0]!.consumers).toEqual([2, 3]);
  });
});

describe('sequences keep their steps', () => {
  it('dense over 28 x 28 -> 10: 7,840 multiply-accumulates, 28 vectors', () => {
    const result = of(['name: d, type: dense, features: 10'], SEQUENCE);
    expect([macs(result), result.layers[0]!.positions]).toEqual([[7840], 28]);
  });

  it('flatten keeps steps: a dense layer behind 28 hidden states of 64 has 1,792 rows', () => {
    const { layers } = of(
      ['name: l, type: lstm, hidden: 64', 'name: f, type: flatten', 'name: d, type: dense, features: 10'],
      SEQUENCE,
    );
    expect([layers[1]!.rows, layers[1]!.macs]).toEqual([1792, 17_920]);
  });

  it('an LSTM behind a dense layer runs all 28 steps: 530,432', () => {
    expect(macs(of(['name: d, type: dense, features: 10', 'name: l, type: lstm, hidden: 64'], SEQUENCE))).toEqual([
      7840, 530_432,
    ]);
  });

  it('recurrent layers give the sequence unless `output: last` is said', () => {
    const positions = (output: string): number =>
      of([`name: l, type: gru, hidden: 8${output}`, 'name: d, type: dense, features: 2'], SEQUENCE).layers[1]!
        .positions;
    expect([positions(''), positions(', output: sequence'), positions(', output: last')]).toEqual([28, 28, 1]);
  });

  it('a sequence and a vector of the same width are added at each step (28 x 28), as ONNX broadcasts', () => {
    const sum = (last: string): Run =>
      of(
        [
          'name: l, type: lstm, hidden: 28',
          `name: last, from: l, type: lstm, hidden: ${last}, output: last`,
          'name: a, from: [l, last], type: add',
        ],
        SEQUENCE,
      );
    expect(count(sum('28'), 'add', 'add')).toBe(784);
    expect(() => sum('27')).toThrow(/layer "a":/);
  });
});

describe('pools and functions are done once, where their values are', () => {
  const CONV = 'name: c, type: conv2d, channels: 8, kernel: 1';
  const DENSE = 'name: d, type: dense, features: 4';
  const compares = (layers: readonly string[], sets: readonly string[] = []): number =>
    count(of(layers, MAP, 'pipelayer', sets), 'pooling', 'compare');

  it.each([
    ['1 x 1, stride 2: 128 of 512 places', 'kernel: 1, stride: 2', 8 * 16],
    ['3 x 3, stride 1: 6 x 6 windows of 9 places', 'kernel: 3, stride: 1', 8 * 36 * 9],
    ['3 x 3, stride 1, padding 1: the 22 x 22 places inside the map', 'kernel: 3, stride: 1, padding: 1', 8 * 22 * 22],
    ['3 x 3, stride 2: 3 x 3 windows', 'kernel: 3, stride: 2', 8 * 9 * 9],
    ['2 x 2, dilation 3, stride 1: 5 x 5 windows', 'kernel: 2, stride: 1, dilation: 3', 8 * 25 * 4],
    ['5 x 1, stride 5', 'kernel: [5, 1], stride: [5, 1]', 8 * 8 * 5],
  ])('a pool of %s', (_, pool, places) => {
    expect(compares([CONV, `name: p, type: maxpool, ${pool}`, DENSE])).toBe(places);
  });

  it('before the first weight layer, and behind a fork: 512 and 3,872 places', () => {
    expect(compares(['name: p, type: maxpool, kernel: 2', CONV, DENSE])).toBe(512);
    expect(
      compares([
        CONV,
        'name: b1, from: c, type: conv2d, channels: 8, kernel: 1',
        'name: p, from: c, type: maxpool, kernel: 3, stride: 1, padding: 1',
        'name: b2, from: p, type: conv2d, channels: 8, kernel: 1',
        'name: k, from: [b1, b2], type: concat',
        DENSE,
      ]),
    ).toBe(3872);
  });

  it('the pool of a fork is done once where both branches read it', () => {
    const branch = (name: string): string => `name: ${name}, from: p, type: conv2d, channels: 8, kernel: 1`;
    expect(
      compares([
        CONV,
        'name: p, type: maxpool, kernel: 2',
        branch('b1'),
        branch('b2'),
        'name: k, from: [b1, b2], type: add',
      ]),
    ).toBe(512);
  });

  it('ReLU and pool behind an addition: 512 look-ups and 512 compares, once', () => {
    const result = of([
      'name: c1, from: input, type: conv2d, channels: 8, kernel: 1',
      'name: c2, from: input, type: conv2d, channels: 8, kernel: 1',
      'name: a, from: [c1, c2], type: add',
      'name: r, type: relu',
      'name: p, type: maxpool, kernel: 2',
      DENSE,
    ]);
    expect([count(result, 'activation', 'lookup'), count(result, 'pooling', 'compare')]).toEqual([512, 512]);
  });

  it('two functions in a row and one at a fork: each (2 x 512, and one before two readers 512)', () => {
    const twice = of([CONV, 'name: r, type: relu', 'name: t, type: tanh', DENSE]);
    expect(count(twice, 'activation', 'lookup')).toBe(1024);
    const fork = of([
      CONV,
      'name: r, type: relu',
      'name: c1, from: r, type: conv2d, channels: 8, kernel: 1',
      'name: c2, from: r, type: conv2d, channels: 8, kernel: 1',
      'name: c3, from: c, type: conv2d, channels: 8, kernel: 1',
      'name: a, from: [c1, c2, c3], type: add',
    ]);
    expect(count(fork, 'activation', 'lookup')).toBe(512);
  });

  it('a fork before an activation, `buffers.pooling: after`: the buffer holds the largest that a reader needs', () => {
    const { buffers } = of(
      [
        'name: c0, type: conv2d, channels: 8, kernel: 1',
        'name: r, from: c0, type: relu',
        'name: p, type: maxpool, kernel: 2',
        'name: c1, type: conv2d, channels: 8, kernel: 1',
        'name: c2, from: c0, type: conv2d, channels: 8, kernel: 1, stride: 2',
        'name: a, from: [c1, c2], type: add',
        DENSE,
      ],
      MAP,
      'pipelayer',
      ['buffers.pooling=after'],
    );
    expect(buffers.find(({ layer }) => layer === 'c0')!.entryBits).toBeGreaterThanOrEqual(512 * 16);
  });
});

describe('windows that cannot be', () => {
  it.each([3, 5])('`padding: same` with dilation 2^52 + 1 of a %i wide kernel is refused', (kernel) => {
    const conv = `name: c, type: conv2d, channels: 8, kernel: ${kernel}, padding: same, dilation: 4503599627370497`;
    expect(() => of([conv])).toThrow(/^n\.yaml:4:\d+: layers\.0\.\w+: layer "c": /);
  });

  it.each([
    [3, 1_000_001],
    // Two taps 2^52 + 1 apart span 2^52 + 2, which is exact.
    [2, 2 ** 52 + 1],
  ])('`padding: same` with a dilation that fits keeps the 64 positions: %i wide, %i apart', (kernel, dilation) => {
    const conv = `name: c, type: conv2d, channels: 8, kernel: ${kernel}, padding: same, dilation: ${dilation}`;
    expect(of([conv]).layers[0]!.positions).toBe(64);
  });
});

describe('names are names', () => {
  const NAMES = ['toString', 'constructor', '__proto__', '(network)', 'hasOwnProperty', '7', '-1'];

  /** The figures of a run of three layers, by place in the lists. */
  const figures = (names: readonly string[], mode: string): unknown => {
    const layers = names.map((name) => `name: ${JSON.stringify(name)}, type: dense, features: 16`);
    const { energy, power, area, utilization, operators, notes } = of(layers, '{ features: 16 }', 'pipelayer', [
      `workload.mode=${mode}`,
      'workload.batch=1',
    ]);
    return [
      energy.byLayerJ.map(({ energyJ }) => energyJ),
      energy.byOperatorJ.map(({ energyJ }) => energyJ),
      [power.byLayerW, power.leakageByLayerW, area.byLayerMm2].map((by) => Object.values(by).sort((a, b) => a - b)),
      utilization.byLayer.map((one) => ({ ...one, name: '' })),
      operators.map(({ energyJ, timeS }) => [energyJ, timeS]),
      notes.length,
    ];
  };

  it.each(['inference', 'training'])(
    '%s: layers named toString, __proto__, (network), 7 have the same figures',
    (mode) => {
      const plain = figures(['a', 'b', 'c'], mode);
      for (const name of NAMES) {
        expect(figures([name, 'b', 'c'], mode), name).toEqual(plain);
        expect(figures(['a', name, 'c'], mode), name).toEqual(plain);
      }
    },
  );

  it('what belongs to no layer keeps a name of its own', () => {
    const { energy } = of(['name: (network), type: dense, features: 4'], MAP, 'pipelayer', [
      'workload.mode=training',
      'workload.batch=1',
    ]);
    expect(energy.byLayerJ.map(({ name }) => name)).toEqual(['(network)', '((network))']);
  });
});

describe('parameters', () => {
  it('weights and biases, both named: conv 64 + 8, dense 2,048 + 4', () => {
    const { layers, networkTotals } = of([
      'name: c, type: conv2d, channels: 8, kernel: 1',
      'name: d, type: dense, features: 4',
    ]);
    expect(layers.map(({ weights, biases }) => [weights, biases])).toEqual([
      [64, 8],
      [2048, 4],
    ]);
    expect(networkTotals).toMatchObject({ parameters: 2112, biases: 12 });
    const none = of(['name: d, type: dense, features: 4, bias: false']);
    expect(none.networkTotals).toMatchObject({ parameters: 2048, biases: 0 });
  });

  it('LeNet-5: 61,470 weights and 236 biases, 61,706 in all', () => {
    const { network } = loaded('pipelayer', ['network=lenet-5']);
    expect([network.weights, network.biases]).toEqual([61_470, 236]);
  });
});
