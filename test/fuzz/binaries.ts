// Files of bytes for the fuzzer: models and ONNX graphs, whole and damaged.

import { create, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { zipSync } from 'fflate';
import { ModelProtoSchema } from '../../src/tensors/generated/onnx_pb.js';
import { writeNpz, writeSafetensors, type Tensor } from '../../src/tensors/index.js';
import type { Input } from './inputs.js';
import { WORDS } from './words.js';

/** Bytes with some changed, cut or inserted. */
export const broken = (bytes: fc.Arbitrary<Uint8Array>): fc.Arbitrary<string> =>
  fc
    .tuple(
      bytes,
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }), fc.constantFrom('set', 'cut', 'insert')), {
        maxLength: 4,
      }),
    )
    .map(([whole, edits]) => {
      let list = [...whole];
      for (const [at, value, how] of edits) {
        const place = at % (list.length + 1);
        if (how === 'set') list[place] = value;
        else if (how === 'insert') list.splice(place, 0, ...Array<number>(1 + (value % 9)).fill(value));
        else list = list.slice(0, place);
      }
      return Buffer.from(list).toString('base64');
    });

const TENSORS: Tensor[] = [
  { name: 'fc.weight', dtype: 'f32', shape: [2, 3], data: Float32Array.of(1, -2, 3, 0, 5, 6) },
  { name: 'b', dtype: 'i64', shape: [1], data: BigInt64Array.of(7n) },
];
const PICKLE = Buffer.from(
  '\x80\x02ccollections\nOrderedDict\n)R(X\x01\x00\x00\x00actorch._utils\n_rebuild_tensor_v2\n' +
    '((X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x04tQK\x00' +
    '(K\x02K\x02t(K\x02K\x01t\x89ccollections\nOrderedDict\n)RtRu.',
  'latin1',
);
/** Model files: safetensors, npz, npy, PyTorch. */
export const model: fc.Arbitrary<Input> = fc
  .constantFrom<[string, Uint8Array][]>(
    ['a.safetensors', writeSafetensors(TENSORS)],
    ['a.npz', writeNpz(TENSORS)],
    ['a.npy', writeNpz(TENSORS).subarray(44)],
    ['a.pt', zipSync({ 'm/data.pkl': PICKLE, 'm/data/0': new Uint8Array(16) }, { level: 0 })],
    ['b.pt', PICKLE],
  )
  .chain(([name, bytes]) => broken(fc.constant(bytes)).map((base64) => ({ kind: 'model' as const, name, base64 })));

const OPERATORS = [
  'Conv',
  'Gemm',
  'MatMul',
  'Relu',
  'Add',
  'Reshape',
  'Flatten',
  'MaxPool',
  'Constant',
  'Concat',
  'Softmax',
  'Slice',
  'toString',
];
const integer = fc.oneof(fc.bigInt({ min: -2n, max: 8n }), fc.constantFrom(2n ** 40n, 2n ** 62n));
const attribute = fc.record({
  name: fc.constantFrom('kernel_shape', 'strides', 'pads', 'group', 'axis', 'transB', 'value', 'auto_pad'),
  ints: fc.array(integer, { maxLength: 4 }),
  i: integer,
  type: fc.constantFrom(2, 7),
});
const names = fc.constantFrom('x', 'y', 'z', 'w', 'v', '', '__proto__');
/** ONNX files. */
export const onnx: fc.Arbitrary<Input> = fc
  .record({
    nodes: fc.array(
      fc.record({
        name: fc.constantFrom('', 'n', ...WORDS),
        opType: fc.constantFrom(...OPERATORS),
        input: fc.array(names, { maxLength: 3 }),
        output: fc.array(names, { minLength: 1, maxLength: 2 }),
        attribute: fc.array(attribute, { maxLength: 2 }),
      }),
      { maxLength: 5 },
    ),
    weights: fc.array(fc.record({ name: names, dims: fc.array(integer, { maxLength: 4 }), values: fc.nat(40) }), {
      maxLength: 2,
    }),
    shape: fc.array(integer, { maxLength: 4 }),
  })
  .map(({ nodes, weights, shape }) =>
    toBinary(
      ModelProtoSchema,
      create(ModelProtoSchema, {
        irVersion: 8n,
        opsetImport: [{ version: 13n }],
        graph: {
          name: 'g',
          node: nodes,
          initializer: weights.map(({ name, dims, values }) => ({
            name,
            dims,
            dataType: 1,
            floatData: Array<number>(values).fill(1),
          })),
          input: [
            {
              name: 'x',
              type: {
                value: {
                  case: 'tensorType',
                  value: {
                    elemType: 1,
                    shape: { dim: shape.map((value) => ({ value: { case: 'dimValue' as const, value } })) },
                  },
                },
              },
            },
          ],
          output: [{ name: nodes.at(-1)?.output[0] ?? 'x' }],
        },
      }),
    ),
  )
  .chain((bytes) =>
    fc.oneof(
      { weight: 2, arbitrary: fc.constant(Buffer.from(bytes).toString('base64')) },
      { weight: 1, arbitrary: broken(fc.constant(bytes)) },
    ),
  )
  .map((base64) => ({ kind: 'onnx', name: 'a.onnx', base64 }));
