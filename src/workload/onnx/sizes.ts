// Parameters of a file that must have as many values as what they stand beside.

import { elementsOf, showShape, type Parameter } from '../graph/index.js';
import type { NodeContext } from './context.js';

/** Refuses a parameter that has none of these numbers of values. @throws ShapeError */
export function checkSize(
  context: NodeContext,
  what: string,
  shape: readonly number[],
  expected: readonly number[],
): void {
  const size = elementsOf(shape);
  if (!expected.includes(size))
    context.fail(
      `${what} has ${size} ${size === 1 ? 'value' : 'values'}, expected ${[...new Set(expected)].join(' or ')}`,
    );
}

/** A parameter that `check` has seen, undefined where it is left out. */
function checked(context: NodeContext, index: number, what: string, check: (own: readonly number[]) => void) {
  const parameter = context.parameter(index, what);
  if (parameter !== undefined) check(parameter.shape);
  return parameter;
}

/** A parameter with so many values; undefined where it is left out. @throws ShapeError where it has another number */
export const sized = (context: NodeContext, index: number, what: string, size: number): Parameter | undefined =>
  checked(context, index, what, (own) => {
    checkSize(context, what, own, [size]);
  });

/** A parameter of this shape; undefined where it is left out. @throws ShapeError where it has another */
export const shapedAs = (
  context: NodeContext,
  index: number,
  what: string,
  shape: readonly number[],
): Parameter | undefined =>
  checked(context, index, what, (own) => {
    if (own.join() !== shape.join()) context.fail(`${what} is ${showShape(own)}, expected ${showShape(shape)}`);
  });

/** A parameter that broadcasts to this shape; undefined where it is left out. @throws ShapeError where it does not */
export const broadcastTo = (
  context: NodeContext,
  index: number,
  what: string,
  shape: readonly number[],
): Parameter | undefined =>
  checked(context, index, what, (own) => {
    const ahead = own.length - shape.length;
    if (!own.every((size, axis) => size === 1 || (axis >= ahead && size === shape[axis - ahead])))
      context.fail(`${what} is ${showShape(own)}, which does not broadcast to ${showShape(shape)}`);
  });
