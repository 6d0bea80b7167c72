// Recurrent layers on integers: golden logits of two LSTMs bit by bit, widths of their signals against an independent
// program, a GRU against plain loops.

import { gunzipSync } from 'fflate';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readIdx } from '../../src/functional/data/idx.js';
import type { Values } from '../../src/functional/operators/values.js';
import type { IntegerWidths } from '../../src/functional/quantized/node-products.js';
import { FoldedNetwork, QuantizedNetwork } from '../../src/functional/quantized/network.js';
import { integerWidths } from '../../src/functional/quantized/widths.js';
import { parametersFrom } from '../../src/functional/weights.js';
import { readTensors } from '../../src/tensors/index.js';
import type { Graph, Parameters } from '../../src/workload/graph/index.js';
import { loaded } from '../helpers.js';
import { hasShared, sharedUrl } from '../shared.js';
import { npz } from './graphs.js';

const bytes = (path: string): Uint8Array => readFileSync(sharedUrl(path));
const text = (path: string): string => readFileSync(sharedUrl(path), 'utf8');

/** Pictures that are tried. */
const TEST = hasShared ? 200 : 20;

type Widths = readonly { readonly bits: number; readonly cells: object; readonly sums: readonly number[] }[];
/** Widths of signals, and sums of MNIST's logits. */
const WIDTHS: Widths = [
  { bits: 7, cells: {}, sums: [-34.5, -11721.5] },
  { bits: 7, cells: { cellBits: 12 }, sums: [-37, -10762.5] },
  { bits: 7, cells: { cellBits: 12, tableBits: 6 }, sums: [-32.25, -9432.75] },
  { bits: 6, cells: { sumBits: 9, valueBits: 8, cellBits: 10 }, sums: [-28.5, -8639] },
];

const graphOf = (features: number, steps: number, layers: string): Graph =>
  loaded('isaac', ['network=net.yaml'], {
    'net.yaml': `name: net\ninput: { features: ${features}, steps: ${steps} }\nlayers:\n${layers}`,
  }).network.graph;

/** A network over one input, calibrated on `samples`, with the graph that `widths` are tried on. */
class Calibrated {
  readonly ranges = new Map<number, number>();

  constructor(graph: Graph, parameters: Parameters, samples: Values) {
    new FoldedNetwork(graph, parameters).calibrate(new Map([[inputOf(graph), samples]]), this.ranges);
  }

  logits(graph: Graph, parameters: Parameters, widths: IntegerWidths, x: Values): Values {
    const network = new QuantizedNetwork(new FoldedNetwork(graph, parameters), { widths, ranges: this.ranges });
    return [...network.forward(new Map([[inputOf(graph), x]])).values()][0]!;
  }
}
const inputOf = (graph: Graph): string => graph.tensors[graph.inputs[0]!]!.name;

/** Without the signs of zeros. */
const unsigned = (values: ArrayLike<number>): number[] => Array.from(values, (value) => value + 0);

const widthsOf = (bits: number, cells: object = {}): IntegerWidths => ({
  weightBits: bits,
  activationBits: bits,
  per: 'tensor',
  sums: 'nearest-even',
  cells: { halves: true, ...cells },
});

it('widths come from the config; matrices in arrays have one exponent', () => {
  const run = loaded('isaac', [
    'functional.backend=crossbar',
    'functional.rounding=nearest-even',
    'functional.recurrent.cellBits=12',
    'functional.recurrent.tableBits=6',
  ]);
  const widths = integerWidths(run, true);
  expect(widths.cells).toEqual({ halves: false, cellBits: 12, tableBits: 6 });
  expect([widths.sums, integerWidths(run, false).cells!.halves]).toEqual(['nearest-even', true]);
});

