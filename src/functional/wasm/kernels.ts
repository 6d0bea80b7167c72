// The kernels of products: WebAssembly with SIMD where it runs, else the same numbers by TypeScript.

import { fallbackKernels } from './fallback.js';
import type { Kernels } from './jobs.js';
import { wasmKernels } from './module.js';

let chosen: Kernels | undefined;

/** The fastest kernels that this engine runs. */
export function kernels(): Kernels {
  chosen ??= wasmKernels() ?? fallbackKernels;
  return chosen;
}

/**
 * b [k][n] in panels: [ceil(n / lanes)][k][lanes], columns beyond n zero.
 * @param at value of row k and column n
 */
export function packPanels<T extends Float32Array | Float64Array>(
  out: T,
  { k, n, lanes }: { readonly k: number; readonly n: number; readonly lanes: number },
  at: (row: number, column: number) => number,
): T {
  for (let c = 0; c < n; c++) {
    const panel = Math.floor(c / lanes) * k * lanes + (c % lanes);
    for (let r = 0; r < k; r++) out[panel + r * lanes] = at(r, c);
  }
  return out;
}

/** Rows [rows][k] from `at` on as the columns of panels: [ceil(rows / lanes)][k][lanes]; `out` has zeros beyond. */
export function packRows<T extends Float32Array | Float64Array>(
  out: T,
  { rows, k, lanes }: { readonly rows: number; readonly k: number; readonly lanes: number },
  from: T,
  at: number,
): T {
  for (let row = 0; row < rows; row++) {
    let to = Math.floor(row / lanes) * k * lanes + (row % lanes);
    for (let p = at + row * k; p < at + (row + 1) * k; p++, to += lanes) out[to] = from[p]!;
  }
  return out;
}

/** `n` rounded up to a multiple. */
export const roundUp = (n: number, multiple: number): number => Math.ceil(n / multiple) * multiple;

/** b [k][n] of int16 in panels of 8 columns and 2 rows; k rounded up to even. */
export function packPairs(k: number, n: number, at: (row: number, column: number) => number): Int16Array {
  const even = roundUp(k, 2);
  const out = new Int16Array(roundUp(n, 8) * even);
  for (let c = 0; c < n; c++)
    for (let r = 0; r < k; r++) out[(c >> 3) * 8 * even + (r >> 1) * 16 + (c & 7) * 2 + (r & 1)] = at(r, c);
  return out;
}
