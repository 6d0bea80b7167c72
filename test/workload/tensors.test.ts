import { create, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { zipSync } from 'fflate';
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/config/index.js';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  OperatorSetIdProtoSchema,
  TensorProtoSchema,
  TensorProto_DataLocation,
  TensorProto_DataType,
} from '../../src/tensors/generated/onnx_pb.js';
import { readTensors, writeNpz, writeSafetensors, type Tensor } from '../../src/tensors/index.js';
import { writeNpy } from '../../src/tensors/numpy.js';
import { zip } from '../../src/tensors/zip.js';
import { hasShared, sharedUrl } from '../shared.js';

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
const join = (...parts: (Uint8Array | string | number[])[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...(typeof part === 'string' ? ascii(part) : part)]));
const refused = async (bytes: Uint8Array, file: string, message: string | RegExp): Promise<void> => {
  const error = await readTensors(bytes, file).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UserError);
  expect((error as Error).message).toMatch(message);
  expect((error as Error).message.startsWith(`${file}: `)).toBe(true);
};

const tensors: Tensor[] = [
  { name: 'conv.weight', shape: [2, 1, 2], dtype: 'f32', data: Float32Array.of(1.5, -0, Infinity, 1e-45) },
  { name: 'fc.bias', shape: [3], dtype: 'f64', data: Float64Array.of(1, Math.PI, -5e-324) },
  { name: 'codes', shape: [2, 2], dtype: 'u8', data: Uint8Array.of(0, 255, 7, 1) },
  { name: 'steps', shape: [], dtype: 'i64', data: BigInt64Array.of(-(2n ** 60n)) },
  { name: 'none', shape: [0, 4], dtype: 'i16', data: new Int16Array(0) },
];

describe('safetensors and npz', () => {
  it('give back what was written, bit by bit', async () => {
    for (const [bytes, file] of [
      [writeSafetensors(tensors, { by: 'test' }), 'a.safetensors'],
      [writeNpz(tensors), 'a.npz'],
    ] as const) {
      expect(await readTensors(bytes, file)).toEqual(tensors);
    }
    expect(writeNpz(tensors)).toEqual(writeNpz(tensors));
  });

  it('.npy: big-endian, column-major and half floats', async () => {
    const npy = (header: string, body: number[]): Uint8Array =>
      join([0x93], 'NUMPY', [1, 0, header.length, 0], header, body);
    const [big] = await readTensors(
      npy("{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }", [0x3f, 0x80, 0, 0]),
      'x.npy',
    );
    expect(big!.data).toEqual(Float32Array.of(1));
    const [columns] = await readTensors(
      npy("{'descr': '|i1', 'fortran_order': True, 'shape': (2, 3)}", [1, 4, 2, 5, 3, 6]),
      'x.npy',
    );
    expect(columns).toMatchObject({ name: 'x', shape: [2, 3], data: Int8Array.of(1, 2, 3, 4, 5, 6) });
    const [half] = await readTensors(
      npy("{'shape': (2,), 'descr': '<f2', 'fortran_order': False}", [0, 0x3c, 1, 0x80]),
      'x.npy',
    );
    expect(half!.data).toEqual(Float32Array.of(1, -(2 ** -24)));
  });

  it('refuse truncated and lying headers', async () => {
    const good = writeSafetensors(tensors);
    await refused(good.subarray(0, 5), 'a.safetensors', 'are no safetensors file');
    await refused(good.subarray(0, 40), 'a.safetensors', 'truncated');
    await refused(good.subarray(0, good.length - 1), 'a.safetensors', 'the file has');
    await refused(join(good, [0]), 'a.safetensors', 'the file has');
    const header = (text: string, body = 4): Uint8Array =>
      join(new Uint8Array(new BigUint64Array([BigInt(text.length)]).buffer), text, Array<number>(body).fill(0));
    await refused(
      header('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}'),
      'a.safetensors',
      'do not hold 2 elements',
    );
    await refused(
      header('{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}', 8),
      'a.safetensors',
      'a hole or an overlap',
    );
    await refused(
      header(
        '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
      ),
      'a.safetensors',
      'a hole or an overlap',
    );
    await refused(
      header('{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}'),
      'a.safetensors',
      'no list of sizes',
    );
    await refused(
      header('{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}}'),
      'a.safetensors',
      'too many elements',
    );
    await refused(
      header('{"a":{"dtype":"constructor","shape":[1],"data_offsets":[0,4]}}'),
      'a.safetensors',
      'element type "constructor"',
    );
    await refused(header('{"a":'), 'a.safetensors', 'no JSON');
    await refused(join([255, 255, 255, 255, 255, 255, 255, 127], '{}'), 'a.safetensors', 'header of');
    const npy = writeNpy(tensors[0]!);
    await refused(npy.subarray(0, npy.length - 1), 'a.npy', 'takes 16 bytes, there are 15');
    await refused(npy.subarray(0, 20), 'a.npy', 'truncated');
    const text = "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }";
    await refused(join([0x93], 'NUMPY', [1, 0, text.length, 0], text, [0x80]), 'a.npy', 'not one of a plain array');
    const archive = writeNpz(tensors);
    await refused(archive.subarray(0, archive.length - 30), 'a.npz', 'cannot be unpacked');
    await refused(zip({ 'a.txt': ascii('hello') }), 'a.npz', 'is no .npy array');
    // The central directory says more bytes than there are.
    const lying = archive.slice();
    const view = new DataView(lying.buffer);
    const directory = view.getUint32(lying.length - 22 + 16, true);
    view.setUint32(directory + 20, 1 << 30, true);
    view.setUint32(directory + 24, 1 << 30, true);
    await refused(lying, 'a.npz', 'cannot be unpacked');
    await refused(ascii('x'), 'model.h5', 'expected one ending in .pt');
  });

  it('property: any damage to a file is an error of the user or still tensors, never a crash', async () => {
    const files = [
      [writeSafetensors(tensors), 'a.safetensors'],
      [writeNpz(tensors), 'a.npz'],
      [zip({ 'm/data.pkl': statePickle(), 'm/data/0': new Uint8Array(16) }), 'a.pt'],
    ] as const;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...files),
        fc.nat(),
        fc.integer({ min: 0, max: 255 }),
        fc.boolean(),
        async ([bytes, file], place, value, cut) => {
          const damaged = cut ? bytes.slice(0, place % bytes.length) : bytes.with(place % bytes.length, value);
          const error = await readTensors(damaged, file).then(
            () => undefined,
            (reason: unknown) => reason,
          );
          if (error !== undefined) expect(error).toBeInstanceOf(UserError);
        },
      ),
      { numRuns: 1500, seed: 3 },
    );
  });
});

