// A network as hardware runs it: norms folded, weights and activations on grids of dynamic fixed point, products by a
// backend, sums brought back to the activations' grids.

import type { Backend, Product, ProductStatistics } from '../backend.js';
import { integerBackend } from '../backends/integer.js';
import type { Computation } from '../computation.js';
import {
  Executor,
  type BackwardOptions,
  type ForwardOptions,
  type Gradients,
  type NamedValues,
  type Progress,
} from '../execute.js';
import { zeros, type Values } from '../operators/values.js';
import { roundingOf } from '../operators/in-format.js';
import { ParameterStore } from '../parameter-store.js';
import { countsOf, type Graph, type Node } from '../../workload/graph/index.js';
import type { GradientArrays } from '../operators/gradient-arrays.js';
import type { CellSignals } from '../operators/cells/cell.js';
import { griddedSignals, hiddenFraction } from './cell-grids.js';
import { foldNorms, storedGradients, type Folded } from './fold.js';
import { weightFractions } from './weight-fractions.js';
import { cellBias, sumBias } from './biases.js';
import { fractionBits, largestOf, roundAll, shiftAll } from './grid.js';
import { StoredPairs } from './pairs.js';
import { WrittenGradients } from './written-gradients.js';
import { rangeTensor } from './range-tensor.js';
import { FoldedNetwork, isProduct } from './folded-network.js';
import { residualSums } from './residuals.js';
import { storedIntegers } from './stored-integers.js';
import { matricesOf, type PartMatrix } from './matrices.js';
import {
  errorsOnGrid,
  quantizedProducts,
  type IntegerWidths,
  type NodeGrids,
  type QuantizedProducts,
} from './node-products.js';

export { FoldedNetwork } from './folded-network.js';
export type { IntegerWidths } from './node-products.js';

/** Largest magnitudes over the calibration pictures: of tensors, by id, and of signals inside recurrent layers. */
export type Ranges = ReadonlyMap<number, number>;

/** What the matrices of a node did: forward (and transposed), and the second copies for errors. */
export interface NodeStatistics {
  readonly forward: readonly ProductStatistics[];
  readonly errors: readonly ProductStatistics[];
  /** Arrays that weight gradients come out of. */
  readonly gradients: readonly ProductStatistics[];
}

/** What `QuantizedNetwork` is made of. */
export interface QuantizedOptions {
  readonly widths: IntegerWidths;
  readonly ranges: Ranges;
  /** Products of integers; undefined: exact sums in digital units. */
  readonly backend?: Backend;
  readonly trial?: number;
  /** Errors pass the forward arrays read transposed (default), or a second copy of the weights (`dedicated`). */
  readonly copies?: 'dedicated' | 'shared';
  /**
   * Weight gradients: each image's inputs are written into arrays of the backend and its errors drive them (`mapping`);
   * missing: in digital units.
   */
  readonly gradients?: GradientArrays['mapping'];
}

/**
 * A network on integers in a backend. Its parameters are the numbers in double precision that the integers are made of:
 * whoever changes them calls `changed`, and every array is written anew. Errors go straight through roundings; on their
 * way back they are integers too, with an exponent for each image.
 */
export class QuantizedNetwork implements Computation {
  readonly graph: Graph;
  readonly parameters: ParameterStore;
  /** Products in the backend by node, a matrix a part, as they were last written. */
  readonly products = new Map<Node, readonly Product[]>();
  readonly #executor: Executor;
  readonly #backend: Backend;
  readonly #options: QuantizedOptions;
  readonly #runs = new Map<Node, QuantizedProducts>();
  readonly #grids = new Map<Node, NodeGrids>();
  /** Products that the file has in integers, where arrays hold them. */
  readonly #integers = new Map<Node, QuantizedProducts>();
  readonly #signals = new Map<Node, CellSignals>();
  readonly #pairs = new Map<Node, StoredPairs>();
  readonly #written = new Map<Node, WrittenGradients>();
  readonly #sums: ReadonlySet<Node>;
  /** Fraction bits of sums of activations and of what they add, by tensor, where those stand on grids. */
  readonly #residuals = new Map<number, number>();
  #folded: Folded;
  #ranges: Ranges;
  #writes = 0;
  /** What drives converters to the ranges that they take; null: they take none. */
  #calibrating: (() => void) | null = null;
  /** Number of the first image of the present batch, and of the next one where none is given. */
  #first = 0;
  #next = 0;

