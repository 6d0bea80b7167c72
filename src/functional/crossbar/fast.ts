// A block by the kernels: look-ups of one-bit slots on ideal cells, else a product of floats and analog converters.

import type { ProductStatistics } from '../backend.js';
import type { Gathered, IntegerNoise, LineConverters } from '../wasm/jobs.js';
import { kernels, packPanels, roundUp } from '../wasm/kernels.js';
import { nearestEven } from '../wasm/fallback.js';
import { COUNTER_STEP } from '../wasm/normal.js';
import { drivenBy, type Block, type BlockInputs, type BlockResults } from './block.js';
import type { Steps } from './converter.js';
import { drawsAtReads } from './options.js';
import { isPlain, slotValue } from './slots.js';

/** Largest level whose cells the look-up tables hold, and largest whose squares they hold. */
const TABLE_LEVEL = 15;
const TABLE_SQUARED = 7;
/** Sums that the look-ups count up to. */
const LARGEST_SUM = 65535;
/** Largest codes that float32 keeps apart, with the fractions that rounding and firing need. */
const LARGEST_CODE = 65535;
const LARGEST_COUNT = 8191;
/** Bits up to which float32 holds integers. */
const EXACT_BITS = 24;

/** Arrays of a block that the kernels take, made once. */
export interface FastBlock {
  run(inputs: BlockInputs, results: BlockResults, statistics: ProductStatistics): void;
}

/** The kernels' form of a block; null where only the reference will do. */
export function fastBlock(block: Block): FastBlock | null {
  const { options, plan, spin } = block;
  if (options.precision === 'float64' || options.accumulation === 'analog' || spin !== null) return null;
  if (block.shape.conductances === null && block.possible.most > 2 ** EXACT_BITS) return null;
  if (block.last > (options.converter.kind === 'integrate-fire' ? LARGEST_COUNT : LARGEST_CODE)) return null;
  if (options.converter.noise > 0 && !sharesNoise(block)) return null;
  return takesIntegers(block) && plan.slots <= 16 ? new IntegerBlock(block) : new AnalogBlock(block);
}

/** Whether what is drawn at each conversion has one variance for all lines, as the kernels take it. */
const sharesNoise = ({ options, steps }: Block): boolean =>
  options.cells.read?.relativeTo !== 'conductance' && steps.every(({ step }) => step === steps[0]!.step);

/** Whether sums are whole numbers that the look-ups find. */
function takesIntegers({ shape, options, plan, level, errors, last, possible }: Block): boolean {
  const { read } = options.cells;
  return (
    shape.conductances === null &&
    shape.digits !== null &&
    level <= TABLE_LEVEL &&
    possible.most <= LARGEST_SUM &&
    plan.bitsPerSlot === 1 &&
    !plan.signed &&
    plan.code !== 'analog' &&
    options.currentLimit === Infinity &&
    (errors === null || options.converter.inl === 0) &&
    (!drawsAtReads(options) || (last > 0 && (read?.relativeTo !== 'conductance' || level <= TABLE_SQUARED)))
  );
}

/** Rows of totals that lines are joined to, and what a total is worth: `scale` times it plus `base`. */
interface Joined {
  readonly targets: Int32Array;
  readonly factors: Int32Array;
  readonly results: readonly { readonly output: number; readonly scale: number; readonly base: number }[];
}

/** Lines of one output as one row of totals, where 32 bits hold them and their converters have the same steps. */
function joinedLines({ shape, plan, steps, last, possible }: Block, unitCodes: boolean): Joined {
  const { lines, output, weight, slice } = shape;
  const whole = plan.weights.reduce((sum, w) => sum + w, 0);
  const largest = last === 0 || (unitCodes && possible.most < last) ? possible.most : last;
  const most = largest * plan.weights.reduce((sum, w) => sum + Math.abs(w), 0);
  const sizes = new Map<number, number>();
  for (let line = 0; line < lines; line++)
    sizes.set(output[line]!, (sizes.get(output[line]!) ?? 0) + Math.abs(weight[line]!));
  const together =
    steps.every(({ least, step }) => least === steps[0]!.least && step === steps[0]!.step) &&
    weight.every(Number.isInteger) &&
    [...sizes.values()].every((size) => size * most < 2 ** 31);
  const stepsOf = (line: number): Steps => steps[slice[line]!]!;
  if (!together)
    return {
      targets: Int32Array.from({ length: lines }, (_, line) => line),
      factors: new Int32Array(lines).fill(1),
      results: Array.from({ length: lines }, (_, line) => ({
        output: output[line]!,
        scale: weight[line]! * stepsOf(line).step,
        base: weight[line]! * stepsOf(line).least * whole,
      })),
    };
  const outputs = [...sizes.keys()];
  const places = new Map(outputs.map((own, place) => [own, place]));
  const bases = new Float64Array(outputs.length);
  const targets = output.map((own) => places.get(own)!);
  for (let line = 0; line < lines; line++) bases[targets[line]!]! += weight[line]! * stepsOf(line).least * whole;
  return {
    targets,
    factors: Int32Array.from(weight),
    results: outputs.map((own, place) => ({ output: own, scale: steps[0]!.step, base: bases[place]! })),
  };
}

