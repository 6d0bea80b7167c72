// Pools over windows: the largest (with the place that it came from) and the mean, forward and backward.

import type { Geometry } from './geometry.js';
import type { Window } from '../../workload/graph/index.js';
import { zeros, zerosLike, type Values } from './values.js';
import { geometryOf, windowOutput, windowsAlong } from './windows.js';
import { leading } from '../../config/typed.js';

/** A pool over windows of x [N, C, ...]. */
export interface Pool extends Window {
  /** A last window may hang over the end. */
  readonly ceil: boolean;
}

/** Calls `visit(output, inputs at)` for every place inside the map, windows in row order. */
type Visit = (output: number, input: number) => void;

function eachPlace(g: Geometry, visit: Visit): void {
  const [inD, inH, inW] = leading(3, g.input);
  const [outD, outH, outW] = leading(3, g.output);
  const [kernelD, kernelH, kernelW] = leading(3, g.kernel);
  for (let d = 0, output = 0; d < outD; d++)
    for (let h = 0; h < outH; h++)
      for (let w = 0; w < outW; w++, output++)
        for (let kd = 0; kd < kernelD; kd++) {
          const id = d * g.strides[0]! - g.begins[0]! + kd * g.dilations[0]!;
          if (id < 0 || id >= inD) continue;
          for (let kh = 0; kh < kernelH; kh++) {
            const ih = h * g.strides[1]! - g.begins[1]! + kh * g.dilations[1]!;
            if (ih < 0 || ih >= inH) continue;
            for (let kw = 0; kw < kernelW; kw++) {
              const iw = w * g.strides[2]! - g.begins[2]! + kw * g.dilations[2]!;
              if (iw >= 0 && iw < inW) visit(output, (id * inH + ih) * inW + iw);
            }
          }
        }
}

/** For each output of one map its places inside the input: places[starts[o] .. starts[o + 1]]. */
interface Places {
  readonly starts: Int32Array;
  readonly places: Int32Array;
}

const known = new WeakMap<Geometry, Places>();

function placesOf(geometry: Geometry): Places {
  const own = known.get(geometry);
  if (own !== undefined) return own;
  const starts = new Int32Array(geometry.outputSize + 1);
  eachPlace(geometry, (output) => starts[output + 1]!++);
  for (let o = 0; o < geometry.outputSize; o++) starts[o + 1]! += starts[o]!;
  const places = new Int32Array(starts[geometry.outputSize]!);
  let at = 0;
  eachPlace(geometry, (_, input) => (places[at++] = input));
  const made = { starts, places };
  known.set(geometry, made);
  return made;
}

const poolGeometry = (shape: readonly number[], pool: Pool): Geometry => {
  const spatial = shape.slice(2);
  return geometryOf(spatial, windowOutput(spatial, pool, pool.ceil), pool);
};

/** Maxima and, by output, the flat place of each in x: the first of equal values in row order. */
export function maxPool(x: Values, pool: Pool): { y: Values; from: Int32Array } {
  const spatial = x.shape.slice(2);
  const y = zeros(x.data, [x.shape[0]!, x.shape[1]!, ...windowOutput(spatial, pool, pool.ceil)]);
  const geometry = poolGeometry(x.shape, pool);
  const { starts, places } = placesOf(geometry);
  const from = new Int32Array(y.data.length);
  const maps = x.shape[0]! * x.shape[1]!;
  for (let map = 0, out = 0; map < maps; map++) {
    const at = map * geometry.inputSize;
    for (let o = 0; o < geometry.outputSize; o++, out++) {
      let best = -Infinity;
      let place = -1;
      for (let i = starts[o]!; i < starts[o + 1]!; i++) {
        const value = x.data[at + places[i]!]!;
        if (place < 0 || value > best) {
          best = value;
          place = places[i]!;
        }
      }
      y.data[out] = best;
      from[out] = at + place;
    }
  }
  return { y, from };
}

/** Gradient of a pool's input: each output's goes to the place that its maximum came from. */
export function maxPoolBackward(xShape: readonly number[], from: Int32Array, dy: Values): Values {
  const dx = zeros(dy.data, xShape);
  for (let o = 0; o < from.length; o++) dx.data[from[o]!]! += dy.data[o]!;
  return dx;
}

