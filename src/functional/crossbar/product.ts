// A matrix that stands in crossbars: its cells, and the products forward and transposed out of them.

import {
  checkVectors,
  noStatistics,
  rowsOf,
  sideBySide,
  type Activity,
  type IntegerRange,
  type Numbers,
  type PrepareOptions,
  type Product,
  type ProductStatistics,
  type Reals,
  type ResultPlaces,
  type SumHistogram,
  type VectorPlace,
  type WeightMatrix,
} from '../backend.js';
import type { Gathered } from '../wasm/jobs.js';
import { countOnes } from '../backends/activity.js';
import { InvariantError } from '../../kernel/index.js';
import { groupsOfArray } from '../../mapping/index.js';
import { checkWeights, cutDigits, flipColumns } from './digits.js';
import { clearStatistics, Direction, type DirectionShape, type DrawPlaces } from './direction.js';
import type { SumRange } from './converter.js';
import type { CrossbarOptions } from './options.js';
import { place, type Placement } from './placement.js';
import { cellsAreIdeal, programCells } from './program.js';
import { forwardShape, transposedShape, type ShapeOptions, type StoredTile } from './shapes.js';
import { streamKey } from './streams.js';

const DEFAULT_INPUTS: IntegerRange = { bits: 8, signed: true };
const HISTOGRAM_BINS = 1024;

/** The crossbar product of one matrix. */
export class CrossbarProduct implements Product {
  readonly rows: number;
  readonly columns: number;
  readonly statistics: ProductStatistics = noStatistics();
  readonly placement: Placement;
  /** Cells as they stand, one entry a row tile. */
  tiles: readonly StoredTile[];
  readonly options: CrossbarOptions;
  #matrix: WeightMatrix;
  readonly #inputs: IntegerRange;
  readonly #errors: IntegerRange;
  readonly #trial: number;
  #write: number;
  #forward: Direction | null = null;
  #transposed: Direction | null = null;
  #histogram: SumHistogram | null = null;
  #keepsHistogram = false;
  #ones: Float64Array | null = null;
  #values = 0;
  /** Vectors without a place so far, for their draws. */
  #placeless = 0;
  /** Packed into an array whose reads and reference column are counted for another group. */
  readonly #isGuest: boolean;

  /** @param rowTiles equal parts of the rows, instead of tiles filled one after the other */
  constructor(matrix: WeightMatrix, hardware: CrossbarOptions, prepare: PrepareOptions = {}, rowTiles?: number) {
    const weightBits = prepare.weightBits ?? hardware.layout.weightBits;
    this.options = { ...hardware, layout: { ...hardware.layout, weightBits } };
    this.rows = matrix.rows;
    this.columns = matrix.columns;
    if (matrix.values.length !== matrix.rows * matrix.columns)
      throw new InvariantError(`${matrix.name}: ${matrix.values.length} weights of ${matrix.rows} x ${matrix.columns}`);
    checkWeights(matrix, this.options);
    this.#matrix = matrix;
    this.#inputs = prepare.inputs ?? DEFAULT_INPUTS;
    this.#errors = prepare.errors ?? { ...this.#inputs, signed: true };
    this.#trial = prepare.trial ?? 0;
    this.#write = prepare.write ?? 0;
    const { rows, columns, group } = matrix;
    this.#isGuest =
      group !== undefined &&
      group.index % groupsOfArray({ rows, columns, groups: group.of }, this.options.layout) !== 0;
    this.placement = place(matrix.rows, matrix.columns, this.options.layout, rowTiles);
    this.tiles = this.#store();
  }

