// Windows that slide over maps of one to three axes: sizes, unfolding into rows of a matrix (im2col) and folding back.

import { InvariantError } from '../../kernel/index.js';
import type { Window } from '../../workload/graph/index.js';
import type { Geometry, Maps, Unfolded } from './geometry.js';
import { unfoldByPosition } from './position-unfolder.js';
import { sizeOf, zerosLike, type Numbers } from './values.js';
import { leading } from '../../config/typed.js';

/**
 * Windows along an axis. With `ceil` a last window may hang over the end, but must start inside the map or its
 * padding before it (PyTorch; ONNX since opset 19).
 */
export function windowsAlong(
  size: number,
  {
    kernel,
    stride,
    dilation,
    before,
    after,
  }: {
    readonly kernel: number;
    readonly stride: number;
    readonly dilation: number;
    readonly before: number;
    readonly after: number;
  },
  ceil: boolean,
): number {
  const room = size + before + after - (dilation * (kernel - 1) + 1);
  const steps = ceil ? Math.ceil(room / stride) : Math.floor(room / stride);
  return ceil && steps * stride >= size + before ? steps : steps + 1;
}

/** Output sizes of a window over `spatial`, by axis. */
export const windowOutput = (spatial: readonly number[], window: Window, ceil = false): number[] =>
  spatial.map((size, axis) =>
    windowsAlong(
      size,
      {
        kernel: window.kernel[axis]!,
        stride: window.strides[axis]!,
        dilation: window.dilations[axis]!,
        before: window.padBegin[axis]!,
        after: window.padEnd[axis]!,
      },
      ceil,
    ),
  );

const lift = (list: readonly number[], fill: number): number[] => [
  ...new Array<number>(3 - list.length).fill(fill),
  ...list,
];

const geometries = new WeakMap<Window, Geometry[]>();
const same = (a: readonly number[], b: readonly number[]): boolean => a.every((size, axis) => size === b[axis]);

/** The geometry of a window from a map of `input` to one of `output` (spatial sizes, one to three axes), made once. */
export function geometryOf(input: readonly number[], output: readonly number[], window: Window): Geometry {
  if (input.length < 1 || input.length > 3)
    throw new InvariantError(`windows: maps of one to three axes, found ${input.length}`);
  const [from, to] = [lift(input, 1), lift(output, 1)];
  const known = geometries.get(window) ?? [];
  const own = known.find((geometry) => same(geometry.input, from) && same(geometry.output, to));
  if (own !== undefined) return own;
  const geometry: Geometry = {
    input: from,
    output: to,
    kernel: lift(window.kernel, 1),
    strides: lift(window.strides, 1),
    dilations: lift(window.dilations, 1),
    begins: lift(window.padBegin, 0),
    places: sizeOf(window.kernel),
    inputSize: sizeOf(input),
    outputSize: sizeOf(output),
  };
  geometries.set(window, [...known, geometry]);
  return geometry;
}

/** First output whose tap at `offset` lies at or behind 0. */
const firstInside = (offset: number, stride: number): number => (offset >= 0 ? 0 : Math.ceil(-offset / stride));

/** First output whose tap at `offset` lies at or behind `size`. */
const firstBehind = (offset: number, stride: number, size: number, outputs: number): number =>
  Math.max(0, Math.min(outputs, Math.ceil((size - offset) / stride)));

/**
 * Unfolds `channels` maps, rows in the order channel, kernel depth, height, width. What lies in the padding is 0.
 */
export function unfold(
  geometry: Geometry,
  channels: number,
  { data: x, at: xAt }: Maps,
  { data: to, positionStride, rowStride }: Unfolded,
): void {
  if (rowStride === 1) {
    unfoldByPosition(geometry, channels, { data: x, at: xAt }, { data: to, positionStride });
    return;
  }
  if (geometry.begins.some((begin) => begin !== 0) || reachesBehind(geometry)) to.fill(0);
  eachRow(geometry, channels, (c, place, row) => {
    tap(
      geometry,
      place,
      { data: x, at: xAt + c * geometry.inputSize, stride: 1 },
      { data: to, at: row * rowStride, positionStride, back: false },
    );
  });
}

/** Adds unfolded elements back to the maps that they came from (the transpose of `unfold`). */
export function fold(
  geometry: Geometry,
  channels: number,
  { data: from, positionStride, rowStride }: Unfolded<Numbers>,
  { data: x, at: xAt }: Maps<Numbers>,
): void {
  eachRow(geometry, channels, (c, place, row) => {
    tap(
      geometry,
      place,
      { data: x, at: xAt + c * geometry.inputSize, stride: 1 },
      { data: from, at: row * rowStride, positionStride, back: true },
    );
  });
}

