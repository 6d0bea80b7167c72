// The kernels in TypeScript: the same bits as the WebAssembly module, where it does not run.

import type {
  AnalogSums,
  AnalogTotals,
  Gathered,
  IntegerSums,
  IntegerTotals,
  Kernels,
  MapKernels,
  ProductSize,
} from './jobs.js';
import { normalOf } from './normal.js';

const f = Math.fround;

/** `n` to the nearest whole number, ties to even; infinities stay. */
export function nearestEven(x: number): number {
  const low = Math.floor(x);
  const rest = x - low;
  if (rest < 0.5 || !Number.isFinite(x)) return low;
  return rest > 0.5 || low % 2 !== 0 ? low + 1 : low;
}

function sgemm(a: Float32Array, b: Float32Array, { m, n, k }: ProductSize): Float32Array {
  const c = new Float32Array(m * n);
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) {
      let sum = 0;
      let at = (j >> 3) * k * 8 + (j & 7);
      for (let r = i * k; r < (i + 1) * k; r++, at += 8) sum = f(sum + f(a[r]! * b[at]!));
      c[i * n + j] = sum;
    }
  return c;
}

function dgemm(a: Float64Array, b: Float64Array, { m, n, k }: ProductSize): Float64Array {
  const c = new Float64Array(m * n);
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) {
      let sum = 0;
      let at = (j >> 2) * k * 4 + (j & 3);
      for (let r = i * k; r < (i + 1) * k; r++, at += 4) sum += a[r]! * b[at]!;
      c[i * n + j] = sum;
    }
  return c;
}

function igemm(a: Int16Array, b: Int16Array, { m, n, k }: ProductSize): Int32Array {
  const c = new Int32Array(m * n);
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) {
      let sum = 0;
      const from = (j >> 3) * 8 * k + (j & 7) * 2;
      for (let r = 0; r < k; r++) sum += a[i * k + r]! * b[from + (r >> 1) * 16 + (r & 1)]!;
      c[i * n + j] = sum;
    }
  return c;
}

/** Vectors copied to where they lie side by side, `width` apart. */
function spread<T extends Float64Array | Int16Array | Int32Array>(
  { data, starts, offsets }: Gathered<ArrayLike<number>>,
  width: number,
  to: T,
): T {
  for (let v = 0; v < starts.length; v++)
    for (let r = 0; r < offsets.length; r++) to[v * width + r] = data[starts[v]! + offsets[r]!]!;
  return to;
}

function dgemmOf(a: Gathered<Float64Array>, b: Float64Array, n: number): Float64Array {
  const [m, k] = [a.starts.length, a.offsets.length];
  return dgemm(spread(a, k, new Float64Array(m * k)), b, { m, n, k });
}

function igemmOf(a: Gathered, b: Int16Array, n: number): Int32Array {
  const [m, k] = [a.starts.length, a.offsets.length + (a.offsets.length & 1)];
  return igemm(spread(a, k, new Int16Array(m * k)), b, { m, n, k });
}

function integerSums(job: IntegerSums): IntegerTotals {
  const { cells, lines, rows, slots, negative, targets, factors, converters, last, noise } = job;
  const vectors = job.words.starts.length;
  const words = spread(job.words, rows, new Int32Array(vectors * rows));
  const stride = ((vectors + 15) >> 4) * 16;
  const totals = new Int32Array(job.results * stride);
  const [least, most] = [new Float32Array(lines), new Float32Array(lines)];
  let clipped = 0;
  for (let line = 0; line < lines; line++)
    for (let v = 0; v < stride; v++)
      for (let k = 0; k < slots; k++) {
        const there = v < vectors;
        let y = there ? bitSum(cells, line * rows, words, v * rows, rows, k) : 0;
        if (noise !== null && there) {
          const { squares, variances, unit, keys, width } = noise;
          const variance =
            squares === null
              ? variances![k * vectors + v]!
              : f(bitSum(squares, line * rows, words, v * rows, rows, k) * f(unit));
          y = f(y + f(f(Math.sqrt(variance)) * normalOf(k, line, width, keys[2 * v]!, keys[2 * v + 1]!)));
        }
        const z = converters === null ? y : nearestEven(f(f(y * converters.scale[line]!) + converters.shift[line]!));
        const code = Math.min(Math.max(z, 0), last);
        if (code !== z) clipped++;
        if (y < least[line]!) least[line] = y;
        if (y > most[line]!) most[line] = y;
        const weight = negative && k === slots - 1 ? -(2 ** k) : 2 ** k;
        totals[targets[line]! * stride + v]! += Math.imul(code, Math.imul(weight, factors[line]!));
      }
  return { totals, stride, least, most, clipped };
}

