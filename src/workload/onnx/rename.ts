// Nodes under other names: bodies of Scan, Loop and If, and functions, where they are called.

import { create } from '@bufbuild/protobuf';
import {
  AttributeProtoSchema,
  GraphProtoSchema,
  NodeProtoSchema,
  ValueInfoProtoSchema,
  type AttributeProto,
  type GraphProto,
  type NodeProto,
} from '../../tensors/generated/onnx_pb.js';

/** The name under which a name of a body or function stands. */
export type Rename = (inside: string) => string;

/** The file's name of a node; of its first output where it has none. */
export const nameOf = ({ name, output }: NodeProto): string =>
  name === '' ? (output.find((one) => one !== '') ?? '') : name;

/** What is said of a node anew; the rest stays. */
type Change = Partial<Pick<NodeProto, 'name' | 'input' | 'output' | 'attribute'>>;

/** A node with other names or attributes. */
export const changed = (
  { opType, domain, overload, name, input, output, attribute }: NodeProto,
  change: Change,
): NodeProto => create(NodeProtoSchema, { opType, domain, overload, name, input, output, attribute, ...change });

/**
 * A node whose reads and outputs, and what graphs inside it take of the graph around them, stand under other names.
 * @param prefix stands before its own
 */
export const renamedNode = (node: NodeProto, rename: Rename, prefix: string): NodeProto =>
  changed(node, {
    name: `${prefix}/${nameOf(node)}`,
    input: node.input.map((name) => (name === '' ? '' : rename(name))),
    output: node.output.map((name) => (name === '' ? '' : rename(name))),
    attribute: node.attribute.map((attribute) => withGraphs(attribute, (graph) => renamedAround(graph, rename))),
  });

/** An attribute with other graphs in place of its own. */
export const withGraphs = (attribute: AttributeProto, of: (graph: GraphProto) => GraphProto): AttributeProto =>
  attribute.g === undefined && attribute.graphs.length === 0
    ? attribute
    : create(AttributeProtoSchema, {
        ...{ name: attribute.name, type: attribute.type, graphs: attribute.graphs.map(of) },
        ...(attribute.g === undefined ? {} : { g: of(attribute.g) }),
      });

/** A graph with other nodes. */
export const withNodes = ({ name, input, initializer, output }: GraphProto, node: NodeProto[]): GraphProto =>
  create(GraphProtoSchema, { name, input, initializer, output, node });

/** A graph that takes what it does of the graph around it under other names; its own stay. */
function renamedAround(graph: GraphProto, rename: Rename): GraphProto {
  const own = new Set([...graph.input, ...graph.initializer].map(({ name }) => name));
  for (const { output } of graph.node) for (const name of output) own.add(name);
  const around: Rename = (name) => (name === '' || own.has(name) ? name : rename(name));
  const nodes = graph.node.map((node) =>
    changed(node, {
      input: node.input.map(around),
      attribute: node.attribute.map((attribute) => withGraphs(attribute, (inner) => renamedAround(inner, around))),
    }),
  );
  const renamed = withNodes(graph, nodes);
  renamed.output = graph.output.map(({ name }) => create(ValueInfoProtoSchema, { name: around(name) }));
  return renamed;
}
