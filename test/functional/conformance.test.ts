// ONNX's own operator tests, or cases in their form, run on numbers: every case whose operators are supported gives the
// right outputs.

import { fromBinary } from '@bufbuild/protobuf';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/config/index.js';
import { Executor } from '../../src/functional/execute.js';
import { fromFileLayout, toFileLayout } from './file-layout.js';
import type { Values } from '../../src/functional/operators/values.js';
import { TensorProtoSchema } from '../../src/tensors/generated/onnx_pb.js';
import { onnxTensor } from '../../src/tensors/onnx.js';
import type { Tensor } from '../../src/tensors/tensor.js';
import type { Parameters } from '../../src/workload/graph/index.js';
import { importOnnx, type OnnxModel } from '../../src/workload/onnx/index.js';
import { hasShared, sharedUrl } from '../shared.js';

const CASES = fileURLToPath(sharedUrl('data/models/onnx_conformance'));
/** Cases of each kind that give the right outputs: of ONNX's own, and of those that are made here. */
const LEAST: Record<string, number> = { node: 291, 'pytorch-converted': 61, 'pytorch-operator': 14, simple: 7 };
const LEAST_OF_SLICE: typeof LEAST = { node: 33, 'pytorch-converted': 1, 'pytorch-operator': 1, simple: 1 };
/** Of the operator tests: 1e-3 relative, 1e-7 absolute (onnx/backend/test/runner). Ours are in double precision. */
const RELATIVE = 1e-4;
const ABSOLUTE = 1e-6;

const tensorAt = (path: string): Tensor => {
  const proto = fromBinary(TensorProtoSchema, readFileSync(path));
  return onnxTensor(proto, proto.name, path).read();
};

/** Tensors that a case gives, in the order of the file's inputs. */
const givenOf = (folder: string): Tensor[] =>
  readdirSync(`${folder}/test_data_set_0`)
    .filter((name) => name.startsWith('input_'))
    .sort()
    .map((name) => tensorAt(`${folder}/test_data_set_0/${name}`));

/** Imports a case; what a file leaves to its caller (shapes, axes, bounds) is given from the case's own inputs. */
function imported(folder: string): OnnxModel {
  const bytes = readFileSync(`${folder}/model.onnx`);
  try {
    return importOnnx(bytes, folder);
  } catch (error) {
    const left = /is computed at run time|has no values in the file/;
    if (!(error instanceof UserError) || !left.test(error.message)) throw error;
    const values = givenOf(folder)
      .slice(1)
      .filter(({ shape }) => shape.length <= 1)
      .map(({ name, shape, data: numbers }) => [name, { shape, data: Float64Array.from(numbers, Number) }] as const);
    return importOnnx(bytes, folder, { values: new Map(values) });
  }
}

const doubles = ({ shape, data }: Tensor): Values => ({ shape, data: Float64Array.from(data, Number) });

/** What is wrong with a case's outputs; nothing where they are right. */
function faults(folder: string): string[] {
  const { graph, parameters: stored } = imported(folder);
  const data = `${folder}/test_data_set_0`;
  const given = givenOf(folder);
  // Weights that a file leaves to its caller are the case's inputs.
  const parameters: Parameters = {
    keys: stored.keys,
    get: (key) => given.find(({ name }) => name === key) ?? stored.get(key),
  };
  const inputs = new Map(
    graph.inputs.map((id, i) => {
      const tensor = graph.tensors[id]!;
      const values = given.find(({ name }) => name === tensor.name) ?? given[i]!;
      return [tensor.name, fromFileLayout(tensor, doubles(values))];
    }),
  );
  const outputs = new Executor(graph, parameters, { precision: 'float64' }).forward(inputs);
  return graph.outputs.flatMap((id, i) => {
    const tensor = graph.tensors[id]!;
    const found = toFileLayout(tensor, outputs.get(tensor.name)!);
    const right = doubles(tensorAt(`${data}/output_${i}.pb`));
    if (found.shape.join() !== right.shape.join())
      return [`shape [${found.shape.join()}], right [${right.shape.join()}]`];
    const at = right.data.findIndex((value, k) => {
      const ours = found.data[k]!;
      return (
        !(ours === value || (Number.isNaN(ours) && Number.isNaN(value))) &&
        !(Math.abs(ours - value) <= ABSOLUTE + RELATIVE * Math.abs(value))
      );
    });
    return at < 0 ? [] : [`element ${at}: ${found.data[at]!}, right ${right.data[at]!}`];
  });
}

describe('ONNX operator tests', () => {
  it.each(['node', 'pytorch-converted', 'pytorch-operator', 'simple'])('%s', (kind) => {
    const wrong: string[] = [];
    let right = 0;
    for (const name of readdirSync(`${CASES}/${kind}`)) {
      try {
        const found = faults(`${CASES}/${kind}/${name}`);
        if (found.length === 0) right++;
        else wrong.push(`${name}: ${found.join('; ')}`);
      } catch (error) {
        // The importer refuses it by node and operator (test/workload/conformance.test.ts lists these).
        if (!(error instanceof UserError)) wrong.push(`${name}: ${String(error)}`);
      }
    }
    expect(wrong).toEqual([]);
    const least = hasShared ? LEAST : LEAST_OF_SLICE;
    expect(right).toBeGreaterThanOrEqual(least[kind]!);
  });
});
