// A network in double precision with its norms folded: it calibrates ranges, and networks on integers start from it.

import { float64Backend } from '../backends/float.js';
import { Executor, type NamedValues } from '../execute.js';
import type { Values } from '../operators/values.js';
import { ParameterStore } from '../parameter-store.js';
import type { Graph, Node, Parameters } from '../../workload/graph/index.js';
import { watchedSignals } from './cell-grids.js';
import { foldNorms, type Folded } from './fold.js';
import { largestOf } from './grid.js';
import { realProducts } from './real-products.js';

/** Whether a node's constant matrices are reals, which a network on integers puts on grids. */
export const isProduct = ({ operator }: Node): boolean =>
  ['conv', 'convTranspose', 'dense', 'recurrent'].includes(operator.kind) &&
  (!('arithmetic' in operator) || operator.arithmetic === 'float');

/** A network in double precision with its norms folded, and what later runs on integers need of it. */
export class FoldedNetwork {
  readonly store: ParameterStore;
  readonly folded: Folded;
  readonly executor: Executor;
  /** Where signals inside recurrent layers note their ranges, while pictures calibrate. */
  #watched: Map<number, number> | null = null;

  constructor(
    readonly graph: Graph,
    readonly source: Parameters | null,
  ) {
    this.store = new ParameterStore(graph, source, 'float64');
    this.folded = foldNorms(graph, this.store);
    for (const [node, parameters] of this.folded.parameters) this.store.replace(node, parameters);
    // The kernels' products in double precision have the bits of the executor's own, and are faster.
    const products = new Map(
      graph.nodes
        .filter((node) => isProduct(node) && ['conv', 'dense'].includes(node.operator.kind))
        .map((node) => [node, realProducts(node, this.store.ofNode(node), float64Backend).run]),
    );
    const { skipped } = this.folded;
    this.executor = new Executor(graph, this.store, {
      precision: 'float64',
      skipped,
      products: (node) => products.get(node),
      signals: (node) =>
        this.#watched === null || node.operator.kind !== 'recurrent'
          ? undefined
          : watchedSignals(graph, node, this.#watched),
    });
  }

  /** Takes the ranges of one more batch of calibration pictures in. */
  calibrate(inputs: NamedValues, ranges: Map<number, number>): void {
    const note = (id: number, values: Values): void => {
      ranges.set(id, Math.max(ranges.get(id) ?? 0, largestOf(values.data)));
    };
    for (const id of this.graph.inputs) note(id, inputs.get(this.graph.tensors[id]!.name)!);
    this.#watched = ranges;
    this.executor.forward(inputs, {
      observe: (node, _, outputs) => {
        outputs.forEach((values, i) => {
          note(node.outputs[i]!, values);
        });
      },
    });
    this.#watched = null;
  }
}
