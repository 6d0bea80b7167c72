// Products that a file has in integers, on crossbars: without errors they are the file's integers exactly, and they are
// counted as every product is.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diskPresets } from '../../src/config/files.node.js';
import { crossbarBackend } from '../../src/functional/backends/crossbar.js';
import { crossbarOptions } from '../../src/functional/crossbar/hardware.js';
import { Executor } from '../../src/functional/execute.js';
import { FoldedNetwork, QuantizedNetwork } from '../../src/functional/quantized/network.js';
import { integerWidths } from '../../src/functional/quantized/widths.js';
import { importOnnx } from '../../src/workload/onnx/index.js';
import { loaded } from '../helpers.js';
import { Draw } from '../workload/onnx-agree/draw.js';
import { modelOfCase, type CaseInput } from '../workload/onnx-agree/model.js';
import { PRODUCT_CASES } from '../workload/onnx-agree/product-cases.js';
import { onArrays } from './crossbar/on-arrays.js';
import { fromFileLayout } from './file-layout.js';
import { parametersOf } from './graphs.js';

const TYPES = ['ConvInteger', 'MatMulInteger', 'QLinearConv', 'QLinearMatMul'];
const MAKERS = new Map(PRODUCT_CASES);

/** One operator on a design: what it gives there, what it gives in double precision, and its reads of arrays. */
function drawnOnArrays(type: string, preset: string, gen: fc.GeneratorValue, sets: readonly string[] = []) {
  const one = MAKERS.get(type)!(new Draw(gen), type);
  const { graph, parameters } = importOnnx(modelOfCase(one), 'case');
  const inputs = new Map(
    graph.inputs.map((id) => {
      const tensor = graph.tensors[id]!;
      const { dims, data } = one.inputs[Number(tensor.name.slice(1))]!;
      return [tensor.name, fromFileLayout(tensor, { shape: [...dims], data: Float64Array.from(data) })];
    }),
  );
  const run = loaded(preset, ['network=lenet-5', 'functional.backend=crossbar', ...sets]);
  const network = onArrays(run, { graph, parameters }, inputs);
  const name = graph.tensors[graph.outputs[0]!]!.name;
  return {
    here: network.forward(inputs).get(name)!,
    exact: new Executor(graph, parameters, { precision: 'float64' }).forward(inputs).get(name)!,
    reads: [...network.statistics().values()]
      .flatMap(({ forward }) => forward)
      .reduce((sum, { reads }) => sum + reads, 0),
  };
}

const codes = (data: number[], dims: number[], constant = true): CaseInput => ({ dims, element: 'i8', data, constant });

describe('integers of a file', () => {
  it.each(TYPES)('%s on ideal arrays is exact', (type) => {
    fc.assert(
      fc.property(
        fc.gen(),
        fc.constantFrom('isaac', 'pipelayer', 'puma', 'a3-shared'),
        fc.constantFrom('offset', 'differential'),
        fc.constantFrom(8, 16),
        (gen, preset, sign, bits) => {
          const { here, exact, reads } = drawnOnArrays(type, preset, gen, [
            `weights.sign=${sign}`,
            ...[`weights.bits=${bits}`, `inputs.bits=${bits}`, 'crossbar.rows=16'],
            'functional.adcRange=full',
            ...(preset === 'isaac' || preset === 'puma' ? ['sensing.bits=14'] : []),
          ]);
          expect([here.shape, [...here.data]]).toEqual([exact.shape, [...exact.data]]);
          expect(reads).toBeGreaterThan(0);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('signed codes and a zero point for each column, by hand', () => {
    const run = loaded('isaac', ['network=lenet-5', 'functional.backend=crossbar', 'sensing.bits=14']);
    const widths = { ...integerWidths(run, true), weightBits: 8, activationBits: 8 };
    const backend = crossbarBackend(crossbarOptions(run, diskPresets));
    const x = codes([-128, 127, 5, 0, -7, 9], [2, 3], false);
    const w = codes([-128, 127, 3, -4, 100, 50], [3, 2]);
    const one = { type: 'MatMulInteger', opset: 13, attributes: {}, outputs: ['y'] };
    const inputs = [x, w, codes([3], []), codes([-1, 2], [2])];
    const { graph, parameters } = importOnnx(modelOfCase({ ...one, inputs }), 'case');
    const network = new QuantizedNetwork(new FoldedNetwork(graph, parameters), { widths, backend, ranges: new Map() });
    const [from, to] = [graph.inputs, graph.outputs].map(([id]) => graph.tensors[id!]!);
    const made = network.forward(
      new Map([[from!.name, fromFileLayout(from!, { shape: [2, 3], data: Float64Array.from(x.data) })]]),
    );
    // (-131, 124, 2) and (-3, -10, 6) by columns (-127, 4, 101) and (125, -6, 48).
    expect([...made.get(to!.name)!.data]).toEqual([17335, -17023, 947, -27]);
    expect([...network.statistics().values()][0]!.forward[0]!.reads).toBeGreaterThan(0);
  });

  it('numbers that are no codes, in a network written by hand, are worked out exactly', () => {
    const net = `name: net
input: { features: 2 }
layers:
  - { name: a, type: dense, features: 1, arithmetic: integer, bias: false }
`;
    const run = loaded('isaac', ['network=net.yaml', 'functional.backend=crossbar'], { 'net.yaml': net });
    const { graph } = run.network;
    const [weight] = [...graph.nodes[0]!.parameters.values()];
    const parameters = parametersOf(
      new Map([[weight!.key, { shape: weight!.shape, data: Float64Array.of(0.5, 300) }]]),
    );
    const inputs = new Map([
      [graph.tensors[graph.inputs[0]!]!.name, { shape: [1, 2], data: Float64Array.of(3, 1000) }],
    ]);
    const [made] = onArrays(run, { graph, parameters }, inputs).forward(inputs).values();
    expect([...made!.data]).toEqual([300_001.5]);
  });
});
