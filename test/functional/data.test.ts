// Data sets: files that are right, files that lie, digits drawn by seed.

import { gzipSync } from 'fflate';
import { encode } from 'fast-png';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../src/functional/data/dataset.js';
import { drawDigits } from '../../src/functional/data/digits.js';
import { writeNpz } from '../../src/tensors/index.js';
import { writeNpy } from '../../src/tensors/numpy.js';
import { hasShared, sharedUrl } from '../shared.js';
import { open } from './datasets.js';

const idx = (dims: readonly number[], bytes: readonly number[]): Uint8Array =>
  Uint8Array.from([0, 0, 8, dims.length, ...dims.flatMap((size) => [0, 0, size >> 8, size & 255]), ...bytes]);

const grey = (value: number): Uint8Array =>
  encode({ width: 1, height: 1, channels: 1, depth: 8, data: Uint8Array.of(value) });

const values = (dataset: Dataset, from = 0, count = dataset.count): number[] =>
  Array.from(dataset.batch(from, count).get('x')!.data);

describe('data sets', () => {
  it('IDX, plain and gzipped, scaled and centred by channel', () => {
    const files = { i: gzipSync(idx([2, 2, 2], [0, 255, 51, 102, 1, 2, 3, 4])), l: idx([2], [7, 1]) };
    const dataset = open({ kind: 'idx', inputs: 'i', labels: 'l' }, [1, 2, 2], files);
    expect(Array.from(dataset.labels!)).toEqual([7, 1]);
    expect(values(dataset, 0, 1)).toEqual([0, 1, 0.2, 0.4]);
    const shifted = open(
      { kind: 'idx', inputs: 'i', scale: 1, mean: [1, 2], deviation: [2, 4], from: 1, count: 1 },
      [2, 2],
      files,
    );
    expect(values(shifted)).toEqual([0, 0.5, 0.25, 0.5]);
  });

  it('gzip of two members is both, whole or refused', () => {
    const whole = idx([2, 2], [9, 8, 7, 6]);
    const parts = [gzipSync(whole.subarray(0, 10)), gzipSync(whole.subarray(10))];
    const joined = Uint8Array.from(parts.flatMap((part) => [...part]));
    expect(values(open({ kind: 'idx', inputs: 'i', scale: 1 }, [2], { i: joined }))).toEqual([9, 8, 7, 6]);
    const lies = joined.slice();
    lies[parts[0]!.length - 4]! ^= 1;
    for (const broken of [joined.subarray(0, joined.length - 3), lies])
      expect(() => open({ kind: 'idx', inputs: 'i' }, [2], { i: broken })).toThrow('its gzip data are cut off');
    for (const end of [parts[0]!.length, joined.length]) {
      const damaged = joined.slice();
      damaged[end - 8]! ^= 1;
      expect(() => open({ kind: 'idx', inputs: 'i' }, [2], { i: damaged })).toThrow('incorrect data check');
    }
  });

  it('an npz whose numbers are damaged is refused by its entry', () => {
    const archive = writeNpz([{ name: 'x', shape: [1, 2], dtype: 'f32', data: Float32Array.of(1, 1234.5) }]);
    const at = Buffer.from(archive).indexOf(Buffer.from(Float32Array.of(1234.5).buffer));
    const damaged = archive.slice();
    damaged[at]! ^= 1;
    expect(values(open({ kind: 'npz', inputs: 'a.npz' }, [2], { 'a.npz': archive }))).toEqual([1, 1234.5]);
    expect(() => open({ kind: 'npz', inputs: 'a.npz' }, [2], { 'a.npz': damaged })).toThrow(
      'a.npz: entry "x.npy" is damaged: its CRC-32 differs from what is stored',
    );
  });

  it('single numbers in an npz are no samples', () => {
    const archive = writeNpz([
      { name: 'classes', shape: [], dtype: 'f32', data: Float32Array.of(10) },
      { name: 'images', shape: [1, 2], dtype: 'f32', data: Float32Array.of(1, 2) },
    ]);
    expect(values(open({ kind: 'npz', inputs: 'a.npz' }, [2], { 'a.npz': archive }))).toEqual([1, 2]);
    const alone = writeNpz([{ name: 'classes', shape: [], dtype: 'f32', data: Float32Array.of(10) }]);
    expect(() => open({ kind: 'npz', inputs: 'a.npz' }, [2], { 'a.npz': alone })).toThrow(
      'a.npz: "classes" is no list of samples',
    );
  });

  it.each(['0x1f', '0b1', '1_000', '1e999', '1e', '--1'])('CSV: %s is no number', (cell) => {
    const of = { 'a.csv': `1,2,0\n3,${cell},1\n` };
    expect(() => open({ kind: 'csv', inputs: 'a.csv' }, [2], of)).toThrow(`line 2, column 2: "${cell}" is no number`);
  });

  it('CSV: decimal numbers in all their forms', () => {
    const of = { 'a.csv': '+1,-.5e-1, 2.,1E+2\n' };
    expect(values(open({ kind: 'csv', inputs: 'a.csv', labelColumn: 'none' }, [4], of))).toEqual([1, -0.05, 2, 100]);
  });

  it('CSV: the label last, first or by name', () => {
    const dataset = open({ kind: 'csv', inputs: 'a.csv' }, [2], { 'a.csv': '1,2,0\n3,4,1\n' });
    expect([values(dataset), Array.from(dataset.labels!)]).toEqual([
      [1, 2, 3, 4],
      [0, 1],
    ]);
    const named = open({ kind: 'csv', inputs: 'a.csv', labelColumn: 'class' }, [2], { 'a.csv': 'u,class,v\n1,3,2\n' });
    expect([values(named), Array.from(named.labels!)]).toEqual([[1, 2], [3]]);
  });

  it('npz by the names of the network, PNG by folders, text by characters', () => {
    const archive = writeNpz([
      { name: 'x', shape: [2, 2], dtype: 'f32', data: Float32Array.of(1, 2, 3, 4) },
      { name: 'labels', shape: [2], dtype: 'u8', data: Uint8Array.of(1, 0) },
    ]);
    const arrays = open({ kind: 'npz', inputs: 'a.npz' }, [2], { 'a.npz': archive });
    expect([values(arrays), Array.from(arrays.labels!)]).toEqual([
      [1, 2, 3, 4],
      [1, 0],
    ]);
    const picture = (value: number): Uint8Array =>
      encode({ width: 2, height: 1, channels: 3, depth: 8, data: Uint8Array.of(value, 51, 0, 255, 0, 102) });
    const pictures = open({ kind: 'png', inputs: 'p' }, [3, 1, 2], {
      'p/a/1.png': picture(0),
      'p/b/1.png': picture(51),
    });
    expect(values(pictures, 1, 1)).toEqual([0.2, 1, 0.2, 0, 0, 0.4]);
    expect([Array.from(pictures.labels!), pictures.classes]).toEqual([
      [0, 1],
      ['a', 'b'],
    ]);
    const text = open({ kind: 'text', inputs: 't', vocabulary: 'v' }, [2, 3], { t: 'abcab', v: '["a","b","c"]' });
    expect(values(text)).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0]);
    expect(Array.from(text.labels!)).toEqual([1, 2, 0, 1]);
  });

  it('files that lie are refused with their name', () => {
    const damaged = encode({ width: 1, height: 1, channels: 1, depth: 8, data: Uint8Array.of(9) });
    damaged[30]! ^= 1;
    const cut = gzipSync(idx([1], [3])).subarray(0, 20);
    const bad: [unknown, readonly number[], Record<string, Uint8Array | string>, RegExp][] = [
      [
        { kind: 'idx', inputs: 'i' },
        [4],
        { i: idx([9, 2, 2], [1]) },
        /^i: its header says \[9, 2, 2\], 36 bytes; there are 1$/,
      ],
      [{ kind: 'idx', inputs: 'i' }, [4], { i: cut }, /^i: /],
      [{ kind: 'idx', inputs: 'i' }, [4], { i: 'PK' }, /^i: is no IDX file/],
      [{ kind: 'cifar10', inputs: 'i' }, [3, 32, 32], { i: new Uint8Array(3073).fill(11) }, /record 0: label 11/],
      [{ kind: 'csv', inputs: 'i' }, [1], { i: '1,0\n2,x\n' }, /^i: line 2, column 2: "x" is no number$/],
      [{ kind: 'text', inputs: 't', vocabulary: 'v' }, [1, 1], { t: 'ab', v: '["a"]' }, /character 1 \("b"\)/],
      [{ kind: 'png', inputs: 'p' }, [1, 1, 1], { 'p/a.png': 'no' }, /^p\/a.png: is no PNG/],
      [{ kind: 'png', inputs: 'p' }, [1, 1, 1], { 'p/a.png': damaged }, /^p\/a.png: is no PNG: CRC mismatch/],
      [{ kind: 'idx', inputs: 'i', from: 5 }, [1], { i: idx([2, 1], [1, 2]) }, /data.from: found 5, there are 2/],
      [{ kind: 'idx', inputs: 'i', count: 5 }, [1], { i: idx([2, 1], [1, 2]) }, /data.count: found 5/],
      [{ kind: 'idx', inputs: 'i' }, [3], { i: idx([2, 1], [1, 2]) }, /data.inputs: its samples are \[1\]/],
      [
        { kind: 'idx', inputs: 'i', labels: 'l' },
        [1],
        { i: idx([2, 1], [1, 2]), l: idx([3], [1, 2, 3]) },
        /^l: has 3 labels/,
      ],
    ];
    for (const [data, shape, files, message] of bad) expect(() => open(data, shape, files)).toThrow(message);
  });

  it.each<[string, unknown, Record<string, Uint8Array | string>, RegExp]>([
    ['no samples', { kind: 'idx', inputs: 'i' }, { i: idx([0, 1], []) }, /^data\.inputs: has no samples$/],
    [
      'pictures beside a folder of pictures',
      { kind: 'png', inputs: 'p' },
      { 'p/a.png': grey(1), 'p/c/b.png': grey(2) },
      /^p: has pictures \(p\/a\.png\) beside a folder of pictures \(p\/c\)/,
    ],
    ['Latin-1', { kind: 'text', inputs: 't' }, { t: Uint8Array.of(97, 0xff, 98) }, /^t: is no text in UTF-8$/],
    [
      'a character that is two classes',
      { kind: 'text', inputs: 't', vocabulary: 'v' },
      { t: 'abab', v: '["a","b","a"]' },
      /^t: its vocabulary has "a" twice$/,
    ],
    [
      'grey among colours',
      { kind: 'png', inputs: 'p' },
      {
        'p/a.png': encode({ width: 1, height: 1, channels: 3, depth: 8, data: Uint8Array.of(1, 2, 3) }),
        'p/b.png': grey(1),
      },
      /^p\/b\.png: is 1x1x1, the first picture is 3x1x1$/,
    ],
  ])('%s: refused', (_, data, files, message) => {
    expect(() => open(data, [1], files)).toThrow(message);
  });

  it('packed npy; an input that is called y; grey with alpha and 16 bits; quotes and ends of lines in a table', () => {
    const array = { name: 'y', shape: [1, 2], dtype: 'f32', data: Float32Array.of(3, 4) } as const;
    expect(values(open({ kind: 'npz', inputs: 'a.npy.gz' }, [2], { 'a.npy.gz': gzipSync(writeNpy(array)) }))).toEqual([
      3, 4,
    ]);
    const named = open({ kind: 'npz', inputs: 'a.npz' }, [2], { 'a.npz': writeNpz([array]) }, { input: 'y' });
    expect([Array.from(named.batch(0, 1).get('y')!.data), named.labels]).toEqual([[3, 4], null]);
    const deep = encode({ width: 1, height: 1, channels: 1, depth: 16, data: Uint16Array.of(0x33ff) });
    const alpha = encode({ width: 1, height: 1, channels: 2, depth: 8, data: Uint8Array.of(102, 0) });
    expect(values(open({ kind: 'png', inputs: 'p' }, [1], { 'p/a.png': deep, 'p/b.PNG': alpha }))).toEqual([0.2, 0.4]);
    const table = '\ufeff"a","label"\r\n"1.5e0",0\r\n" -3 ","1"\r\n\r\n';
    const rows = open({ kind: 'csv', inputs: 'a.csv' }, [1], { 'a.csv': table });
    expect([values(rows), Array.from(rows.labels!)]).toEqual([
      [1.5, -3],
      [0, 1],
    ]);
  });

  it('drawn digits are the same for a seed, and differ between seeds', () => {
    const [one, two, other] = [drawDigits(3, 20), drawDigits(3, 20), drawDigits(4, 20)];
    expect(one).toEqual(two);
    expect(one).not.toEqual(other);
    expect(new Set(drawDigits(1, 100).labels).size).toBe(10);
  });

  it('files of the formats of UCI and CIFAR-10', () => {
    const read = (path: string): Uint8Array => readFileSync(sharedUrl(`data/datasets/${path}`));
    const digits = open({ kind: 'csv', inputs: 'digits.csv.gz' }, [64], {
      'digits.csv.gz': read('digits/digits.csv.gz'),
    });
    expect([digits.count, Math.max(...values(digits))]).toEqual([hasShared ? 1797 : 30, 16]);
    const cifar = open({ kind: 'cifar10', inputs: 'c' }, [3, 32, 32], { c: read('cifar10/train_500_jpeg.bin.gz') });
    expect([cifar.count, cifar.labels!.filter((label) => label === 3).length]).toEqual(hasShared ? [500, 50] : [10, 1]);
  });
});