// Pickles by hand: opcodes of protocol 2.
const text = (value: string): Uint8Array => join([0x58, value.length, 0, 0, 0], value);
const byte = (value: number): number[] => [0x4b, value];
const global = (module: string, name: string): string => `c${module}\n${name}\n`;
const storage = (count: number): Uint8Array =>
  join('(', text('storage'), global('torch', 'FloatStorage'), text('0'), text('cpu'), byte(count), 'tQ');
const tensor = (count: number, offset: number, size: number[], stride: number[]): Uint8Array =>
  join(
    global('torch._utils', '_rebuild_tensor_v2'),
    '((',
    storage(count).subarray(1),
    byte(offset),
    '(',
    ...size.map(byte),
    't(',
    ...stride.map(byte),
    't',
    [0x89],
    global('collections', 'OrderedDict'),
    ')R',
    'tR',
  );
function statePickle(value = tensor(4, 0, [2, 2], [2, 1])): Uint8Array {
  return join([0x80, 2], global('collections', 'OrderedDict'), ')R', '(', text('fc.weight'), value, 'u.');
}
const pt = (pickle: Uint8Array, data = new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer)): Uint8Array =>
  zip({ 'm/data.pkl': pickle, 'm/data/0': data, 'm/version': ascii('3\n') });

describe('PyTorch files', () => {
  it('zip form: tensors, views by stride, parameters', async () => {
    expect(await readTensors(pt(statePickle()), 'a.pt')).toEqual([
      { name: 'fc.weight', shape: [2, 2], dtype: 'f32', data: Float32Array.of(1, 2, 3, 4) },
    ]);
    expect((await readTensors(pt(statePickle(tensor(4, 0, [2, 2], [1, 2]))), 'a.pt'))[0]!.data).toEqual(
      Float32Array.of(1, 3, 2, 4),
    );
    expect((await readTensors(pt(statePickle(tensor(4, 1, [2], [2]))), 'a.pth'))[0]!.data).toEqual(
      Float32Array.of(2, 4),
    );
    const parameter = join(
      global('torch._utils', '_rebuild_parameter'),
      '(',
      tensor(4, 0, [4], [1]),
      [0x88],
      global('collections', 'OrderedDict'),
      ')RtR',
    );
    expect((await readTensors(pt(statePickle(parameter)), 'a.pt'))[0]!.shape).toEqual([4]);
  });

  it('older form: five pickles, then storages', async () => {
    const magic = join([0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19], '.');
    const version = join([0x80, 2, 0x4d, 0xe9, 3], '.');
    const system = join([0x80, 2], '}(', text('little_endian'), [0x88], 'u.');
    const keys = join([0x80, 2], ']', text('0'), 'a.');
    const data = join([4, 0, 0, 0, 0, 0, 0, 0], new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer));
    const file = (main: Uint8Array): Uint8Array => join(magic, version, system, main, keys, data);
    // There the reference has a sixth part, the view.
    const withView = join(
      global('torch._utils', '_rebuild_tensor_v2'),
      '((',
      text('storage'),
      global('torch', 'FloatStorage'),
      text('0'),
      text('cpu'),
      byte(4),
      'NtQ',
      byte(0),
      '(',
      byte(4),
      't(',
      byte(1),
      't',
      [0x89],
      global('collections', 'OrderedDict'),
      ')RtR',
    );
    expect((await readTensors(file(statePickle(withView)), 'a.pt'))[0]!.data).toEqual(Float32Array.of(1, 2, 3, 4));
    await refused(file(statePickle(withView)).subarray(0, -1), 'a.pt', 'truncated');
    await refused(join([1, 2, 3], 'x'), 'a.pt', 'is no PyTorch file');
  });

  it('two tensors of one name are refused, names of damaged files are told in one line', async () => {
    const twice = join(
      [0x80, 2],
      '}(',
      text('a.b'),
      tensor(4, 0, [4], [1]),
      text('a'),
      '}(',
      text('b'),
      tensor(4, 0, [4], [1]),
      'uu.',
    );
    await refused(pt(twice), 'a.pt', 'two tensors have the name "a.b"');
    const error = await readTensors(zip({ 'x\ny\x1b[31m': ascii('?') }), 'a.npz').catch((reason: unknown) =>
      String(reason),
    );
    expect(error).toContain('x\\u000ay\\u001b[31m');
  });

  it('malicious pickles are refused and name what they asked for', async () => {
    const calls: [Uint8Array, RegExp][] = [
      [join([0x80, 2], global('os', 'system'), '(', text('echo hacked'), 'tR.'), /os\.system/],
      [join([0x80, 2], global('builtins', 'eval'), '(', text('1'), 'tR.'), /builtins\.eval/],
      [join([0x80, 4, 0x8c, 5], 'posix', [0x8c, 6], 'system', [0x93], '.'), /posix\.system/],
      [join('(i', 'os\nsystem\n', '.'), /opcode 0x69/],
      [join([0x80, 2, 0x82, 1], '.'), /opcode 0x82/],
      [join([0x80, 2], global('torch._utils', '_rebuild_tensor_v2\x00'), '.'), /which plain tensors do not need/],
      [join([0x80, 2], global('torch', 'load'), '(', text('x'), 'tR.'), /torch\.load/],
      [join([0x80, 2], text('x'), ')R.'), /a call of what is no listed name/],
    ];
    for (const [pickle, message] of calls) {
      await refused(pt(pickle), 'a.pt', message);
      await refused(pt(statePickle(pickle.subarray(2, -1))), 'a.pt', /pickle/);
    }
  });

  it('sizes that do not fit the storage, truncated pickles, bombs of shared lists', async () => {
    await refused(pt(statePickle(tensor(4, 1, [2, 2], [2, 1]))), 'a.pt', 'reach element 4 of a storage of 4');
    await refused(pt(statePickle(tensor(4, 0, [255, 255, 255, 255], [0, 0, 0, 0]))), 'a.pt', 'elements of a storage');
    await refused(pt(statePickle(), new Uint8Array(8)), 'a.pt', 'of a storage of 2');
    await refused(pt(statePickle().subarray(0, 60)), 'a.pt', 'truncated');
    await refused(pt(join([0x80, 2, 0x58, 255, 255, 255, 127], 'x.')), 'a.pt', 'truncated');
    await refused(zip({ 'm/data.pkl': statePickle() }), 'a.pt', 'there is no storage "0"');
    const bomb = join([0x80, 2], ']', ...Array.from({ length: 60 }, () => join('2', [0x86], '')), '.');
    await refused(pt(bomb), 'a.pt', /items|nested/);
    // 20 million EMPTY_LISTs and POPs in 20 kB.
    await refused(
      zipSync({ 'm/data.pkl': new Uint8Array(20_000_000).map((_, i) => (i % 2 === 0 ? 0x5d : 0x30)) }),
      'a.pt',
      'more than 10000000 steps',
    );
  });
});

