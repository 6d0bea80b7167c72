// Files of samples that would take far more memory than they have: refused by the budget of the file before anything is
// made of them, with one line that says how to let them.

import { encode } from 'fast-png';
import { gzipSync, zlibSync } from 'fflate';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { MemoryBudget } from '../../src/config/budget.js';
import { UserError } from '../../src/config/index.js';
import { gunzip } from '../../src/functional/data/bytes.js';
import { diskBytes } from '../../src/functional/data/bytes.node.js';
import { boundDataset } from '../../src/functional/data/dataset.js';
import { presetsOf } from '../../src/experiment/sweep/base-presets.js';
import { PointResolver } from '../../src/experiment/sweep/resolver.js';
import { writeNpz } from '../../src/tensors/index.js';
import { folderWith } from '../experiment/command.js';
import { open } from '../functional/datasets.js';
import { loaded } from '../helpers.js';
import { modelOf } from '../onnx-models.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const REFUSED = /^[^\n]+: would take more than [^\n]+ of memory; --max-memory SIZE lets it$/;
type Files = Record<string, Uint8Array | string>;

const zeros = (length: number): Uint8Array => new Uint8Array(length);
const idx = (dims: readonly number[], bytes: Uint8Array): Uint8Array => {
  const head = new DataView(new ArrayBuffer(4 + 4 * dims.length));
  head.setUint16(2, 0x0800 | dims.length);
  dims.forEach((size, i) => {
    head.setUint32(4 + 4 * i, size);
  });
  return Uint8Array.from([...new Uint8Array(head.buffer), ...bytes]);
};

/** A chunk of a PNG. */
function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(data.length + 12);
  new DataView(bytes.buffer).setUint32(0, data.length);
  new TextEncoder().encodeInto(type, bytes.subarray(4));
  bytes.set(data, 8);
  new DataView(bytes.buffer).setUint32(data.length + 8, crc32(bytes.subarray(4, data.length + 8)));
  return bytes;
}

