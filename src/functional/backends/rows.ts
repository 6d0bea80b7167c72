// Rows of one matrix copied into those of another, which may be wider.

/** Elements that are written; rounded or cut as the array does. */
type Row = Float32Array | Float64Array | Int32Array | Int16Array;

/** Copies `width` elements of `count` rows that are `stride` apart. */
export function copyRows(
  from: Row,
  fromAt: number,
  fromStride: number,
  to: Row,
  toAt: number,
  toStride: number,
  count: number,
  width: number,
): void {
  for (let row = 0; row < count; row++, fromAt += fromStride, toAt += toStride)
    for (let i = 0; i < width; i++) to[toAt + i] = from[fromAt + i]!;
}
