// Kernels of folding: strided copies, element-wise functions and reductions over constants.

import { broadcast, broadcastStrides, elementsOf } from '../graph/index.js';
import { ShapeError } from '../graph/shapes.js';
import type { Attributes } from './attributes.js';
import { emptyOf, lazyConstant, type Constant, type Numbers } from './constants.js';
import { axesOf } from './resolve.js';

/** Makes the constant of a node from its constant inputs. @throws ShapeError where they do not fit */
export type Fold = (
  inputs: readonly (Constant | undefined)[],
  attributes: Attributes,
  name: string,
  opset: number,
) => Constant;

/** An input that must be there. @throws ShapeError where it is missing */
export const need = (constant: Constant | undefined): Constant => {
  if (constant === undefined) throw new ShapeError('an input is missing');
  return constant;
};

/** For each element of `shape`, in order, the place that `strides` and `start` give. */
export function gathered(
  source: Numbers,
  dtype: string,
  shape: readonly number[],
  { strides, start = 0 }: { readonly strides: readonly number[]; readonly start?: number },
): Numbers {
  const out = emptyOf(dtype, elementsOf(shape));
  const index = new Array<number>(shape.length).fill(0);
  let at = start;
  for (let i = 0; i < out.length; i++) {
    out[i] = source[at]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      at -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return out;
}

/** Folds a function of several tensors, which broadcast; `result`: its element type (default: the first one's). */
export const elementwise =
  (compute: (a: number, b: number) => number, result?: string): Fold =>
  (inputs, _, name) => {
    const first = need(inputs[0]);
    const all = [first, ...inputs.slice(1).map(need)];
    const dtype = result ?? first.dtype;
    const shape = broadcast(all.map((one) => one.shape));
    return lazyConstant(name, { dtype, shape }, () => {
      const spread = all.map((one) =>
        gathered(one.numbers(), 'f64', shape, { strides: broadcastStrides(one.shape, shape) }),
      );
      const out = emptyOf(dtype, elementsOf(shape));
      for (let i = 0; i < out.length; i++) {
        let value = spread[0]![i]!;
        for (let k = 1; k < spread.length; k++) value = compute(value, spread[k]![i]!);
        out[i] = value;
      }
      return out;
    });
  };

/** Folds a function of each element. */
export const unary =
  (compute: (x: number) => number): Fold =>
  ([x], _, name) => {
    const { dtype, shape, numbers } = need(x);
    return lazyConstant(name, { dtype, shape }, () => {
      const from = numbers();
      const out = emptyOf(dtype, from.length);
      for (let i = 0; i < out.length; i++) out[i] = compute(from[i]!);
      return out;
    });
  };

/** A constant of one value. */
export const filled = (name: string, dtype: string, shape: readonly number[], value: number): Constant =>
  lazyConstant(name, { dtype, shape }, () => emptyOf(dtype, elementsOf(shape)).fill(value));

/** The same numbers under another shape. */
export const reshaped = (x: Constant, shape: readonly number[], name: string): Constant =>
  lazyConstant(name, { dtype: x.dtype, shape }, x.numbers);

/** Folds a reduction. `first`: what it starts with (null: the first element); `mean`: over the number of elements. */
export const reduce =
  (combine: (a: number, b: number) => number, first: number | null, mean = false): Fold =>
  ([x, given], attributes, name) => {
    const { shape, dtype, numbers } = need(x);
    const axes = new Set(axesOf(attributes, given, shape.length) ?? shape.keys());
    const kept = shape.map((size, axis) => (axes.has(axis) ? 1 : size));
    const keep = attributes.int('keepdims', 1) === 1;
    return lazyConstant(name, { dtype, shape: keep ? kept : shape.filter((_, axis) => !axes.has(axis)) }, () => {
      const from = numbers();
      const out = new Float64Array(elementsOf(kept)).fill(first ?? NaN);
      const places = gathered(Float64Array.from(out.keys()), 'f64', shape, { strides: broadcastStrides(kept, shape) });
      for (let i = 0; i < from.length; i++) {
        const at = places[i]!;
        out[at] = Number.isNaN(out[at]!) ? from[i]! : combine(out[at]!, from[i]!);
      }
      const result = emptyOf(dtype, out.length);
      result.set(mean ? out.map((value) => (value * out.length) / from.length) : out);
      return result;
    });
  };

/** The numbers of an input that must be there. */
export const integers = (constant: Constant | undefined): number[] => Array.from(need(constant).numbers());
/** True for an integer element type. */
export const isInteger = (dtype: string): boolean => /^[iu]\d/.test(dtype);
