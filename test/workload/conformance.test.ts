// ONNX operator tests (its own, or cases in their form): shapes of every supported operator; the rest refused by name.

import { fromBinary } from '@bufbuild/protobuf';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/config/index.js';
import { TensorProtoSchema } from '../../src/tensors/generated/onnx_pb.js';
import { onnxTensor } from '../../src/tensors/onnx.js';
import { fileShape } from '../../src/workload/graph/index.js';
import { importOnnx, type OnnxModel } from '../../src/workload/onnx/index.js';
import { sharedPath } from '../shared.js';

const CASES = sharedPath('data/models/onnx_conformance');

/** Operators of the cases that are not supported, and forms of supported ones that need values at run time. */
const REFUSED = /^(test_(gru|rnn)_seq_length|test_dropout_default_(mask|mask_ratio)|test_operator_add_\w*broadcast)$/;

const tensorAt = (path: string) => {
  const proto = fromBinary(TensorProtoSchema, readFileSync(path));
  return onnxTensor(proto, proto.name, path).read();
};

/** Imports a case; inputs that a file leaves to its caller (shapes, axes) are given from the case's own inputs. */
function imported(folder: string): OnnxModel {
  const bytes = readFileSync(`${folder}/model.onnx`);
  try {
    return importOnnx(bytes, folder);
  } catch (error) {
    if (!(error instanceof UserError) || !error.message.includes('is computed at run time')) throw error;
    const data = `${folder}/test_data_set_0`;
    const names = readdirSync(data).filter((name) => /^input_[1-9]/.test(name));
    const values = names
      .map((name) => tensorAt(`${data}/${name}`))
      .filter(({ shape }) => shape.length <= 1)
      .map(({ name, shape, data: numbers }) => [name, { shape, data: Float64Array.from(numbers, Number) }] as const);
    return importOnnx(bytes, folder, { values: new Map(values) });
  }
}

describe('ONNX operator tests', () => {
  const kinds = ['node', 'pytorch-converted', 'pytorch-operator', 'simple'];
  const refused: string[] = [];
  it.each(kinds)('%s: output shapes', (kind) => {
    const wrong: string[] = [];
    for (const name of readdirSync(`${CASES}/${kind}`)) {
      const folder = `${CASES}/${kind}/${name}`;
      try {
        const { graph } = imported(folder);
        graph.outputs.forEach((id, i) => {
          const want = tensorAt(`${folder}/test_data_set_0/output_${i}.pb`).shape;
          const found = fileShape(graph.tensors[id]!, graph.batch);
          if (found.join() !== want.join())
            wrong.push(`${name}: output ${i} [${found.join()}], right [${want.join()}]`);
        });
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        refused.push(`${name}: ${error.message.slice(folder.length + 2)}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(refused.filter((line) => !REFUSED.test(line.split(':')[0]!))).toEqual([]);
  });
  it('refuses by node and operator', () => {
    expect(refused.length).toBeGreaterThan(0);
    for (const line of refused) expect(line).toMatch(/: node ".+" \(\w+\): /);
  });
});