/** Ideal cells, one bit a slot. */
class IntegerBlock implements FastBlock {
  readonly #cells: Uint8Array;
  readonly #rows: number;
  readonly #converters: LineConverters | null;
  readonly #squares: Uint8Array | null = null;
  readonly #joined: Joined;
  /** Conversions of vectors that are only there to fill the kernel's blocks, beyond the range. */
  readonly #clippedAtZero: number;

  constructor(readonly block: Block) {
    const { shape, options, last, steps } = block;
    const { lines, driven } = shape;
    this.#rows = roundUp(driven.length, 4);
    this.#cells = padded(shape.digits!, lines, driven.length, this.#rows);
    const plain =
      block.errors === null && !drawsAtReads(options) && steps.every(({ least, step }) => least === 0 && step === 1);
    this.#converters = plain || last === 0 ? null : block.lineConverters(roundUp(lines, 8));
    if (options.cells.read?.relativeTo === 'conductance') this.#squares = this.#cells.map((digit) => digit * digit);
    let clipped = 0;
    for (let line = 0; line < lines && this.#converters !== null; line++) {
      const code = nearestEven(this.#converters.shift[line]!);
      if (code < 0 || code > last) clipped++;
    }
    this.#clippedAtZero = clipped;
    this.#joined = joinedLines(block, this.#converters === null);
  }

  run({ words: all, keys }: BlockInputs, results: BlockResults, statistics: ProductStatistics): void {
    const { block } = this;
    const { shape, plan } = block;
    const joined = this.#joined;
    const words = drivenBy(block, all);
    const vectors = words.starts.length;
    const sums = kernels().integerSums({
      cells: this.#cells,
      lines: shape.lines,
      rows: this.#rows,
      level: block.level,
      words,
      slots: plan.slots,
      negative: plan.weights[plan.slots - 1]! < 0,
      targets: joined.targets,
      factors: joined.factors,
      results: joined.results.length,
      converters: this.#converters,
      noise: keys.length === 0 ? null : this.#noise(words, keys),
      last: block.last === 0 ? LARGEST_SUM : block.last,
    });
    const { totals, stride } = sums;
    joined.results.forEach(({ output, scale, base }, result) => {
      const target = output >= 0 ? results.outputs : results.references;
      const at = (output >= 0 ? output : -1 - output) * results.stride;
      const row = result * stride;
      for (let v = 0; v < vectors; v++) target[at + v]! += scale * totals[row + v]! + base;
    });
    const filled = (stride - vectors) * plan.slots;
    block.note(statistics, {
      vectors,
      clipped: sums.clipped - filled * this.#clippedAtZero,
      limited: 0,
      least: sums.least,
      most: sums.most,
    });
  }

  #noise({ data, starts, offsets }: Gathered, keys: Int32Array): IntegerNoise {
    const { block } = this;
    const width = roundUp(block.shape.lines, 8);
    const { read } = block.options.cells;
    if (read?.relativeTo === 'conductance') {
      const square = Math.max(1, block.level) ** 2;
      return { squares: this.#squares, unit: read.deviation ** 2, square, variances: null, keys, width };
    }
    const { slots } = block.plan;
    const vectors = starts.length;
    const variances = new Float32Array(slots * vectors);
    const ones = new Int32Array(slots);
    const [unit, own] = [block.variance(0), block.conversionVariance(0)];
    for (let v = 0; v < vectors; v++) {
      ones.fill(0);
      for (let i = 0; i < offsets.length; i++) {
        const word = data[starts[v]! + offsets[i]!]!;
        for (let k = 0; k < slots; k++) ones[k]! += (word >> k) & 1;
      }
      for (let k = 0; k < slots; k++) variances[k * vectors + v] = unit * ones[k]! + own;
    }
    return { squares: null, unit: 0, square: 0, variances, keys, width };
  }
}

/** [line][driven] to [line][rows] bytes. */
function padded(digits: ArrayLike<number>, lines: number, driven: number, rows: number): Uint8Array {
  const out = new Uint8Array(lines * rows);
  for (let line = 0; line < lines; line++)
    for (let i = 0; i < driven; i++) out[line * rows + i] = digits[line * driven + i]!;
  return out;
}

/** Vectors of a call of analog cells go in parts, so that what the kernels work on stays in the caches. */
const PART = 64;

/** Any cells and slots, in float32. */
class AnalogBlock implements FastBlock {
  readonly #width: number;
  readonly #panels: Float32Array;
  readonly #variances: Float32Array | null;
  readonly #converters: LineConverters;
  /** Slots that go at once, so that float32 totals are exact where sums are whole. */
  readonly #together: number;

