// A block: inputs that drive lines of cells together, and the converters behind the lines.

import type { ProductStatistics } from '../backend.js';
import {
  converterErrors,
  converterSteps,
  FIRE,
  spinLevels,
  BOW,
  CURVE,
  type ConverterErrors,
  type SpinLevels,
  type Steps,
  type SumRange,
} from './converter.js';
import type { Digits } from './digits.js';
import { drawsAtReads, offUnits, type CrossbarOptions } from './options.js';
import { cellsAreIdeal, cellsHoldLevels } from './program.js';
import type { SlotPlan } from './slots.js';
import type { Gathered, LineConverters } from '../wasm/jobs.js';

/** Cells and lines of a block. */
export interface BlockShape {
  /** Names of converters' draws: layer, direction, tile, part. */
  readonly name: readonly (string | number)[];
  /** Number of the block among those that a vector passes. */
  readonly index: number;
  /** Inputs that drive it, by their place in the vector. */
  readonly driven: Int32Array;
  readonly lines: number;
  /** By line: the output that it adds to; -1 - r for reference r. */
  readonly output: Int32Array;
  /** By line: what its value counts. */
  readonly weight: Float64Array;
  readonly slice: Int32Array;
  /** By line: its converter. */
  readonly converter: Int32Array;
  /** Levels, [line][driven]; null where lines carry differences. */
  readonly digits: Digits | null;
  /** Conductances, [line][driven]; null where cells hold exactly their levels. */
  readonly conductances: Float64Array | null;
  /** Sums of squares of the cells behind a difference, [line][driven]; null: squares of the conductances. */
  readonly squares: Float64Array | null;
  /** Largest sum of the levels of a line. */
  readonly fullest: number;
}

/** Sums that lines had, by slice; what calibration goes by. */
export class SeenSums {
  readonly #least: number[] = [];
  readonly #most: number[] = [];

  add(slice: number, least: number, most: number): void {
    this.#least[slice] = Math.min(this.#least[slice] ?? least, least);
    this.#most[slice] = Math.max(this.#most[slice] ?? most, most);
  }

  of(slice: number): SumRange | null {
    const least = this.#least[slice];
    const most = this.#most[slice];
    return least === undefined || most === undefined ? null : { least, most };
  }
}

/** Where results go: [output][vector] and [reference][vector], added to. */
export interface BlockResults {
  readonly outputs: Float64Array;
  readonly references: Float64Array;
  /** Vectors that a row of them has. */
  readonly stride: number;
}

/** A call of a block. */
export interface BlockInputs {
  /** Words, an offset an input of the direction: inputs with the plan's shift; for analog inputs the values. */
  readonly words: Gathered;
  /** Two keys a vector, for this block's draws; empty where nothing is drawn at reads. */
  readonly keys: Int32Array;
}

/** Of an input's words those that drive a block. */
export const drivenBy = ({ shape }: Block, { data, starts, offsets }: Gathered): Gathered => ({
  data,
  starts,
  offsets: shape.driven.map((input) => offsets[input]!),
});

/** The highest of the levels. */
function highest(digits: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < digits.length; i++) if (digits[i]! > most) most = digits[i]!;
  return most;
}

/** What the sums of a call came to. */
interface SumsOfCall {
  readonly vectors: number;
  readonly clipped: number;
  readonly limited: number;
  /** By line. */
  readonly least: ArrayLike<number>;
  readonly most: ArrayLike<number>;
}

/** A block with its converters set. */
export class Block {
  readonly steps: readonly Steps[];
  readonly spin: SpinLevels | null;
  readonly errors: ConverterErrors | null;
  /** Cell by cell: conductances or levels. */
  readonly cells: Float64Array;
  /** Highest level among ideal cells. */
  readonly level: number;
  readonly #seen: SeenSums;

  /** @param calibrated ranges of the sums; null before @param seen takes the sums of calls */
  constructor(
    readonly shape: BlockShape,
    readonly options: CrossbarOptions,
    readonly plan: SlotPlan,
    { calibrated, seen }: { readonly calibrated: SeenSums | null; readonly seen: SeenSums },
  ) {
    this.#seen = seen;
    const { converter, seed } = options;
    this.cells = shape.conductances ?? Float64Array.from(shape.digits ?? []);
    this.level = shape.digits === null ? 0 : highest(shape.digits);
    const possible = this.possible;
    const open = converter.range === 'calibrated' && calibrated === null;
    const slices = Math.max(...shape.slice) + 1;
    this.steps = Array.from({ length: slices }, (_, slice) =>
      converterSteps(
        open ? { ...converter, bits: undefined } : converter,
        { possible, seen: calibrated?.of(slice) ?? null, whole: cellsHoldLevels(options.cells) },
        slice,
      ),
    );
    this.spin =
      converter.kind === 'spin-neuron' && converter.bits !== undefined && !open ? spinLevels(converter.bits) : null;
    this.errors = this.last === 0 ? null : converterErrors(converter, shape.converter, seed, shape.name);
  }

