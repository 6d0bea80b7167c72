// Folding: operators whose inputs are all constant, on numbers.

import { roundEven } from '../../numerics/formats/rounding.js';
import { broadcast, broadcastStrides, elementsOf, showShape, stridesOf } from '../graph/index.js';
import { ShapeError } from '../graph/shapes.js';
import type { Attributes } from './attributes.js';
import { onnxTensor } from '../../tensors/onnx.js';
import { asNumbers, constantOf, emptyOf, lazyConstant, type Constant, type Numbers } from './constants.js';
import {
  elementwise,
  filled,
  gathered,
  integers,
  isInteger,
  need,
  reduce,
  reshaped,
  unary,
  type Fold,
} from './fold-kernels.js';
import { axesOf, axisOf, checkCounts, checkIndices, permutationOf, reshapeTarget, sliceRanges } from './resolve.js';
import { dtypeName } from '../../tensors/onnx.js';
import { leading } from '../../config/typed.js';

/** Bounds are attributes below opset 11, inputs from then on. */
function clip([x, ...bounds]: Parameters<Fold>[0], attributes: Attributes, name: string, opset: number): Constant {
  const [low, high] = [bounds[0], bounds[1]].map((bound) => (bound === undefined ? undefined : bound.numbers()[0]));
  const least = low ?? attributes.float('min', -Infinity);
  const most = high ?? attributes.float('max', Infinity);
  return unary((value) => Math.min(Math.max(value, least), most))([x], attributes, name, opset);
}

/** Longest range: more are no shape or index of a network. */
const MOST_VALUES = 10_000_000;

