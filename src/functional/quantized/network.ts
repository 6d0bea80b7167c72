// A network as hardware runs it: norms folded, weights and activations on grids of dynamic fixed point, products by a
// backend, sums brought back to the activations' grids.

import type { Backend, Product } from '../backend.js';
import { Executor, type ForwardOptions, type NamedValues } from '../execute.js';
import type { NodeProducts } from '../nodes/index.js';
import { gemm, transposeInto } from '../operators/gemm.js';
import { zeros, type Numbers, type Values } from '../operators/values.js';
import { ParameterStore } from '../parameter-store.js';
import type { Graph, Node, Parameters, Tensor } from '../../workload/graph/index.js';
import { foldNorms, matricesOf, type Folded, type PartMatrix } from './fold.js';
import { fractionBits, largestOf, shifted, toInteger } from './grid.js';

/** Widths of integers, and whether weights have an exponent of their own in each column. */
export interface IntegerWidths {
  readonly weightBits: number;
  readonly activationBits: number;
  readonly per: 'tensor' | 'channel';
}

/** Largest magnitudes of tensors, by id, over the calibration pictures. */
export type Ranges = ReadonlyMap<number, number>;

const isProduct = ({ operator }: Node): boolean =>
  ['conv', 'convTranspose', 'dense', 'recurrent'].includes(operator.kind) &&
  (!('arithmetic' in operator) || operator.arithmetic === 'float');

/** The tensor whose range sets the grid of a product's output: behind the ReLU (or clip) that alone reads it. */
function rangeTensor(graph: Graph, tensor: Tensor, skipped: ReadonlySet<number>): Tensor {
  const { readers, id } = tensor;
  if (readers.length !== 1 || graph.outputs.includes(id)) return tensor;
  const reader = graph.nodes[readers[0]!]!;
  const { operator } = reader;
  if (skipped.has(reader.id)) return rangeTensor(graph, graph.tensors[reader.outputs[0]!]!, skipped);
  if (operator.kind === 'unary' && (operator.function === 'relu' || operator.function === 'clip'))
    return graph.tensors[reader.outputs[0]!]!;
  return tensor;
}

/** A network in double precision with its norms folded, and what later runs on integers need of it. */
export class FoldedNetwork {
  readonly store: ParameterStore;
  readonly folded: Folded;
  readonly executor: Executor;

  constructor(
    readonly graph: Graph,
    readonly source: Parameters | null,
  ) {
    this.store = new ParameterStore(graph, source, 'float64');
    this.folded = foldNorms(graph, this.store);
    for (const [node, parameters] of this.folded.parameters) this.store.replace(node, parameters);
    this.executor = new Executor(graph, this.store, { precision: 'float64', skipped: this.folded.skipped });
  }

  /** Takes the ranges of one more batch of calibration pictures in. */
  calibrate(inputs: NamedValues, ranges: Map<number, number>): void {
    const note = (id: number, values: Values): void => {
      ranges.set(id, Math.max(ranges.get(id) ?? 0, largestOf(values.data)));
    };
    for (const id of this.graph.inputs) note(id, inputs.get(this.graph.tensors[id]!.name)!);
    this.executor.forward(inputs, {
      observe: (node, _, outputs) => {
        outputs.forEach((values, i) => {
          note(node.outputs[i]!, values);
        });
      },
    });
  }
}

/** Integers of one product node. */
interface NodeGrids {
  /** Fraction bits of the inputs, of each column's weights, and of the outputs. */
  readonly input: number;
  readonly weights: readonly Int32Array[];
  readonly output: number;
}

/** What `QuantizedNetwork` is made of. */
export interface QuantizedOptions {
  readonly widths: IntegerWidths;
  readonly ranges: Ranges;
  /** Products of integers; undefined: exact sums of integers. */
  readonly backend?: Backend;
  readonly trial?: number;
}

/** A network on integers, by exact sums or by a backend of integers. */
export class QuantizedNetwork {
  readonly executor: Executor;
  /** Products in the backend by node, a matrix a part; empty for exact sums. */
  readonly products = new Map<Node, readonly Product[]>();
  readonly #widths: IntegerWidths;
  readonly #grids = new Map<Node, NodeGrids>();
  /** Number of the first image of the present batch. */
  #first = 0;

