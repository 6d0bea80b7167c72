// Products whose right operand lies in maps: its columns are vectors by address, and results can be added back to where
// vectors lie. The kernels of convolutions and of their gradients.

import type { Arena } from './arena.js';
import type { Gathered, MapKernels, Places } from './jobs.js';

type Call = (...numbers: number[]) => number;

/** What one precision needs of the module. */
export interface MapCalls<T extends Float32Array | Float64Array> {
  /** Columns of a panel. */
  readonly lanes: number;
  readonly bytes: number;
  readonly gemm: Call;
  readonly panels: Call;
  readonly quads: Call;
  readonly fold: Call;
  /** Numbers of the memory from an address on. */
  readonly view: (arena: Arena, at: number, length: number) => T;
}

/** Rows whose sums are folded at once, so that they stay in the caches. */
const ROWS = 64;

/** The kernels of one precision in WebAssembly. */
export class MapModule<T extends Float32Array | Float64Array> implements MapKernels<T> {
  readonly #arena: Arena;
  readonly #calls: MapCalls<T>;

  constructor(arena: Arena, calls: MapCalls<T>) {
    this.#arena = arena;
    this.#calls = calls;
  }

  /** Both operands in the memory, the right one in panels. */
  #laid(a: T, b: Gathered<T>): { left: number; panels: number; m: number; k: number; stride: number } {
    const { lanes, bytes, panels: pack } = this.#calls;
    const arena = this.#arena;
    arena.start();
    const [vectors, k] = [b.starts.length, b.offsets.length];
    const stride = Math.ceil(vectors / lanes) * lanes;
    const left = arena.copy(a);
    const { data, starts, offsets } = arena.place(b);
    const panels = arena.room(stride * k * bytes);
    pack(data, starts, offsets, vectors, k, panels);
    return { left, panels, m: a.length / k, k, stride };
  }

  columns(a: T, b: Gathered<T>): { sums: T; stride: number } {
    const { bytes, gemm, view } = this.#calls;
    const { left, panels, m, k, stride } = this.#laid(a, b);
    const sums = this.#arena.room(m * stride * bytes);
    gemm(left, panels, sums, m, stride, k);
    return { sums: view(this.#arena, sums, m * stride), stride };
  }

  spread(a: T, b: Gathered<T>, { starts, offsets, length }: Places): T {
    const { bytes, gemm, fold, quads, view } = this.#calls;
    const { left, panels, m, k, stride } = this.#laid(a, b);
    const arena = this.#arena;
    const vectors = starts.length;
    const out = arena.zeroed(length * bytes);
    const [from, rows, sides] = [arena.copy(starts), arena.copy(offsets), arena.room(Math.ceil(vectors / 4))];
    const sums = arena.room(Math.min(m, ROWS) * stride * bytes);
    quads(from, vectors, sides);
    for (let row = 0; row < m; row += ROWS) {
      const count = Math.min(ROWS, m - row);
      gemm(left + row * k * bytes, panels, sums, count, stride, k);
      fold(sums, stride, out, from, rows + 4 * row, sides, vectors, count);
    }
    return view(arena, out, length);
  }
}
