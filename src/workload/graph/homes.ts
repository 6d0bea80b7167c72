// Which stage does what: every node that is no product joins the stage of a product, once.

import type { Graph, Node } from './graph.js';
import { innermostAxis, movedValues } from './moves.js';
import { placeOf } from './place.js';
import { elementsOf } from './shapes.js';

/** A way from a stage's product (or the network's input) to a tensor. */
export interface Source {
  /** Product (its place among them); -1: the network's input. */
  readonly stage: number;
  /** Pools on the way. */
  readonly pools: readonly Node[];
  /** Positions of the tensor are those of the stage's product (through the pools). */
  readonly exact: boolean;
  /** Values of the tensor that come from there. */
  readonly values: number;
}

/** What a stage reads of another: its matrix's vectors (`product`), or an operand of a joined node. */
export interface StageRead extends Source {
  readonly use: 'product' | 'operand';
  readonly tensor: number;
}

/** Where every node is done and what every stage reads. */
export interface Homes {
  /** Products, of constant weights and of two activations, in the graph's order. */
  readonly products: readonly Node[];
  /** By product: nodes that its stage does behind its product, and (before its product) on its input. */
  readonly joined: readonly (readonly Node[])[];
  readonly before: readonly (readonly Node[])[];
  /** By product: what its stage reads. */
  readonly reads: readonly (readonly StageRead[])[];
  /** By node: the product whose stage does it; -1 for views. */
  readonly homes: Int32Array;
  /** By tensor: where it comes from. */
  readonly sources: readonly (readonly Source[])[];
}

const INPUT = { stage: -1, pools: [], exact: true };

/**
 * Joins every node to a stage: that of the operand whose product comes last (the longest way from the network's input,
 * then the later in the file), so that it does not depend on the order in which branches are written. Views (reshapes,
 * joins, parts) are done where they are read. In linear time.
 */
export function homesOf(graph: Graph): Homes {
  const products = graph.nodes.filter((node) => ['crossbar', 'dynamic'].includes(placeOf(graph, node)));
  const placeAmong = new Map(products.map((node, k) => [node.id, k]));
  const depth = depths(graph, placeAmong);
  const joined: Node[][] = products.map(() => []);
  const before: Node[][] = products.map(() => []);
  const reads: StageRead[][] = products.map(() => []);
  const size = (tensor: number): number => elementsOf(graph.tensors[tensor]!.shape);
  const sources: Source[][] = graph.tensors.map(({ id, constant }) =>
    constant === null ? [{ ...INPUT, values: size(id) }] : [],
  );
  const homes = new Int32Array(graph.nodes.length).fill(-1);
  products.forEach(({ id }, k) => (homes[id] = k));
  const waiting = new Set<number>();
  const claim = (tensor: number, stage: number): void => {
    const open = [tensor];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      const { maker } = graph.tensors[at]!;
      if (maker === null || placeAmong.has(maker.node) || !sources[at]!.some((source) => source.stage < 0)) continue;
      const node = graph.nodes[maker.node]!;
      if (!waiting.delete(node.id) && !isView(graph, node)) continue;
      if (!isView(graph, node)) {
        before[stage]!.push(node);
        homes[node.id] = stage;
      }
      open.push(...node.inputs);
    }
  };
  const read = (stage: number, tensor: number, use: StageRead['use']): void => {
    for (const source of sources[tensor]!) {
      if (source.stage < 0) claim(tensor, stage);
      if (source.stage !== stage) reads[stage]!.push({ ...source, use, tensor });
    }
  };
  for (const node of graph.nodes) {
    const k = placeAmong.get(node.id);
    if (k !== undefined) {
      for (const input of node.inputs) read(k, input, 'product');
      for (const output of node.outputs) sources[output] = [{ stage: k, pools: [], exact: true, values: size(output) }];
      continue;
    }
    if (isView(graph, node)) {
      const exact = keepsPositions(graph, node);
      const all = unique(node.inputs.flatMap((input) => sources[input]!));
      const made = exact ? all : all.map((source) => ({ ...source, exact: false }));
      for (const output of node.outputs) {
        const shown = shownOf(node, size(node.inputs[0]!), size(output));
        sources[output] = made.map((source) => ({ ...source, values: Math.ceil(source.values * shown) }));
      }
      continue;
    }
    const operands = node.inputs.flatMap((input) => sources[input]!);
    const home = operands.reduce((best, { stage }) => (later(stage, best, depth) ? stage : best), -1);
    if (home < 0) waiting.add(node.id);
    else {
      joined[home]!.push(node);
      homes[node.id] = home;
      for (const input of node.inputs) read(home, input, 'operand');
    }
    const way = operands.find(({ stage }) => stage === home) ?? INPUT;
    const pool = node.operator.kind === 'pool' || node.operator.kind === 'adaptivePool';
    const made = {
      stage: home,
      pools: pool ? [...way.pools, node] : way.pools,
      exact: way.exact && staysInPlace(graph, node),
    };
    for (const output of node.outputs) sources[output] = [{ ...made, values: size(output) }];
  }
  for (const nodes of before) nodes.sort((a, b) => a.id - b.id);
  return { products, joined, before, reads, homes, sources };
}

