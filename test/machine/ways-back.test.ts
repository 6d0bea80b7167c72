// Who waits for errors, adds them, masks and routes them, and what masks take: worked out by hand on small layers.

import { describe, expect, it } from 'vitest';
import { resultOf } from '../helpers.js';

type Run = ReturnType<typeof resultOf>;

/** A run of the layers given, one image. */
function run(preset: string, mode: string, layers: readonly string[], sets: readonly string[] = []): Run {
  const [input, ...rest] = layers;
  const file = ['name: small', `input: { ${input} }`, 'layers:', ...rest.map((one) => `  - { ${one} }`), ''];
  const { outputs, given } = sets.reduce(
    (all, set) =>
      set.startsWith('outputs=')
        ? { ...all, outputs: [`outputs: ${set.slice('outputs='.length)}`] }
        : { ...all, given: [...all.given, set] },
    { outputs: [] as string[], given: [] as string[] },
  );
  return resultOf(
    preset,
    [
      ...['network=small.yaml', `workload.mode=${mode}`, 'workload.batch=1'],
      mode === 'attack' ? 'workload.iterations=1' : 'workload.images=1',
      ...given,
    ],
    { 'small.yaml': [...file, ...outputs, ''].join('\n') },
  );
}

/** How often a stage does an action of a component; 0 where it does not. */
const count = ({ actions }: Run, pass: string, layer: string, action: string): number =>
  actions
    .filter((of) => of.pass === pass && of.layer === layer && `${of.component}.${of.action}` === action)
    .reduce((sum, of) => sum + Number(of.count), 0);

/** `writer>readers` of the buffers whose names begin so. */
const flowOf = ({ buffers }: Run, start: string): string[] =>
  buffers
    .filter(({ name }) => name.startsWith(start))
    .map(({ name, writer, readers }) => `${name}:${writer}>${readers.join()}`);

const bitsOf = ({ buffers }: Run, name: string): number | undefined =>
  buffers.find((buffer) => buffer.name === name)?.entryBits;

const conv = (name: string, channels: number, rest = ''): string =>
  `name: ${name}, type: conv2d, channels: ${channels}, kernel: 3, padding: 1${rest}`;

describe('a layer that the network gives and others read: four convolutions of 8 x 8 x 8', () => {
  const layers = ['channels: 8, height: 8, width: 8', ...['c1', 'c2', 'c3', 'c4'].map((name) => conv(name, 8))];
  const ends = run('pipelayer', 'training', layers, ['outputs=[c4]']);
  const both = run('pipelayer', 'training', layers, ['outputs=[c2, c4]']);

  it('waits for the errors of its readers, too: 2L + B + 1 = 10 logical cycles', () => {
    expect(ends.time.logicalCycles).toBe(10);
    expect(both.time.logicalCycles).toBe(10);
    expect(flowOf(both, 'e2')).toEqual(['e2.(network):E>B2,G2', 'e2.c3:B3>B2,G2']);
  });

  it('adds both errors: 8 x 8 x 8 sums', () => {
    expect(count(both, 'B', 'c2', 'add.add')).toBe(512);
    expect(count(ends, 'B', 'c2', 'add.add')).toBe(0);
  });
});

describe('errors meet behind views as without them', () => {
  const added = (...views: string[]): number =>
    count(
      run('a3-shared', 'attack', [
        'channels: 8, height: 4, width: 4',
        conv('c', 16),
        ...views,
        'name: a, from: v, type: conv2d, channels: 8, kernel: 1',
        'name: b, from: w, type: conv2d, channels: 8, kernel: 1',
        'name: s, from: [a, b], type: add',
        'name: f, type: dense, features: 4',
      ]),
      'B',
      'c',
      'add.add',
    );

  it.each([
    [
      'two readers of 16 x 4 x 4 values',
      256,
      ['name: v, type: reshape, shape: [16, 4, 4]', 'name: w, from: v, type: reshape, shape: [16, 4, 4]'],
    ],
    [
      'two halves, which nobody adds',
      0,
      [
        'name: v, from: c, type: slice, starts: [0, 0, 0], sizes: [8, 4, 4]',
        'name: w, from: c, type: slice, starts: [8, 0, 0], sizes: [8, 4, 4]',
      ],
    ],
    [
      'the whole and a half',
      128,
      [
        'name: v, from: c, type: reshape, shape: [16, 4, 4]',
        'name: w, from: c, type: slice, starts: [8, 0, 0], sizes: [8, 4, 4]',
      ],
    ],
    [
      'the whole, and joined to itself',
      512,
      ['name: v, from: c, type: reshape, shape: [16, 4, 4]', 'name: w, from: [c, v], type: concat'],
    ],
  ])('%s: %i sums', (_, sums, views) => {
    expect(added(...views)).toBe(sums);
  });
});