/** Sum of the cells whose word has bit `k`. Positional: called for every line, vector and slot. */
function bitSum(cells: Uint8Array, cell: number, words: Int32Array, word: number, rows: number, k: number): number {
  let sum = 0;
  for (let r = 0; r < rows; r++) sum += ((words[word + r]! >> k) & 1) * cells[cell + r]!;
  return sum;
}

function analogSums(job: AnalogSums): AnalogTotals {
  const { driven, vectors, slots, rows, width, slotWeights, converters, limit, keys } = job;
  const size = { m: vectors * slots, n: width, k: rows };
  const sums = sgemm(driven, job.conductances, size);
  const squares = job.variances === null ? null : driven.map((x) => x * x);
  const variances = squares === null ? null : sgemm(squares, job.variances!, size);
  const noisy = variances !== null || job.rowVariances !== null;
  const totals = new Float32Array(vectors * width);
  const least = new Float32Array(width);
  const most = new Float32Array(width);
  let clipped = 0;
  let limited = 0;
  for (let v = 0; v < vectors; v++)
    for (let k = 0; k < slots; k++)
      for (let line = 0; line < width; line++) {
        const row = v * slots + k;
        let y = sums[row * width + line]!;
        if (noisy) {
          const variance = variances === null ? job.rowVariances![row]! : variances[row * width + line]!;
          y = f(y + f(f(Math.sqrt(variance)) * normalOf(k, line, width, keys[2 * v]!, keys[2 * v + 1]!)));
        }
        const within = Math.max(Math.min(y, limit), -limit);
        if (within !== y) limited++;
        y = within;
        if (y < least[line]!) least[line] = y;
        if (y > most[line]!) most[line] = y;
        if (converters.last > 0) {
          const z = stepsOf(y, line, converters);
          y = Math.min(Math.max(z, 0), converters.last);
          if (y !== z) clipped++;
        }
        totals[v * width + line] = f(totals[v * width + line]! + f(y * slotWeights[k]!));
      }
  return { totals, least, most, clipped, limited };
}

function stepsOf(y: number, line: number, { scale, shift, bow, curve, last }: AnalogSums['converters']): number {
  const z = f(f(y * scale[line]!) + shift[line]!);
  if (bow === null || curve === null) return nearestEven(z);
  const u = f(z * f(1 / last));
  const inside = Math.max(f(u * f(1 - u)), 0);
  const bend = f(bow[line]! + f(curve[line]! * f(f(u + u) - 1)));
  return nearestEven(f(z + f(inside * bend)));
}

/** Over maps, in the precision of an array. */
function mapKernels<T extends Float32Array | Float64Array>(room: (length: number) => T): MapKernels<T> {
  const columns = (a: T, { data, starts, offsets }: Gathered<T>): { sums: T; stride: number } => {
    const [vectors, k] = [starts.length, offsets.length];
    const m = a.length / k;
    const sums = room(m * vectors);
    // Held in the array's own precision from sum to sum.
    const sum = room(2);
    for (let i = 0; i < m; i++)
      for (let v = 0; v < vectors; v++) {
        sum[0] = 0;
        for (let r = 0; r < k; r++) {
          sum[1] = a[i * k + r]! * data[starts[v]! + offsets[r]!]!;
          sum[0] += sum[1];
        }
        sums[i * vectors + v] = sum[0];
      }
    return { sums, stride: vectors };
  };
  return {
    columns,
    spread(a, b, { starts, offsets, length }) {
      const { sums, stride } = columns(a, b);
      const out = room(length);
      for (let r = 0; r < offsets.length; r++)
        for (let v = 0; v < starts.length; v++) out[starts[v]! + offsets[r]!]! += sums[r * stride + v]!;
      return out;
    },
  };
}

/** The kernels without WebAssembly. */
export const fallbackKernels: Kernels = {
  single: mapKernels((length) => new Float32Array(length)),
  double: mapKernels((length) => new Float64Array(length)),
  ...{ kind: 'fallback', sgemm, dgemm, dgemmOf, igemm, igemmOf, integerSums, analogSums },
};
