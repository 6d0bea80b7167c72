// Fast encoding of whole float32 arrays.

import type { NumberFormat } from './format.js';
import { refuseNaN } from './format.js';
import type { Rounding } from './rounding.js';

/** Encodes arrays of float32 values, exactly as `encode` does one by one. */
export type BulkEncoder = (values: Float32Array, codes?: Uint8Array) => Uint8Array;

const CELLS = 1 << 16;
const CELL_SIZE = 1 << 16;

type Deterministic = Exclude<Rounding, object>;

/**
 * The table of a format of at most 8 bits. A cell is the set of floats with the same upper 16 bits; within it the code
 * changes at most once, at a place found by bisection.
 * By cell: that place, the code from it on, the code before it (16, 8 and 8 bits). Undefined if a code changes more
 * than once in a cell (a format that wraps, or finer than 7 significant bits).
 */
function cellTable(format: NumberFormat, rounding: Deterministic): Uint32Array | undefined {
  const table = new Uint32Array(CELLS);
  const float = new Float32Array(1);
  const word = new Uint32Array(float.buffer);
  const codeOf = (cell: number, low: number): number => {
    word[0] = cell * CELL_SIZE + low;
    const value = float[0]!;
    return Number.isNaN(value) && !format.hasNaN ? 0 : format.encode(value, rounding);
  };
  for (let cell = 0; cell < CELLS; cell++) {
    const first = codeOf(cell, 0);
    const last = codeOf(cell, CELL_SIZE - 1);
    let kept = 0;
    let changed = CELL_SIZE - 1;
    while (first !== last && changed - kept > 1) {
      const middle = (kept + changed) >> 1;
      const code = codeOf(cell, middle);
      if (code === first) kept = middle;
      else if (code === last) changed = middle;
      else return undefined;
    }
    table[cell] = ((changed << 16) | (last << 8) | first) >>> 0;
  }
  return table;
}

const byTable =
  (format: NumberFormat, table: Uint32Array): BulkEncoder =>
  (values, codes = new Uint8Array(values.length)) => {
    const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
    for (let i = 0; i < bits.length; i++) {
      const u = bits[i]!;
      const entry = table[u >>> 16]!;
      codes[i] = (u & 0xffff) >= entry >>> 16 ? entry >>> 8 : entry;
    }
    if (!format.hasNaN)
      for (let i = 0; i < bits.length; i++) if ((bits[i]! & 0x7fffffff) > 0x7f800000) refuseNaN(format.name);
    return codes;
  };

/**
 * A table encoder for a format of at most 8 bits. The table takes 256 KiB and is made once per format and rounding,
 * which must be deterministic.
 * @throws RangeError for formats that a table cannot hold: wider, finer than 7 significant bits, or wrapping
 */
export function bulkEncoder(format: NumberFormat, rounding: Deterministic = 'nearest-even'): BulkEncoder {
  if (format.bits > 8) throw new RangeError(`${format.name}: the table encoder takes formats of at most 8 bits`);
  const table = cellTable(format, rounding);
  if (table === undefined) throw new RangeError(`${format.name}: too fine for the table encoder, or wrapping`);
  return byTable(format, table);
}

/** Arrays for which a table pays. */
const LEAST_TABLE_LENGTH = 1 << 18;

/**
 * Encodes an array: long ones of float32 to at most 8 bits by a table, else by the format's own fast way or one value
 * at a time.
 */
export function encodeArray(
  format: NumberFormat,
  values: ArrayLike<number>,
  rounding: Rounding = 'nearest-even',
): Uint32Array | Uint8Array {
  if (
    format.bits <= 8 &&
    typeof rounding === 'string' &&
    values instanceof Float32Array &&
    values.length >= LEAST_TABLE_LENGTH
  ) {
    const table = cellTable(format, rounding);
    if (table !== undefined) return byTable(format, table)(values);
  }
  if (rounding === 'nearest-even' && values instanceof Float32Array && format.encodeFloat32 !== undefined)
    return format.encodeFloat32(values);
  const codes = new Uint32Array(values.length);
  const { encode } = format;
  for (let i = 0; i < values.length; i++) codes[i] = encode(values[i]!, rounding);
  return codes;
}

/** The values of codes. */
export function decodeArray(format: NumberFormat, codes: ArrayLike<number>): Float64Array {
  const values = new Float64Array(codes.length);
  for (let i = 0; i < codes.length; i++) values[i] = format.decode(codes[i]!);
  return values;
}