/**
 * Divisor of each output of one map: places inside the map, or, where padding counts, places inside map and padding
 * (what hangs over it with `ceil` never counts).
 */
function divisors(spatial: readonly number[], pool: Pool, countPadding: boolean, starts: Int32Array): Float64Array {
  const counts = new Float64Array(starts.length - 1);
  if (!countPadding) {
    for (let o = 0; o < counts.length; o++) counts[o] = starts[o + 1]! - starts[o]!;
    return counts;
  }
  const along = spatial.map((size, axis) => {
    const before = pool.padBegin[axis]!;
    const after = pool.padEnd[axis]!;
    const kernel = pool.kernel[axis]!;
    const stride = pool.strides[axis]!;
    const dilation = pool.dilations[axis]!;
    const outputs = windowsAlong(size, { kernel, stride, dilation, before, after }, pool.ceil);
    return Array.from({ length: outputs }, (_, o) =>
      Math.min(kernel, Math.ceil((size + before + after - o * stride) / dilation)),
    );
  });
  let all = [1];
  for (const list of along) all = all.flatMap((count) => list.map((places) => count * places));
  counts.set(all);
  return counts;
}

/** Means over windows; `countPadding` is ONNX's count_include_pad. */
export function averagePool(x: Values, pool: Pool, countPadding: boolean): Values {
  const spatial = x.shape.slice(2);
  const y = zeros(x.data, [x.shape[0]!, x.shape[1]!, ...windowOutput(spatial, pool, pool.ceil)]);
  const geometry = poolGeometry(x.shape, pool);
  const { starts, places } = placesOf(geometry);
  const counts = divisors(spatial, pool, countPadding, starts);
  const maps = x.shape[0]! * x.shape[1]!;
  for (let map = 0, out = 0; map < maps; map++) {
    const at = map * geometry.inputSize;
    for (let o = 0; o < geometry.outputSize; o++, out++) {
      let sum = 0;
      for (let i = starts[o]!; i < starts[o + 1]!; i++) sum += x.data[at + places[i]!]!;
      y.data[out] = sum / counts[o]!;
    }
  }
  return y;
}

/** Gradient of an average pool's input. */
export function averagePoolBackward(xShape: readonly number[], dy: Values, pool: Pool, countPadding: boolean): Values {
  const dx = zeros(dy.data, xShape);
  const geometry = poolGeometry(xShape, pool);
  const { starts, places } = placesOf(geometry);
  const counts = divisors(xShape.slice(2), pool, countPadding, starts);
  const maps = xShape[0]! * xShape[1]!;
  for (let map = 0, out = 0; map < maps; map++) {
    const at = map * geometry.inputSize;
    for (let o = 0; o < geometry.outputSize; o++, out++) {
      const share = dy.data[out]! / counts[o]!;
      for (let i = starts[o]!; i < starts[o + 1]!; i++) dx.data[at + places[i]!]! += share;
    }
  }
  return dx;
}

/** p-norms over windows: (sum |x|^p)^(1/p). */
export function lpPool(x: Values, pool: Pool, p: number): Values {
  const spatial = x.shape.slice(2);
  const y = zeros(x.data, [x.shape[0]!, x.shape[1]!, ...windowOutput(spatial, pool, pool.ceil)]);
  const geometry = poolGeometry(x.shape, pool);
  const { starts, places } = placesOf(geometry);
  for (let out = 0; out < y.data.length; out++) {
    const o = out % geometry.outputSize;
    const at = Math.floor(out / geometry.outputSize) * geometry.inputSize;
    let sum = 0;
    for (let i = starts[o]!; i < starts[o + 1]!; i++) sum += Math.abs(x.data[at + places[i]!]!) ** p;
    y.data[out] = sum ** (1 / p);
  }
  return y;
}

