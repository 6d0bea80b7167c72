// The WebAssembly module of the kernels: numbers are copied into its memory and results seen there.

import { compiled } from '../../kernel/index.js';
import { KERNELS } from './generated/kernels.js';
import { Arena, type Words } from './arena.js';
import type {
  AnalogSums,
  AnalogTotals,
  Gathered,
  IntegerNoise,
  IntegerSums,
  IntegerTotals,
  Kernels,
  LineConverters,
  ProductSize,
} from './jobs.js';
import { MapModule } from './maps.js';

/** What the module exports; arguments are addresses and counts. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly sgemm: Call;
  readonly dgemm: Call;
  readonly igemm: Call;
  readonly gather16: Call;
  readonly gather64: Call;
  readonly gatherSlots: Call;
  readonly panels32: Call;
  readonly panels64: Call;
  readonly fold32: Call;
  readonly fold64: Call;
  readonly quads: Call;
  readonly lineSums: Call;
  readonly noisyLineSums: Call;
  readonly senseSums: Call;
}
type Call = (...numbers: number[]) => number;

/** Where the sums of some blocks of vectors find what they need; `from`: their first vector. */
type SumPlaces = Readonly<
  Record<
    | 'cells'
    | 'groups'
    | 'tables'
    | 'flush'
    | 'nibbles'
    | 'blocks'
    | 'slots'
    | 'negative'
    | 'scales'
    | 'shifts'
    | 'last'
    | 'targets'
    | 'factors'
    | 'totals'
    | 'seen'
    | 'scratch'
    | 'stride'
    | 'from',
    number
  >
>;

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

const NAMES = [
  'sgemm',
  'dgemm',
  'igemm',
  'gather16',
  'gather64',
  'gatherSlots',
  'panels32',
  'panels64',
  'fold32',
  'fold64',
  'quads',
  'lineSums',
  'noisyLineSums',
  'senseSums',
];
const hasExports = (exports: object): exports is Exports => ['memory', ...NAMES].every((name) => name in exports);

/** Vectors that are summed at once, so that what the kernels work on stays in the caches. */
const PART = 64;

/** The kernels in WebAssembly; undefined where the engine has none or no SIMD. */
export function wasmKernels(): Kernels | undefined {
  const exports = compiled(KERNELS);
  return exports !== undefined && hasExports(exports) ? new Module(exports) : undefined;
}

class Module implements Kernels {
  readonly kind = 'wasm';
  readonly single: MapModule<Float32Array>;
  readonly double: MapModule<Float64Array>;
  readonly #exports: Exports;
  readonly #arena: Arena;

