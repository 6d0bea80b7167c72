// Rows of one matrix copied into those of another, which may be wider, or to where results go.

import type { ResultPlaces } from '../backend.js';

/** Elements that are written; rounded or cut as the array does. */
type Row = Float32Array | Float64Array | Int32Array | Int16Array;

/** Rows from a place on, `stride` apart. */
interface Rows {
  readonly data: Row;
  readonly at: number;
  readonly stride: number;
}

/** Copies `width` elements of `count` rows. */
export function copyRows(
  { data: from, at: fromAt, stride: fromStride }: Rows,
  { data: to, at: toAt, stride: toStride }: Rows,
  count: number,
  width: number,
): void {
  for (let row = 0; row < count; row++, fromAt += fromStride, toAt += toStride)
    for (let i = 0; i < width; i++) to[toAt + i] = from[fromAt + i]!;
}

/** Writes results [vector][width] of some columns, the first one of vector `from`, to where they go. */
export function writeResults(
  sums: Float64Array | Int32Array,
  { width, columns, vectors, from }: Readonly<Record<'width' | 'columns' | 'vectors' | 'from', number>>,
  { data, at, vectorsPerImage, imageStride, vectorStride, columnStride, scales }: ResultPlaces,
): void {
  for (let first = from; first < from + vectors;) {
    const image = Math.floor(first / vectorsPerImage);
    const end = Math.min(from + vectors, (image + 1) * vectorsPerImage);
    const start = at + image * imageStride + (first - image * vectorsPerImage) * vectorStride;
    for (let c = 0; c < columns; c++) {
      const scale = scales?.[c] ?? 1;
      let to = start + c * columnStride;
      for (let s = (first - from) * width + c; s < (end - from) * width; s += width, to += vectorStride)
        data[to] = sums[s]! * scale;
    }
    first = end;
  }
}