  constructor(network: FoldedNetwork, options: QuantizedOptions) {
    const { graph, folded } = network;
    this.graph = graph;
    this.#options = options;
    this.#backend = options.backend ?? integerBackend;
    this.#ranges = options.ranges;
    this.#folded = folded;
    this.#sums = options.widths.residuals === 'vector' ? new Set() : residualSums(graph);
    this.parameters = new ParameterStore(graph, network.source, 'float64');
    this.#executor = new Executor(graph, this.parameters, {
      precision: 'float64',
      skipped: folded.skipped,
      products: (node) => this.#runs.get(node) ?? this.#integers.get(node),
      signals: (node) => this.#signals.get(node),
      pairs: (node) => this.#pairs.get(node)?.multiply,
      round: roundingOf(options.widths.vector ?? 'float64'),
      errors: (node, error) => (this.#onGrid(node) ? errorsOnGrid(error, this.#errorBits) : error),
      stored: (node, gradients) => storedGradients(this.#folded, node, gradients),
    });
    this.#write();
  }

  get #errorBits(): number {
    const { errorBits, activationBits } = this.#options.widths;
    return errorBits ?? activationBits;
  }

  /** Nodes whose sums and errors are brought to a grid as a whole; recurrent layers do so step by step. */
  #onGrid(node: Node): boolean {
    return this.#pairs.has(node) || (this.#runs.has(node) && node.operator.kind !== 'recurrent');
  }

  /** Folds, quantizes and writes all matrices as the parameters are now. */
  #write(): void {
    const { widths, trial = 0, copies = 'shared' } = this.#options;
    const { graph, parameters: store } = this;
    store.changed();
    this.#folded = foldNorms(graph, store);
    for (const node of graph.nodes) {
      const parameters = this.#folded.parameters.get(node) ?? store.ofNode(node);
      this.#writePairs(node);
      this.#writeIntegers(node, parameters);
      if (!isProduct(node)) continue;
      const matrices = matricesOf(node, parameters, widths.cells?.halves === true);
      const grids = this.#gridsOf(node, matrices);
      this.#grids.set(node, grids);
      const bias = parameters.get('bias');
      const stored =
        bias && (node.operator.kind === 'recurrent' ? cellBias(bias, widths.weightBits) : sumBias(bias, grids, widths));
      store.replace(node, stored === undefined ? parameters : new Map([...parameters, ['bias', stored]]));
      const run = quantizedProducts(node, matrices, {
        ...{ backend: this.#backend, widths, grids, trial, copies },
        write: this.#writes,
        first: () => this.#first,
      });
      this.#runs.set(node, { ...run, ...this.#gradientsOf(node, grids) });
      this.products.set(node, run.products);
    }
    this.#writeSums();
    this.#writes++;
    this.#setConverters();
  }

  /** A product that the file has in integers. */
  #writeIntegers(node: Node, parameters: ReadonlyMap<string, Values>): void {
    const { widths, trial = 0 } = this.#options;
    const stored = { backend: this.#backend, widths, trial, write: this.#writes, first: () => this.#first };
    const run = storedIntegers(this.graph, node, parameters, stored);
    if (run === null) return;
    this.#integers.set(node, run);
    this.products.set(node, run.products);
  }

  /** Grids of sums of activations, and of what they add but products' results: a part of a map, a norm's result. */
  #writeSums(): void {
    const { tensors, nodes } = this.graph;
    const { activationBits } = this.#options.widths;
    for (const { inputs } of this.#sums)
      for (const id of inputs) {
        const { maker } = tensors[id]!;
        if (maker === null || this.#grids.has(nodes[maker.node]!) || this.#folded.skipped.has(maker.node)) continue;
        this.#residuals.set(id, fractionBits(this.#ranges.get(id) ?? 0, activationBits));
      }
    for (const node of this.#sums) this.#residuals.set(node.outputs[0]!, this.#outputFraction(node));
  }

  /** Converters take the ranges of sums in these passes, forward and back, now and when arrays are written anew. */
  calibrateConverters(passes: () => void): void {
    this.#calibrating = passes;
    this.#setConverters();
  }

  #setConverters(): void {
    if (this.#calibrating === null) return;
    const [first, next] = [this.#first, this.#next];
    this.#next = 0;
    this.#calibrating();
    const errors = [...this.#runs.values()].flatMap(({ errorProducts }) => errorProducts);
    for (const product of [...[...this.products.values()].flat(), ...errors]) product.calibrate();
    [this.#first, this.#next] = [first, next];
  }

  /** Arrays for the node's gradients, where they are asked for. */
  #gradientsOf(node: Node, { inputs }: NodeGrids): { gradients?: WrittenGradients } {
    const { widths, trial = 0, gradients: mapping } = this.#options;
    if (mapping === undefined) return {};
    const { weightBits, activationBits } = widths;
    const gradients = new WrittenGradients(node, {
      ...{ backend: this.#backend, mapping, weightBits, errorBits: this.#errorBits, trial },
      fractions: inputs.map((fraction) => fraction + weightBits - activationBits),
      first: () => this.#first,
    });
    this.#written.set(node, gradients);
    return { gradients };
  }

  /** A product of two activations as `widths.pairs` says. */
  #writePairs(node: Node): void {
    const { widths, trial = 0 } = this.#options;
    const { operator, inputs } = node;
    if (widths.pairs === undefined || operator.kind !== 'matmul' || operator.arithmetic !== 'float') return;
    const { activationBits } = widths;
    const weightBits = widths.pairs === 'crossbar' ? widths.weightBits : activationBits;
    const rangeOf = (id: number): number => this.#ranges.get(id) ?? 0;
    const [a, b] = [inputs[0]!, inputs[1]!];
    const { groups: matrices, rows, columns } = countsOf(this.graph, node);
    const pairs = new StoredPairs(node, {
      backend: widths.pairs === 'crossbar' ? this.#backend : integerBackend,
      inputs: { bits: activationBits, signed: true },
      inputFraction: fractionBits(rangeOf(a), activationBits),
      weightBits,
      weightFraction: fractionBits(rangeOf(b), weightBits),
      trial,
      first: () => this.#first,
      ...{ matrices, rows, columns },
    });
    this.#pairs.set(node, pairs);
    this.products.set(node, pairs.products);
    this.#grids.set(node, { inputs: [], weights: [], output: this.#outputFraction(node) });
  }

  #gridsOf(node: Node, matrices: readonly PartMatrix[]): NodeGrids {
    const { widths } = this.#options;
    const rangeOf = (id: number): number => this.#ranges.get(id) ?? 0;
    const { activationBits } = widths;
    const input = fractionBits(rangeOf(node.inputs[0]!), activationBits);
    const largest = matrices.map(({ values }) => largestOf(values));
    const weights = (shared: boolean): Int32Array[] =>
      matrices.map((matrix, part) => weightFractions(matrix, shared ? Math.max(...largest) : largest[part]!, widths));
    if (node.operator.kind === 'recurrent') {
      const { cells = {} } = widths;
      const own = hiddenFraction(this.graph, node, this.#ranges, activationBits);
      const hidden = cells.halves === true ? own : Math.min(input, own);
      this.#signals.set(
        node,
        griddedSignals(this.graph, node, this.#ranges, { bits: activationBits, hidden, widths: cells }),
      );
      return cells.halves === true
        ? {
            inputs: matrices.map((_, part) => (part % 2 === 0 ? input : hidden)),
            weights: weights(false),
            output: hidden,
          }
        : { inputs: matrices.map(() => hidden), weights: weights(true), output: hidden };
    }
    return { inputs: matrices.map(() => input), weights: weights(true), output: this.#outputFraction(node) };
  }

  /** Fraction bits of what a node's readers see. */
  #outputFraction({ outputs }: Node): number {
    const { id } = rangeTensor(this.graph, this.graph.tensors[outputs[0]!]!, this.#folded.skipped);
    return fractionBits(this.#ranges.get(id) ?? 0, this.#options.widths.activationBits);
  }

  /**
   * Outputs by name. `first`: number of the batch's first image, which names the draws of its reads; images without one
   * are numbered on from pass to pass.
   */
  forward(
    inputs: NamedValues,
    options: ForwardOptions & { readonly first?: number | undefined } = {},
  ): Map<string, Values> {
    const { first, ...rest } = options;
    this.#first = first ?? this.#next;
    if (first === undefined) this.#next += imagesOf(inputs);
    const { activationBits: bits, sums = 'half-up' } = this.#options.widths;
    const toGrid = sums === 'half-up' ? shiftAll : roundAll;
    return this.#executor.forward(inputs, {
      ...rest,
      adjust: (node, { id }, values) => {
        const residual = this.#residuals.get(id);
        const output = this.#onGrid(node) ? this.#grids.get(node)!.output : residual;
        if (output === undefined) return values;
        const y = zeros(values.data, values.shape);
        // Half of the sums on grids a bit finer are ties: a half up each time would shift what follows.
        if (residual !== undefined) roundAll(values.data, residual, bits, y.data);
        else toGrid(values.data, output, bits, y.data);
        return y;
      },
    });
  }

  backward(outputGradients: NamedValues, options: BackwardOptions = {}): Gradients {
    return this.#executor.backward(outputGradients, options);
  }

  /** Whether every output is that of exact integers: all products are, and none is written anew for each image. */
  get isExact(): boolean {
    const { pairs } = this.#options.widths;
    const runs = [...this.#runs.values(), ...this.#integers.values()];
    return pairs !== 'crossbar' && runs.every(({ products }) => products.every(isExact));
  }

  /** Statistics of products by node: forward (and transposed) reads, second copies for errors, gradients. */
  statistics(): ReadonlyMap<Node, NodeStatistics> {
    const own = (products: readonly Product[]): ProductStatistics[] =>
      products.map(({ statistics }) => ({ ...statistics }));
    const of = (
      forward: readonly Product[],
      errors: readonly Product[],
      gradients: readonly Product[] = [],
    ): NodeStatistics => ({ forward: own(forward), errors: own(errors), gradients: own(gradients) });
    return new Map([
      ...[...this.#runs].map(
        ([node, run]) => [node, of(run.products, run.errorProducts, this.#written.get(node)?.products)] as const,
      ),
      ...[...this.#integers].map(([node, { products }]) => [node, of(products, [])] as const),
      ...[...this.#pairs].map(([node, { products }]) => [node, of(products, [])] as const),
    ]);
  }

  get progress(): Progress {
    return { images: this.#next, writes: this.#writes, ranges: [...this.#ranges] };
  }

  /** Numbers draws as after these images and writes, and writes once more. */
  resume({ images, writes, ranges }: Progress): void {
    this.#next = images;
    this.#ranges = new Map(ranges);
    this.#writes = Math.max(0, writes - 1);
    this.#write();
  }

  changed(): void {
    this.#write();
  }

  calibrate(inputs: NamedValues): void {
    const ranges = new Map<number, number>();
    new FoldedNetwork(this.graph, this.parameters.snapshot()).calibrate(inputs, ranges);
    this.#ranges = ranges;
    this.#write();
  }
}

const isExact = (product: Product): boolean => product.isExact === true;

const imagesOf = (inputs: NamedValues): number => {
  let images = 1;
  for (const { shape } of inputs.values()) images = Math.max(images, shape[0] ?? 1);
  return images;
};