  constructor(exports: Exports) {
    this.#exports = exports;
    this.#arena = new Arena(exports.memory);
    const { quads } = exports;
    this.single = new MapModule(this.#arena, {
      ...{ lanes: 8, bytes: 4, quads, gemm: exports.sgemm, panels: exports.panels32, fold: exports.fold32 },
      view: (arena, at, length) => arena.floats(at, length),
    });
    this.double = new MapModule(this.#arena, {
      ...{ lanes: 4, bytes: 8, quads, gemm: exports.dgemm, panels: exports.panels64, fold: exports.fold64 },
      view: (arena, at, length) => arena.doubles(at, length),
    });
  }

  sgemm(a: Float32Array, b: Float32Array, { m, n, k }: ProductSize): Float32Array {
    const at = this.#product(this.#exports.sgemm, { a, b }, { m, n, k }, 4);
    return this.#arena.floats(at, m * n);
  }

  dgemm(a: Float64Array, b: Float64Array, { m, n, k }: ProductSize): Float64Array {
    const at = this.#product(this.#exports.dgemm, { a, b }, { m, n, k }, 8);
    return this.#arena.doubles(at, m * n);
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

  dgemmOf(a: Gathered<Float64Array>, b: Float64Array, n: number): Float64Array {
    const [m, k] = [a.starts.length, a.offsets.length];
    const arena = this.#arena;
    arena.start();
    const [vectors, panels, sums] = [arena.place(a), arena.copy(b), arena.room(m * n * 8)];
    const rows = arena.room(Math.min(m, PART) * k * 8);
    for (let from = 0; from < m; from += PART) {
      const count = Math.min(PART, m - from);
      this.#exports.gather64(vectors.data, vectors.starts + 4 * from, vectors.offsets, count, k, rows);
      this.#exports.dgemm(rows, panels, sums + from * n * 8, count, n, k);
    }
    return arena.doubles(sums, m * n);
  }

  igemmOf(a: Gathered, b: Int16Array, n: number): Int32Array {
    const [m, k] = [a.starts.length, a.offsets.length];
    const even = k + (k & 1);
    const arena = this.#arena;
    arena.start();
    const [vectors, panels, sums] = [arena.place(a), arena.copy(b), arena.room(m * n * 4)];
    const rows = arena.room(Math.min(m, PART) * even * 2);
    for (let from = 0; from < m; from += PART) {
      const count = Math.min(PART, m - from);
      this.#exports.gather16(vectors.data, vectors.starts + 4 * from, vectors.offsets, count, k, even, rows);
      this.#exports.igemm(rows, panels, sums + from * n * 4, count, n, even);
    }
    return new Int32Array(arena.memory.buffer, sums, m * n);
  }

  integerSums(job: IntegerSums): IntegerTotals {
    const { cells, lines, rows, level, words, slots, last, noise } = job;
    const arena = this.#arena;
    arena.start();
    const vectors = words.starts.length;
    const driven = words.offsets.length;
    const groups = rows >> 2;
    const chunks = (slots + 3) >> 2;
    const blocks = (vectors + 15) >> 4;
    const stride = blocks * 16;
    const most = Math.min(blocks, PART >> 4);
    const pCells = arena.copy(cells);
    const { data, starts, offsets } = arena.place(words);
    const nibbles = arena.room(most * chunks * groups * 64);
    const tables = arena.room(groups * 36);
    const converters = job.converters ?? (joinsIn16(job) ? null : unitConverters(lines));
    const scales = converters === null ? 0 : arena.copy(converters.scale);
    const shifts = converters === null ? 0 : arena.copy(converters.shift);
    const targets = arena.copy(job.targets);
    const factors = arena.copy(job.factors);
    const totals = arena.zeroed(job.results * stride * 4);
    const seen = arena.zeroed(lines * 8);
    const negative = Number(job.negative);
    const scratch = arena.room(416);
    const sums = noise === null ? this.#plainSums(job, most * chunks) : this.#noisySums(job, noise, stride);
    let clipped = 0;
    for (let block = 0; block < blocks; block += most) {
      const count = Math.min(most, blocks - block);
      const from = block * 16;
      const own = Math.min(count * 16, vectors - from);
      this.#exports.gatherSlots(data, starts + 4 * from, offsets, own, driven, slots, nibbles);
      clipped += sums({
        ...{ cells: pCells, groups, tables, nibbles, blocks: count, slots, negative, scales, shifts, last },
        ...{
          targets,
          factors,
          totals: totals + 4 * from,
          seen,
          scratch,
          stride: blocks,
          from,
          flush: groupsOfByte(level),
        },
      });
    }
    const { buffer } = arena.memory;
    const view = { totals: new Int32Array(buffer, totals, job.results * stride), stride, clipped };
    if (noise === null) return { ...view, least: new Uint16Array(lines), most: new Uint16Array(buffer, seen, lines) };
    return { ...view, least: arena.floats(seen, lines), most: arena.floats(seen + lines * 4, lines) };
  }

  /** Sums of some blocks without noise; `idle`: blocks and chunks at once. */
  #plainSums({ lines }: IntegerSums, idle: number): (at: SumPlaces) => number {
    const room = this.#arena.room(idle);
    return (p) =>
      this.#exports.lineSums(
        ...[p.cells, lines, p.groups, p.tables, p.flush, p.nibbles, p.blocks, p.slots, p.negative, p.scales, p.shifts],
        ...[p.last, p.targets, p.factors, p.totals, p.seen, p.scratch, room, p.stride],
      );
  }

  #noisySums({ lines, slots, words }: IntegerSums, noise: IntegerNoise, stride: number): (at: SumPlaces) => number {
    const arena = this.#arena;
    const vectors = words.starts.length;
    const squares = noise.squares === null ? 0 : arena.copy(noise.squares);
    const variances = noise.variances === null ? 0 : this.#byBlock(noise.variances, slots, vectors, stride);
    const keys = arena.zeroed(stride * 8);
    const both = new Int32Array(arena.memory.buffer, keys, 2 * stride);
    for (let v = 0; v < vectors; v++) {
      both[v] = noise.keys[2 * v]!;
      both[stride + v] = noise.keys[2 * v + 1]!;
    }
    return (p) => {
      const flush = squares === 0 ? p.flush : Math.min(p.flush, groupsOfByte(noise.square));
      const own = 4 * p.from;
      return this.#exports.noisyLineSums(
        ...[p.cells, squares, noise.unit, lines, p.groups, p.tables, flush, p.nibbles, p.blocks, slots, p.negative],
        ...[p.scales, p.shifts, p.last, variances === 0 ? 0 : variances + own, keys + own, noise.width, p.targets],
        ...[p.factors, p.totals, p.seen, p.scratch, p.stride],
      );
    };
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
    const pVariances = variances === null ? 0 : arena.copy(variances);
    const noises =
      variances === null
        ? 0
        : this.#lineSums(job.binary ? pDriven : this.#squares(driven), pVariances, { vectorSlots, width, rows });
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

  #squares(values: Float32Array): number {
    const at = this.#arena.room(values.length * 4);
    const squares = this.#arena.floats(at, values.length);
    for (let i = 0; i < values.length; i++) squares[i] = values[i]! * values[i]!;
    return at;
  }
}