/** Folded, or a move by addresses alone: nothing is done. */
const isView = (graph: Graph, node: Node): boolean => {
  const place = placeOf(graph, node);
  return place === 'folded' || (place === 'move' && movedValues(graph, node) === 0);
};

/** Share of its input's values that a view shows: all of what it joins, pads or puts in another shape. */
const shownOf = ({ operator: { kind } }: Node, input: number, output: number): number =>
  kind === 'concat' || kind === 'pad' || input === 0 ? 1 : Math.min(1, output / input);

/** True where a position of a joined node's output needs that position of its input alone (pools: its window). */
function staysInPlace(graph: Graph, node: Node): boolean {
  const { operator } = node;
  switch (operator.kind) {
    case 'resize':
    case 'reduce':
    case 'oneHot':
      return false;
    case 'softmax':
      return operator.axes.every((axis) => axis === innermostAxis(graph.tensors[node.inputs[0]!]!));
    case 'norm':
      return (
        operator.norm === 'batch' ||
        ((operator.norm === 'layer' || operator.norm === 'rms') &&
          operator.axes.every((axis) => axis === innermostAxis(graph.tensors[node.inputs[0]!]!)))
      );
    default:
      return placeOf(graph, node) !== 'move';
  }
}

/** True where positions of the output are those of the input: channels joined or parted, nothing changed. */
function keepsPositions(graph: Graph, { operator, inputs, outputs }: Node): boolean {
  if (operator.kind === 'norm') return true;
  if (operator.kind === 'concat' || operator.kind === 'split') {
    const { layout, shape } = graph.tensors[inputs[0]!]!;
    return layout === 'map' ? operator.axis === 0 : operator.axis === shape.length - 1;
  }
  return (
    operator.kind === 'reshape' && graph.tensors[inputs[0]!]!.shape.join() === graph.tensors[outputs[0]!]!.shape.join()
  );
}

const later = (stage: number, than: number, depth: readonly number[]): boolean =>
  stage >= 0 && (than < 0 || depth[stage]! > depth[than]! || (depth[stage]! === depth[than]! && stage > than));

/** By product: products on the longest way to it. */
function depths(graph: Graph, placeAmong: ReadonlyMap<number, number>): number[] {
  const of = new Int32Array(graph.tensors.length);
  const depth: number[] = [];
  for (const node of graph.nodes) {
    const longest = node.inputs.reduce((most, input) => Math.max(most, of[input]!), 0);
    const own = placeAmong.has(node.id) ? longest + 1 : longest;
    if (placeAmong.has(node.id)) depth.push(own);
    for (const output of node.outputs) of[output] = own;
  }
  return depth;
}

/** Each source once, with the values of all its ways. */
function unique(sources: readonly Source[]): Source[] {
  const seen = new Map<string, Source>();
  for (const source of sources) {
    const { stage, pools, exact, values } = source;
    const key = `${stage}:${exact}:${pools.map(({ id }) => id).join()}`;
    seen.set(key, { ...source, values: values + (seen.get(key)?.values ?? 0) });
  }
  return [...seen.values()];
}
