// What a node of a file reads, graphs inside it included.

import type { GraphProto, NodeProto } from '../../tensors/generated/onnx_pb.js';

/** Graphs that a node holds (bodies of Scan, Loop, If). */
export const bodiesOf = ({ attribute }: NodeProto): GraphProto[] =>
  attribute.flatMap(({ g, graphs }) => (g === undefined ? graphs : [g, ...graphs]));

/** Names that a node reads: its inputs, and what graphs inside it take of the graph around them. */
export function readsOf(node: NodeProto): string[] {
  return [...node.input, ...bodiesOf(node).flatMap(freeNames)];
}

/** Names that a graph takes of the graph around it. */
export function freeNames({ input, initializer, node, output }: GraphProto): string[] {
  const own = new Set([...input, ...initializer].map(({ name }) => name));
  for (const one of node) for (const name of one.output) own.add(name);
  return [...node.flatMap(readsOf), ...output.map(({ name }) => name)].filter((name) => name !== '' && !own.has(name));
}