  constructor(network: FoldedNetwork, { widths, ranges, backend, trial = 0 }: QuantizedOptions) {
    const { graph, folded } = network;
    this.#widths = widths;
    const store = new ParameterStore(graph, network.source, 'float64');
    const runs = new Map<Node, NodeProducts>();
    for (const node of graph.nodes) {
      const parameters = folded.parameters.get(node) ?? store.ofNode(node);
      if (!isProduct(node)) continue;
      const matrices = matricesOf(node, parameters);
      const largest = Math.max(...matrices.map(({ values }) => largestOf(values)));
      const output = rangeTensor(graph, graph.tensors[node.outputs[0]!]!, folded.skipped);
      const recurrent = node.operator.kind === 'recurrent';
      const inputRange = recurrent ? Math.max(1, ranges.get(node.inputs[0]!) ?? 0) : (ranges.get(node.inputs[0]!) ?? 0);
      const grids: NodeGrids = {
        input: fractionBits(inputRange, widths.activationBits),
        weights: matrices.map((matrix) => weightFractions(matrix, largest, widths)),
        output: fractionBits(ranges.get(output.id) ?? 0, widths.activationBits),
      };
      this.#grids.set(node, grids);
      if (parameters.has('bias') && !recurrent)
        store.replace(node, new Map([...parameters, ['bias', this.#bias(parameters.get('bias')!, grids)]]));
      else store.replace(node, parameters);
      runs.set(node, this.#runOf(node, matrices, grids, backend, trial));
    }
    this.executor = new Executor(graph, store, {
      precision: 'float64',
      skipped: folded.skipped,
      products: (node) => runs.get(node),
    });
  }

  /** Outputs of a batch whose first image has the number `first`. */
  forward(inputs: NamedValues, first: number, options: ForwardOptions = {}): Map<string, Values> {
    this.#first = first;
    const bits = this.#widths.activationBits;
    return this.executor.forward(inputs, {
      ...options,
      adjust: (node, _, values) => {
        const grids = this.#grids.get(node);
        if (grids === undefined || node.operator.kind === 'recurrent') return values;
        const y = zeros(values.data, values.shape);
        for (let i = 0; i < y.data.length; i++) y.data[i] = shifted(values.data[i]!, grids.output, bits);
        return y;
      },
    });
  }

  /** A bias in its own fixed point, then shifted to the grid of the sums (rounded half up where that is coarser). */
  #bias(bias: Values, { input, weights }: NodeGrids): Values {
    const bits = this.#widths.weightBits;
    const own = fractionBits(largestOf(bias.data), bits);
    const y = zeros(bias.data, bias.shape);
    const fractions = weights.flatMap((part) => [...part]);
    for (let c = 0; c < y.data.length; c++) {
      const sum = input + (fractions[c % fractions.length] ?? 0);
      const stored = toInteger(bias.data[c]!, own, bits);
      y.data[c] = Math.floor(stored * 2 ** (sum - own) + 0.5) * 2 ** -sum;
    }
    return y;
  }

  #runOf(
    node: Node,
    matrices: readonly PartMatrix[],
    grids: NodeGrids,
    backend: Backend | undefined,
    trial: number,
  ): NodeProducts {
    const { activationBits, weightBits } = this.#widths;
    const integers = matrices.map(({ rows, columns, values }, part) => {
      const out = new Float64Array(values.length);
      const fractions = grids.weights[part]!;
      for (let i = 0; i < out.length; i++) out[i] = toInteger(values[i]!, fractions[i % columns]!, weightBits);
      return { rows, columns, values: out };
    });
    const products =
      backend &&
      integers.map(({ rows, columns, values }, part) =>
        backend.prepare(
          { name: matrices.length === 1 ? node.name : `${node.name}/${part}`, rows, columns, values },
          { inputs: { bits: activationBits, signed: true }, weightBits, trial },
        ),
      );
    if (products !== undefined) this.products.set(node, products);
    const byColumn = integers.map(({ rows, columns, values }) => {
      const transposed = new Float64Array(values.length);
      transposeInto(rows, columns, values, 0, transposed, 0);
      return transposed;
    });
    const driven = (vectors: Numbers, length: number): Float64Array => {
      const out = new Float64Array(length);
      for (let i = 0; i < length; i++) out[i] = toInteger(vectors[i]!, grids.input, activationBits);
      return out;
    };
    const scale = (out: Numbers, count: number, part: number): void => {
      const { columns } = integers[part]!;
      const fractions = grids.weights[part]!;
      for (let i = 0; i < count * columns; i++) out[i]! *= 2 ** -(grids.input + fractions[i % columns]!);
    };
    return {
      forward: (part, vectors, count, out, place) => {
        const { rows, columns } = integers[part]!;
        const inputs = driven(vectors, count * rows);
        if (products === undefined)
          gemm(count, columns, rows, inputs, 0, byColumn[part]!, 0, out, 0, columns, 1, false);
        else
          products[part]!.forward(inputs, count, out, {
            image: this.#first + place.image,
            vectorsPerImage: place.vectorsPerImage,
            from: place.from,
          });
        scale(out, count, part);
      },
      transposed: (part, errors, count, out) => {
        const { rows, columns, values } = integers[part]!;
        const fractions = grids.weights[part]!;
        const weighted = new Float64Array(count * columns);
        for (let i = 0; i < weighted.length; i++) weighted[i] = errors[i]! * 2 ** -fractions[i % columns]!;
        gemm(count, rows, columns, weighted, 0, values, 0, out, 0, rows, 1, false);
      },
    };
  }
}

/** Fraction bits of each column's weights: of all the node's matrices, or its own. */
function weightFractions(
  { rows, columns, values }: PartMatrix,
  largest: number,
  { weightBits, per }: IntegerWidths,
): Int32Array {
  const out = new Int32Array(columns).fill(fractionBits(largest, weightBits));
  if (per === 'tensor') return out;
  for (let c = 0; c < columns; c++) {
    let most = 0;
    for (let r = 0; r < rows; r++) most = Math.max(most, Math.abs(values[r * columns + c]!));
    out[c] = fractionBits(most, weightBits);
  }
  return out;
}