describe('LSTMs', () => {
  const pictures = (file: string, from: number, count: number): Values => {
    const { data } = readIdx(gunzipSync(bytes(`data/datasets/mnist/${file}`)), file);
    return {
      shape: [count, 28, 28],
      data: Float64Array.from(data.subarray(from * 784, (from + count) * 784), (value) => value / 255),
    };
  };
  const rows = graphOf(
    28,
    28,
    '  - { name: lstm, type: lstm, hidden: 64, output: last }\n  - { name: fc, type: dense, features: 10 }\n',
  );
  const weights = async (graph: Graph, model: string): Promise<Parameters> => {
    const path = `data/models/${model}/${model}.npz`;
    return parametersFrom(graph, await readTensors(bytes(path), path), path);
  };

  it('row by row on MNIST: 8-bit logits exactly; cell state, sums and tables of other widths', async () => {
    const parameters = await weights(rows, 'rowlstm_mnist');
    const calibrated = new Calibrated(
      rows,
      parameters,
      pictures('train5k-images-idx3-ubyte.gz', 0, hasShared ? 1000 : 200),
    );
    const eight = calibrated.logits(rows, parameters, widthsOf(8), pictures('t10k-images-idx3-ubyte.gz', 0, TEST));
    const golden = npz('data/golden/quantization/rowlstm_mnist_dfp8.npz').get('logits_200')!.data;
    expect(unsigned(eight.data)).toEqual(unsigned(golden));
    const x = pictures('t10k-images-idx3-ubyte.gz', 0, hasShared ? 60 : TEST);
    // Sums of all logits, plain and weighted by their place, of a numpy program that repeats the golden one.
    const sums = (bits: number, cells: object): number[] => {
      const data = Array.from(calibrated.logits(rows, parameters, widthsOf(bits, cells), x).data);
      return [data.reduce((sum, value) => sum + value, 0), data.reduce((sum, value, i) => sum + i * value, 0)];
    };
    const widths = hasShared
      ? WIDTHS
      : (JSON.parse(text(`data/golden/quantization/rowlstm_mnist_widths.json`)) as Widths);
    expect(widths).toHaveLength(4);
    for (const { bits, cells, sums: right } of widths) expect(sums(bits, cells)).toEqual(right);
  });

  it('characters of Shakespeare: 8-bit logits of 200 steps exactly', async () => {
    const layers = '  - { name: lstm, type: lstm, hidden: 128 }\n  - { name: fc, type: dense, features: 65 }\n';
    const model = 'charlm_shakespeare';
    const vocabulary = JSON.parse(text(`data/models/${model}/vocab.json`)) as string[];
    const first = text('data/datasets/tinyshakespeare/input.txt').slice(0, 1000);
    const oneHot = (ids: readonly number[]): Values => {
      const data = new Float64Array(ids.length * 65);
      ids.forEach((id, i) => (data[i * 65 + id] = 1));
      return { shape: [1, ids.length, 65], data };
    };
    const [long, short] = [graphOf(65, 1000, layers), graphOf(65, 200, layers)];
    const parameters = await weights(long, model);
    const calibrated = new Calibrated(long, parameters, oneHot(Array.from(first, (char) => vocabulary.indexOf(char))));
    const ids = [...npz(`data/golden/${model}/logits.npz`).get('char_ids_201')!.data].slice(0, 200);
    const found = calibrated.logits(short, parameters, widthsOf(8), oneHot(ids));
    const golden = npz(`data/golden/quantization/${model}_dfp8.npz`).get('logits_200')!.data;
    expect(unsigned(found.data)).toEqual(unsigned(golden));
  });
});

/** Numbers that look random, with a fixed mean square. */
const waves = (count: number, phase: number, scale: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => scale * Math.sin(1 + phase + 2.399 * i * (1 + phase)));