/**
 * Errors [filters][output place] as a rotated kernel meets them at every input place: [input place][filters x kernel
 * places], rows in the order filter, kernel depth, height, width. What no window reaches is 0.
 */
export function unfoldErrors(
  geometry: Geometry,
  filters: number,
  { data: errors, at }: Maps<Numbers>,
  to: Numbers,
): void {
  const rows = filters * geometry.places;
  to.fill(0);
  eachRow(geometry, filters, (f, place, row) => {
    tap(
      geometry,
      place,
      { data: to, at: row, stride: rows },
      { data: errors, at: at + f * geometry.outputSize, positionStride: 1, back: true },
    );
  });
}

/** Adds [input place][filters x kernel places] back to [filters][output place] (the transpose of `unfoldErrors`). */
export function foldErrors(
  geometry: Geometry,
  filters: number,
  from: Numbers,
  { data: errors, at }: Maps<Numbers>,
): void {
  const { outputSize } = geometry;
  const rows = filters * geometry.places;
  const own = zerosLike(errors, outputSize);
  eachRow(geometry, filters, (f, place, row) => {
    own.fill(0);
    tap(geometry, place, { data: from, at: row, stride: rows }, { data: own, at: 0, positionStride: 1, back: false });
    for (let p = 0; p < outputSize; p++) errors[at + f * outputSize + p]! += own[p]!;
  });
}

/** Whether a window hangs over the end of its map. */
function reachesBehind({ input, output, kernel, strides, dilations, begins }: Geometry): boolean {
  return input.some(
    (size, axis) =>
      (output[axis]! - 1) * strides[axis]! - begins[axis]! + (kernel[axis]! - 1) * dilations[axis]! >= size,
  );
}

/** A place of the kernel. */
type KernelPlace = readonly [depth: number, height: number, width: number];

/** Every row of an unfolded matrix: the kernel's places, depth, height, width, of one map after the other. */
function eachRow(
  { kernel }: Geometry,
  maps: number,
  visit: (map: number, place: KernelPlace, row: number) => void,
): void {
  const [depth, height, width] = leading(3, kernel);
  let row = 0;
  for (let map = 0; map < maps; map++)
    for (let d = 0; d < depth; d++)
      for (let h = 0; h < height; h++) for (let w = 0; w < width; w++, row++) visit(map, [d, h, w], row);
}

/** One place of the kernel over all positions: copies from the map, or adds to it where `back` is true. */
function tap(
  geometry: Geometry,
  [kernelD, kernelH, kernelW]: KernelPlace,
  { data: map, at: mapAt, stride: mapStride }: Maps & { readonly stride: number },
  {
    data: unfolded,
    at: unfoldedAt,
    positionStride,
    back,
  }: Maps & { readonly positionStride: number; readonly back: boolean },
): void {
  const [, inH, inW] = leading(3, geometry.input);
  const [outD, outH, outW] = leading(3, geometry.output);
  const [strideD, strideH, strideW] = leading(3, geometry.strides);
  const offsetD = kernelD * geometry.dilations[0]! - geometry.begins[0]!;
  const offsetH = kernelH * geometry.dilations[1]! - geometry.begins[1]!;
  const offsetW = kernelW * geometry.dilations[2]! - geometry.begins[2]!;
  const fromW = firstInside(offsetW, strideW);
  const toW = firstBehind(offsetW, strideW, inW, outW);
  const fromH = firstInside(offsetH, strideH);
  const toH = firstBehind(offsetH, strideH, inH, outH);
  const toD = firstBehind(offsetD, strideD, geometry.input[0]!, outD);
  for (let d = firstInside(offsetD, strideD); d < toD; d++)
    for (let h = fromH; h < toH; h++) {
      const place = ((d * strideD + offsetD) * inH + h * strideH + offsetH) * inW + fromW * strideW + offsetW;
      let m = mapAt + place * mapStride;
      let u = unfoldedAt + ((d * outH + h) * outW + fromW) * positionStride;
      const next = strideW * mapStride;
      if (next === 1 && positionStride === 1) {
        if (back) for (const end = u + toW - fromW; u < end; u++, m++) map[m]! += unfolded[u]!;
        else for (const end = u + toW - fromW; u < end; u++, m++) unfolded[u] = map[m]!;
      } else if (back) for (let w = fromW; w < toW; w++, m += next, u += positionStride) map[m]! += unfolded[u]!;
      else for (let w = fromW; w < toW; w++, m += next, u += positionStride) unfolded[u] = map[m]!;
    }
}
