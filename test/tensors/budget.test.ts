// Files that say more than they hold are refused within the memory of their budget.

import { toBinary, create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/config/index.js';
import { ModelProtoSchema } from '../../src/tensors/generated/onnx_pb.js';
import { readTensors, writeNpz, writeSafetensors, type Tensor } from '../../src/tensors/index.js';
import { zip } from '../../src/tensors/zip.js';
import { zipSync } from 'fflate';

const bytes = (...parts: (string | number[] | Uint8Array)[]): Uint8Array =>
  new Uint8Array(
    Buffer.concat(
      parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Uint8Array.from(part))),
    ),
  );
const word = (value: string): Uint8Array => bytes([0x58, value.length, 0, 0, 0], value);
const int = (value: number): Uint8Array => bytes([0x4a], new Uint8Array(Int32Array.of(value).buffer));

/** A state dict of views of one storage of `held` bytes (pickle, protocol 2). */
function views(count: number, size: number[], stride: number[], held: number): Uint8Array {
  const view = (i: number): Uint8Array =>
    bytes(
      word(`view${i}`),
      'ctorch._utils\n_rebuild_tensor_v2\n((',
      word('storage'),
      'ctorch\nByteStorage\n',
      word('0'),
      word('cpu'),
      int(held),
      'tQ',
      int(0),
      '(',
      ...size.map(int),
      't(',
      ...stride.map(int),
      't',
      [0x89],
      'ccollections\nOrderedDict\n)RtR',
    );
  const pickle = bytes(
    [0x80, 2],
    'ccollections\nOrderedDict\n)R(',
    ...Array.from({ length: count }, (_, i) => view(i)),
    'u.',
  );
  return zipSync({ 'm/data.pkl': pickle, 'm/data/0': new Uint8Array(held) });
}

async function refusal(file: Uint8Array, name: string, maxMemory?: number): Promise<string> {
  const before = process.memoryUsage().rss;
  const error: unknown = await readTensors(file, name, maxMemory).catch((fault: unknown) => fault);
  expect(error).toBeInstanceOf(UserError);
  expect(process.memoryUsage().rss - before).toBeLessThan(900 * 2 ** 20);
  return (error as Error).message;
}

describe('the memory of a file', () => {
  it.each([
    ['views that repeat one value', 'a.pt', () => views(40, [4096, 4096], [0, 0], 1)],
    ['3,000 views of a storage', 'a.pt', () => views(3000, [512, 1024], [1, 512], 512 * 1024)],
    ['zipped zeros', 'a.npz', () => zipSync({ 'a.npy': new Uint8Array(270 * 2 ** 20) }, { level: 1 })],
    ['a pickle of dictionaries', 'a.pt', () => zipSync({ 'm/data.pkl': bytes([0x80, 2], '}'.repeat(2_000_000), '.') })],
    [
      'a header of lists',
      'a.safetensors',
      () => {
        const header = `{"a":${'['.repeat(14_000_000)}`;
        return bytes(new Uint8Array(new BigUint64Array([BigInt(header.length)]).buffer), header);
      },
    ],
    [
      'a model of empty nodes',
      'a.onnx',
      () => {
        const node = [0x0a, 0x00];
        const body = new Uint8Array(2_000_000).map((_, i) => node[i % 2]!);
        const length = [0x80 | (body.length & 127), 0x80 | ((body.length >> 7) & 127), body.length >> 14];
        return bytes([0x08, 0x08, 0x3a], length, body);
      },
    ],
  ])('%s: refused', async (_, name, make) => {
    expect(await refusal(make(), name)).toMatch(
      /would take more than 256 MiB of memory; --max-memory SIZE lets it|steps|nested/,
    );
  });

  it('--max-memory bounds it from below and above', async () => {
    const file = writeSafetensors([{ name: 'a', dtype: 'f32', shape: [1000], data: new Float32Array(1000) }]);
    expect(await refusal(file, 'a.safetensors', 3000)).toMatch(/more than 2\.93 KiB/);
    expect(await readTensors(views(20, [1024, 1024], [0, 0], 1), 'a.pt', 2 ** 30)).toHaveLength(20);
  });

  it('honest files of every kind are read', async () => {
    const tensors: Tensor[] = [{ name: 'a', dtype: 'f32', shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }];
    expect(await readTensors(writeSafetensors(tensors), 'a.safetensors')).toEqual(tensors);
    expect(await readTensors(writeNpz(tensors), 'a.npz')).toEqual(tensors);
    const model = create(ModelProtoSchema, {
      irVersion: 8n,
      opsetImport: [{ version: 13n }],
      graph: { initializer: [{ name: 'a', dataType: 1, dims: [6n], floatData: [1, 2, 3, 4, 5, 6] }] },
    });
    expect(await readTensors(toBinary(ModelProtoSchema, model), 'a.onnx')).toMatchObject([{ name: 'a', shape: [6] }]);
  });
});

describe('what a file nests', () => {
  it.each([
    [
      'a.safetensors',
      (deep: string) => {
        const header = `{"a":{"dtype":${deep},"shape":[1],"data_offsets":[0,4]}}`;
        return bytes(new Uint8Array(new BigUint64Array([BigInt(header.length)]).buffer), header, [0, 0, 0, 0]);
      },
    ],
    [
      'a.npz',
      (deep: string) =>
        zip({ 'a.npy': bytes([0x93], 'NUMPY', [1, 0, 200, 0], `{'descr': ${deep.slice(0, 150)}`.padEnd(200)) }),
    ],
  ])('%s: refused', async (name, make) => {
    expect(await refusal(make('['.repeat(100_000) + ']'.repeat(100_000)), name)).toMatch(/nested|header/);
  });
});

it('no name of a tensor leads out of an archive, or is longer than names are', async () => {
  const named = (name: string): Tensor[] => [{ name, dtype: 'u8', shape: [1], data: Uint8Array.of(1) }];
  for (const name of ['../x', 'a/../../x', '/x', '\\x', 'a\nb', 'x'.repeat(70_000)])
    expect(() => writeNpz(named(name))).toThrow(/its name cannot be that of a file/);
  expect(await refusal(writeSafetensors(named('x'.repeat(70_000))), 'a.safetensors')).toMatch(/a name of 70000/);
});
