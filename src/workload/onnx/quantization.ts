// Scales and zero points of quantized operators: they are there, fit what they scale, and are numbers to scale by.

import { elementsOf } from '../graph/index.js';
import type { Constant } from './constants.js';
import type { NodeContext } from './context.js';
import { axisOf } from './resolve.js';
import { checkSize } from './sizes.js';

/** Exporters leave arrays of fewer values in the file itself (ONNX: 1,024 bytes); larger ones may not be there. */
const INSIDE = 256;
const REALS: ReadonlySet<string> = new Set(['f64', 'f32', 'f16', 'bf16']);

/** What is quantized: an operand or result of a node, by ONNX's names. */
interface Quantized {
  /** Index of the operand; null for the result. */
  readonly operand: number | null;
  /** ONNX's name before `_scale` and `_zero_point`. */
  readonly name: string;
  /** Index of the scale; null for products of integers, which have none. */
  readonly scale: number | null;
  readonly zeroPoint: number;
  /** Whether a zero point must be there. */
  readonly offset: boolean;
  /** Whether values are divided by the scale. */
  readonly divided: boolean;
  /** Values that it may have, beside one for all. */
  readonly sizes: (context: NodeContext) => readonly number[];
}

const none = (): number[] => [];
/** One a channel of the kernel, its first axis. */
const channels = (weight: number) => (context: NodeContext) => shapeAt(context, weight).slice(0, 1);
/** One a row of the left operand, of a matrix or of all. */
const rows = (context: NodeContext): number[] => {
  const shape = shapeAt(context, 0);
  return [...shape.slice(-2, -1), elementsOf(shape.slice(0, -1))];
};
/** One a column of the right operand, of a matrix or of all. */
const columns = (right: number) => (context: NodeContext) => {
  const shape = shapeAt(context, right);
  return [...shape.slice(-1), elementsOf(shape.slice(0, -2)) * (shape.at(-1) ?? 1)];
};
/** One a place of the axis. */
const alongAxis = (context: NodeContext): number[] => {
  const shape = shapeAt(context, 0);
  return shape.slice(axisOf(context.attributes.int('axis', 1), shape.length)).slice(0, 1);
};

const product = (right: number, sizes: Record<'x' | 'w' | 'y', Quantized['sizes']>, names: [string, string]) =>
  [
    { operand: 0, name: names[0], scale: 1, zeroPoint: 2, offset: true, divided: false, sizes: sizes.x },
    { operand: right, name: names[1], scale: 4, zeroPoint: 5, offset: true, divided: false, sizes: sizes.w },
    { operand: null, name: 'y', scale: 6, zeroPoint: 7, offset: true, divided: true, sizes: sizes.y },
  ] as const;
const integers = (sizes: Record<'x' | 'w', Quantized['sizes']>, names: [string, string]) =>
  [
    { operand: 0, name: names[0], scale: null, zeroPoint: 2, offset: false, divided: false, sizes: sizes.x },
    { operand: 1, name: names[1], scale: null, zeroPoint: 3, offset: false, divided: false, sizes: sizes.w },
  ] as const;
const ofX = { name: 'x', scale: 1, zeroPoint: 2, offset: false, sizes: alongAxis } as const;

const QUANTIZED: ReadonlyMap<string, readonly Quantized[]> = new Map<string, readonly Quantized[]>([
  ['QuantizeLinear', [{ ...ofX, operand: null, divided: true }]],
  ['DequantizeLinear', [{ ...ofX, operand: 0, divided: false }]],
  ['QLinearConv', product(3, { x: none, w: channels(3), y: none }, ['x', 'w'])],
  ['QLinearMatMul', product(3, { x: rows, w: columns(3), y: rows }, ['a', 'b'])],
  ['ConvInteger', integers({ x: none, w: channels(1) }, ['x', 'w'])],
  ['MatMulInteger', integers({ x: rows, w: columns(1) }, ['a', 'b'])],
]);

/**
 * Checks what a quantized operator says of its scales and zero points; of others nothing.
 * @throws ShapeError where one is missing, is of another size or type than ONNX says, or is no number to scale by
 */
export function checkQuantization(context: NodeContext): void {
  const quantized = QUANTIZED.get(context.node.opType);
  if (quantized === undefined) return;
  if (context.attributes.int('block_size', 0) !== 0)
    context.fail(
      'blocks of values with a scale each (block_size) are not supported; ' +
        'supported is one scale, or one a place of an axis',
    );
  for (const one of quantized) check(context, one);
  const bias = context.node.opType === 'QLinearConv' ? constantAt(context, 8) : undefined;
  if (bias !== undefined && bias.dtype !== 'i32') context.fail(`its bias is of type ${bias.dtype}, expected i32`);
}

function check(context: NodeContext, { operand, name, scale, zeroPoint, offset, divided, sizes }: Quantized): void {
  const [ofScale, ofZero] = [`its ${name}_scale`, `its ${name}_zero_point`];
  if (scale !== null && !context.has(scale)) context.fail(`${ofScale} is missing (input ${scale})`);
  if (offset && !context.has(zeroPoint)) context.fail(`${ofZero} is missing (input ${zeroPoint})`);
  if (scale !== null) {
    checkCount(context, scale, ofScale, sizes);
    checkScale(context, constantAt(context, scale), ofScale, divided);
  }
  if (context.has(zeroPoint)) checkCount(context, zeroPoint, ofZero, sizes);
  const zero = constantAt(context, zeroPoint);
  if (zero !== undefined && REALS.has(zero.dtype))
    context.fail(`${ofZero} is of type ${zero.dtype}, expected integers`);
  const values = operand === null ? undefined : typeAt(context, operand);
  if (values === undefined) return;
  if (REALS.has(values)) context.fail(`its ${name} is of type ${values}, expected integers`);
  if (zero !== undefined && zero.dtype !== values)
    context.fail(`${ofZero} is of type ${zero.dtype}, its ${name} of type ${values}, expected the same`);
}

/** Scales and zero points are one, or as many as they may be. */
function checkCount(context: NodeContext, index: number, what: string, sizes: Quantized['sizes']): void {
  const shape = shapeAt(context, index);
  if (elementsOf(shape) !== 1) checkSize(context, what, shape, [1, ...sizes(context)]);
}

function checkScale(context: NodeContext, scale: Constant | undefined, what: string, divided: boolean): void {
  if (scale === undefined) return;
  if (!REALS.has(scale.dtype)) context.fail(`${what} is of type ${scale.dtype}, expected floating point`);
  if (elementsOf(scale.shape) >= INSIDE) return;
  for (const value of scale.numbers())
    if (!Number.isFinite(value) || value < 0 || (divided && value === 0))
      context.fail(`${what} is ${value}, expected a number ${divided ? 'above 0' : 'of 0 or more'}`);
}

function constantAt(context: NodeContext, index: number): Constant | undefined {
  const value = context.value(index);
  return value?.kind === 'constant' ? value.constant : undefined;
}

/** The file's shape of an input; of one that is left out a value's. */
function shapeAt(context: NodeContext, index: number): readonly number[] {
  const value = context.value(index);
  if (value?.kind === 'active') return context.full(value);
  return context.parameter(index, `input ${index}`)?.shape ?? [];
}

/** Element type of a constant or an input of the network; undefined of what nodes make. */
function typeAt(context: NodeContext, index: number): string | undefined {
  const value = context.value(index);
  if (value?.kind !== 'active') return value?.constant.dtype;
  const { maker, dtype } = context.builder.tensor(value.tensor);
  return maker === null ? dtype : undefined;
}