describe('ONNX weights', () => {
  const T = TensorProto_DataType;
  const model = (...initializer: Parameters<typeof create<typeof TensorProtoSchema>>[1][]): Uint8Array =>
    toBinary(
      ModelProtoSchema,
      create(ModelProtoSchema, {
        irVersion: 8n,
        opsetImport: [create(OperatorSetIdProtoSchema, { version: 13n })],
        graph: create(GraphProtoSchema, { initializer: initializer.map((one) => create(TensorProtoSchema, one)) }),
      }),
    );

  it('raw and typed data', async () => {
    const read = await readTensors(
      model(
        { name: 'a', dims: [2n], dataType: T.FLOAT, rawData: new Uint8Array(Float32Array.of(1, -2).buffer) },
        { name: 'b', dims: [1n, 2n], dataType: T.FLOAT, floatData: [0.5, 0.25] },
        { name: 'c', dims: [2n], dataType: T.INT8, int32Data: [-1, 127] },
        { name: 'd', dims: [], dataType: T.FLOAT16, int32Data: [0x3c00] },
        { name: 'e', dims: [1n], dataType: T.INT64, int64Data: [-5n] },
      ),
      'm.onnx',
    );
    expect(read.map(({ data }) => data)).toEqual([
      Float32Array.of(1, -2),
      Float32Array.of(0.5, 0.25),
      Int8Array.of(-1, 127),
      Float32Array.of(1),
      BigInt64Array.of(-5n),
    ]);
  });

  it('lies are refused', async () => {
    await refused(
      model({ name: 'a', dims: [3n], dataType: T.FLOAT, floatData: [1] }),
      'm.onnx',
      'has 3 elements, there are 1',
    );
    await refused(
      model({ name: 'a', dims: [3n], dataType: T.FLOAT, rawData: new Uint8Array(4) }),
      'm.onnx',
      'takes 12 bytes, there are 4',
    );
    await refused(
      model({ name: 'a', dims: [1n], dataType: T.FLOAT, dataLocation: TensorProto_DataLocation.EXTERNAL }),
      'm.onnx',
      'in another file',
    );
    await refused(model({ name: 'a', dims: [1n], dataType: T.COMPLEX64 }), 'm.onnx', /COMPLEX64 \(14\) is not read/);
    await refused(ascii('not a model'), 'm.onnx', 'is no ONNX model');
    await refused(new Uint8Array(0), 'm.onnx', 'it has no graph');
    const whole = model({ name: 'a', dims: [1n], dataType: T.FLOAT, floatData: [1] });
    for (let length = 0; length < whole.length; length++)
      await refused(whole.subarray(0, length), 'm.onnx', /is no ONNX model|truncated|there are/);
  });
});