  rewrite(values: Numbers, write: number): void {
    const matrix = { ...this.#matrix, values };
    checkWeights(matrix, this.options);
    this.#matrix = matrix;
    this.#write = write;
    this.tiles = this.#store();
    this.#forward?.restore(this.#forwardShape());
    this.#transposed?.restore(this.#transposedShape());
  }

  #shapeOptions(range: IntegerRange): ShapeOptions {
    return { options: this.options, range, trial: this.#trial };
  }

  #forwardShape(): DirectionShape {
    return forwardShape(this.#matrix, this.placement, this.tiles, this.#shapeOptions(this.#inputs));
  }

  #transposedShape(): DirectionShape {
    return transposedShape(this.#matrix, this.placement, this.tiles, this.#shapeOptions(this.#errors));
  }

  #store(): StoredTile[] {
    const { placement, options } = this;
    const tiles: StoredTile[] = [];
    for (let tile = 0; tile + 1 < placement.bounds.length; tile++) {
      const [from, to] = [placement.bounds[tile]!, placement.bounds[tile + 1]!];
      const digits = cutDigits(this.#matrix, placement, options, { from, to });
      const flipped = flipColumns(digits, placement, options);
      const name = { matrix: this.#matrix.name, tile, trial: this.#trial, write: this.#write };
      const conductances = cellsAreIdeal(options.cells)
        ? null
        : programCells(digits, placement, { rows: to - from, name }, options);
      tiles.push({ from, to, digits, flipped, conductances });
    }
    return tiles;
  }

  #forwards(): Direction {
    return (this.#forward ??= new Direction(this.#forwardShape(), this.options));
  }

  /** As the cells stand now. */
  get isExact(): boolean {
    return this.#forwards().isExact;
  }

  get converted(): SumRange | null {
    return this.#forwards().converted;
  }

  forward(inputs: Numbers, vectors: number, out: Reals, at?: VectorPlace): void {
    checkVectors(this.#matrix.name, { inputs, vectors, length: this.rows }, out, this.columns);
    this.#read(sideBySide(inputs, vectors, this.rows), rowsOf(out, this.columns), at);
  }

  forwardMaps(vectors: Gathered<Numbers>, out: ResultPlaces, place: VectorPlace): void {
    this.#read(vectors, out, place);
  }

  #read(inputs: Gathered<Numbers>, out: ResultPlaces, at: VectorPlace | undefined): void {
    const forward = this.#forwards();
    const vectors = inputs.starts.length;
    this.#run(forward, inputs, out, { at, name: 'forward' });
    const { statistics, placement, options } = this;
    const tiles = placement.bounds.length - 1;
    if (this.#isGuest) {
      const sensed = options.accumulation === 'analog' ? 1 : forward.plan.slots;
      statistics.conversions -= vectors * tiles * forward.shape.references * sensed;
      statistics.shiftAdds -= vectors * tiles * forward.shape.references * sensed;
    } else statistics.reads += vectors * tiles * placement.arrays * forward.plan.slots;
    statistics.verticalAdds += vectors * this.columns * (tiles - 1) * placement.signs;
    if (options.layout.sign === 'offset') statistics.offsetSubtractions += vectors * this.columns * tiles;
    this.#countDriven(inputs, placement.arrays, forward, this.#inputs);
  }

  transposed(errors: Numbers, vectors: number, out: Reals, at?: VectorPlace): void {
    checkVectors(this.#matrix.name, { inputs: errors, vectors, length: this.columns }, out, this.rows);
    const { options, placement, statistics } = this;
    if (this.tiles.some(({ flipped }) => flipped !== null))
      throw new InvariantError(`${this.#matrix.name}: flipped columns do not add up along wordlines`);
    this.#transposed ??= new Direction(this.#transposedShape(), options);
    const driven = sideBySide(errors, vectors, this.columns);
    this.#run(this.#transposed, driven, rowsOf(out, this.rows), { at, name: 'transposed' });
    const apart = options.layout.slices === 'columns' ? placement.slices : 1;
    const { slots } = this.#transposed.plan;
    const tiles = placement.bounds.length - 1;
    if (!this.#isGuest) statistics.reads += vectors * tiles * placement.arrays * slots * apart;
    statistics.verticalAdds += vectors * this.rows * (placement.columnTiles - 1) * placement.signs;
    if (options.layout.sign === 'offset') {
      statistics.offsetSubtractions += vectors * this.rows * placement.columnTiles;
      statistics.inputSums += vectors * this.columns;
    }
    const arraysOfColumn = (placement.arrays / placement.columnTiles) * apart;
    this.#countDriven(driven, tiles * arraysOfColumn, this.#transposed, this.#errors);
  }

  #run(
    direction: Direction,
    inputs: Gathered<Numbers>,
    out: ResultPlaces,
    { at, name }: { readonly at: VectorPlace | undefined; readonly name: string },
  ): void {
    const observe = this.#keepsHistogram ? this.#observer(direction) : null;
    const before = this.statistics.conversions;
    const vectors = inputs.starts.length;
    direction.run(inputs, out, {
      places: this.#places(at, vectors, name),
      statistics: this.statistics,
      observe,
    });
    this.statistics.vectors += vectors;
    this.statistics.shiftAdds += this.statistics.conversions - before;
  }

  /** Streams by image; vectors without a place are numbered on from call to call. */
  #places(at: VectorPlace | undefined, vectors: number, direction: string): DrawPlaces {
    const stream = (image: number): number =>
      streamKey(this.options.seed, 'read', this.#matrix.name, direction, this.#trial, image);
    if (at === undefined) {
      const key = stream(-1);
      const first = this.#placeless;
      this.#placeless += vectors;
      return (v) => [key, first + v];
    }
    const { image, vectorsPerImage, from = 0 } = at;
    const keys = new Map<number, number>();
    return (v) => {
      const own = image + Math.floor(v / vectorsPerImage);
      let key = keys.get(own);
      if (key === undefined) keys.set(own, (key = stream(own)));
      return [key, from + (v % vectorsPerImage)];
    };
  }

  /** Counts driven lines: `lines` that each value drives in a slot. */
  #countDriven(inputs: Gathered<Numbers>, lines: number, { plan }: Direction, range: IntegerRange): void {
    const count = inputs.starts.length * inputs.offsets.length;
    this.statistics.drivenSettings += count * plan.slots * lines;
    const ones = this.#ones;
    if (ones === null) return;
    const own = new Float64Array(range.bits);
    countOnes(inputs, own);
    this.#values += count;
    own.forEach((n, bit) => {
      if (bit < ones.length) ones[bit]! += n;
      this.statistics.drivenOnes += n * lines;
    });
  }

  keepHistogram(): void {
    this.#keepsHistogram = true;
  }

  get histogram(): SumHistogram | null {
    return this.#histogram;
  }

  #observer(direction: Direction): (sum: number) => void {
    this.#histogram ??= emptyHistogram(direction);
    const { least, width, counts } = this.#histogram;
    return (sum) => {
      const bin = Math.round((sum - least) / width);
      counts[Math.min(Math.max(bin, 0), counts.length - 1)]!++;
    };
  }

  /** What the cells of one array of the first row tile hold, level units, [wordline][bitline]; unused ones are 0. */
  arrayMap(array: number): { rows: number; columns: number; levels: Float64Array } {
    const { from, to, digits, conductances } = this.tiles[0]!;
    const { lines } = this.placement;
    const rows = to - from;
    const own = Array.from({ length: lines.count }, (_, line) => line).filter((line) => lines.array[line] === array);
    const columns = Math.max(...own.map((line) => lines.bitline[line]!)) + 1;
    const levels = new Float64Array(rows * columns);
    for (const line of own)
      for (let r = 0; r < rows; r++)
        levels[r * columns + lines.bitline[line]!] = (conductances ?? digits)[line * rows + r]!;
    return { rows, columns, levels };
  }

  keepActivity(): void {
    this.#ones ??= new Float64Array(this.#inputs.bits);
  }

  get activity(): Activity | null {
    return this.#ones === null ? null : { values: this.#values, ones: this.#ones };
  }

  calibrate(): void {
    this.#forward?.calibrate();
    this.#transposed?.calibrate();
    clearStatistics(this.statistics);
    this.#histogram = null;
    this.#ones?.fill(0);
    this.#values = 0;
  }
}

function emptyHistogram({ possible: { least, most }, converted }: Direction): SumHistogram {
  const width = Math.max(1, Math.ceil((most - least + 1) / HISTOGRAM_BINS));
  return {
    least,
    width,
    counts: new Float64Array(Math.ceil((most - least + 1) / width) + 1),
    range: converted,
  };
}
