// ONNX files that cannot be run: one line with file, node and what is supported, exit status 2.

import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/config/index.js';
import {
  ModelProtoSchema,
  NodeProtoSchema,
  StringStringEntryProtoSchema,
  TensorProto_DataLocation,
  type ModelProto,
  type TypeProto_Tensor,
} from '../../src/tensors/generated/onnx_pb.js';
import { elementsOf } from '../../src/workload/graph/index.js';
import { readForeign } from '../../src/workload/foreign.node.js';
import { FOLDS } from '../../src/workload/onnx/fold.js';
import { importOnnx, SUPPORTED_OPERATORS } from '../../src/workload/onnx/index.js';
import { networkOfGraph } from '../../src/workload/weight-graph.js';
import { xbarflow } from '../experiment/command.js';
import { integers, reals } from './onnx-agree/draw.js';
import { modelOfCase, type CaseInput, type OperatorCase } from './onnx-agree/model.js';

const x = { ...reals([1, 2], [1, 2]), constant: false };
const alone = (type: string): Uint8Array =>
  modelOfCase({ type, opset: 13, attributes: {}, inputs: [x], outputs: ['y'] });

describe('refused, one line with file and node', () => {
  it.each(['NonMaxSuppression', 'GridSample', 'RoiAlign'])('%s, by its name', (type) => {
    const line = new RegExp(
      `^m\\.onnx: node "node" \\(${type}\\): the operator ${type} is not supported; supported are .+$`,
    );
    expect(() => importOnnx(alone(type), 'm.onnx')).toThrow(line);
  });

  it.each([...new Set([...FOLDS.keys(), ...SUPPORTED_OPERATORS])])(
    '%s without inputs: taken, or refused at its node',
    (type) => {
      const model = modelOfCase({ type, opset: 13, attributes: {}, inputs: [], outputs: ['y'] });
      const outcome = (): string => {
        try {
          importOnnx(model, 'm.onnx');
          return 'taken';
        } catch (error) {
          return error instanceof UserError ? error.message : String(error);
        }
      };
      expect(outcome()).toMatch(/^taken$|^m\.onnx: node "node" \(/);
    },
  );

  it('an axis that is none', () => {
    const model = modelOfCase({ type: 'Concat', opset: 13, attributes: { axis: 7n }, inputs: [x, x], outputs: ['y'] });
    expect(() => importOnnx(model, 'm.onnx')).toThrow(/^m\.onnx: node "node" \(Concat\): .*axis.*$/);
  });

  it('an axis that is added twice', () => {
    const inputs = [x, integers([1, -3], [2])];
    const model = modelOfCase({ type: 'Unsqueeze', opset: 13, attributes: {}, inputs, outputs: ['y'] });
    expect(() => importOnnx(model, 'm.onnx')).toThrow(
      /^m\.onnx: node "node" \(Unsqueeze\): it adds an axis twice: 1, -3/,
    );
  });

  it('a product of no vectors', () => {
    const inputs = [{ ...reals([], [1, 0, 2]), constant: false }, reals([1, 2], [2, 1])];
    const model = modelOfCase({ type: 'MatMul', opset: 13, attributes: {}, inputs, outputs: ['y'] });
    const fail = (layer: string, message: string): never => {
      throw new UserError(`${layer}: ${message}`);
    };
    expect(() => networkOfGraph(importOnnx(model, 'm.onnx').graph, fail)).toThrow(
      'node: layer "node" has nothing to multiply: an axis of its input or output has size 0',
    );
  });

  it('external data outside the folder of the model: by a path or by a link', () => {
    const folder = mkdtempSync(join(tmpdir(), 'xbarflow-faults-'));
    const inside = join(folder, 'model');
    mkdirSync(inside);
    writeFileSync(join(folder, 'secret.bin'), Buffer.alloc(8));
    symlinkSync(join(folder, 'secret.bin'), join(inside, 'link.bin'));
    for (const location of ['../secret.bin', 'link.bin']) {
      const inputs = [x, reals([1, 2], [2, 1])];
      const model = fromBinary(
        ModelProtoSchema,
        modelOfCase({ type: 'MatMul', opset: 13, attributes: {}, inputs, outputs: ['y'] }),
      );
      const weight = model.graph!.initializer[0]!;
      weight.rawData = new Uint8Array(0);
      weight.dataLocation = TensorProto_DataLocation.EXTERNAL;
      weight.externalData = [create(StringStringEntryProtoSchema, { key: 'location', value: location })];
      const file = join(inside, 'm.onnx');
      writeFileSync(file, toBinary(ModelProtoSchema, model));
      const { parameters } = readForeign(file);
      expect(() => parameters!.get('x1')).toThrow(`its data is in "${location}", outside its folder`);
    }
  });

  const model = (): ModelProto =>
    fromBinary(
      ModelProtoSchema,
      modelOfCase({ type: 'MatMul', opset: 13, attributes: {}, inputs: [x, reals([1, 2], [2, 1])], outputs: ['y'] }),
    );
  const typeOf = ({ graph }: ModelProto): TypeProto_Tensor => {
    const { value } = graph!.input[0]!.type!;
    if (value.case !== 'tensorType') throw new Error('the input of the model is a tensor');
    return value.value;
  };
  it.each<[string, string, (model: ModelProto) => void]>([
    [
      'a size of 0',
      'node "node" (MatMul): a matrix of 2x1 does not fit vectors of 0',
      (of) => (typeOf(of).shape!.dim[1]!.value = { case: 'dimValue', value: 0n }),
    ],
    [
      'a first size that is not known, which the kernel of a later node does not fit',
      'node "node" (MatMul): a matrix of 2x1 does not fit vectors of 3; ' +
        '"x0.0" is taken as a batch of 1 (else: --shape x0.0=N)',
      (of) => {
        typeOf(of).shape!.dim[0]!.value = { case: 'dimValue', value: -1n };
        typeOf(of).shape!.dim[1]!.value = { case: 'dimValue', value: 3n };
      },
    ],
    [
      'a negative size, which is one that is not known',
      'input "x0": dimension 1 is symbolic ("x0.1"); give it by --shape x0.1=N',
      (of) => (typeOf(of).shape!.dim[1]!.value = { case: 'dimValue', value: -4n }),
    ],
    [
      'a symbolic dimension',
      'input "x0": dimension 1 is symbolic ("tokens"); give it by --shape tokens=N',
      (of) => (typeOf(of).shape!.dim[1]!.value = { case: 'dimParam', value: 'tokens' }),
    ],
    [
      'a negative size of a weight',
      'tensor "x1": shape [-2, 1] is no list of sizes',
      (of) => (of.graph!.initializer[0]!.dims[0] = -2n),
    ],
    [
      'a weight larger than its bytes',
      'tensor "x1": shape [536870912, 1] takes 2147483648 bytes, there are 8',
      (of) => (of.graph!.initializer[0]!.dims[0] = 2n ** 29n),
    ],
    [
      'an element type that nobody knows',
      'tensor "x1": element type unknown (77) is not read',
      (of) => (of.graph!.initializer[0]!.dataType = 77),
    ],
    [
      'an input of text',
      'input "x0": element type string, expected numbers or bool',
      (of) => (typeOf(of).elemType = 8),
    ],
    ['a later opset', 'opset 99 is not known; supported are 7 to 24', (of) => (of.opsetImport[0]!.version = 99n)],
    ['no outputs', 'its graph has no outputs', (of) => (of.graph!.output = [])],
    [
      'a cycle',
      'these nodes form a cycle: "a" (Add), "b" (Relu)',
      ({ graph }) => {
        graph!.node.push(
          create(NodeProtoSchema, { opType: 'Add', name: 'a', input: ['y', 'b'], output: ['a'] }),
          create(NodeProtoSchema, { opType: 'Relu', name: 'b', input: ['a'], output: ['b'] }),
        );
        graph!.output[0]!.name = 'b';
      },
    ],
  ])('%s: %s', (_, message, change) => {
    const wrong = model();
    expect(() => importOnnx(toBinary(ModelProtoSchema, wrong), 'm.onnx')).not.toThrow();
    change(wrong);
    const run = (): unknown => importOnnx(toBinary(ModelProtoSchema, wrong), 'm.onnx');
    expect(run).toThrow(UserError);
    expect(run).toThrow(`m.onnx: ${message}`);
  });

  const reals32 = (...dims: number[]): CaseInput => reals(new Array<number>(elementsOf(dims)).fill(1), dims);
  const bytes = (...dims: number[]): CaseInput => ({ ...reals32(...dims), element: 'u8' });
  const one = (scale: number): CaseInput => reals([scale], []);
  const input = (operand: CaseInput): CaseInput => ({ ...operand, constant: false });
  const map = input(reals32(1, 2, 4, 4));
  const kernel = reals32(5, 2, 3, 3);
  const [row, codes, zero] = [input(reals32(1, 4)), input(bytes(1, 4)), bytes()];
  const image = input(bytes(1, 2, 4, 4));
  const quantizedConv = (weight: CaseInput, scale: CaseInput | null, more: readonly CaseInput[] = []) =>
    [image, one(0.5), zero, weight, scale, zero, one(0.5), zero, ...more] as const;
  const steps = input(reals32(3, 1, 4));
  it.each<[string, readonly (CaseInput | null)[], OperatorCase['attributes'], string]>([
    // Scales and zero points of every quantized operator.
    ['QuantizeLinear', [row], {}, 'its x_scale is missing (input 1)'],
    ['QuantizeLinear', [row, reals32(3), bytes(3)], {}, 'its x_scale has 3 values, expected 1 or 4'],
    ['QuantizeLinear', [row, reals32(4), bytes(3)], {}, 'its x_zero_point has 3 values, expected 1 or 4'],
    ['QuantizeLinear', [row, one(0), zero], {}, 'its x_scale is 0, expected a number above 0'],
    ['QuantizeLinear', [row, one(1), one(3)], {}, 'its x_zero_point is of type f32, expected integers'],
    ['DequantizeLinear', [codes, null, zero], {}, 'its x_scale is missing (input 1)'],
    ['DequantizeLinear', [codes, one(NaN), zero], {}, 'its x_scale is NaN, expected a number of 0 or more'],
    ['DequantizeLinear', [row, one(1), zero], {}, 'its x is of type f32, expected integers'],
    [
      'DequantizeLinear',
      [codes, one(1), { ...zero, element: 'i8' }],
      {},
      'its x_zero_point is of type i8, its x of type u8, expected the same',
    ],
    ['QLinearMatMul', [codes, one(1), zero, bytes(4, 3), one(1), zero], {}, 'its y_scale is missing (input 6)'],
    [
      'QLinearMatMul',
      [codes, one(1), zero, bytes(4, 3), reals32(2), zero, one(1), zero],
      {},
      'its b_scale has 2 values, expected 1 or 3',
    ],
    ['QLinearConv', quantizedConv(bytes(5, 2, 3, 3), null), {}, 'its w_scale is missing (input 4)'],
    ['QLinearConv', quantizedConv(bytes(5, 2, 3, 3), reals32(3)), {}, 'its w_scale has 3 values, expected 1 or 5'],
    ['QLinearConv', quantizedConv(kernel, one(1)), {}, 'its w is of type f32, expected integers'],
    [
      'QLinearConv',
      quantizedConv(bytes(5, 2, 3, 3), one(1), [reals32(5)]),
      {},
      'its bias is of type f32, expected i32',
    ],
    ['ConvInteger', [map, bytes(5, 2, 3, 3)], {}, 'its x is of type f32, expected integers'],
    ['MatMulInteger', [codes, bytes(4, 3), zero, bytes(2)], {}, 'its b_zero_point has 2 values, expected 1 or 3'],
    // Sizes that do not belong together.
    ['Conv', [map, kernel, reals32(4)], {}, 'its bias has 4 values, expected 5'],
    ['Conv', [map, kernel], { strides: [0n, 1n] }, 'its strides are [0, 1], expected 2 whole numbers of 1 or more'],
    ['Conv', [map, kernel], { dilations: [2n] }, 'its dilations are [2], expected 2 whole numbers of 1 or more'],
    ['Conv', [map, kernel], { pads: [1n, 1n] }, 'its pads are [1, 1], expected 4 whole numbers'],
    ['Conv', [map, kernel], { kernel_shape: [5n, 5n] }, 'its kernel_shape is 5x5, its weight has a kernel of 3x3'],
    ['ConvTranspose', [map, reals32(2, 5, 3, 3), reals32(4)], {}, 'its bias has 4 values, expected 5'],
    [
      'BatchNormalization',
      [map, reals32(2), reals32(2), reals32(2), reals32(1)],
      {},
      'its variance has 1 value, expected 2',
    ],
    ['InstanceNormalization', [map, reals32(3), reals32(2)], {}, 'its scale has 3 values, expected 2'],
    ['LayerNormalization', [row, reals32(3)], {}, 'its scale is 3, which does not broadcast to 4'],
    [
      'LSTM',
      [steps, reals32(1, 8, 4), reals32(1, 8, 3)],
      { hidden_size: 2n },
      'its recurrent weight is 1x8x3, expected 1x8x2',
    ],
    ['LSTM', [steps, reals32(1, 8, 4), reals32(1, 8, 2), reals32(1, 8)], {}, 'its bias is 1x8, expected 1x16'],
    ['GRU', [steps, reals32(1, 8, 4), reals32(1, 8, 2)], {}, 'its weight is 1x8x4, expected 1x6x4'],
    ['Transpose', [map], { perm: [0n, 1n, 1n, 2n] }, 'its perm is [0, 1, 1, 2], expected an order of 4 axes'],
    ['Gather', [row, integers([9])], { axis: 1n }, 'its indices have 9, on an axis of 4'],
    ['Gather', [reals32(5, 4), integers([-6])], {}, 'its indices have -6, on an axis of 5'],
    ['Pad', [row, integers([0, 0, 1])], {}, 'its padding is [0, 0, 1], expected 4 whole numbers'],
    // Constants that are missing, of another length or out of range.
    ['Tile', [row], {}, 'its repeats (input 1) is missing'],
    ['Tile', [row, integers([1, -2])], {}, 'its repeats [1, -2] should be 2 whole numbers of 0 or more'],
    ['Tile', [reals32(2, 2), integers([2])], {}, 'its repeats [2] should be 2 whole numbers of 0 or more'],
    ['OneHot', [row, null, reals32(2)], {}, 'its depth (input 1) is missing'],
    ['OneHot', [row, integers([-3]), reals32(2)], {}, 'its depth [-3] should be 1 whole number of 0 or more'],
    ['OneHot', [row, integers([3]), reals32(3)], {}, 'its values are [1, 1, 1], expected one off and one on'],
    ['OneHot', [row, integers([3]), reals32(2)], { axis: 9n }, 'there is no axis 9 in a tensor of 3 axes'],
    ['Resize', [map, null, reals32(2)], {}, 'its scales or sizes are [1, 1], expected 4 numbers above 0'],
    [
      'Resize',
      [map, null, reals([1, 1, -2, 2])],
      {},
      'its scales or sizes are [1, 1, -2, 2], expected 4 numbers above 0',
    ],
    [
      'Slice',
      [row, integers([0, 0]), integers([1]), integers([0, 1])],
      {},
      '2 starts, 1 ends, 2 axes, 2 steps: expected as many of each',
    ],
    ['Trilu', [reals32(4)], {}, 'its input is 4, no matrix'],
    ['Trilu', [reals32(4, 4), integers([])], {}, 'its diagonal has no value'],
    // Numbers of axes.
    ['Gemm', [row, reals32(4)], {}, 'its weight is 4, expected a matrix'],
    ['Conv', [row, reals32(3, 4)], {}, 'it has no axes to slide along, expected an input [N, C, ...] with one or more'],
    ['MaxPool', [row], { kernel_shape: [] }, 'it has no axes to slide along'],
    ['ConvTranspose', [map, reals32(2, 5, 3)], {}, 'its weight is 2x5x3, expected 4 axes as its input has'],
    [
      'ConvTranspose',
      [map, reals32(2, 5, 3, 3)],
      { output_padding: [1n] },
      'its output_padding [1] should be 2 whole numbers of 0 or more',
    ],
    [
      'ConvTranspose',
      [map, reals32(2, 5, 3, 3)],
      { output_shape: [9n] },
      'its output_shape [9] should be 2 whole numbers of 0 or more',
    ],
    [
      'LSTM',
      [steps, reals32(1, 8, 4), reals32(8)],
      {},
      'its input is 3x1x4, its recurrent weight 8, expected three axes',
    ],
  ])('%s that contradicts itself (%#)', (type, inputs, attributes, message) => {
    const contradicting = modelOfCase({ type, opset: 17, attributes, inputs, outputs: ['y'] });
    const run = (): unknown => importOnnx(contradicting, 'm.onnx');
    expect(run).toThrow(UserError);
    expect(run).toThrow(`m.onnx: node "node" (${type}): ${message}`);
  });

  it('what meant something else before opset 7', () => {
    const inputs = [x, reals([1, 2], [2])];
    const add = modelOfCase({ type: 'Add', opset: 6, attributes: { broadcast: 1n, axis: 0n }, inputs, outputs: ['y'] });
    expect(() => importOnnx(add, 'm.onnx')).toThrow(
      /^m\.onnx: node "node" \(Add\): broadcasting along an axis \(below opset 7\) is not supported.*$/,
    );
  });

  it('a length of 2 GB in a file of some bytes', () => {
    const bytes = toBinary(ModelProtoSchema, model());
    const graph = bytes.indexOf(0x3a);
    const lie = Uint8Array.from([
      ...bytes.slice(0, graph + 1),
      0xff,
      0xff,
      0xff,
      0xff,
      0x07,
      ...bytes.slice(graph + 3),
    ]);
    expect(() => importOnnx(lie, 'm.onnx')).toThrow(/^m\.onnx: is no ONNX model: .*$/);
  });

  it('through the command line: status 2, one line, nothing on standard output', { timeout: 60_000 }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'xbarflow-faults-'));
    const file = join(folder, 'm.onnx');
    writeFileSync(file, alone('NonMaxSuppression'));
    const { status, stdout, stderr } = xbarflow(['run', 'isaac', '--set', `network=${file}`]);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toContain(
      'm.onnx: node "node" (NonMaxSuppression): the operator NonMaxSuppression is not supported; supported are',
    );
  });
});
