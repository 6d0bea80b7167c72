// Operators of ONNX that are others put together, as the nodes of those.

import { elementsOf } from '../graph/index.js';
import { einsum } from './einsum.js';
import { whole } from './lay-out.js';
import { axisOf } from './resolve.js';
import { laidOut, type Work } from './work.js';
import { elementType } from './write-model.js';

/** The least normal number in single precision. */
const SMALLEST = 2 ** -126;

/** Operators by name, and what they are laid out into. */
export const COMPOSED = [
  ['Einsum', einsum] as const,
  ...laidOut([
    ['CastLike', castLike],
    ['LpNormalization', lpNormalization],
  ]),
];

/** Cast to the type of another tensor. */
function castLike(work: Work): string {
  const { context } = work;
  const like = context.value(1) ?? context.fail('input 1 is missing');
  const dtype = like.kind === 'active' ? context.dtype(like) : like.constant.dtype;
  const to = elementType(dtype) ?? context.fail(`a cast to ${dtype} is not supported`);
  return work.add('Cast', [work.read(0)], whole({ to }));
}

/** x / |x| along an axis, 1-norm or 2-norm; norms of 0 leave zeros. */
function lpNormalization(work: Work): string {
  const { context } = work;
  const shape = context.fullShape(0);
  const axis = axisOf(context.attributes.int('axis', -1), shape.length);
  const order = context.attributes.int('p', 2);
  if (order !== 1 && order !== 2) context.fail(`p is ${order}, expected 1 or 2`);
  if (elementsOf(shape) === 0) context.fail('its input has no elements');
  const norm = work.add(`ReduceL${order}`, [work.read(0)], whole({ axes: [axis], keepdims: 1 }));
  return work.add('Div', [work.read(0), work.add('Max', [norm, work.number(SMALLEST)])]);
}