describe.each([false, true])('GRU, reset behind the product: %s', (behind) => {
  const [features, steps, hidden] = [3, 5, 4];
  const graph = graphOf(features, steps, `  - { name: gru, type: gru, hidden: ${hidden}, output: last }\n`);
  const node = graph.nodes.find(({ operator }) => operator.kind === 'recurrent')!;
  const own: Graph = {
    ...graph,
    nodes: graph.nodes.map((one) =>
      one === node && node.operator.kind === 'recurrent'
        ? { ...one, operator: { ...node.operator, linearBeforeReset: behind } }
        : one,
    ),
  };
  const arrays = new Map(
    [...node.parameters.values()].map(({ key, shape }, i) => [
      key,
      {
        shape,
        data: waves(
          shape.reduce((product, size) => product * size, 1),
          i,
          1.2,
        ),
      },
    ]),
  );
  const parameters: Parameters = { keys: [...arrays.keys()], get: (key) => arrays.get(key)! };
  const weight = (role: string): Float64Array => arrays.get(node.parameters.get(role)!.key)!.data;
  const x: Values = { shape: [2, steps, features], data: waves(2 * steps * features, 9, 0.9) };

  it('integers of 6 bits, sums of 7, as plain loops have them', () => {
    const calibrated = new Calibrated(own, parameters, x);
    const found = calibrated.logits(own, parameters, widthsOf(6, { sumBits: 7 }), x);
    // Largest magnitudes of a run in floating point, then the same loops with everything on its grid.
    const most: Record<string, number> = {};
    const noted = (name: string) => (value: number) => {
      most[name] = Math.max(most[name] ?? 0, Math.abs(value));
      return value;
    };
    const all = { sum: noted('sum'), gate: noted('gate'), candidate: noted('candidate'), hidden: noted('hidden') };
    plainGru(identity, all);
    const fraction = (largest: number, bits: number): number => bits - 1 - Math.ceil(Math.log2(largest));
    const round = (value: number, f: number, bits: number): number => {
      const [low, high] = [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
      const scaled = value * 2 ** f;
      const floor = Math.floor(scaled);
      const even = scaled - floor === 0.5 ? floor + (floor % 2 === 0 ? 0 : 1) : Math.round(scaled);
      return Math.min(high, Math.max(low, even)) / 2 ** f;
    };
    const grid = (name: string, bits: number) => (value: number) => round(value, fraction(most[name]!, bits), bits);
    const gridded = (array: Float64Array): Float64Array => {
      const f = fraction(Math.max(...array.map(Math.abs)), 6);
      return array.map((value) => round(value, f, 6));
    };
    const right = plainGru(gridded, {
      sum: grid('sum', 7),
      gate: grid('gate', 6),
      candidate: grid('candidate', 6),
      hidden: grid('hidden', 6),
    });
    expect([...found.data]).toEqual(right);
  });

  type Signals = Record<'sum' | 'gate' | 'candidate' | 'hidden', (value: number) => number>;
  /** ONNX's GRU (gates z, r, h) by loops over scalars. */
  function plainGru(on: (array: Float64Array) => Float64Array, signals: Signals): number[] {
    const [w, r, inputs] = [on(weight('weight')), on(weight('recurrent')), on(x.data as Float64Array)];
    const biases = weight('bias');
    const [wb, rb] = [on(biases.slice(0, 3 * hidden)), on(biases.slice(3 * hidden))];
    const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));
    const out: number[] = [];
    for (let n = 0; n < 2; n++) {
      let h = new Array<number>(hidden).fill(0);
      for (let t = 0; t < steps; t++) {
        const ofX = (g: number, j: number): number => {
          let sum = wb[g * hidden + j]!;
          for (let i = 0; i < features; i++)
            sum += w[(g * hidden + j) * features + i]! * inputs[(n * steps + t) * features + i]!;
          return sum;
        };
        const ofH = (g: number, j: number, state: readonly number[]): number =>
          state.reduce((sum, value, i) => sum + r[(g * hidden + j) * hidden + i]! * value, rb[g * hidden + j]!);
        const gates = [0, 1].map((g) => h.map((_, j) => signals.gate(sigmoid(signals.sum(ofX(g, j) + ofH(g, j, h))))));
        const [z, reset] = [gates[0]!, gates[1]!];
        const behindProduct = (j: number): number => reset[j]! * ofH(2, j, h);
        // The state times its reset gate drives the matrix on the state's grid.
        const driven = h.map((value, j) => drivenState(value * reset[j]!));
        h = h.map((value, j) => {
          const sum = ofX(2, j) + (behind ? behindProduct(j) : ofH(2, j, driven));
          return signals.hidden((1 - z[j]!) * signals.candidate(Math.tanh(signals.sum(sum))) + z[j]! * value);
        });
      }
      out.push(...h);
    }
    return out;
    function drivenState(value: number): number {
      return on === identity ? value : signals.hidden(value);
    }
  }
  const identity = (array: Float64Array): Float64Array => array;
});
