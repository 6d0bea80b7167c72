// The blocks of a stored matrix: all lines of a row tile forward, the rows of each array and slice transposed.

import type { IntegerRange, WeightMatrix } from '../backend.js';
import type { BlockShape } from './block.js';
import { weightOffset, type Digits } from './digits.js';
import type { Corrections, DirectionShape } from './direction.js';
import { offUnits, type CrossbarOptions } from './options.js';
import type { Placement } from './placement.js';
import { driftCompensation } from './program.js';

/** Cells of rows `from` to `to`. */
export interface StoredTile {
  readonly from: number;
  readonly to: number;
  /** Levels written, [line][row]. */
  readonly digits: Digits;
  /** What the cells hold, level units; null where they hold exactly their levels. */
  readonly conductances: Float64Array | null;
}

/** What a line's sum counts: its slice's place and its sign. */
function lineWeight({ lines }: Placement, { layout, cells }: CrossbarOptions, line: number): number {
  if (lines.column[line]! < 0) return driftCompensation(cells);
  return (lines.sign[line] === 1 ? -1 : 1) * 2 ** (layout.cellBits * lines.slice[line]!) * driftCompensation(cells);
}

/** The converter behind a line of an array. */
const converterOf = (array: number, position: number, { converter }: CrossbarOptions): number =>
  array * 65536 + Math.floor(position / converter.linesPerConverter);

/** Blocks forward: a block a row tile, every line sensed. */
export function forwardShape(
  matrix: WeightMatrix,
  placement: Placement,
  tiles: readonly StoredTile[],
  { options, range }: { readonly options: CrossbarOptions; readonly range: IntegerRange },
): DirectionShape {
  const { lines, arrays } = placement;
  const references = options.layout.sign === 'offset' ? arrays : 0;
  const first = lines.count - references;
  const blocks = tiles.map(({ from, to, digits, conductances }, tile): BlockShape => {
    const block: BlockShape = {
      name: [matrix.name, 'forward', tile],
      index: tile,
      driven: Int32Array.from({ length: to - from }, (_, i) => from + i),
      lines: lines.count,
      output: lines.column.map((column, line) => (column < 0 ? -1 - (line - first) : column)),
      weight: Float64Array.from({ length: lines.count }, (_, line) => lineWeight(placement, options, line)),
      slice: lines.slice,
      converter: lines.array.map((array, line) => converterOf(array, lines.bitline[line]!, options)),
      digits,
      conductances,
      squares: null,
    };
    return options.subtraction === 'analog' && placement.signs === 2 ? subtracted(block) : block;
  });
  return {
    name: matrix.name,
    inputs: matrix.rows,
    outputs: matrix.columns,
    references,
    tiles: blocks.map((block) => [block]),
    corrections: forwardCorrections(matrix, placement, options, tiles.length),
    range,
  };
}

/** Pairs of lines, positive and negative, as one line that carries their difference. */
function subtracted(block: BlockShape): BlockShape {
  const lines = block.lines / 2;
  const rows = block.driven.length;
  const cells = block.conductances ?? block.digits!;
  const conductances = new Float64Array(lines * rows);
  const squares = new Float64Array(lines * rows);
  for (let line = 0; line < lines; line++)
    for (let r = 0; r < rows; r++) {
      const positive = cells[2 * line * rows + r]!;
      const negative = cells[(2 * line + 1) * rows + r]!;
      conductances[line * rows + r] = positive - negative;
      squares[line * rows + r] = positive * positive + negative * negative;
    }
  const even = (_: number, line: number): boolean => line % 2 === 0;
  return {
    ...block,
    lines,
    output: block.output.filter(even),
    weight: block.weight.filter(even),
    slice: block.slice.filter(even),
    converter: block.converter.filter(even),
    digits: null,
    conductances,
    squares,
  };
}

/**
 * Blocks transposed: an array is driven on its bitlines and sensed on its wordlines; slices in neighbouring columns are
 * driven one after the other (they add up on the same row). The reference columns are not driven.
 */
