// The WebAssembly module of the kernels: numbers are copied into its memory and results seen there.

import { KERNELS } from './generated/kernels.js';
import type {
  AnalogSums,
  AnalogTotals,
  IntegerSums,
  IntegerTotals,
  Kernels,
  LineConverters,
  ProductSize,
} from './jobs.js';

/** What the module exports; arguments are addresses and counts. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly sgemm: Call;
  readonly dgemm: Call;
  readonly igemm: Call;
  readonly spreadSlots: Call;
  readonly lineSums: Call;
  readonly noisyLineSums: Call;
  readonly senseSums: Call;
}
type Call = (...numbers: number[]) => number;

const PAGE = 65536;
/** The compiler's own data lie below. */
const BASE = PAGE;

type Words = Float32Array | Float64Array | Int32Array | Int16Array | Uint16Array | Uint8Array;

/** Memory that is handed out from the start anew for each job. */
class Arena {
  #next = BASE;

  constructor(readonly memory: WebAssembly.Memory) {}

  start(): void {
    this.#next = BASE;
  }

  /** Room for so many bytes; what stands in it is whatever was there. */
  room(bytes: number): number {
    const at = this.#next;
    this.#next = (at + bytes + 15) & ~15;
    const missing = this.#next - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE));
    return at;
  }

  zeroed(bytes: number): number {
    const at = this.room(bytes);
    new Uint8Array(this.memory.buffer, at, bytes).fill(0);
    return at;
  }

  copy(words: Words): number {
    const at = this.room(words.byteLength);
    new Uint8Array(this.memory.buffer, at, words.byteLength).set(
      new Uint8Array(words.buffer, words.byteOffset, words.byteLength),
    );
    return at;
  }

  floats(at: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, at, length);
  }
}

/** Groups of four cells of a level that a byte can sum. */
const groupsOfByte = (level: number): number => Math.max(1, Math.floor(255 / (4 * Math.max(1, level))));

/** Whether the codes of four slots, weighted, fit 16 bits: sums that are codes themselves. */
function joinsIn16({ last, level, rows, negative }: IntegerSums): boolean {
  const most = Math.min(last, level * rows);
  return negative ? 8 * most <= 32768 : 15 * most <= 65535;
}

/** Converters of a code a unit. */
const unitConverters = (lines: number): Pick<LineConverters, 'scale' | 'shift'> => ({
  scale: new Float32Array(lines).fill(1),
  shift: new Float32Array(lines),
});

const hasExports = (exports: object): exports is Exports =>
  ['memory', 'sgemm', 'dgemm', 'igemm', 'spreadSlots', 'lineSums', 'noisyLineSums', 'senseSums'].every(
    (name) => name in exports,
  );

/** The kernels in WebAssembly; undefined where the engine has none or no SIMD. */
export function wasmKernels(): Kernels | undefined {
  if (typeof WebAssembly === 'undefined') return undefined;
  let exports: object;
  try {
    const bytes = Uint8Array.from(atob(KERNELS), (letter) => letter.charCodeAt(0));
    ({ exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes)));
  } catch {
    return undefined;
  }
  return hasExports(exports) ? new Module(exports) : undefined;
}

class Module implements Kernels {
  readonly kind = 'wasm';
  readonly #exports: Exports;
  readonly #arena: Arena;

  constructor(exports: Exports) {
    this.#exports = exports;
    this.#arena = new Arena(exports.memory);
  }

  sgemm(a: Float32Array, b: Float32Array, { m, n, k }: ProductSize): Float32Array {
    const at = this.#product(this.#exports.sgemm, { a, b }, { m, n, k }, 4);
    return this.#arena.floats(at, m * n);
  }