describe('labels', () => {
  const sample = { i: idx([2, 2], [1, 2, 3, 4]) };
  const labelled = (data: Float64Array, name = 'labels'): Uint8Array =>
    writeNpz([{ name, shape: [2, data.length / 2], dtype: 'f64', data }]);

  it('one-hot vectors over the classes are their numbers', () => {
    const files = { ...sample, 'l.npz': labelled(Float64Array.of(0, 1, 1, 0)) };
    const dataset = open({ kind: 'idx', inputs: 'i', labels: 'l.npz' }, [2], files);
    expect([[...dataset.labels!], dataset.labelsPerSample]).toEqual([[1, 0], 1]);
  });

  it('two ones, or shares, are no one-hot vectors', () => {
    const of = (...numbers: number[]): Dataset =>
      open({ kind: 'idx', inputs: 'i', labels: 'l.npz' }, [2], {
        ...sample,
        'l.npz': labelled(Float64Array.from(numbers)),
      });
    expect(of(1, 1, 0, 1).labelsPerSample).toBe(2);
    expect(() => of(0.5, 0.5, 1, 0)).toThrow(/^l\.npz: label 0 is 0\.5, no class$/);
  });

  it('floats of an IDX file are finite', () => {
    const bytes = new Uint8Array(12 + 8);
    bytes.set([0, 0, 0x0d, 2, 0, 0, 0, 1, 0, 0, 0, 2]);
    new DataView(bytes.buffer).setFloat32(16, NaN);
    expect(() => open({ kind: 'idx', inputs: 'i' }, [2], { i: bytes })).toThrow(/^i: element 1 is NaN, no finite/);
  });
});