describe('masks of an attack that keeps no neurons', () => {
  const after = (...layers: string[]): Run =>
    run('a3', 'attack', ['channels: 4, height: 8, width: 8', ...layers, 'name: d, type: dense, features: 4']);
  const input = 'channels: 3, height: 32, width: 32';

  it('pool before ReLU: a bit for each of 128 pooled values, two for the place of each maximum of 2 x 2', () => {
    const result = after(conv('c', 8), 'name: p, type: maxpool, kernel: 2', 'name: r, type: relu');
    expect(bitsOf(result, 'm1')).toBe(128 * 1 + 128 * 2);
    // Words of 4 bits; the errors of 4 features, 4 words each.
    expect(count(result, 'B', 'd', 'buffer.read')).toBe(384 / 4 + 4 * 4);
  });

  it('ReLU before pool: a bit for each of 512 values', () => {
    const result = after(conv('c', 8), 'name: r, type: relu', 'name: p, type: maxpool, kernel: 2');
    expect(bitsOf(result, 'm1')).toBe(512 * 1 + 128 * 2);
  });

  it('functions before the first product are masked by its own stage, those behind it by its readers', () => {
    const layers = [conv('c', 8), 'name: r, type: relu', 'name: d, type: dense, features: 4'];
    const plain = run('a3', 'attack', [input, ...layers]);
    const clipped = run('a3', 'attack', [input, 'name: x, type: clip, min: 0, max: 1', ...layers]);
    expect(count(clipped, 'B', 'd', 'activation.mask')).toBe(8 * 32 * 32);
    expect(count(clipped, 'B', 'c', 'activation.mask')).toBe(3 * 32 * 32);
    expect(bitsOf(clipped, 'm1')).toBe(8 * 1024 + 3 * 1024);
    expect(flowOf(clipped, 'm1')).toEqual(['m1:F1>B2,B1']);
    // 3,072 bits in words of 4; the reader reads the 8,192 bits that it needs, as without.
    const reads = (result: Run, layer: string): number => count(result, 'B', layer, 'buffer.read');
    expect(reads(clipped, 'c') - reads(plain, 'c')).toBe(3072 / 4);
    expect(reads(clipped, 'd')).toBe(reads(plain, 'd'));
  });

  it('a function before the first product alone: its readers mask nothing', () => {
    const result = run('a3', 'attack', [
      input,
      'name: x, type: relu',
      conv('c', 8),
      'name: d, type: dense, features: 4',
    ]);
    expect(count(result, 'B', 'd', 'activation.mask')).toBe(0);
    expect(count(result, 'B', 'c', 'activation.mask')).toBe(3 * 1024);
    expect(bitsOf(result, 'm1')).toBe(3 * 1024);
  });

  it('a pool before the first product routes in its own stage, by the indices of 3 x 16 x 16 maxima', () => {
    const result = run('a3', 'attack', [
      ...[input, 'name: x, type: maxpool, kernel: 2', 'name: up, type: upsample, scale: 2'],
      ...[conv('c', 8), 'name: r, type: relu', 'name: d, type: dense, features: 4'],
    ]);
    expect(count(result, 'B', 'c', 'pooling.route')).toBe(768);
    expect(count(result, 'B', 'd', 'pooling.route')).toBe(0);
    expect(bitsOf(result, 'm1')).toBe(8192 + 768 * 2);
  });

  it.each(['tanh', 'gelu', 'silu'])('%s: one value for each of 512, written and read once', (type) => {
    const result = after(conv('c', 8), `name: r, type: ${type}`);
    expect(bitsOf(result, 'm1')).toBe(512 * 16);
    expect(flowOf(result, 'm1')).toEqual(['m1:F1>B2']);
    expect(count(result, 'F', 'c', 'buffer.write')).toBe((512 + 512) * 4);
    expect(count(result, 'B', 'd', 'buffer.read')).toBe(512 * 4 + 4 * 4);
    // 64 positions whose padded windows have 9 x 8 errors.
    expect(count(result, 'B', 'c', 'buffer.read')).toBe(64 * 72 * 4);
  });

  it('a second ReLU of a stage, behind a sum, has a bit a value as the first', () => {
    const result = after(
      conv('a', 8),
      conv('c', 8),
      'name: r, type: relu',
      'name: s, from: [r, a], type: add',
      'name: t, type: relu',
    );
    expect(bitsOf(result, 'm2')).toBe(512 + 512);
    expect(count(result, 'B', 'c', 'activation.mask')).toBe(512);
    expect(count(result, 'B', 'd', 'activation.mask')).toBe(512);
  });
});

