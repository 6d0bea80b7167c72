// Rows of one matrix copied into those of another, which may be wider.

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
