// Operators of ONNX that are others put together, as the nodes of those.

import { TensorProto_DataType } from '../../tensors/generated/onnx_pb.js';
import { elementsOf } from '../graph/index.js';
import type { NodeContext } from './context.js';
import { einsum } from './einsum.js';
import { Nodes, whole, type LaidOut } from './lay-out.js';
import { axisOf } from './resolve.js';
import { elementType } from './write-model.js';

/** The least normal number in single precision. */
const SMALLEST = 2 ** -126;

/** Operators by name, and what they are laid out into. */
export const COMPOSED: readonly (readonly [string, (context: NodeContext) => LaidOut])[] = [
  ['Einsum', einsum],
  ['CastLike', castLike],
  ['LpNormalization', lpNormalization],
];

/** Cast to the type of another tensor. */
function castLike(context: NodeContext): LaidOut {
  const [x = '', output = ''] = [context.node.input[0], context.node.output[0]];
  const like = context.value(1) ?? context.fail('input 1 is missing');
  const dtype = like.kind === 'active' ? context.dtype(like) : like.constant.dtype;
  const to = elementType(dtype) ?? context.fail(`a cast to ${dtype} is not supported`);
  const nodes = new Nodes();
  nodes.add('Cast', [x], output, whole({ to }));
  return nodes;
}

/** x / |x| along an axis, 1-norm or 2-norm; norms of 0 leave zeros. */
function lpNormalization(context: NodeContext): LaidOut {
  const { name, node, attributes } = context;
  const [x = '', output = ''] = [node.input[0], node.output[0]];
  const shape = context.fullShape(0);
  const axis = axisOf(attributes.int('axis', -1), shape.length);
  const order = attributes.int('p', 2);
  if (order !== 1 && order !== 2) context.fail(`p is ${order}, expected 1 or 2`);
  if (elementsOf(shape) === 0) context.fail('its input has no elements');
  const nodes = new Nodes();
  const norm = nodes.add(
    order === 1 ? 'ReduceL1' : 'ReduceL2',
    [x],
    `${name}/norm`,
    whole({ axes: [axis], keepdims: 1 }),
  );
  const least = nodes.numbers(`${name}/least`, TensorProto_DataType.FLOAT, SMALLEST);
  nodes.add('Div', [x, nodes.add('Max', [norm, least], `${name}/divisor`)], output);
  return nodes;
}