  /** Largest code; 0: not quantized. */
  get last(): number {
    return this.steps[0]?.last ?? 0;
  }

  /** Sums that can be with the fullest line: of a slot, or of all where they are joined before the converters. */
  get possible(): SumRange {
    const { options, plan, shape } = this;
    const slot = plan.largest * (shape.driven.length * offUnits(options) + shape.fullest);
    let [most, least] = [slot, 0];
    if (options.accumulation === 'analog') {
      most = plan.weights.reduce((sum, weight) => sum + Math.max(0, weight) * slot, 0);
      least = plan.weights.reduce((sum, weight) => sum + Math.min(0, weight) * slot, 0);
    }
    return plan.signed || shape.digits === null ? { least: least - most, most: most - least } : { least, most };
  }

  /** Sum at which the current of a line is limited, level units. */
  get limit(): number {
    return this.options.currentLimit * this.plan.largest;
  }

  /** Whether each sum of ideal cells has a code of its own, whatever drives them: no step, error, limit or draw. */
  get isExact(): boolean {
    const { shape, options, plan, steps, errors, spin, last } = this;
    const { digits, lines, driven } = shape;
    if (digits === null || shape.conductances !== null || !cellsAreIdeal(options.cells)) return false;
    if (drawsAtReads(options) || errors !== null || spin !== null) return false;
    // Magnitudes have no least two's complement number.
    if (options.accumulation === 'analog' || options.currentLimit !== Infinity || plan.code === 'sign-magnitude')
      return false;
    if (last === 0) return true;
    if (plan.signed || steps.some(({ least, step }) => least !== 0 || step !== 1)) return false;
    const rows = driven.length;
    for (let line = 0; line < lines; line++) {
      let most = 0;
      for (let i = line * rows; i < (line + 1) * rows; i++) most += digits[i]!;
      if (most * plan.largest > last) return false;
    }
    return true;
  }

  /** Variance of a cell's read noise in squares of level units for a unit input; the same for all with `range`. */
  variance(cell: number): number {
    const { read } = this.options.cells;
    if (read === null) return 0;
    const both = this.shape.squares === null ? 1 : 2;
    if (read.relativeTo === 'range') return both * (read.deviation * (2 ** this.options.layout.cellBits - 1)) ** 2;
    return read.deviation ** 2 * (this.shape.squares?.[cell] ?? this.cells[cell]! ** 2);
  }

  /** Variance of a line's sum from one conversion to the next, in squares of level units. */
  conversionVariance(line: number): number {
    return this.last === 0 ? 0 : (this.options.converter.noise * this.steps[this.shape.slice[line]!]!.step) ** 2;
  }

  /** Scales and shifts of lines for the kernels, `width` entries. */
  lineConverters(width: number): LineConverters {
    const { lines, slice } = this.shape;
    const scale = new Float32Array(width);
    const shift = new Float32Array(width);
    const { errors, last } = this;
    const curved = errors !== null && this.options.converter.inl > 0;
    const bow = curved ? new Float32Array(width) : null;
    const curve = curved ? new Float32Array(width) : null;
    const fire = this.options.converter.kind === 'integrate-fire' ? FIRE : 0;
    for (let line = 0; line < lines; line++) {
      const { least, step } = this.steps[slice[line]!]!;
      scale[line] = (1 + (errors?.gain[line] ?? 0)) / step;
      // A gain's error is one of the distance from the range's least sum.
      shift[line] = (-least * (1 + (errors?.gain[line] ?? 0))) / step + (errors?.offset[line] ?? 0) - fire;
      if (bow !== null) bow[line] = BOW * errors!.bow[line]!;
      if (curve !== null) curve[line] = CURVE * errors!.curve[line]!;
    }
    return { scale, shift, bow, curve, last };
  }

  /** Adds what the sums of a call say to the statistics. */
  note(statistics: ProductStatistics, { vectors, clipped, limited, least, most }: SumsOfCall): void {
    const { shape, plan, options } = this;
    const conversions = vectors * shape.lines * (options.accumulation === 'analog' ? 1 : plan.slots);
    statistics.conversions += conversions;
    if (options.converter.kind === 'adc') statistics.clipped += clipped;
    else statistics.saturated += clipped;
    statistics.saturated += limited;
    for (let line = 0; line < shape.lines; line++) {
      this.#seen.add(shape.slice[line]!, least[line]!, most[line]!);
      statistics.largestColumnSum = Math.max(statistics.largestColumnSum, most[line]!);
      statistics.leastColumnSum = Math.min(statistics.leastColumnSum, least[line]!);
    }
  }
}