describe('attacks that keep neurons', () => {
  it.each([
    ['tanh', 512],
    ['gelu', 1024],
  ])('%s: %i values are stored, and 512 of them read by the reader alone', (type, values) => {
    const result = run(
      'a3',
      'attack',
      ['channels: 4, height: 8, width: 8', conv('c', 8), `name: r, type: ${type}`, 'name: d, type: dense, features: 4'],
      ['neurons=kept'],
    );
    expect(bitsOf(result, 'd1')).toBe(values * 16);
    expect(flowOf(result, 'd1')).toEqual(['d1:F1>F2,B2']);
    expect(count(result, 'B', 'd', 'buffer.read')).toBe(512 * 4 + 4 * 4);
    expect(count(result, 'B', 'c', 'buffer.read')).toBe(64 * 72 * 4);
  });
});

describe("functions and pools at the network's output: E masks and routes the errors that it gives", () => {
  const ended = (neurons: string, ...end: string[]): Run =>
    run('a3', 'attack', ['channels: 4, height: 8, width: 8', conv('c', 8), ...end], [`neurons=${neurons}`]);
  const network = '(network)';

  it.each(['kept', 'masks'])(
    'sigmoid, neurons %s: 512 outputs are there, so that nothing is read beside them',
    (how) => {
      const result = ended(how, 'name: s, type: sigmoid');
      expect(count(result, 'E', network, 'activation.mask')).toBe(512);
      expect(count(result, 'B', 'c', 'activation.mask')).toBe(0);
      expect(count(result, 'E', network, 'buffer.read')).toBe(512 * 4);
      expect(count(result, 'F', 'c', 'buffer.write')).toBe(512 * 4);
      expect(flowOf(result, 'd1')).toEqual(['d1:F1>E']);
      expect(flowOf(result, 'm1')).toEqual([]);
    },
  );

  it('gelu, masks: 512 inputs of the function, too', () => {
    const result = ended('masks', 'name: g, type: gelu');
    expect(count(result, 'E', network, 'buffer.read')).toBe((512 + 512) * 4);
    expect(bitsOf(result, 'm1')).toBe(512 * 16);
    expect(flowOf(result, 'm1')).toEqual(['m1:F1>E']);
  });

  it('gelu, neurons kept: the same, with the outputs', () => {
    const result = ended('kept', 'name: g, type: gelu');
    expect(count(result, 'E', network, 'buffer.read')).toBe((512 + 512) * 4);
    expect(bitsOf(result, 'd1')).toBe((512 + 512) * 16);
  });

  it('max pool, masks: the indices of 128 maxima route 128 errors', () => {
    const result = ended('masks', 'name: p, type: maxpool, kernel: 2');
    expect(count(result, 'E', network, 'pooling.route')).toBe(128);
    expect(count(result, 'E', network, 'buffer.read')).toBe(128 * 4 + 256 / 4);
    expect(bitsOf(result, 'm1')).toBe(256);
    expect(flowOf(result, 'm1')).toEqual(['m1:F1>E']);
  });

  it('max pool of an output that is stored before it: 512 values are read', () => {
    const layers = ['channels: 4, height: 8, width: 8', conv('c', 8), 'name: p, type: maxpool, kernel: 2'];
    const result = run('pipelayer', 'attack', layers, ['buffers.wordBits=16', 'buffers.pooling=before']);
    expect(count(result, 'E', network, 'buffer.read')).toBe(512);
    expect(count(result, 'E', network, 'pooling.route')).toBe(128);
  });

  it('an output that is read, too: each masks the error that it gives', () => {
    const layers = ['channels: 4, height: 8, width: 8', conv('c', 8), 'name: r, type: relu', conv('o', 8)];
    const result = run('a3', 'attack', layers, ['outputs=[r, o]']);
    expect(count(result, 'E', network, 'activation.mask')).toBe(512);
    expect(count(result, 'B', 'o', 'activation.mask')).toBe(512);
    expect(count(result, 'B', 'c', 'add.add')).toBe(512);
    expect(bitsOf(result, 'm1')).toBe(512);
    expect(flowOf(result, 'm1')).toEqual(['m1:F1>B2']);
  });
});

it("a ReLU behind an LSTM is its own stage's, as the cell is: 3 x 4 values", () => {
  const layers = ['features: 5, steps: 3', 'name: l, type: lstm, hidden: 4, output: sequence'];
  const end = 'name: d, type: dense, features: 2';
  const plain = run('a3', 'attack', [...layers, end]);
  const result = run('a3', 'attack', [...layers, 'name: r, type: relu', end]);
  const masked = (of: Run): number => count(of, 'B', 'l', 'activation.mask');
  expect(masked(result) - masked(plain)).toBe(12);
  expect(bitsOf(result, 'm1')! - bitsOf(plain, 'm1')!).toBe(12);
});

