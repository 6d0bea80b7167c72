// What an import found: the operators of a network with their counts, as `xbarflow import` prints them.

import { countsOf, fileShape, placeOf, type Graph, type Node, type Place } from './graph/index.js';
import type { ImportedNode } from './onnx/index.js';

/** A node of the file: zeros where it has no such thing. One sample's counts. */
export interface ReportedNode {
  readonly name: string;
  readonly operator: string;
  readonly place: Place;
  readonly rows: number;
  readonly columns: number;
  readonly groups: number;
  readonly positions: number;
  readonly macs: number;
  /** Transposed convolutions. */
  readonly macsScatter?: number;
  readonly parameters: number;
  readonly biases: number;
  readonly elements: number;
  readonly windowPlaces: number;
  /** Shape of the first output as the file has it. */
  readonly shape: readonly number[];
}

/** What an import found, as `xbarflow import --format json` prints it. */
export interface ImportReport {
  readonly schema: 'xbarflow/import@1';
  readonly name: string;
  readonly opset: number | null;
  readonly inputs: readonly { readonly name: string; readonly shape: readonly number[] }[];
  readonly outputs: readonly { readonly name: string; readonly shape: readonly number[] }[];
  /** Samples of the file's batch axis, where it is fixed at more than one; counts are of one. */
  readonly batch?: number;
  readonly totals: { readonly macs: number; readonly parameters: number; readonly biases: number };
  readonly nodes: readonly ReportedNode[];
}

/** A graph's nodes as a report has them. */
export function reportNode(graph: Graph, node: Node): ReportedNode {
  const { rows, columns, groups, positions, macs, macsScatter, parameters, biases, elements, windowPlaces } = countsOf(
    graph,
    node,
  );
  return {
    name: node.name,
    operator: node.type,
    place: placeOf(graph, node),
    rows,
    columns,
    groups,
    positions,
    macs,
    ...(node.operator.kind === 'convTranspose' && { macsScatter }),
    parameters,
    biases,
    elements,
    windowPlaces,
    shape: fileShape(graph.tensors[node.outputs[0]!]!, graph.batch),
  };
}

/**
 * The report of a graph.
 * @param imported the file's nodes, in its order; left out for networks that are not imported
 */
export function importReport(graph: Graph, opset: number | null, imported?: readonly ImportedNode[]): ImportReport {
  const listed =
    imported ??
    graph.nodes.map((node) => ({ name: node.name, type: node.type, node: node.id, joined: null, elements: 0 }));
  // A bias that the file adds in a node of its own is no bias of the product's node there.
  const added = new Set(listed.map(({ joined }) => joined));
  const nodes = listed.map(({ name, type, node, joined, elements }): ReportedNode => {
    if (joined !== null) {
      const { elements: sums, shape } = reportNode(graph, graph.nodes[joined]!);
      return { ...FOLDED, name, operator: type, elements: sums, shape };
    }
    if (node === null) return { ...FOLDED, name, operator: type, elements };
    const reported = reportNode(graph, graph.nodes[node]!);
    return { ...reported, name, operator: type, ...(added.has(node) && { biases: 0 }) };
  });
  const named = (ids: readonly number[]) =>
    ids.map((id) => ({ name: graph.tensors[id]!.name, shape: fileShape(graph.tensors[id]!, graph.batch) }));
  const total = (key: 'macs' | 'parameters' | 'biases'): number => nodes.reduce((sum, node) => sum + node[key], 0);
  return {
    schema: 'xbarflow/import@1',
    name: graph.name,
    opset,
    inputs: named(graph.inputs),
    outputs: named(graph.outputs),
    ...(graph.batch > 1 && { batch: graph.batch }),
    totals: { macs: total('macs'), parameters: total('parameters'), biases: total('biases') },
    nodes,
  };
}

const FOLDED = {
  place: 'folded' as const,
  rows: 0,
  columns: 0,
  groups: 0,
  positions: 0,
  macs: 0,
  parameters: 0,
  biases: 0,
  windowPlaces: 0,
  shape: [],
};