  constructor(readonly block: Block) {
    const { shape, cells, options, plan, last, possible } = block;
    const { lines, driven } = shape;
    const rows = driven.length;
    this.#width = roundUp(lines, 8);
    const pack = (at: (row: number, line: number) => number): Float32Array =>
      packPanels(new Float32Array(this.#width * rows), { k: rows, n: lines, lanes: 8 }, at);
    this.#panels = pack((row, line) => cells[line * rows + row]!);
    this.#variances =
      options.cells.read?.relativeTo === 'conductance' ? pack((row, line) => block.variance(line * rows + row)) : null;
    this.#converters = block.lineConverters(this.#width);
    const bits = Math.ceil(Math.log2((last === 0 ? possible.most : last) + 1));
    const exact = Math.floor((EXACT_BITS - bits) / plan.bitsPerSlot);
    // Draws are numbered by pairs of slots; noise leaves nothing to be exact.
    this.#together = !drawsAtReads(options) ? Math.max(1, exact) : Math.max(2, exact & ~1);
  }

  run({ words, keys }: BlockInputs, results: BlockResults, statistics: ProductStatistics): void {
    const { data, starts, offsets } = drivenBy(this.block, words);
    for (let from = 0; from < starts.length; from += PART) {
      const own = { data, starts: starts.subarray(from, from + PART), offsets };
      this.#part(own, { from, keys: keys.subarray(2 * from, 2 * (from + PART)) }, results, statistics);
    }
  }

  #part(
    words: Gathered,
    { from, keys }: { readonly from: number; readonly keys: Int32Array },
    results: BlockResults,
    statistics: ProductStatistics,
  ): void {
    const { block } = this;
    const { shape, plan } = block;
    const { lines, output, weight, slice } = shape;
    const vectors = words.starts.length;
    const rows = words.offsets.length;
    const width = this.#width;
    const least = new Float64Array(lines);
    const most = new Float64Array(lines);
    let clipped = 0;
    let limited = 0;
    for (let first = 0; first < plan.slots; first += this.#together) {
      const slots = Math.min(this.#together, plan.slots - first);
      const { values, variances } = this.#drive(words, first, slots);
      const unit = Math.abs(plan.weights[first]!);
      const sums = kernels().analogSums({
        driven: values,
        binary: isPlain(plan) && plan.largest === 1,
        vectors,
        slots,
        rows,
        conductances: this.#panels,
        variances: this.#variances,
        rowVariances: variances,
        width,
        keys: shiftedKeys(keys, first, width),
        slotWeights: Float32Array.from({ length: slots }, (_, k) => plan.weights[first + k]! / unit),
        converters: this.#converters,
        limit: block.limit,
      });
      clipped += sums.clipped;
      limited += sums.limited;
      let whole = 0;
      for (let k = first; k < first + slots; k++) whole += plan.weights[k]!;
      for (let line = 0; line < lines; line++) {
        least[line] = Math.min(least[line]!, sums.least[line]!);
        most[line] = Math.max(most[line]!, sums.most[line]!);
        const steps = block.steps[slice[line]!]!;
        const factor = weight[line]! * steps.step * unit;
        const base = block.last === 0 ? 0 : weight[line]! * steps.least * whole;
        const to = output[line]!;
        const target = to >= 0 ? results.outputs : results.references;
        const at = (to >= 0 ? to : -1 - to) * results.stride + from;
        for (let v = 0; v < vectors; v++) target[at + v]! += factor * sums.totals[v * width + line]! + base;
      }
    }
    block.note(statistics, { vectors, clipped, limited, least, most });
  }

  /** [vector][slot][row] of some slots, and the variances that all lines share. */
  #drive(
    { data, starts, offsets }: Gathered,
    first: number,
    slots: number,
  ): { values: Float32Array; variances: Float32Array | null } {
    const { plan, options } = this.block;
    const vectors = starts.length;
    const rows = offsets.length;
    const values = new Float32Array(vectors * slots * rows);
    const shared =
      drawsAtReads(options) && options.cells.read?.relativeTo !== 'conductance'
        ? new Float32Array(vectors * slots)
        : null;
    const [unit, own] = shared === null ? [0, 0] : [this.block.variance(0), this.block.conversionVariance(0)];
    const { bitsPerSlot, largest } = plan;
    const plain = isPlain(plan);
    const squares = new Float64Array(slots);
    for (let v = 0; v < vectors; v++) {
      const to = v * slots * rows;
      squares.fill(0);
      for (let i = 0; i < rows; i++) {
        const word = data[starts[v]! + offsets[i]!]!;
        for (let k = 0; k < slots; k++) {
          const x = plain ? (word >> (bitsPerSlot * (first + k))) & largest : slotValue(plan, word, first + k);
          values[to + k * rows + i] = x;
          squares[k]! += x * x;
        }
      }
      if (shared !== null) for (let k = 0; k < slots; k++) shared[v * slots + k] = unit * squares[k]! + own;
    }
    return { values, variances: shared };
  }
}

/** Keys whose draws for slot 0 are those of slot `first` (an even one): counters go on by `width` for two slots. */
function shiftedKeys(keys: Int32Array, first: number, width: number): Int32Array {
  const shift = Math.imul((first >> 1) * width, COUNTER_STEP);
  return first === 0 ? keys : keys.map((key, i) => (i % 2 === 0 ? key + shift : key));
}
