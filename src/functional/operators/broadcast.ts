// Broadcast of shapes as numpy and ONNX have it: aligned at the last axis, lengths of 1 repeat.

import { InvariantError } from '../../kernel/index.js';
import { broadcastStrides } from '../../workload/graph/index.js';
import { sizeOf, zeros, type Numbers, type Values } from './values.js';

/** The shape that both fit. @throws InvariantError where they do not (a graph's shapes were checked before) */
export function broadcastShape(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const one = a[axis - rank + a.length] ?? 1;
    const other = b[axis - rank + b.length] ?? 1;
    if (one !== other && one !== 1 && other !== 1)
      throw new InvariantError(`broadcast: [${a.join(', ')}] does not fit [${b.join(', ')}]`);
    return one === 1 ? other : one;
  });
}

/** For each element of `to` in row-major order, which element of `shape` stands there. */
export function broadcastIndex(shape: readonly number[], to: readonly number[]): Int32Array {
  return stridedIndex(to, broadcastStrides(shape, to), 0);
}

/** Offsets of all elements of a view with these strides, in row-major order. */
export function stridedIndex(shape: readonly number[], strides: readonly number[], start: number): Int32Array {
  const out = new Int32Array(sizeOf(shape));
  if (out.length === 0) return out;
  const rank = shape.length;
  const inner = rank === 0 ? 1 : shape[rank - 1]!;
  const step = rank === 0 ? 0 : strides[rank - 1]!;
  const index = new Array<number>(Math.max(0, rank - 1)).fill(0);
  let base = start;
  for (let at = 0; at < out.length;) {
    for (let i = 0, from = base; i < inner; i++, from += step) out[at++] = from;
    for (let axis = rank - 2; axis >= 0; axis--) {
      base += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      base -= shape[axis]! * strides[axis]!;
      index[axis] = 0;
    }
  }
  return out;
}

/** How one shape repeats inside another. */
type Pattern =
  | { readonly kind: 'same' }
  | { readonly kind: 'runs'; readonly outer: number; readonly length: number; readonly inner: number }
  | { readonly kind: 'index'; readonly index: Int32Array };

const patterns = new Map<string, Pattern>();
/** Patterns kept; an index of a large tensor is not. */
const KEPT_PATTERNS = 256;
const LARGEST_KEPT = 1 << 16;

function patternOf(shape: readonly number[], to: readonly number[]): Pattern {
  const key = `${shape.join(',')}>${to.join(',')}`;
  const known = patterns.get(key);
  if (known !== undefined) return known;
  const pattern = makePattern(shape, to);
  if (pattern.kind !== 'index' || pattern.index.length <= LARGEST_KEPT) {
    if (patterns.size >= KEPT_PATTERNS) patterns.clear();
    patterns.set(key, pattern);
  }
  return pattern;
}

function makePattern(shape: readonly number[], to: readonly number[]): Pattern {
  if (sizeOf(shape) === sizeOf(to)) return { kind: 'same' };
  // Axes that are kept in one run (bias of channels, of features, scalars): outer x length x inner.
  const strides = broadcastStrides(shape, to);
  const kept = to.map((length, axis) => length > 1 && strides[axis] !== 0);
  const first = kept.indexOf(true);
  const last = kept.lastIndexOf(true);
  if (first < 0) return { kind: 'runs', outer: 1, length: 1, inner: sizeOf(to) };
  if (to.every((length, axis) => axis < first || axis > last || kept[axis] === true || length === 1))
    return {
      kind: 'runs',
      outer: sizeOf(to.slice(0, first)),
      length: sizeOf(to.slice(first, last + 1)),
      inner: sizeOf(to.slice(last + 1)),
    };
  return { kind: 'index', index: broadcastIndex(shape, to) };
}

/** `x` repeated to a shape; itself where it has as many elements already. */
export function expand(x: Values, to: readonly number[]): Values {
  const pattern = patternOf(x.shape, to);
  if (pattern.kind === 'same') return { shape: to, data: x.data };
  const out = zeros(x.data, to);
  if (pattern.kind === 'index') for (let i = 0; i < out.data.length; i++) out.data[i] = x.data[pattern.index[i]!]!;
  else
    for (let o = 0, at = 0; o < pattern.outer; o++)
      for (let l = 0; l < pattern.length; l++) for (let i = 0; i < pattern.inner; i++, at++) out.data[at] = x.data[l]!;
  return out;
}

/** Sums a gradient of a broadcast result over the axes that `shape` repeats along. */
export function sumTo(dy: Values, shape: readonly number[]): Values {
  const pattern = patternOf(shape, dy.shape);
  if (pattern.kind === 'same') return { shape, data: dy.data };
  const sums = new Float64Array(sizeOf(shape));
  if (pattern.kind === 'index') for (let i = 0; i < dy.data.length; i++) sums[pattern.index[i]!]! += dy.data[i]!;
  else
    for (let o = 0, at = 0; o < pattern.outer; o++)
      for (let l = 0; l < pattern.length; l++) {
        let sum = 0;
        for (let i = 0; i < pattern.inner; i++, at++) sum += dy.data[at]!;
        sums[l]! += sum;
      }
  return { shape, data: fromDoubles(dy.data, sums) };
}

/** Double-precision sums in the precision of `like`. */
export const fromDoubles = (like: Numbers, sums: Float64Array): Numbers =>
  like instanceof Float32Array ? Float32Array.from(sums) : sums;