export function transposedShape(
  matrix: WeightMatrix,
  placement: Placement,
  tiles: readonly StoredTile[],
  { options, range }: { readonly options: CrossbarOptions; readonly range: IntegerRange },
): DirectionShape {
  const { lines } = placement;
  const groups = new Map<string, number[]>();
  for (let line = 0; line < lines.count; line++) {
    if (lines.column[line]! < 0) continue;
    const key = `${lines.array[line]!}:${lines.slice[line]!}`;
    groups.set(key, [...(groups.get(key) ?? []), line]);
  }
  let index = 0;
  const shapes = [...groups.values()].map((own) =>
    tiles.map(({ from, to, digits, conductances }, tile): BlockShape => {
      const rows = to - from;
      const line = own[0]!;
      const pick = (cells: ArrayLike<number>, out: Digits | Float64Array): void => {
        for (let r = 0; r < rows; r++)
          own.forEach((line, i) => {
            out[r * own.length + i] = cells[line * rows + r]!;
          });
      };
      const levels =
        digits instanceof Uint8Array ? new Uint8Array(rows * own.length) : new Uint16Array(rows * own.length);
      pick(digits, levels);
      const held = conductances === null ? null : new Float64Array(rows * own.length);
      if (held !== null) pick(conductances!, held);
      return {
        name: [matrix.name, 'transposed', tile, line],
        index: index++,
        driven: Int32Array.from(own, (line) => lines.column[line]!),
        lines: rows,
        output: Int32Array.from({ length: rows }, (_, r) => from + r),
        weight: new Float64Array(rows).fill(lineWeight(placement, options, line)),
        slice: new Int32Array(rows).fill(lines.slice[line]!),
        converter: Int32Array.from({ length: rows }, (_, r) => converterOf(lines.array[line]!, r, options)),
        digits: levels,
        conductances: held,
        squares: null,
      };
    }),
  );
  const offset = weightOffset(options.layout.weightBits, options.layout.sign);
  const off = options.layout.sign === 'offset' ? offUnits(options) : 0;
  const inputSums = [...groups.values()].map((own) => {
    const slice = lines.slice[own[0]!]!;
    return off * 2 ** (options.layout.cellBits * slice) + (slice === placement.slices - 1 ? offset : 0);
  });
  return {
    name: matrix.name,
    inputs: matrix.columns,
    outputs: matrix.rows,
    references: 0,
    tiles: shapes,
    corrections: { inputSums, referenceOf: null, referenceFactor: 0, weightSums: sumsOf(matrix, 'rows') },
    range,
  };
}

/** Sums of the weights of each column, or row. */
function sumsOf({ rows, columns, values }: WeightMatrix, by: 'columns' | 'rows'): Float64Array {
  const sums = new Float64Array(by === 'columns' ? columns : rows);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) sums[by === 'columns' ? c : r]! += values[r * columns + c]!;
  return sums;
}

/** Off currents and the weights' offset, which a reference column counts (and carries an off current itself). */
function forwardCorrections(
  matrix: WeightMatrix,
  placement: Placement,
  options: CrossbarOptions,
  tiles: number,
): Corrections {
  const { layout, reference } = options;
  const weightSums = sumsOf(matrix, 'columns');
  const same = (inputSum: number): number[] => new Array<number>(tiles).fill(inputSum);
  if (layout.sign === 'differential') return { inputSums: same(0), referenceOf: null, referenceFactor: 0, weightSums };
  const offset = weightOffset(layout.weightBits, layout.sign);
  let places = 0;
  for (let slice = 0; slice < placement.slices; slice++) places += 2 ** (layout.cellBits * slice);
  const off = offUnits(options);
  if (reference === 'digital')
    return { inputSums: same(off * places + offset), referenceOf: null, referenceFactor: 0, weightSums };
  const first = placement.lines.count - placement.arrays;
  const factor = reference === 'digit' ? 2 ** (layout.cellBits * (placement.slices - 1)) : offset;
  return {
    inputSums: same(off * (places - factor)),
    referenceOf: placement.lines.referenceOf.map((line) => line - first),
    referenceFactor: factor,
    weightSums,
  };
}