/** What can be folded, by operator. */
export const FOLDS: ReadonlyMap<string, Fold> = new Map<string, Fold>([
  ['Identity', ([x], _, name) => ({ ...need(x), name, origin: need(x).origin })],
  [
    'Transpose',
    ([given], attributes, name) => {
      const x = need(given);
      const permutation = permutationOf(attributes, x.shape.length);
      const strides = stridesOf(x.shape);
      const shape = permutation.map((axis) => x.shape[axis]!);
      const before = x.origin.permutation;
      return lazyConstant(
        name,
        { dtype: x.dtype, shape },
        () => gathered(x.numbers(), x.dtype, shape, { strides: permutation.map((axis) => strides[axis]!) }),
        { ...x.origin, permutation: before === null ? permutation : permutation.map((axis) => before[axis]!) },
      );
    },
  ],
  [
    'Reshape',
    ([x, shape], attributes, name) =>
      reshaped(need(x), reshapeTarget(need(x).shape, integers(shape), attributes), name),
  ],
  [
    'Flatten',
    ([given], attributes, name) => {
      const x = need(given);
      const axis = axisOf(attributes.int('axis', 1), x.shape.length + 1);
      return reshaped(x, [elementsOf(x.shape.slice(0, axis)), elementsOf(x.shape.slice(axis))], name);
    },
  ],
  [
    'Squeeze',
    ([given, axes], attributes, name) => {
      const x = need(given);
      const gone = new Set(
        axesOf(attributes, axes, x.shape.length) ?? [...x.shape.keys()].filter((i) => x.shape[i] === 1),
      );
      return reshaped(
        x,
        x.shape.filter((_, axis) => !gone.has(axis)),
        name,
      );
    },
  ],
  [
    'Unsqueeze',
    ([given, axes], attributes, name) => {
      const x = need(given);
      const wanted = axes === undefined ? (attributes.ints('axes') ?? []) : integers(axes);
      const rank = x.shape.length + wanted.length;
      const shape = [...x.shape];
      for (const axis of wanted.map((one) => axisOf(one, rank)).sort((a, b) => a - b)) shape.splice(axis, 0, 1);
      return reshaped(x, shape, name);
    },
  ],
  [
    'Concat',
    (inputs, attributes, name) => {
      const all = inputs.map(need);
      const first = need(all[0]);
      const axis = axisOf(attributes.int('axis', 0), first.shape.length);
      const shape = first.shape.map((size, i) =>
        i === axis ? all.reduce((sum, one) => sum + one.shape[axis]!, 0) : size,
      );
      return lazyConstant(name, { dtype: first.dtype, shape }, () => {
        const out = emptyOf(first.dtype, elementsOf(shape));
        const outer = elementsOf(shape.slice(0, axis));
        let at = 0;
        for (let i = 0; i < outer; i++)
          for (const one of all) {
            const part = elementsOf(one.shape.slice(axis));
            out.set(one.numbers().subarray(i * part, (i + 1) * part), at);
            at += part;
          }
        return out;
      });
    },
  ],
  [
    'Slice',
    (inputs, attributes, name) => {
      const x = need(inputs[0]);
      const { starts, sizes, steps } = sliceRanges(
        x.shape,
        inputs.slice(1).map((one) => (one === undefined ? undefined : integers(one))),
        attributes,
      );
      const strides = stridesOf(x.shape);
      const start = starts.reduce((sum, at, axis) => sum + at * strides[axis]!, 0);
      return lazyConstant(name, { dtype: x.dtype, shape: sizes }, () =>
        gathered(x.numbers(), x.dtype, sizes, { strides: steps.map((step, axis) => step * strides[axis]!), start }),
      );
    },
  ],
  [
    'Gather',
    ([data, indices], attributes, name) => {
      const x = need(data);
      const axis = axisOf(attributes.int('axis', 0), x.shape.length);
      const inner = elementsOf(x.shape.slice(axis + 1));
      const size = x.shape[axis]!;
      const shape = [...x.shape.slice(0, axis), ...need(indices).shape, ...x.shape.slice(axis + 1)];
      const picks = integers(indices);
      checkIndices(picks, size);
      // All rows in order (positions): it is the stored array itself, which can be trained.
      const whole = axis === 0 && picks.length === size && picks.every((pick, i) => pick === i);
      const origin = whole ? x.origin : { key: name, permutation: null, quantization: null };
      const compute = (): Numbers => {
        const out = emptyOf(x.dtype, elementsOf(shape));
        const from = x.numbers();
        let at = 0;
        for (let outer = 0; outer < elementsOf(x.shape.slice(0, axis)); outer++)
          for (const pick of picks) {
            const place = (outer * size + (pick < 0 ? pick + size : pick)) * inner;
            out.set(from.subarray(place, place + inner), at);
            at += inner;
          }
        return out;
      };
      return lazyConstant(name, { dtype: x.dtype, shape }, compute, origin);
    },
  ],
  [
    'Cast',
    ([given], attributes, name) => {
      const x = need(given);
      const dtype = dtypeName(attributes.int('to', 1));
      if (dtype === x.dtype) return { ...x, name };
      return lazyConstant(name, { dtype, shape: x.shape }, () => {
        const out = emptyOf(dtype, elementsOf(x.shape));
        const from = x.numbers();
        for (let i = 0; i < out.length; i++)
          out[i] = dtype === 'bool' ? Number(from[i] !== 0) : isInteger(dtype) ? Math.trunc(from[i]!) : from[i]!;
        return out;
      });
    },
  ],
  [
    'ConstantOfShape',
    ([given], attributes, name) => {
      const shape = integers(given);
      const tensor = attributes.tensor('value');
      if (tensor === undefined) return filled(name, 'f32', shape, 0);
      const { dtype, read } = onnxTensor(tensor, name, name);
      const [value] = asNumbers(read().data);
      if (value === undefined) throw new ShapeError('its value has no element');
      return filled(name, dtype, shape, value);
    },
  ],
  ['Shape', ([x], attributes, name) => shapeConstant(need(x).shape, attributes, name)],
  ['Size', ([x], _, name) => constantOf(name, 'i64', [], [elementsOf(need(x).shape)])],
  [
    'Range',
    ([start, limit, delta], _, name) => {
      const [from, to, step] = leading(
        3,
        [start, limit, delta].map((one) => integers(one)[0]!),
      );
      const length = Math.max(0, Math.ceil((to - from) / step));
      if (!(length <= MOST_VALUES))
        throw new ShapeError(`a range of ${length} values, expected at most ${MOST_VALUES}`);
      const values = Array.from({ length }, (_value, i) => from + i * step);
      return constantOf(name, need(start).dtype, [values.length], values);
    },
  ],
  [
    'Expand',
    ([given, target], _, name) => {
      const x = need(given);
      const shape = broadcast([x.shape, integers(target)]);
      const compute = (): Numbers =>
        gathered(x.numbers(), x.dtype, shape, { strides: broadcastStrides(x.shape, shape) });
      // Nothing repeats: it is the stored array itself, which can be trained.
      return elementsOf(shape) === elementsOf(x.shape)
        ? lazyConstant(name, { dtype: x.dtype, shape }, compute, x.origin)
        : lazyConstant(name, { dtype: x.dtype, shape }, compute);
    },
  ],
  [
    'Tile',
    ([given, repeats], _, name) => {
      const x = need(given);
      const times = integers(repeats);
      checkCounts('its repeats', times, x.shape.length);
      const shape = x.shape.map((size, axis) => size * times[axis]!);
      // Each axis as (repeat, size): repeats have stride 0.
      const strides = stridesOf(x.shape);
      return lazyConstant(name, { dtype: x.dtype, shape }, () =>
        gathered(
          x.numbers(),
          x.dtype,
          x.shape.flatMap((size, axis) => [times[axis]!, size]),
          { strides: strides.flatMap((stride) => [0, stride]) },
        ),
      );
    },
  ],
  [
    'Where',
    ([condition, a, b], _, name) => {
      const all = [need(condition), need(a), need(b)];
      const shape = broadcast(all.map((one) => one.shape));
      return lazyConstant(name, { dtype: all[1]!.dtype, shape }, () => {
        const [test, yes, no] = leading(
          3,
          all.map((one) => gathered(one.numbers(), 'f64', shape, { strides: broadcastStrides(one.shape, shape) })),
        );
        const out = emptyOf(all[1]!.dtype, elementsOf(shape));
        for (let i = 0; i < out.length; i++) out[i] = test[i] !== 0 ? yes[i]! : no[i]!;
        return out;
      });
    },
  ],
  [
    'Trilu',
    ([given, diagonal], attributes, name) => {
      const x = need(given);
      const [k] = diagonal === undefined ? [0] : integers(diagonal);
      const upper = attributes.int('upper', 1) === 1;
      const [h, w] = [x.shape.at(-2), x.shape.at(-1)];
      if (h === undefined || w === undefined) throw new ShapeError(`its input is ${showShape(x.shape)}, no matrix`);
      if (k === undefined) throw new ShapeError('its diagonal has no value');
      return lazyConstant(name, { dtype: x.dtype, shape: x.shape }, () =>
        x.numbers().map((value: number, i: number) => {
          const [row, column] = [Math.floor(i / w) % h, i % w];
          return (upper ? column - row >= k : column - row <= k) ? value : 0;
        }),
      );
    },
  ],
  [
    'DequantizeLinear',
    ([given, scale, zeroPoint], attributes, name) => {
      const x = need(given);
      const scales = need(scale);
      const axis = elementsOf(scales.shape) === 1 ? 0 : axisOf(attributes.int('axis', 1), x.shape.length);
      const inner = elementsOf(x.shape.slice(axis + 1));
      const plain = x.origin.permutation === null && x.origin.quantization === null;
      return lazyConstant(
        name,
        { dtype: 'f32', shape: x.shape },
        () => {
          const out = new Float32Array(elementsOf(x.shape));
          const [from, factors, zeros] = [x.numbers(), scales.numbers(), zeroPoint?.numbers()];
          for (let i = 0; i < out.length; i++) {
            const which = factors.length === 1 ? 0 : Math.floor(i / inner) % x.shape[axis]!;
            out[i] = (from[i]! - (zeros?.[which] ?? 0)) * factors[which]!;
          }
          return out;
        },
        plain
          ? {
              key: x.origin.key,
              permutation: null,
              quantization: { scale: scales.origin.key, zeroPoint: zeroPoint?.origin.key ?? null, axis },
            }
          : undefined,
      );
    },
  ],
  ['Add', elementwise((a, b) => a + b)],
  ['Sub', elementwise((a, b) => a - b)],
  ['Mul', elementwise((a, b) => a * b)],
  [
    'Div',
    (inputs, attributes, name, opset) =>
      elementwise(isInteger(need(inputs[0]).dtype) ? (a, b) => Math.trunc(a / b) : (a, b) => a / b)(
        inputs,
        attributes,
        name,
        opset,
      ),
  ],
  [
    'Mod',
    (inputs, attributes, name, opset) =>
      elementwise(attributes.int('fmod', 0) === 1 ? (a, b) => a % b : (a, b) => a - b * Math.floor(a / b))(
        inputs,
        attributes,
        name,
        opset,
      ),
  ],
  ['Pow', elementwise((a, b) => a ** b)],
  ['Min', elementwise(Math.min)],
  ['Max', elementwise(Math.max)],
  ['Equal', elementwise((a, b) => Number(a === b), 'bool')],
  ['Less', elementwise((a, b) => Number(a < b), 'bool')],
  ['LessOrEqual', elementwise((a, b) => Number(a <= b), 'bool')],
  ['Greater', elementwise((a, b) => Number(a > b), 'bool')],
  ['GreaterOrEqual', elementwise((a, b) => Number(a >= b), 'bool')],
  ['And', elementwise((a, b) => Number(a !== 0 && b !== 0), 'bool')],
  ['Or', elementwise((a, b) => Number(a !== 0 || b !== 0), 'bool')],
  ['Not', unary((x) => Number(x === 0))],
  ['Neg', unary((x) => -x)],
  ['Abs', unary(Math.abs)],
  ['Sqrt', unary(Math.sqrt)],
  ['Exp', unary(Math.exp)],
  ['Log', unary(Math.log)],
  ['Reciprocal', unary((x) => 1 / x)],
  ['Floor', unary(Math.floor)],
  ['Ceil', unary(Math.ceil)],
  ['Round', unary(roundEven)],
  ['Sign', unary(Math.sign)],
  ['Clip', clip],
  ['Sin', unary(Math.sin)],
  ['Cos', unary(Math.cos)],
  ['Tanh', unary(Math.tanh)],
  ['Relu', unary((x) => Math.max(0, x))],
  ['ReduceSum', reduce((a, b) => a + b, 0)],
  ['ReduceMean', reduce((a, b) => a + b, 0, true)],
  ['ReduceProd', reduce((a, b) => a * b, 1)],
  ['ReduceMax', reduce(Math.max, null)],
  ['ReduceMin', reduce(Math.min, null)],
]);

/** The shape as a constant; from opset 15 on a part of it. */
export function shapeConstant(shape: readonly number[], attributes: Attributes, name: string): Constant {
  const part = shape.slice(attributes.int('start', 0), attributes.has('end') ? attributes.int('end', 0) : undefined);
  return constantOf(name, 'i64', [part.length], part);
}
