// Signals inside recurrent layers on grids of dynamic fixed point: gate sums, values of look-up tables, cell and state.

import type { Graph, Node } from '../../workload/graph/index.js';
import type { CellSignals } from '../operators/cells/cell.js';
import { roundToEven } from '../operators/quantize.js';
import { fractionBits } from './grid.js';

/** Signals that have a range, in the order of their keys. */
const SIGNALS = ['sum', 'gate', 'candidate', 'cell', 'hidden'] as const;
type Signal = (typeof SIGNALS)[number];

/** Widths of the signals inside recurrent layers; missing ones are those of activations. */
export interface CellWidths {
  /** Input's and state's weights have a matrix and an exponent each, and their sums meet digitally; else one matrix. */
  readonly halves?: boolean;
  /** Bits of gate sums, which address the tables of the gates' functions. */
  readonly sumBits?: number | undefined;
  /** Bits of what the tables give. */
  readonly valueBits?: number | undefined;
  /** Bits of an LSTM's cell state. */
  readonly cellBits?: number | undefined;
  /** Bits of the cell state that address the table of its function, from the highest; by default all. */
  readonly tableBits?: number | undefined;
}

/** Key of a signal's range, behind those of all tensors. */
const keyOf = (graph: Graph, { id }: Node, signal: Signal): number =>
  graph.tensors.length + id * SIGNALS.length + SIGNALS.indexOf(signal);

/** Notes the largest magnitudes of a layer's signals, which pass as they are. */
export function watchedSignals(graph: Graph, node: Node, ranges: Map<number, number>): CellSignals {
  const watch = (signal: Signal): ((x: number) => number) => {
    const key = keyOf(graph, node, signal);
    let most = ranges.get(key) ?? 0;
    ranges.set(key, most);
    return (x) => {
      const size = Math.abs(x);
      if (size > most) ranges.set(key, (most = size));
      return x;
    };
  };
  return {
    sum: watch('sum'),
    gate: watch('gate'),
    candidate: watch('candidate'),
    cell: watch('cell'),
    hidden: watch('hidden'),
    address: (x) => x,
  };
}

/** Rounds to the nearest of a grid, ties to even, and cuts to its bits. */
function onGrid(fraction: number, bits: number): (x: number) => number {
  const most = 2 ** (bits - 1) - 1;
  const [scale, unit] = [2 ** fraction, 2 ** -fraction];
  return (x) => {
    const level = roundToEven(x * scale);
    return (level > most ? most : level < -most - 1 ? -most - 1 : level) * unit;
  };
}

/** Largest magnitude of the state that a layer hands on; 0 before it is known. */
export const hiddenRange = (graph: Graph, node: Node, ranges: ReadonlyMap<number, number>): number =>
  ranges.get(keyOf(graph, node, 'hidden')) ?? 0;

/** Fraction bits of the state that a layer hands on. */
export const hiddenFraction = (graph: Graph, node: Node, ranges: ReadonlyMap<number, number>, bits: number): number =>
  fractionBits(hiddenRange(graph, node, ranges), bits);

/** A layer's signals on their grids. @param bits of activations, @param hidden fraction bits of the state */
export function griddedSignals(
  graph: Graph,
  node: Node,
  ranges: ReadonlyMap<number, number>,
  { bits, hidden, widths }: { readonly bits: number; readonly hidden: number; readonly widths: CellWidths },
): CellSignals {
  const { sumBits = bits, valueBits = bits, cellBits = bits, tableBits = cellBits } = widths;
  const fraction = (signal: Signal, own: number): number =>
    fractionBits(ranges.get(keyOf(graph, node, signal)) ?? 0, own);
  const cell = fraction('cell', cellBits);
  return {
    sum: onGrid(fraction('sum', sumBits), sumBits),
    gate: onGrid(fraction('gate', valueBits), valueBits),
    candidate: onGrid(fraction('candidate', valueBits), valueBits),
    cell: onGrid(cell, cellBits),
    address: tableBits >= cellBits ? (x) => x : onGrid(cell - (cellBits - tableBits), tableBits),
    hidden: onGrid(hidden, bits),
  };
}
