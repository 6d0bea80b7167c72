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
  type UnaryFunction,
} from './graph/index.js';
import { readAway } from './stored-tensors.js';
import type { FoundAgain, Masking, PoolStep, WeightLayer } from './weight-layer.js';

/** The first function among nodes that an error passes. */
export function maskingOf(graph: Graph, nodes: readonly Node[]): Masking | null {
  const node = nodes.find((one) => one.operator.kind === 'unary' && backwardOf(graph, one) !== null);
  if (node?.operator.kind !== 'unary') return null;
  const values = elementsOf(graph.tensors[node.outputs[0]!]!.shape);
  return { node, values, bit: byBit(node), byInput: derivesFromInput(node.operator.function) };
}

/** Functions whose derivative is one of two values: a bit says which. */
const BY_BIT: ReadonlySet<UnaryFunction> = new Set(['relu', 'clip', 'leakyRelu', 'thresholdedRelu']);
const byBit = ({ operator }: Node): boolean => operator.kind === 'unary' && BY_BIT.has(operator.function);

/** The nodes of a stage, in order; `masking` and the pools behind its product are nothing that is found here. */
export interface StageNodes {
  readonly k: number;
  readonly before: readonly Node[];
  /** The product and what joined it. */
  readonly behind: readonly Node[];
  /** Pools before the product. */
  readonly pools: readonly PoolStep[];
  readonly masking: Masking | null;
  /** Training changes what its part of the network's input was made with. */
  readonly trainsInput: boolean;
}

/** What a stage's own way back finds again: where neurons are kept, and where bits stand for what needs no more. */
export function foundOf(graph: Graph, homes: Homes, stage: StageNodes): WeightLayer['found'] {
  const all = [...stage.before, ...stage.behind];
  const kept = found(graph, homes, stage, { nodes: all, asBits: false });
  return {
    // The error of the input goes on where training changes what made it.
    training: stage.trainsInput ? kept : found(graph, homes, stage, { nodes: stage.behind, asBits: false }),
    kept,
    masks: found(graph, homes, stage, { nodes: all, asBits: true }),
  };
}

function found(
  graph: Graph,
  homes: Homes,
  { k, before, behind, pools, masking }: StageNodes,
  { nodes, asBits }: { readonly nodes: readonly Node[]; readonly asBits: boolean },
): FoundAgain {
  const size = (tensor: number): number => elementsOf(graph.tensors[tensor]!.shape);
  const values = new Set<number>();
  const bits = new Map<number, number>();
  let further = 0;
  for (const node of nodes) {
    const back = isOutputSoftmax(graph, node) ? null : backwardOf(graph, node);
    if (back === null || node === masking?.node) continue;
    further += back.kept;
    const pool = pools.find((step) => step.node === node);
    const each = pool === undefined ? Number(byBit(node)) : indexBits(pool);
    if (each > 0) bits.set(node.outputs[0]!, each);
    else for (const tensor of back.needs) values.add(tensor);
  }
  if (!asBits) for (const tensor of bits.keys()) values.add(tensor);
  const sum = (tensors: Iterable<number>): number => [...tensors].reduce((total, tensor) => total + size(tensor), 0);
  const made = new Set([...before, ...behind].flatMap(({ outputs }) => outputs));
  const own = [...values].filter((tensor) => made.has(tensor));
  // Masks stand beside outputs that are gone when the error comes; neurons that others read are stored for them.
  const alone = new Set(asBits ? own : own.filter((tensor) => !readAway(graph, homes, tensor, k)));
  if (!asBits && masking?.byInput === true) {
    const [input] = masking.node.inputs;
    if (made.has(input!) && !readAway(graph, homes, input!, k)) alone.add(input!);
  }
  const marked = [...bits].filter(([tensor]) => asBits && !values.has(tensor));
  return {
    values: sum(values) + further,
    kept: sum(alone) + further,
    bits: marked.reduce((total, [tensor, each]) => total + size(tensor) * each, 0),
    own: own.length + marked.length + further > 0,
  };
}

/** Bits of the index that says which value of a window was the greatest; 0 where none is. */
export const indexBits = ({ kind, window: { kernel } }: PoolStep): number =>
  kind === 'max' ? Math.ceil(Math.log2(elementsOf(kernel))) : 0;

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