/** Gradient of a p-norm pool's input. */
export function lpPoolBackward(
  { x, y, dy }: { readonly x: Values; readonly y: Values; readonly dy: Values },
  pool: Pool,
  p: number,
): Values {
  const dx = zeros(dy.data, x.shape);
  const geometry = poolGeometry(x.shape, pool);
  const { starts, places } = placesOf(geometry);
  for (let out = 0; out < y.data.length; out++) {
    const o = out % geometry.outputSize;
    const at = Math.floor(out / geometry.outputSize) * geometry.inputSize;
    const share = y.data[out] === 0 ? 0 : dy.data[out]! * y.data[out]! ** (1 - p);
    for (let i = starts[o]!; i < starts[o + 1]!; i++) {
      const value = x.data[at + places[i]!]!;
      dx.data[at + places[i]!]! += share * Math.sign(value) * Math.abs(value) ** (p - 1);
    }
  }
  return dx;
}

/**
 * First and end of the windows of an adaptive pool along an axis: floor(o size / outputs), ceil((o + 1) size /
 * outputs).
 */
const adaptiveWindow = (o: number, size: number, outputs: number): [number, number] => [
  Math.floor((o * size) / outputs),
  Math.ceil(((o + 1) * size) / outputs),
];

/** Places of the windows of an adaptive pool (PyTorch's AdaptiveAvgPool) of `spatial` to `output`. */
function adaptivePlaces(spatial: readonly number[], output: readonly number[]): Places {
  let windows: number[][] = [[0]];
  spatial.forEach((size, axis) => {
    windows = windows.flatMap((places) =>
      Array.from({ length: output[axis]! }, (_, o) => {
        const [first, end] = adaptiveWindow(o, size, output[axis]!);
        return places.flatMap((place) => Array.from({ length: end - first }, (_, i) => place * size + first + i));
      }),
    );
  });
  const starts = new Int32Array(windows.length + 1);
  windows.forEach((places, o) => (starts[o + 1] = starts[o]! + places.length));
  return { starts, places: Int32Array.from(windows.flat()) };
}

/** Means over windows that divide the map into `output` (sizes by axis). */
export function adaptiveAveragePool(x: Values, output: readonly number[]): Values {
  const spatial = x.shape.slice(2);
  const { starts, places } = adaptivePlaces(spatial, output);
  const y = zeros(x.data, [x.shape[0]!, x.shape[1]!, ...output]);
  const outputs = starts.length - 1;
  const size = x.data.length / (x.shape[0]! * x.shape[1]!);
  for (let out = 0; out < y.data.length; out++) {
    const o = out % outputs;
    const at = Math.floor(out / outputs) * size;
    let sum = 0;
    for (let i = starts[o]!; i < starts[o + 1]!; i++) sum += x.data[at + places[i]!]!;
    y.data[out] = sum / (starts[o + 1]! - starts[o]!);
  }
  return y;
}

/** Gradient of an adaptive average pool's input. */
export function adaptiveAveragePoolBackward(xShape: readonly number[], dy: Values): Values {
  const { starts, places } = adaptivePlaces(xShape.slice(2), dy.shape.slice(2));
  const dx = zeros(dy.data, xShape);
  const outputs = starts.length - 1;
  const size = dx.data.length / (xShape[0]! * xShape[1]!);
  for (let out = 0; out < dy.data.length; out++) {
    const o = out % outputs;
    const at = Math.floor(out / outputs) * size;
    const share = dy.data[out]! / (starts[o + 1]! - starts[o]!);
    for (let i = starts[o]!; i < starts[o + 1]!; i++) dx.data[at + places[i]!]! += share;
  }
  return dx;
}

/** Maxima over windows that divide the map into `output`, with the place of each. */
export function adaptiveMaxPool(x: Values, output: readonly number[]): { y: Values; from: Int32Array } {
  const { starts, places } = adaptivePlaces(x.shape.slice(2), output);
  const data = zerosLike(x.data, x.shape[0]! * x.shape[1]! * (starts.length - 1));
  const from = new Int32Array(data.length);
  const outputs = starts.length - 1;
  const size = x.data.length / (x.shape[0]! * x.shape[1]!);
  for (let out = 0; out < data.length; out++) {
    const at = Math.floor(out / outputs) * size;
    const o = out % outputs;
    let place = at + places[starts[o]!]!;
    for (let i = starts[o]! + 1; i < starts[o + 1]!; i++)
      if (x.data[at + places[i]!]! > x.data[place]!) place = at + places[i]!;
    data[out] = x.data[place]!;
    from[out] = place;
  }
  return { y: { shape: [x.shape[0]!, x.shape[1]!, ...output], data }, from };
}