const models = sharedUrl('data/models/');
describe('real models', () => {
  const read = (path: string): Promise<Tensor[]> =>
    readTensors(new Uint8Array(readFileSync(new URL(path, models))), path);

  it('the same weights from .pt, older .pt, .safetensors, .npz and .onnx', async () => {
    const name = 'lenet5_mnist/lenet5_mnist';
    const byName = async (path: string): Promise<Map<string, Tensor>> =>
      new Map((await read(path)).map((one) => [one.name, one]));
    const npz = await byName(`${name}.npz`);
    expect(npz.size).toBe(10);
    for (const other of [`${name}.pt`, `${name}_legacy.pt`, `${name}.safetensors`, `${name}.onnx`]) {
      const tensorsOf = await byName(other);
      for (const [key, one] of npz)
        expect([other, tensorsOf.get(key)?.shape, tensorsOf.get(key)?.data]).toEqual([other, one.shape, one.data]);
    }
  });

  it("55 PyTorch files of burn (or the models' own) load but for the one broken on purpose", async () => {
    const folder = new URL(hasShared ? 'found/burn_file_format_tests/' : '.', models);
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.pt'));
    expect(files.length).toBeGreaterThan(hasShared ? 50 : 4);
    const broken: string[] = [];
    for (const file of files)
      await readTensors(new Uint8Array(readFileSync(new URL(file, folder))), file).catch(() => {
        broken.push(file.replace(/^.*\//, ''));
      });
    expect(broken).toEqual(['broken.pt']);
  });

  it('a published ResNet-32 in the older form, or an LSTM', async () => {
    const [file, count, first] = hasShared
      ? (['found/akamaster_resnet_cifar10/resnet32-d509ac18.th', 157, 'state_dict.module.conv1.weight'] as const)
      : (['rowlstm_mnist/rowlstm_mnist_legacy.pt', 6, 'lstm.weight_ih_l0'] as const);
    const found = await read(file);
    expect(found).toHaveLength(count);
    expect(found[0]).toMatchObject({ name: first, shape: hasShared ? [16, 3, 3, 3] : [256, 28] });
  });
});
