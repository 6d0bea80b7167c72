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

/** A parameter with so many values; undefined where it is left out. @throws ShapeError where it has another number */
export function sized(context: NodeContext, index: number, what: string, size: number): Parameter | undefined {
  const parameter = context.parameter(index, what);
  if (parameter !== undefined) checkSize(context, what, parameter.shape, [size]);
  return parameter;
}

/** A parameter of this shape; undefined where it is left out. @throws ShapeError where it has another */
export function shapedAs(
  context: NodeContext,
  index: number,
  what: string,
  shape: readonly number[],
): Parameter | undefined {
  const parameter = context.parameter(index, what);
  if (parameter !== undefined && parameter.shape.join() !== shape.join())
    context.fail(`${what} is ${showShape(parameter.shape)}, expected ${showShape(shape)}`);
  return parameter;
}

/** A parameter that broadcasts to this shape; undefined where it is left out. @throws ShapeError where it does not */
export function broadcastTo(
  context: NodeContext,
  index: number,
  what: string,
  shape: readonly number[],
): Parameter | undefined {
  const parameter = context.parameter(index, what);
  if (parameter === undefined) return undefined;
  const own = parameter.shape;
  const ahead = own.length - shape.length;
  if (!own.every((size, axis) => size === 1 || (axis >= ahead && size === shape[axis - ahead])))
    context.fail(`${what} is ${showShape(own)}, which does not broadcast to ${showShape(shape)}`);
  return parameter;
}