it('training masks and routes nothing before the first product, whose error nobody wants', () => {
  const layers = ['name: x, type: relu', 'name: p, type: maxpool, kernel: 2', conv('c', 8)];
  const result = run('pipelayer', 'training', ['channels: 4, height: 8, width: 8', ...layers]);
  expect(count(result, 'G', 'c', 'activation.mask')).toBe(0);
  expect(count(result, 'G', 'c', 'pooling.route')).toBe(0);
});

describe("what is read of the network's input beside a product's vectors", () => {
  const layers = (...more: string[]): string[] => ['channels: 16, height: 8, width: 8', ...more];
  const skip = layers(conv('c', 16), 'name: s, from: [c, input], type: add', 'name: f, type: dense, features: 4');
  const network = '(network)';

  it('a skip reads 1,024 values of it, whose errors are written, read by X and added', () => {
    const result = run('a3-shared', 'attack', skip);
    // 64 windows of 9 x 16 values, in words of a quarter of a value.
    expect(count(result, 'F', 'c', 'buffer.read')).toBe((64 * 144 + 1024) * 4);
    expect(count(result, 'B', 'c', 'buffer.write')).toBe((1024 + 1024) * 4);
    expect(count(result, 'X', network, 'buffer.read')).toBe((1024 + 1024 + 1024) * 4);
    expect(count(result, 'X', network, 'add.add')).toBe(1024);
  });

  it('training wants no error of it', () => {
    const inner = layers(
      conv('a', 16),
      ...[conv('c', 16), 'name: s, from: [c, input], type: add', 'name: f, type: dense, features: 4'],
    );
    const result = run('pipelayer', 'training', inner, ['buffers.wordBits=16']);
    expect(count(result, 'F', 'c', 'buffer.read')).toBe(64 * 144 + 1024);
    expect(count(result, 'B', 'c', 'buffer.write')).toBe(1024);
  });

  it('X reads of a layer that reads other things, too, the error of the input alone', () => {
    const result = run('a3', 'attack', [
      ...['channels: 4, height: 8, width: 8', conv('a', 60), 'name: k, from: [input, a], type: concat'],
      ...['name: c, type: conv2d, channels: 4, kernel: 1', 'name: f, type: dense, features: 4'],
    ]);
    // Two errors of 256 values and the perturbation.
    expect(count(result, 'X', network, 'buffer.read')).toBe((256 + 256 + 256) * 4);
    expect(count(result, 'X', network, 'add.add')).toBe(256);
  });
});

describe('links between chips carry what a stage reads of other chips, once', () => {
  const bits = (layers: readonly string[], chip: readonly string[]): Record<string, number> => {
    const sets = ['mapping.replication={ scheme: given, otherwise: one }', ...chip];
    const result = run('isaac', 'inference', ['channels: 16, height: 8, width: 8', ...layers], sets);
    return Object.fromEntries(['c2', 'c3', 'c4'].map((name) => [name, count(result, 'F', name, 'chipLink.transfer')]));
  };
  const sum = 'name: s, from: [c3, c1], type: add';
  const map = 16 * 64 * 16;

  it('its vectors and an operand', () => {
    const two = ['chip.tiles=2', 'chip.arraysPerTile=3', 'chip.arraysPerCore=3'];
    const layers = [conv('c1', 16), conv('c2', 16), conv('c3', 16), sum, conv('c4', 16)];
    // c1 and c2 on one chip, c3 and c4 on the other.
    expect(bits(layers, two)).toEqual({ c2: 0, c3: 2 * map, c4: 0 });
  });

  it('an operand alone: 32 channels of c1, and none of the 4 of c2 on the same chip', () => {
    const four = ['chip.tiles=4', 'chip.arraysPerTile=1', 'chip.arraysPerCore=1'];
    const layers = [conv('c1', 32), conv('c2', 4), conv('c3', 32), sum, conv('c4', 16)];
    expect(bits(layers, four)).toEqual({ c2: 2 * map, c3: 2 * map, c4: 2 * map });
  });

  it('a part, and both of what is joined: 8 of 16 channels of c1; all of c1 and of c2', () => {
    const layers = [
      ...[conv('c1', 16), 'name: p, from: c1, type: slice, starts: [0, 0, 0], sizes: [8, 8, 8]', conv('c2', 16)],
      ...['name: k, from: [c2, c1], type: concat', conv('c3', 16), conv('c4', 16)],
    ];
    const one = ['chip.tiles=1', 'chip.arraysPerTile=3', 'chip.arraysPerCore=3'];
    expect(bits(layers, one)).toMatchObject({ c2: map / 2, c3: 2 * map });
  });
});