  dgemm(a: Float64Array, b: Float64Array, { m, n, k }: ProductSize): Float64Array {
    const at = this.#product(this.#exports.dgemm, { a, b }, { m, n, k }, 8);
    return new Float64Array(this.#arena.memory.buffer, at, m * n);
  }

  igemm(a: Int16Array, b: Int16Array, { m, n, k }: ProductSize): Int32Array {
    const at = this.#product(this.#exports.igemm, { a, b }, { m, n, k }, 4);
    return new Int32Array(this.#arena.memory.buffer, at, m * n);
  }

  #product(
    call: Call,
    { a, b }: { readonly a: Words; readonly b: Words },
    { m, n, k }: ProductSize,
    bytes: number,
  ): number {
    const arena = this.#arena;
    arena.start();
    const [pa, pb, pc] = [arena.copy(a), arena.copy(b), arena.room(m * n * bytes)];
    call(pa, pb, pc, m, n, k);
    return pc;
  }

  integerSums(job: IntegerSums): IntegerTotals {
    const { cells, lines, rows, level, words, vectors, slots, last, noise } = job;
    const arena = this.#arena;
    arena.start();
    const groups = rows >> 2;
    const chunks = (slots + 3) >> 2;
    const blocks = (vectors + 15) >> 4;
    const pCells = arena.copy(cells);
    const pWords = arena.copy(words);
    const nibbles = arena.zeroed(blocks * chunks * groups * 64);
    const tables = arena.room(groups * 36);
    const converters = job.converters ?? (joinsIn16(job) ? null : unitConverters(lines));
    const scales = converters === null ? 0 : arena.copy(converters.scale);
    const shifts = converters === null ? 0 : arena.copy(converters.shift);
    const stride = blocks * 16;
    const targets = arena.copy(job.targets);
    const factors = arena.copy(job.factors);
    const totals = arena.zeroed(job.results * stride * 4);
    const most = arena.zeroed(lines * 8);
    const negative = Number(job.negative);
    this.#exports.spreadSlots(pWords, vectors, rows, slots, nibbles);
    const view = (clipped: number): Pick<IntegerTotals, 'totals' | 'stride' | 'clipped'> => ({
      totals: new Int32Array(arena.memory.buffer, totals, job.results * stride),
      stride,
      clipped,
    });
    const flush = groupsOfByte(level);
    if (noise === null) {
      const scratch = arena.room(416);
      const clipped = this.#exports.lineSums(
        ...[pCells, lines, groups, tables, flush, nibbles, blocks, slots, negative, scales, shifts, last],
        ...[targets, factors, totals, most, scratch, arena.room(blocks * chunks)],
      );
      const sums = new Uint16Array(arena.memory.buffer, most, lines);
      return { ...view(clipped), least: new Uint16Array(lines), most: sums };
    }
    const squares = noise.squares === null ? 0 : arena.copy(noise.squares);
    const variances = noise.variances === null ? 0 : this.#byBlock(noise.variances, slots, vectors, stride);
    const keys = arena.zeroed(stride * 8);
    const words2 = new Int32Array(arena.memory.buffer, keys, 2 * stride);
    for (let v = 0; v < vectors; v++) {
      words2[v] = noise.keys[2 * v]!;
      words2[stride + v] = noise.keys[2 * v + 1]!;
    }
    const scratch = arena.room(352);
    const both = squares === 0 ? flush : Math.min(flush, groupsOfByte(noise.square));
    const clipped = this.#exports.noisyLineSums(
      ...[pCells, squares, noise.unit, lines, groups, tables, both, nibbles, blocks, slots, negative, scales, shifts],
      ...[last, variances, keys, noise.width, targets, factors, totals, most, scratch],
    );
    const [low, high] = [arena.floats(most, lines), arena.floats(most + lines * 4, lines)];
    return { ...view(clipped), least: low, most: high };
  }

  /** [slot][vector] with room for whole blocks of vectors and chunks of slots. */
  #byBlock(values: Float32Array, slots: number, vectors: number, stride: number): number {
    const at = this.#arena.zeroed(((slots + 3) & ~3) * stride * 4);
    for (let k = 0; k < slots; k++)
      this.#arena.floats(at + k * stride * 4, vectors).set(values.subarray(k * vectors, (k + 1) * vectors));
    return at;
  }

  analogSums(job: AnalogSums): AnalogTotals {
    const { driven, vectors, slots, rows, conductances, variances, rowVariances, width, keys, converters } = job;
    const arena = this.#arena;
    arena.start();
    const vectorSlots = vectors * slots;
    const pDriven = arena.copy(driven);
    const sums = this.#lineSums(pDriven, arena.copy(conductances), { vectorSlots, width, rows });
    const noises = variances === null ? 0 : this.#noises(driven, variances, { vectorSlots, width, rows });
    const shared = rowVariances === null ? 0 : arena.copy(rowVariances);
    const pKeys = keys.length === 0 ? arena.zeroed(vectors * 8) : arena.copy(keys);
    const weights = arena.copy(job.slotWeights);
    const lines = arena.zeroed(width * 16);
    arena.floats(lines, width).set(converters.scale);
    arena.floats(lines + width * 4, width).set(converters.shift);
    if (converters.bow !== null) arena.floats(lines + width * 8, width).set(converters.bow);
    if (converters.curve !== null) arena.floats(lines + width * 12, width).set(converters.curve);
    const totals = arena.room(vectors * width * 4);
    const [least, most] = [arena.zeroed(width * 4), arena.zeroed(width * 4)];
    const scratch = arena.room(64);
    const counts = arena.zeroed(8);
    const curved = converters.bow === null ? 0 : 1;
    this.#exports.senseSums(
      ...[sums, noises, shared, vectors, slots, width, pKeys, weights, lines, curved, converters.last, job.limit],
      ...[totals, least, most, scratch, counts],
    );
    const [clipped, limited] = new Int32Array(arena.memory.buffer, counts, 2);
    return {
      totals: arena.floats(totals, vectors * width),
      least: arena.floats(least, width),
      most: arena.floats(most, width),
      clipped: clipped!,
      limited: limited!,
    };
  }

  #lineSums(
    driven: number,
    panels: number,
    { vectorSlots, width, rows }: { readonly vectorSlots: number; readonly width: number; readonly rows: number },
  ): number {
    const sums = this.#arena.room(vectorSlots * width * 4);
    this.#exports.sgemm(driven, panels, sums, vectorSlots, width, rows);
    return sums;
  }

  #noises(
    driven: Float32Array,
    variances: Float32Array,
    { vectorSlots, width, rows }: { readonly vectorSlots: number; readonly width: number; readonly rows: number },
  ): number {
    const squares = this.#arena.copy(driven.map((x) => x * x));
    return this.#lineSums(squares, this.#arena.copy(variances), { vectorSlots, width, rows });
  }
}
