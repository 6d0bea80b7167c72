// The blocks of a stored matrix: all lines of a row tile forward, the rows of each array and slice transposed.

import type { IntegerRange, WeightMatrix } from '../backend.js';
import type { BlockShape } from './block.js';
import { referenceLevel, weightOffset, type Digits } from './digits.js';
import type { ByOutput, Corrections, DirectionShape } from './direction.js';
import { offUnits, type CrossbarOptions } from './options.js';
import type { Placement } from './placement.js';
import { driftCompensation } from './program.js';

/** Cells of rows `from` to `to`. */
export interface StoredTile {
  readonly from: number;
  readonly to: number;
  /** Levels written, [line][row]. */
  readonly digits: Digits;
  /** 1 by line that stands flipped; null where none can. */
  readonly flipped: Uint8Array | null;
  /** What the cells hold, level units; null where they hold exactly their levels. */
  readonly conductances: Float64Array | null;
}

/** What a line's sum counts: its slice's place, its sign, the other one where its column is flipped. */
function lineWeight(
  { lines }: Placement,
  { layout, cells }: CrossbarOptions,
  line: number,
  flipped: Uint8Array | null = null,
): number {
  if (lines.column[line]! < 0) return driftCompensation(cells);
  const negative = (lines.sign[line] === 1) !== (flipped?.[line] === 1);
  return (negative ? -1 : 1) * 2 ** (layout.cellBits * lines.slice[line]!) * driftCompensation(cells);
}

/** What a direction is made of, beside the matrix. */
export interface ShapeOptions {
  readonly options: CrossbarOptions;
  readonly range: IntegerRange;
  /** Each trial has converters of its own. */
  readonly trial: number;
}

const chipOf = (trial: number): readonly string[] => (trial === 0 ? [] : [`trial ${trial}`]);

/** The converter behind a line of an array. */
const converterOf = (array: number, position: number, { converter }: CrossbarOptions): number =>
  array * 65536 + Math.floor(position / converter.linesPerConverter);

/** Blocks forward: a block a row tile, every line sensed. */
export function forwardShape(
  matrix: WeightMatrix,
  placement: Placement,
  tiles: readonly StoredTile[],
  { options, range, trial }: ShapeOptions,
): DirectionShape {
  const { lines, arrays } = placement;
  const chip = chipOf(trial);
  const references = options.layout.sign === 'offset' ? arrays : 0;
  const first = lines.count - references;
  const blocks = tiles.map(({ from, to, digits, flipped, conductances }, tile): BlockShape => {
    const block: BlockShape = {
      name: [matrix.name, 'forward', tile, ...chip],
      index: tile,
      driven: Int32Array.from({ length: to - from }, (_, i) => from + i),
      lines: lines.count,
      output: lines.column.map((column, line) => (column < 0 ? -1 - (line - first) : column)),
      weight: Float64Array.from({ length: lines.count }, (_, line) => lineWeight(placement, options, line, flipped)),
      slice: lines.slice,
      converter: lines.array.map((array, line) => converterOf(array, lines.bitline[line]!, options)),
      digits,
      conductances,
      squares: null,
      fullest: fullestLine(to - from, flipped !== null, placement, options),
    };
    return options.subtraction === 'analog' && placement.signs === 2 ? subtracted(block) : block;
  });
  return {
    name: matrix.name,
    inputs: matrix.rows,
    outputs: matrix.columns,
    references,
    tiles: blocks.map((block) => [block]),
    corrections: forwardCorrections(matrix, placement, options, tiles),
    range,
  };
}

/** Largest sum of the levels of a line of so many rows. */
function fullestLine(rows: number, flips: boolean, { slices }: Placement, options: CrossbarOptions): number {
  const full = rows * (2 ** options.layout.cellBits - 1);
  return flips ? Math.max(Math.floor(full / 2), rows * referenceLevel(options, slices)) : full;
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
  { options, range, trial }: ShapeOptions,
): DirectionShape {
  const { lines } = placement;
  const chip = chipOf(trial);
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
        name: [matrix.name, 'transposed', tile, lines.array.indexOf(lines.array[line]!), ...chip],
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
        fullest: own.length * (2 ** options.layout.cellBits - 1),
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
    corrections: {
      inputSums,
      referenceOf: null,
      referenceFactors: inputSums.map(() => 0),
      weightSums: sumsOf(matrix, 'rows'),
    },
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

/**
 * Off currents, the weights' offset and what flipped columns count too much, all in sums of inputs, which a reference
 * column counts (and carries an off current itself).
 */
function forwardCorrections(
  matrix: WeightMatrix,
  placement: Placement,
  options: CrossbarOptions,
  tiles: readonly StoredTile[],
): Corrections {
  const { layout, reference } = options;
  const weightSums = sumsOf(matrix, 'columns');
  if (layout.sign === 'differential') {
    const none = tiles.map(() => 0);
    return { inputSums: none, referenceOf: null, referenceFactors: none, weightSums };
  }
  const off = offUnits(options);
  const beyond = tiles.map((tile) => beyondWeights(matrix, placement, options, tile));
  if (reference === 'digital')
    return {
      inputSums: beyond.map(({ places, levels }) => combined(places, levels, (p, l) => off * p + l)),
      referenceOf: null,
      referenceFactors: tiles.map(() => 0),
      weightSums,
    };
  const first = placement.lines.count - placement.arrays;
  const held = referenceLevel(options, placement.slices);
  return {
    inputSums: beyond.map(({ places, levels }) => combined(places, levels, (p, l) => off * (p - l / held))),
    referenceOf: placement.lines.referenceOf.map((line) => line - first),
    referenceFactors: beyond.map(({ levels }) => combined(levels, levels, (l) => l / held)),
    weightSums,
  };
}

/** What a unit of every input adds to an output of a tile beyond its weights: `places` times off currents, levels. */
function beyondWeights(
  { columns }: WeightMatrix,
  { lines, slices }: Placement,
  { layout }: CrossbarOptions,
  { flipped }: StoredTile,
): { places: ByOutput; levels: ByOutput } {
  const offset = weightOffset(layout.weightBits, layout.sign);
  let all = 0;
  for (let slice = 0; slice < slices; slice++) all += 2 ** (layout.cellBits * slice);
  if (flipped === null) return { places: all, levels: offset };
  const places = new Float64Array(columns).fill(all);
  const levels = new Float64Array(columns).fill(offset);
  for (let line = 0; line < lines.count; line++) {
    if (flipped[line] !== 1) continue;
    const unit = 2 ** (layout.cellBits * lines.slice[line]!);
    places[lines.column[line]!]! -= 2 * unit;
    levels[lines.column[line]!]! -= unit * (2 ** layout.cellBits - 1);
  }
  return { places, levels };
}

/** A function of two numbers, output by output. */
function combined(a: ByOutput, b: ByOutput, join: (a: number, b: number) => number): ByOutput {
  if (typeof a === 'number' || typeof b === 'number') return join(Number(a), Number(b));
  return a.map((own, output) => join(own, b[output]!));
}
