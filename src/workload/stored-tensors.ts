// What a stage stores of what it makes: each tensor that others read, once, sized by its largest reader.

import { elementsOf, type Graph, type Homes, type Node } from './graph/index.js';

/** Values of an image that a stage stores. */
export interface StoredValues {
  /** Pooled where no reader needs the values before a pool. */
  readonly after: number;
  /** Where outputs are stored before pooling, and windows found again. */
  readonly before: number;
}

/**
 * Values that the stage of product `k` stores. A tensor, its activation and its pool are one: of them the largest that
 * a reader needs is stored. Others (a sum and its norm that are both read) are stored each.
 * @param nodes the product and what joined it, in order
 */
export function storedOf(graph: Graph, homes: Homes, k: number, nodes: readonly Node[]): StoredValues {
  const size = (tensor: number): number => elementsOf(graph.tensors[tensor]!.shape);
  const own = new Set(nodes.map(({ id }) => id));
  const made = nodes.flatMap(({ outputs }) => outputs);
  const stored = made.filter((tensor) => readAway(graph, homes, tensor, k));
  // A recurrent layer's results are one: the sequence and its last state.
  const first = new Set(nodes[0]!.operator.kind === 'recurrent' ? nodes[0]!.outputs : []);
  const groups = new Map<number, { after: number; before: number }>();
  for (const tensor of stored.length > 0 ? stored : made.slice(-1)) {
    const walked = rootOf(graph, own, tensor);
    const root = first.has(walked) ? nodes[0]!.outputs[0]! : walked;
    const group = groups.get(root) ?? { after: 0, before: size(root) };
    groups.set(root, { ...group, after: Math.max(group.after, size(tensor)) });
  }
  const sum = (key: 'after' | 'before'): number => [...groups.values()].reduce((all, group) => all + group[key], 0);
  return { after: sum('after'), before: sum('before') };
}

/** The tensor of which this one is the activation or the pool, through views. */
function rootOf(graph: Graph, own: ReadonlySet<number>, tensor: number): number {
  for (let at = tensor; ;) {
    const { maker } = graph.tensors[at]!;
    const node = maker === null ? undefined : graph.nodes[maker.node]!;
    if (node === undefined || !(isVersion(node) && own.has(node.id)) || !isMade(graph, own, node.inputs[0]!)) return at;
    at = behindViews(graph, own, node.inputs[0]!);
  }
}

const isVersion = ({ operator: { kind } }: Node): boolean =>
  kind === 'unary' || kind === 'prelu' || kind === 'pool' || kind === 'adaptivePool';

/** The tensor that a chain of views of one input shows. */
function behindViews(graph: Graph, own: ReadonlySet<number>, tensor: number): number {
  for (let at = tensor; ;) {
    const { maker } = graph.tensors[at]!;
    if (maker === null || own.has(maker.node)) return at;
    at = graph.nodes[maker.node]!.inputs[0]!;
  }
}

/** True where the stage itself makes the tensor, or what its views show. */
function isMade(graph: Graph, own: ReadonlySet<number>, tensor: number): boolean {
  for (let at = tensor; ;) {
    const { maker } = graph.tensors[at]!;
    if (maker === null) return false;
    if (own.has(maker.node)) return true;
    const { inputs, operator } = graph.nodes[maker.node]!;
    if (inputs.length !== 1 || (operator.kind !== 'reshape' && operator.kind !== 'norm')) return false;
    at = inputs[0]!;
  }
}

/** True where another stage reads the tensor, itself or through views, or the network gives it. */
export function readAway(graph: Graph, { homes }: Homes, tensor: number, k: number): boolean {
  const seen = new Set([tensor]);
  for (const at of seen) {
    if (graph.outputs.includes(at)) return true;
    for (const reader of graph.tensors[at]!.readers) {
      if (homes[reader]! >= 0 && homes[reader] !== k) return true;
      if (homes[reader]! < 0) for (const output of graph.nodes[reader]!.outputs) seen.add(output);
    }
  }
  return false;
}
