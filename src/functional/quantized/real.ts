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
import type { FoldedNetwork } from './network.js';
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
  /** Nothing is drawn, nothing has a range. */
  readonly progress: Progress = { images: 0, writes: 0, ranges: [] };
  readonly #executor: Executor;
  readonly #backend: Backend;
  readonly #runs = new Map<Node, NodeProducts>();
  #folded: Folded;

  constructor({ graph, source, folded }: FoldedNetwork, backend: Backend, vector: VectorFormat = 'float64') {
    this.graph = graph;
    this.parameters = new ParameterStore(graph, source, 'float64');
    this.#backend = backend;
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
      const own = realProducts(node, parameters, this.#backend);
      this.products.set(node, own.parts);
      this.#runs.set(node, own.run);
    }
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

  calibrate(): void {
    // Reals have no ranges.
  }

  resume(): void {
    this.#write();
  }
}
