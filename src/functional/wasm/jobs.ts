// What the kernels of products are given and give back.

/** Converters of the lines of a block, one entry a line (`width` of them, a multiple of 8). */
export interface LineConverters {
  /** Codes a unit of the sum, and the code (a fraction) of sum 0. */
  readonly scale: Float32Array;
  readonly shift: Float32Array;
  /** Factors of u (1 - u) and u (1 - u) (2 u - 1) that are added, u the place in the range; null for linear ones. */
  readonly bow: Float32Array | null;
  readonly curve: Float32Array | null;
  /** Largest code; 0: sums are not quantized. */
  readonly last: number;
}

/** Vectors in the data that they lie in: element r of vector v stands at `starts[v] + offsets[r]`. */
export interface Gathered<Data = Int32Array> {
  readonly data: Data;
  readonly starts: Int32Array;
  readonly offsets: Int32Array;
}

/** Noise on integer sums. */
export interface IntegerNoise {
  /** [line][rows]: variances of cells in units of `unit`, at most 63; null: variances are by slot and vector. */
  readonly squares: Uint8Array | null;
  readonly unit: number;
  /** Highest of the squares. */
  readonly square: number;
  /** [slot][vector], where squares are not given. */
  readonly variances: Float32Array | null;
  /** [vector][2] keys of the draws. */
  readonly keys: Int32Array;
  /** Lines that draws are numbered by. */
  readonly width: number;
}

/** Integer sums of ideal cells under one-bit slots. */
export interface IntegerSums {
  /** [line][rows], at most 15; rows a multiple of 4. */
  readonly cells: Uint8Array;
  readonly lines: number;
  readonly rows: number;
  /** Highest level among the cells. */
  readonly level: number;
  /** Words whose bits are the slots; rows is the number of their offsets, rounded up. */
  readonly words: Gathered;
  /** Slot k weighs 2^k; the last one minus that where `negative`. */
  readonly slots: number;
  readonly negative: boolean;
  /** By line: the row of totals that it counts towards, and what its codes count there; no total leaves 32 bits. */
  readonly targets: Int32Array;
  readonly factors: Int32Array;
  /** Rows of totals. */
  readonly results: number;
  /** Null: a code a unit (not with noise). */
  readonly converters: LineConverters | null;
  readonly noise: IntegerNoise | null;
  /** Largest code. */
  readonly last: number;
}

/** What sums of ideal cells come to. */
export interface IntegerTotals {
  /** [result][stride]: codes weighted and joined over slots and lines, by vector. */
  readonly totals: Int32Array;
  readonly stride: number;
  /** Sums by line; at least and most 0. */
  readonly least: ArrayLike<number>;
  readonly most: ArrayLike<number>;
  /** Conversions beyond the range, vectors up to `stride` included. */
  readonly clipped: number;
}

/** Sums of analog cells, with noise and converters. */
export interface AnalogSums {
  /** [vector][slot][rows]: what drives the block. */
  readonly driven: Float32Array;
  /** All that drives is 0 or 1, so that its squares are the same. */
  readonly binary: boolean;
  readonly vectors: number;
  readonly slots: number;
  readonly rows: number;
  /** Conductances in panels of 8 lines, see `packPanels`. */
  readonly conductances: Float32Array;
  /** Variance of a cell's noise for a unit input, in such panels, or null. */
  readonly variances: Float32Array | null;
  /** Variance of every line's noise by [vector][slot], or null. */
  readonly rowVariances: Float32Array | null;
  readonly width: number;
  /** Two keys a vector for the draws; empty without noise. */
  readonly keys: Int32Array;
  readonly slotWeights: Float32Array;
  readonly converters: LineConverters;
  readonly limit: number;
}

/** What sums of analog cells come to. */
export interface AnalogTotals {
  /** [vector][width]: codes (or sums) weighted and joined over slots. */
  readonly totals: Float32Array;
  /** By line. */
  readonly least: Float32Array;
  readonly most: Float32Array;
  readonly clipped: number;
  readonly limited: number;
}

/** Sizes of a product: [m][k] times [k][n]. */
export interface ProductSize {
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

/** Places of vectors in numbers to come: as in `Gathered`, in `length` of them. */
export interface Places {
  readonly starts: Int32Array;
  readonly offsets: Int32Array;
  readonly length: number;
}

/** Products with vectors where they lie, a vector a column, in one precision; sums as those of `Kernels`. */
export interface MapKernels<T> {
  /** a [m][k] times the vectors of k numbers: [m][stride], columns beyond the last vector 0. */
  columns(a: T, b: Gathered<T>): { readonly sums: T; readonly stride: number };
  /**
   * Result (r, v) of `columns` added to element starts[v] + offsets[r] of zeros, row after row; a has a row an offset.
   */
  spread(a: T, b: Gathered<T>, to: Places): T;
}

/**
 * Products. Results of floats are sums over k in ascending order from 0, each product and sum rounded to the type.
 * Arrays that come back are valid until the next call.
 */
export interface Kernels {
  readonly kind: 'wasm' | 'fallback';
  /** a [m][k] times b (panels of 8 columns): [m][n], n a multiple of 8. */
  sgemm(a: Float32Array, b: Float32Array, size: ProductSize): Float32Array;
  /** As sgemm in float64, panels of 4 columns. */
  dgemm(a: Float64Array, b: Float64Array, size: ProductSize): Float64Array;
  /** As dgemm for vectors where they lie; m and k are the numbers of their starts and offsets. */
  dgemmOf(a: Gathered<Float64Array>, b: Float64Array, n: number): Float64Array;
  /** Over maps. */
  readonly single: MapKernels<Float32Array>;
  readonly double: MapKernels<Float64Array>;
  /** int16 [m][k] times panels of 8 columns and 2 rows, k even; exact while sums fit 32 bits. */
  igemm(a: Int16Array, b: Int16Array, size: ProductSize): Int32Array;
  /** As igemm for vectors of 16-bit numbers where they lie; k is the number of their offsets, rounded up to even. */
  igemmOf(a: Gathered, b: Int16Array, n: number): Int32Array;
  integerSums(job: IntegerSums): IntegerTotals;
  analogSums(job: AnalogSums): AnalogTotals;
}
