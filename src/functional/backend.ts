// The interface of a backend: how the matrix of a weight layer multiplies vectors, forward and transposed, and what
// that says about the hardware.

import { InvariantError } from '../kernel/index.js';
import type { BACKENDS } from '../run-config/index.js';
import type { Gathered } from './wasm/jobs.js';

/** Backends by name; the config's `functional.backend`. */
export type BackendKind = (typeof BACKENDS)[number];

/** Numbers going in: reals, or integers for backends of integers. */
export type Numbers = Float32Array | Float64Array | Int32Array;

/** Numbers coming out; those of backends of integers are whole where the hardware is ideal. */
export type Reals = Float32Array | Float64Array;

/** Vectors that drive a matrix, one behind the other. */
export interface DrivenVectors {
  readonly inputs: Numbers;
  readonly vectors: number;
  readonly length: number;
}

/** Refuses vectors that are not whole, or results that do not fit. @throws InvariantError of the matrix */
export function checkVectors(
  name: string,
  { inputs, vectors, length }: DrivenVectors,
  out: Reals,
  results: number,
): void {
  if (inputs.length < vectors * length || out.length < vectors * results)
    throw new InvariantError(
      `${name}: ${vectors} vectors of ${length} to ${results}: found ${inputs.length} numbers in, ` +
        `room for ${out.length} out`,
    );
}

/** The matrix of one group of a weight layer: a kernel is a column (PipeLayer Fig. 5). */
export interface WeightMatrix {
  /** Layer and, where it has several, group; names the streams of random draws. */
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  /** Row-major, rows x columns: reals, or integers for backends of integers. */
  readonly values: Numbers;
  /** Which of the equal matrices of a layer's groups it is: packed ones share arrays (`mapping.groups`). */
  readonly group?: { readonly index: number; readonly of: number };
}

/** Integers of so many bits: two's complement when signed, else from 0. */
export interface IntegerRange {
  readonly bits: number;
  readonly signed: boolean;
}

/** What a backend may be told about a matrix; backends of reals need none of it. */
export interface PrepareOptions {
  /** Integers that `forward` is given. Default: 8 bits, signed. */
  readonly inputs?: IntegerRange;
  /** Integers that `transposed` is given. Default: those of `inputs`, signed. */
  readonly errors?: IntegerRange;
  /** Bits of a weight, its sign included. Default: the config's. */
  readonly weightBits?: number;
  /** Largest magnitude of what `forward` is given, for backends with ranges. Default: that of each image. */
  readonly range?: number | undefined;
  /** Number of the trial, from 0: each programs its cells anew. */
  readonly trial?: number;
  /** How often the matrix was written before in this trial: each write draws its cells anew. Default 0. */
  readonly write?: number;
}

/** Which images the vectors of a call belong to, so that draws do not depend on how images are batched. */
export interface VectorPlace {
  /** Number of the image that the first vector belongs to. */
  readonly image: number;
  /** Vectors of an image (positions or steps); a call holds whole images. */
  readonly vectorsPerImage: number;
  /** Number of the vector within its image that the first one is (a step of a recurrent layer). Default 0. */
  readonly from?: number;
}

/** What the hardware of one matrix did since it was prepared or cleared. */
export interface ProductStatistics {
  /** Vectors forward and transposed. */
  vectors: number;
  /** Conversions (or integrations) of lines, reference columns included. */
  conversions: number;
  /** Conversions beyond the converter's range. */
  clipped: number;
  /** Counters of integrate&fire circuits that stood at their end, and columns at their current limit. */
  saturated: number;
  /** Largest sum of a line in units of one cell level times one input unit; 0 before any. */
  largestColumnSum: number;
  /** Least sum; below 0 where differences are sensed. */
  leastColumnSum: number;
  /** Reads of one array for one slot. */
  reads: number;
  /** Driven lines that carry a one (or more), over all arrays and slots. */
  drivenOnes: number;
  /** Settings of driven lines, ones and zeros alike, over all arrays and slots. */
  drivenSettings: number;
  /** Shift&add steps: one a conversion. */
  shiftAdds: number;
  /** Results that the offset was taken off (offset storage). */
  offsetSubtractions: number;
  /** Inputs that were summed digitally for it (transposed reads). */
  inputSums: number;
  /** Additions of the vertical adder, which joins tiles. */
  verticalAdds: number;
}

