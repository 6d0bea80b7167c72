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