/** A grey PNG that says its size and holds what it is given. */
function png(width: number, height: number, packed: Uint8Array, ...others: Uint8Array[]): Uint8Array {
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  header.setUint8(8, 8);
  const parts = [
    Uint8Array.of(0x89, 80, 78, 71, 13, 10, 26, 10),
    chunk('IHDR', new Uint8Array(header.buffer)),
    ...others,
    chunk('IDAT', packed),
    chunk('IEND', zeros(0)),
  ];
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

describe('samples that would take more than their file may', () => {
  const cases: [string, object, readonly number[], Files][] = [
    ['gzip of zeros', { kind: 'idx', inputs: 'i' }, [10], { i: gzipSync(idx([20_000, 10], zeros(200_000))) }],
    [
      'labels, gzipped',
      { kind: 'idx', inputs: 'i', labels: 'l' },
      [1],
      { i: idx([1, 1], zeros(1)), l: gzipSync(zeros(MIB)) },
    ],
    ['CSV of short lines', { kind: 'csv', inputs: 'i' }, [1], { i: '1,0\n'.repeat(20_000) }],
    [
      'text in one-hot vectors',
      { kind: 'text', inputs: 'i' },
      [2, 62],
      {
        i: 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'.repeat(50),
      },
    ],
    ['drawn digits', { kind: 'digits', count: 1e9 }, [1, 28, 28], {}],
    ['drawn digits from far on', { kind: 'digits', from: 1e15, count: 1 }, [1, 28, 28], {}],
    [
      'a PNG that says 65,535 x 65,535',
      { kind: 'png', inputs: 'p' },
      [1, 2, 2],
      { 'p/a.png': png(65_535, 65_535, zlibSync(zeros(100))) },
    ],
    [
      'a PNG that says 2^32 - 1 x 1',
      { kind: 'png', inputs: 'p' },
      [1, 2, 2],
      { 'p/a.png': png(2 ** 32 - 1, 1, zlibSync(zeros(100))) },
    ],
    [
      'many small PNG of one colour',
      { kind: 'png', inputs: 'p' },
      [1, 64, 64],
      Object.fromEntries(
        Array.from({ length: 40 }, (_, i) => [
          `p/${i}.png`,
          encode({ width: 64, height: 64, channels: 1, depth: 8, data: zeros(4096) }),
        ]),
      ),
    ],
  ];
  it.each(cases)('%s', (_, data, shape, files) => {
    expect(() => open(data, shape, files, { maxMemory: 64 * KIB })).toThrow(REFUSED);
  });

  it('the same files are read where the budget lets them', () => {
    for (const [name, data, shape, files] of cases.filter(([, , , own]) => Object.keys(own).length === 1).slice(0, 2))
      expect([name, open(data, shape, files, { maxMemory: 4 * MIB }).count]).toEqual([name, 20_000]);
  });

  it('npz by its budget', () => {
    const archive = writeNpz([{ name: 'x', shape: [100_000, 1], dtype: 'u8', data: zeros(100_000) }]);
    expect(() => open({ kind: 'npz', inputs: 'a.npz' }, [1], { 'a.npz': archive }, { maxMemory: 64 * KIB })).toThrow(
      REFUSED,
    );
  });

  it('a PNG that holds more than its pixels is none', () => {
    const surplus = png(2, 2, zlibSync(zeros(MIB)));
    expect(() =>
      open({ kind: 'png', inputs: 'p' }, [1, 2, 2], { 'p/a.png': surplus }, { maxMemory: 64 * KIB }),
    ).toThrow(/^p\/a\.png: is no PNG: it holds more than its pixels$/);
  });

  it('profiles and texts of a PNG are not unpacked', () => {
    const picture = png(2, 2, zlibSync(zeros(6)), chunk('iCCP', Uint8Array.of(120, 0, 0, 1, 2, 3)));
    expect(open({ kind: 'png', inputs: 'p' }, [1, 2, 2], { 'p/a.png': picture }, { maxMemory: 64 * KIB }).count).toBe(
      1,
    );
  });

  it('a wide state that the data do not give takes nothing, and is 0 whatever the mean', () => {
    const many = 1e12;
    const raw = { count: many, inputs: new Map(), labels: null, labelsPerSample: 1 };
    const state = { name: 'h', shape: [4096], raw: null };
    const data = boundDataset([state], raw, { from: 0, count: many }, { scale: 1, mean: [3], deviation: [2] });
    expect(data.batch(many - 2, 2).get('h')!.data).toEqual(new Float64Array(2 * 4096));
  });

  it.each([
    ['in a page', gunzip],
    ['on disk', diskBytes.gunzip!],
  ])('gzip %s stops at the budget', (_, unpack) => {
    const bytes = gzipSync(zeros(8 * MIB));
    expect(() => unpack(bytes, 'f', new MemoryBudget('f', MIB))).toThrow(REFUSED);
    expect(unpack(bytes, 'f', new MemoryBudget('f', 8 * MIB))).toHaveLength(8 * MIB);
    expect(() => unpack(bytes.subarray(0, 100), 'f', new MemoryBudget('f', 8 * MIB))).toThrow(UserError);
  });

  it('a row of more than a million cells is refused, in whatever table', () => {
    expect(() => open({ kind: 'csv', inputs: 'i' }, [1], { i: '1,'.repeat(2 ** 20 + 1) })).toThrow(
      /a row of more than 1048576 cells/,
    );
  });

  it('files on disk are read as they stand', () => {
    const folder = folderWith({});
    writeFileSync(join(folder, 'a.gz'), gzipSync(zeros(100)));
    expect(diskBytes.read(join(folder, 'a.gz'))[0]).toBe(0x1f);
  });
});

it('--max-memory reaches the networks and the data of a sweep', async () => {
  const { graph } = loaded('isaac', ['network=matrix-128']).network;
  const file = join(folderWith({}), 'model.onnx');
  writeFileSync(file, modelOf(graph, Infinity));
  const base = { file: '/s.yaml', config: 'isaac', set: { network: 'matrix-128' }, sets: [], shapes: {} };
  const limited = { ...base, maxMemory: 5000 };
  expect((await presetsOf(base)).network!(file).file).toBe(file);
  const presets = await presetsOf(limited);
  expect(() => presets.network!(file)).toThrow(REFUSED);
  expect(new PointResolver(presets, limited).resolve([]).run.maxMemory).toBe(5000);
});
