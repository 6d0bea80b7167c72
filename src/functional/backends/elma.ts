// ELMA products (Johnson 2018): logarithms are added, tables make them linear, the sum is exact and rounded once.

import { logTapered, type LogTaperedFormat } from '../../numerics/formats/log-tapered.js';
import type { Backend, Numbers, Reals, WeightMatrix } from '../backend.js';
import { SummedProduct, type SumWalk } from './summed-product.js';
import { PairSum } from './exact-sums.js';

/** Marks a zero among logarithms. */
const ZERO = -(2 ** 30);

/** Signs and logarithms of values, in units of the format's last place. */
interface Logs {
  readonly sign: Float64Array;
  readonly log: Int32Array;
}

/** Twice the largest logarithm, in units of the last place. */
const mostOf = (format: LogTaperedFormat): number => 2 * (format.maxExponent + 1) * 2 ** format.fractionBits;

/** Linear values of products by their logarithm, from twice the least one on. */
function linearValues(format: LogTaperedFormat): Float64Array {
  const units = 2 ** format.fractionBits;
  const most = mostOf(format);
  return Float64Array.from({ length: 2 * most + 1 }, (_, i) => {
    const log = i - most;
    const exponent = Math.floor(log / units);
    return (1 + format.linearTable(log - exponent * units) / 2 ** format.alpha) * 2 ** exponent;
  });
}

class ElmaProduct extends SummedProduct {
  readonly #weights: Logs;
  readonly #format: LogTaperedFormat;
  /** Linear value of a product by its logarithm, from twice the least one on. */
  readonly #linear: Float64Array;
  readonly #least: number;

  constructor(matrix: WeightMatrix, format: LogTaperedFormat, linear: Float64Array) {
    super(matrix);
    this.#format = format;
    this.#least = -mostOf(format);
    this.#linear = linear;
    this.#weights = this.#logs(matrix.values, matrix.values.length);
  }

  #logs(values: Numbers, length: number): Logs {
    const format = this.#format;
    const sign = new Float64Array(length);
    const log = new Int32Array(length);
    for (let i = 0; i < length; i++) {
      const code = format.encode(values[i]!);
      const value = format.decodeLog(code);
      sign[i] = code === format.infinity ? NaN : value?.negative === true ? -1 : 1;
      log[i] = value?.log ?? ZERO;
    }
    return { sign, log };
  }

  protected sum(inputs: Numbers, vectors: number, out: Reals, { terms, results, step, next }: SumWalk): void {
    const x = this.#logs(inputs, vectors * terms);
    const { sign, log } = this.#weights;
    const linear = this.#linear;
    const least = this.#least;
    const format = this.#format;
    const sum = new PairSum();
    for (let v = 0; v < vectors; v++)
      for (let o = 0; o < results; o++) {
        sum.clear();
        for (let t = 0; t < terms; t++) {
          const i = v * terms + t;
          const w = t * step + o * next;
          const total = x.log[i]! + log[w]!;
          const signs = x.sign[i]! * sign[w]!;
          if (total >= least) sum.add(signs * linear[total - least]!);
          else if (Number.isNaN(signs)) sum.add(NaN);
        }
        out[v * results + o] = Number.isNaN(sum.high) ? Infinity : format.decode(format.encodeExact(sum.value));
      }
  }
}

/** Log-tapered numbers (N, s, alpha, beta, gamma) of 8 bits, or 16, as published, with exact log-linear sums. */
export function elmaBackend(bits: number): Backend {
  const format =
    bits <= 8
      ? logTapered({ bits, exponentBits: 1, alpha: 5, beta: 5, gamma: 7 })
      : logTapered({ bits, exponentBits: 2, alpha: 11, beta: 11, gamma: 10 });
  const linear = linearValues(format);
  return { kind: 'elma', domain: 'real', prepare: (matrix) => new ElmaProduct(matrix, format, linear) };
}
