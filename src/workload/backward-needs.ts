// What going back through a network needs of it: values of the forward pass, norms that are no longer folded.

import {
  backwardOf,
  derivesFromInput,
  elementsOf,
  isOutputSoftmax,
  productBefore,
  trainedConstants,
  type Graph,
  type Homes,
  type Node,
} from './graph/index.js';
import { readAway } from './stored-tensors.js';
import type { WeightLayer } from './weight-layer.js';

/** Values that going back through a stage's nodes finds again, and those among them that nothing else stores. */
export function refoundOf(
  graph: Graph,
  homes: Homes,
  k: number,
  nodes: readonly Node[],
): Pick<WeightLayer, 'refound' | 'kept'> {
  const needs = new Set<number>();
  let further = 0;
  let first = true;
  for (const node of nodes) {
    const back = isOutputSoftmax(graph, node) ? null : backwardOf(graph, node);
    if (back === null) continue;
    const { operator } = node;
    further += back.kept;
    // The first function of a stage is gone back through by the stages that read it, by what they read of it.
    const byReaders = operator.kind === 'unary' && first && !derivesFromInput(operator.function);
    if (operator.kind === 'unary') first = false;
    if (!byReaders) for (const tensor of back.needs) needs.add(tensor);
  }
  const made = new Set(nodes.flatMap(({ outputs }) => outputs));
  const size = (tensor: number): number => elementsOf(graph.tensors[tensor]!.shape);
  const own = [...needs].filter((tensor) => made.has(tensor) && !readAway(graph, homes, tensor, k));
  const sum = (tensors: Iterable<number>): number => [...tensors].reduce((all, tensor) => all + size(tensor), further);
  return { refound: sum(needs), kept: sum(own) };
}

/**
 * By tensor: values of the errors that come back to it, of all nodes that read it, themselves or through views, and of
 * the network's output. Where they are more than its own values they meet, and are added. In linear time.
 */
export function errorsBack({ nodes, tensors, outputs }: Graph, { homes }: Homes): Float64Array {
  const size = (tensor: number): number => elementsOf(tensors[tensor]!.shape);
  // Of what a view shows, the share that is one of its inputs: joined tensors have their parts, padding has none.
  const shareOf = ({ operator: { kind }, outputs: [shown] }: Node, input: number): number =>
    kind === 'concat' || kind === 'pad' ? size(input) / Math.max(1, size(shown!)) : 1;
  const back = new Float64Array(tensors.length);
  for (const output of outputs) back[output] = size(output);
  for (const node of [...nodes].reverse())
    for (const output of node.outputs)
      for (const reader of tensors[output]!.readers) {
        if (homes[reader]! >= 0) back[output]! += size(output);
        else
          for (const shown of nodes[reader]!.outputs) back[output]! += back[shown]! * shareOf(nodes[reader]!, output);
      }
  return back.map(Math.round);
}

/** 1 for tensors that were made with constants, other than products' weights, that training changes. */
export function trainedBefore({ nodes, tensors }: Graph): Uint8Array {
  const trained = new Uint8Array(tensors.length);
  for (const node of nodes)
    if (trainedConstants(node) > 0 || node.inputs.some((tensor) => trained[tensor] === 1))
      for (const output of node.outputs) trained[output] = 1;
  return trained;
}

/** By product node: batch norms that are folded into its weights. */
export function foldedNorms(graph: Graph): Map<number, Node[]> {
  const folded = new Map<number, Node[]>();
  for (const node of graph.nodes) {
    if (node.operator.kind !== 'norm' || node.operator.norm !== 'batch') continue;
    const product = productBefore(graph, node);
    if (product !== null) folded.set(product.id, [...(folded.get(product.id) ?? []), node]);
  }
  return folded;
}
