// Nodes of a file in topological order.

import type { NodeProto } from '../../tensors/generated/onnx_pb.js';
import { readsOf } from './reads.js';
import { refuse } from '../../tensors/tensor.js';

/**
 * Nodes so that each stands behind those it reads; files' own order where it is one. In linear time. @throws UserError
 * for a cycle, and for a tensor that nothing makes
 */
export function sorted(nodes: readonly NodeProto[], known: ReadonlySet<string>, file: string): NodeProto[] {
  const maker = new Map<string, number>();
  const title = ({ name, output }: NodeProto): string => (name === '' ? (output[0] ?? '') : name);
  nodes.forEach((node, i) => {
    for (const output of node.output) {
      if (output === '') continue;
      if (maker.has(output) || known.has(output))
        refuse(file, `node "${title(node)}" (${node.opType}): "${output}" is made twice`);
      maker.set(output, i);
    }
  });
  const waiting = nodes.map(() => 0);
  const readers: number[][] = nodes.map(() => []);
  nodes.forEach((node, i) => {
    for (const input of new Set(readsOf(node))) {
      if (input === '' || known.has(input)) continue;
      const from = maker.get(input);
      if (from === undefined)
        return refuse(file, `node "${title(node)}" (${node.opType}): reads "${input}", which nothing makes`);
      readers[from]!.push(i);
      waiting[i]!++;
    }
  });
  const inOrder = nodes.every((node, i) => readsOf(node).every((input) => (maker.get(input) ?? -1) < i));
  if (inOrder) return [...nodes];
  const ready = [...nodes.keys()].filter((i) => waiting[i] === 0);
  const order: NodeProto[] = [];
  for (let at = 0; at < ready.length; at++) {
    const i = ready[at]!;
    order.push(nodes[i]!);
    for (const reader of readers[i]!) if (--waiting[reader]! === 0) ready.push(reader);
  }
  if (order.length < nodes.length) {
    const loop = nodes.filter((_, i) => waiting[i]! > 0).map((node) => `"${title(node)}" (${node.opType})`);
    refuse(file, `these nodes form a cycle: ${loop.slice(0, 4).join(', ')}${loop.length > 4 ? ', ...' : ''}`);
  }
  return order;
}
