// Functions of a model as the nodes that they stand for, where they are called.

import { clone, create } from '@bufbuild/protobuf';
import {
  AttributeProtoSchema,
  NodeProtoSchema,
  type AttributeProto,
  type FunctionProto,
  type GraphProto,
  type NodeProto,
} from '../../tensors/generated/onnx_pb.js';
import { refuse } from '../../tensors/tensor.js';
import { MOST_NODES } from './lay-out.js';
import { changed, nameOf, renamedNode, withGraphs, withNodes } from './rename.js';

/** What a function is called by. */
const keyOf = (domain: string, name: string, overload: string): string => JSON.stringify([domain, name, overload]);

/**
 * The nodes with those of a model's functions in place of their calls, OUTPUT/NAME each by the call's first output, in
 * bodies of nodes too.
 * @param opset the model's. @throws UserError for functions of another opset, that call themselves, or that are more
 * than MOST_NODES nodes
 */
export function inlined(
  nodes: readonly NodeProto[],
  functions: readonly FunctionProto[],
  { file, opset }: { readonly file: string; readonly opset: number },
): readonly NodeProto[] {
  if (functions.length === 0) return nodes;
  const byKey = new Map(functions.map((one) => [keyOf(one.domain, one.name, one.overload), one]));
  let count = 0;
  const expanded = (node: NodeProto, callers: readonly FunctionProto[]): NodeProto[] => {
    const called = byKey.get(keyOf(node.domain, node.opType, node.overload));
    if (++count > MOST_NODES) refuse(file, `with its functions it is more than ${MOST_NODES} nodes`);
    if (called === undefined) return [withBodies(node, callers)];
    const at = `node "${nameOf(node)}" (${node.opType}): `;
    if (callers.includes(called)) refuse(file, `${at}the function ${called.name} calls itself`);
    const own = called.opsetImport.find(({ domain }) => domain === '' || domain === 'ai.onnx');
    if (own !== undefined && Number(own.version) !== opset)
      refuse(file, `${at}the function is of opset ${own.version}, the model of opset ${opset}`);
    return bodyOf(called, node).flatMap((one) => expanded(one, [...callers, called]));
  };
  const withBodies = (node: NodeProto, callers: readonly FunctionProto[]): NodeProto =>
    node.attribute.every(({ g, graphs }) => g === undefined && graphs.length === 0)
      ? node
      : changed(node, { attribute: node.attribute.map((one) => withGraphs(one, (graph) => ofGraph(graph, callers))) });
  const ofGraph = (graph: GraphProto, callers: readonly FunctionProto[]): GraphProto =>
    withNodes(
      graph,
      graph.node.flatMap((one) => expanded(one, callers)),
    );
  return nodes.flatMap((node) => expanded(node, []));
}

/** A function's nodes under the names and with the attributes of a call. */
function bodyOf(called: FunctionProto, call: NodeProto): NodeProto[] {
  const title = call.output.find((name) => name !== '') ?? call.name;
  const names = new Map(called.input.map((name, i) => [name, call.input[i] ?? '']));
  const handed: NodeProto[] = [];
  called.output.forEach((name, i) => {
    const output = call.output[i] ?? '';
    if (output === '') return;
    const known = names.get(name);
    if (known === undefined) names.set(name, output);
    else handed.push(create(NodeProtoSchema, { opType: 'Identity', name: output, input: [known], output: [output] }));
  });
  const rename = (name: string): string => names.get(name) ?? `${title}/${name}`;
  const given = new Map([...called.attributeProto, ...call.attribute].map((one) => [one.name, one]));
  return [...called.node.map((node) => renamedNode(withAttributes(node, given), rename, title)), ...handed];
}

/** A node whose attributes of a function's call (`refAttrName`) are those of the call; left out where it has none. */
const withAttributes = (node: NodeProto, given: ReadonlyMap<string, AttributeProto>): NodeProto =>
  changed(node, {
    attribute: node.attribute.flatMap((attribute) => {
      if (attribute.refAttrName === '')
        return [
          withGraphs(attribute, (graph) =>
            withNodes(
              graph,
              graph.node.map((one) => withAttributes(one, given)),
            ),
          ),
        ];
      const value = given.get(attribute.refAttrName);
      return value === undefined ? [] : [Object.assign(clone(AttributeProtoSchema, value), { name: attribute.name })];
    }),
  });
