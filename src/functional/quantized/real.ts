// A network whose products a backend of reals does (posits, logarithms, small floats), forward and back; norms are
// folded.

import type { Backend, Product } from '../backend.js';
import type { Computation } from '../computation.js';
import {
  Executor,
  type BackwardOptions,
  type ForwardOptions,
  type Gradients,
  type NamedValues,
  type Progress,
} from '../execute.js';
import type { NodeProducts } from '../nodes/index.js';
import { roundingOf, type VectorFormat } from '../operators/in-format.js';
import type { Values } from '../operators/values.js';
import { ParameterStore } from '../parameter-store.js';
import type { Graph, Node } from '../../workload/graph/index.js';
import { foldNorms, storedGradients, type Folded } from './fold.js';
import { hiddenRange } from './cell-grids.js';
import { FoldedNetwork } from './folded-network.js';
import { realProducts } from './real-products.js';

/**
 * The network with its products in a backend of reals. Errors pass the same matrices transposed, each rounded to the
 * backend's format before it drives one; they go straight through roundings, and gradients of weights are sums in
 * double precision.
 */
export class RealNetwork implements Computation {
  readonly graph: Graph;
  readonly parameters: ParameterStore;
  /** By node, a matrix a part, as they were last written. */
  readonly products = new Map<Node, readonly Product[]>();
  readonly #executor: Executor;
  readonly #backend: Backend;
  readonly #runs = new Map<Node, NodeProducts>();
  #folded: Folded;
  /** Largest magnitudes of tensors and of recurrent layers' signals by id; empty: not known. */
  #ranges: ReadonlyMap<number, number>;

  /** @param ranges of the calibration pictures, for backends that have ranges */
  constructor(
    { graph, source, folded }: FoldedNetwork,
    backend: Backend,
    vector: VectorFormat = 'float64',
    ranges: ReadonlyMap<number, number> = new Map(),
  ) {
    this.graph = graph;
    this.parameters = new ParameterStore(graph, source, 'float64');
    this.#backend = backend;
    this.#ranges = ranges;
    this.#folded = folded;
    this.#executor = new Executor(graph, this.parameters, {
      precision: 'float64',
      skipped: folded.skipped,
      products: (node) => this.#runs.get(node),
      round: roundingOf(vector),
      stored: (node, gradients) => storedGradients(this.#folded, node, gradients),
    });
    this.#write();
  }

  #write(): void {
    const { graph, parameters: store } = this;
    store.changed();
    this.#folded = foldNorms(graph, store);
    for (const node of graph.nodes) {
      const parameters: ReadonlyMap<string, Values> = this.#folded.parameters.get(node) ?? store.ofNode(node);
      store.replace(node, parameters);
      if (!['conv', 'convTranspose', 'dense', 'recurrent'].includes(node.operator.kind)) continue;
      const own = realProducts(node, parameters, this.#backend, (part) => this.#rangeOf(node, part));
      this.products.set(node, own.parts);
      this.#runs.set(node, own.run);
    }
  }

  /** Largest magnitude of what drives a node's matrix: in a recurrent layer inputs, state, or both side by side. */
  #rangeOf(node: Node, part: number): number | undefined {
    const input = this.#ranges.get(node.inputs[0]!);
    if (input === undefined || node.operator.kind !== 'recurrent') return input;
    const hidden = hiddenRange(this.graph, node, this.#ranges);
    if (node.operator.cell !== 'gru') return Math.max(input, hidden);
    return part % 2 === 0 ? input : hidden;
  }

  forward(inputs: NamedValues, options: ForwardOptions = {}): Map<string, Values> {
    return this.#executor.forward(inputs, options);
  }

  backward(outputGradients: NamedValues, options: BackwardOptions = {}): Gradients {
    return this.#executor.backward(outputGradients, options);
  }

  changed(): void {
    this.#write();
  }

  calibrate(inputs: NamedValues): void {
    if (this.#backend.hasRanges !== true) return;
    const ranges = new Map<number, number>();
    new FoldedNetwork(this.graph, this.parameters.snapshot()).calibrate(inputs, ranges);
    this.#ranges = ranges;
    this.#write();
  }

  /** Nothing is drawn. */
  get progress(): Progress {
    return { images: 0, writes: 0, ranges: [...this.#ranges] };
  }

  resume({ ranges }: Progress): void {
    this.#ranges = new Map(ranges);
    this.#write();
  }
}
