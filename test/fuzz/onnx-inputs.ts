// Damaged ONNX models.

import { create, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { ModelProtoSchema } from '../../src/tensors/generated/onnx_pb.js';
import { presets } from './presets.js';

export const KINDS = ['config', 'network', 'sweep', 'trace', 'model', 'onnx', 'result', 'command'] as const;
export type Kind = (typeof KINDS)[number];

/** An input as the corpus keeps it: text, or bytes in base64; `name` is the file's. */
export interface Input {
  kind: Kind;
  name: string;
  text?: string;
  base64?: string;
  /** Words of a command line. */
  words?: string[];
}

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

export const OPERATORS = [
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
export const integer = fc.oneof(fc.bigInt({ min: -2n, max: 8n }), fc.constantFrom(2n ** 40n, 2n ** 62n));
export const attribute = fc.record({
  name: fc.constantFrom('kernel_shape', 'strides', 'pads', 'group', 'axis', 'transB', 'value', 'auto_pad'),
  ints: fc.array(integer, { maxLength: 4 }),
  i: integer,
  type: fc.constantFrom(2, 7),
});
export const names = fc.constantFrom('x', 'y', 'z', 'w', 'v', '', '__proto__');
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