/** Sums of lines by size, where they were asked for. */
export interface SumHistogram {
  /** Sum of the first bin's middle. */
  readonly least: number;
  /** Width of a bin. */
  readonly width: number;
  readonly counts: Float64Array;
  /** Sums that the converters tell apart, from the first to the last code; null where sums pass as they are. */
  readonly range: { readonly least: number; readonly most: number } | null;
}

/** Ones among driven bits, by slot (the first is the least significant). */
export interface Activity {
  /** Values driven a slot. */
  readonly values: number;
  /** Ones by slot; with several bits a slot, by bit. */
  readonly ones: Float64Array;
}

/** A matrix that stands in the hardware. */
export interface Product {
  readonly rows: number;
  readonly columns: number;
  /**
   * out[v, c] = sum over r of inputs[v, r] * values[r, c].
   * @param inputs vectors x rows @param out vectors x columns, overwritten
   */
  forward(inputs: Numbers, vectors: number, out: Reals, place?: VectorPlace): void;
  /** `forward` for vectors where they lie in maps, to where a convolution's results go. Missing: unfolded ones only. */
  readonly forwardMaps?: ((vectors: Gathered<Numbers>, out: ResultPlaces, place: VectorPlace) => void) | undefined;
  /**
   * out[v, r] = sum over c of errors[v, c] * values[r, c], from the same stored state.
   * @param errors vectors x columns @param out vectors x rows, overwritten
   */
  transposed(errors: Numbers, vectors: number, out: Reals, place?: VectorPlace): void;
  /**
   * Writes other values over the stored ones: the second operand of a product of two activations. Cells are drawn anew;
   * ranges of converters and statistics stay. Missing: the backend has no such products.
   * @param write number of the write, which names its draws
   */
  rewrite?(values: Numbers, write: number): void;
  /** Every result of `forward` is the integer product, whatever inputs of the range drive it; missing: not known. */
  readonly isExact?: boolean;
  /** Sums of lines that the converters of `forward` tell apart; null: sums are not converted; missing: no lines. */
  readonly converted?: { readonly least: number; readonly most: number } | null;
  readonly statistics: Readonly<ProductStatistics>;
  /** Starts to keep a histogram of line sums (it costs time). */
  keepHistogram(): void;
  readonly histogram: SumHistogram | null;
  /** Starts to count ones among driven bits. */
  keepActivity(): void;
  readonly activity: Activity | null;
  /**
   * Ends calibration: converters with `adcRange: calibrated` take the range of the sums seen since the matrix was
   * prepared. Statistics, histogram and activity start anew. Without calibrated converters only the latter.
   */
  calibrate(): void;
}

/** How matrices multiply. */
export interface Backend {
  readonly kind: BackendKind;
  /**
   * `real`: values, inputs and results are reals, the format's rounding is the backend's own.
   * `integer`: they are integers (dynamic fixed point); scales, biases and requantization are the caller's.
   */
  readonly domain: 'real' | 'integer';
  /** Reals whose numbers have a full scale by layer (`PrepareOptions.range`); missing: they have none. */
  readonly hasRanges?: boolean;
  prepare(matrix: WeightMatrix, options?: PrepareOptions): Product;
}

/** Where results of vectors go: one of vector v of image i and column c to `at + i images + v vectors + c columns`. */
export interface ResultPlaces {
  readonly data: Reals;
  readonly at: number;
  readonly vectorsPerImage: number;
  readonly imageStride: number;
  readonly vectorStride: number;
  readonly columnStride: number;
  /** By column: what its results are multiplied by; null: nothing. */
  readonly scales: Float64Array | null;
}

/** Vectors [vector][length] as they lie behind each other. */
export const sideBySide = <Data>(data: Data, vectors: number, length: number): Gathered<Data> => ({
  data,
  starts: Int32Array.from({ length: vectors }, (_, v) => v * length),
  offsets: Int32Array.from({ length }, (_, i) => i),
});

/** Results [vector][column]. */
export const rowsOf = (data: Reals, columns: number): ResultPlaces => ({
  ...{ data, at: 0, vectorsPerImage: Number.MAX_SAFE_INTEGER, imageStride: 0, vectorStride: columns },
  ...{ columnStride: 1, scales: null },
});

/** Statistics of a matrix that has done nothing yet. */
export const noStatistics = (): ProductStatistics => ({
  vectors: 0,
  conversions: 0,
  clipped: 0,
  saturated: 0,
  largestColumnSum: 0,
  leastColumnSum: 0,
  reads: 0,
  drivenOnes: 0,
  drivenSettings: 0,
  shiftAdds: 0,
  offsetSubtractions: 0,
  inputSums: 0,
  verticalAdds: 0,
});
