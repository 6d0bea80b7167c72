// Networks written as ONNX and read back: the same outputs, the same names of arrays.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sharedUrl } from '../shared.js';
import { diskPresets } from '../../src/config/files.node.js';
import { initialParameters } from '../../src/functional/training/initial.js';
import { Executor } from '../../src/functional/execute.js';
import type { Values } from '../../src/functional/operators/values.js';
import { streamOf } from '../../src/functional/streams.js';
import type { Graph, Parameters } from '../../src/workload/graph/index.js';
import { importOnnx, writeOnnx } from '../../src/workload/onnx/index.js';
import { loadConfig } from '../../src/config/index.js';
import { networkOf } from '../../src/workload/index.js';

const zoo = sharedUrl('data/models/zoo/');

/** Two samples of random numbers for each input; whole ones for tokens. */
function inputsOf(graph: Graph): Map<string, Values> {
  return new Map(
    graph.inputs.map((id) => {
      const { name, shape, dtype, batchAxis } = graph.tensors[id]!;
      const draw = streamOf(5, name);
      const images = batchAxis === null ? 1 : 2;
      const size = images * shape.reduce((product, length) => product * length, 1);
      const data = Float64Array.from({ length: size }, () =>
        dtype.startsWith('i') ? Math.floor(10 * draw()) : draw(),
      );
      return [name, { shape: [images, ...shape], data }];
    }),
  );
}

/** Largest distance of the outputs of a network from those of its copy out of a file. */
function distance(graph: Graph, parameters: Parameters): number {
  const copy = importOnnx(writeOnnx(graph, parameters), 'copy.onnx');
  const inputs = inputsOf(graph);
  const run = (of: Graph, numbers: Parameters): Map<string, Values> =>
    new Executor(of, numbers, { precision: 'float64' }).forward(inputs);
  const [own, read] = [run(graph, parameters), run(copy.graph, copy.parameters)];
  let largest = 0;
  for (const [name, { data }] of own) {
    const other = read.get(name)!.data;
    expect(other.length).toBe(data.length);
    data.forEach((value, i) => (largest = Math.max(largest, Math.abs(value - other[i]!))));
  }
  return largest;
}

const preset = (name: string): Graph => networkOf(loadConfig(diskPresets, ['networks'], name)).graph;

describe('networks of the project with seeded numbers', () => {
  for (const name of ['digits-cnn', 'lenet-5', 'lstm-small'])
    it(`${name}: outputs are those of single-precision weights, arrays keep their names`, () => {
      const graph = preset(name);
      const seeded = initialParameters(graph, 1);
      const parameters: Parameters = {
        keys: seeded.keys,
        get: (key) => ({ shape: seeded.get(key).shape, data: Float32Array.from(seeded.get(key).data, Number) }),
      };
      expect(distance(graph, parameters)).toBeLessThan(1e-5);
      const { parameters: read } = importOnnx(writeOnnx(graph, parameters), 'copy.onnx');
      for (const key of parameters.keys) expect(read.get(key)).toEqual(parameters.get(key));
    });

  it('AdderNet has no operator in ONNX: one line says so', () => {
    const graph = { ...preset('digits-cnn') };
    const nodes = graph.nodes.map((node) => {
      const { operator } = node;
      return operator.kind === 'conv' ? { ...node, operator: { ...operator, kind: 'adder' as const } } : node;
    });
    expect(() => writeOnnx({ ...graph, nodes }, initialParameters(graph, 1))).toThrow(
      /^conv1 \(adder\): ONNX has no such operator/,
    );
  });
});

describe('networks of other programs', () => {
  const names = readdirSync(zoo).filter((name) => existsSync(new URL(`${name}/${name}.onnx`, zoo)));
  for (const name of names)
    it(`${name}: written and read back`, () => {
      const path = new URL(`${name}/${name}.onnx`, zoo);
      const { graph, parameters } = importOnnx(new Uint8Array(readFileSync(path)), name);
      expect(distance(graph, parameters)).toBeLessThan(1e-6);
    });
});
