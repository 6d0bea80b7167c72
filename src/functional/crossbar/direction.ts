// One direction of a stored matrix: the blocks that a vector passes, forward or transposed, and how results join.

import { noStatistics, type IntegerRange, type Numbers, type ProductStatistics, type Reals } from '../backend.js';
import { vectorKeys } from '../wasm/normal.js';
import { Block, SeenSums, type BlockInputs, type BlockShape } from './block.js';
import type { SumRange } from './converter.js';
import { fastBlock, type FastBlock } from './fast.js';
import { drawsAtReads, type CrossbarOptions } from './options.js';
import { runReference, type SumObserver } from './reference.js';
import { LEAST_WORD, planSlots, type SlotPlan } from './slots.js';

/** One number for all outputs, or one each. */
export type ByOutput = number | Float64Array;

const of = (numbers: ByOutput, output: number): number => (typeof numbers === 'number' ? numbers : numbers[output]!);

/** What is added to an output when its blocks have been joined, all in terms of known integers. */
export interface Corrections {
  /** By tile: factor of the sum of the tile's inputs, for what its cells hold beyond their weights. */
  readonly inputSums: readonly ByOutput[];
  /** By output: reference that is subtracted (times its factor); -1: none. */
  readonly referenceOf: Int32Array | null;
  /** By tile. */
  readonly referenceFactors: readonly ByOutput[];
  /** Sum of the weights of an output: what the plan's shift adds to it, for each unit. */
  readonly weightSums: Float64Array;
}

/** Blocks of a direction and the vectors that pass them. */
export interface DirectionShape {
  readonly name: string;
  /** Length of a vector, and of a result. */
  readonly inputs: number;
  readonly outputs: number;
  readonly references: number;
  /** Tiles along the driven side, each with the blocks that one result of it joins. */
  readonly tiles: readonly (readonly BlockShape[])[];
  readonly corrections: Corrections;
  readonly range: IntegerRange;
}

/** Draws of a call: a stream's key and the vector's number within it, by vector. */
export type DrawPlaces = (vector: number) => readonly [stream: number, vector: number];

/** What a call is seen by: where its draws come from, what is counted, who watches its sums. */
export interface Seen {
  readonly places: DrawPlaces;
  readonly statistics: ProductStatistics;
  readonly observe: SumObserver | null;
}

/** A call's vectors go in parts, so that memory is bounded. */
const PART = 512;

type Tiles = readonly (readonly { readonly block: Block; readonly fast: FastBlock | null }[])[];

/** The blocks of one direction with their converters. */
export class Direction {
  readonly plan: SlotPlan;
  #calibrated: SeenSums | null = null;
  #seen = new SeenSums();
  #tiles: Tiles;

  constructor(
    public shape: DirectionShape,
    readonly options: CrossbarOptions,
  ) {
    this.plan = planSlots(shape.range, options.bitsPerSlot, options.signedInputs);
    this.#tiles = this.#build();
  }

  #build(): Tiles {
    return this.shape.tiles.map((blocks) =>
      blocks.map((shape) => {
        const block = new Block(shape, this.options, this.plan, { calibrated: this.#calibrated, seen: this.#seen });
        return { block, fast: fastBlock(block) };
      }),
    );
  }

  /** Takes the cells of another shape over the same lines; ranges of converters and sums seen stay. */
  restore(shape: DirectionShape): void {
    this.shape = shape;
    this.#tiles = this.#build();
  }

  /** Sums that a line can have. */
  get possible(): SumRange {
    return this.#tiles[0]![0]!.block.possible;
  }

  /** Whether results are integer products, whatever drives it. */
  get isExact(): boolean {
    return this.#tiles.every((blocks) => blocks.every(({ block }) => block.isExact));
  }

  /** Sums that its converters tell apart, of all slices; null where sums are not converted. */
  get converted(): SumRange | null {
    const steps = this.#tiles[0]![0]!.block.steps;
    if (steps.some(({ last }) => last === 0)) return null;
    return {
      least: Math.min(...steps.map(({ least }) => least)),
      most: Math.max(...steps.map(({ least, step, last }) => least + step * last)),
    };
  }

  /** Takes the range of the sums seen so far for converters that are calibrated. */
  calibrate(): void {
    if (this.options.converter.range === 'calibrated') this.#calibrated = this.#seen;
    this.#seen = new SeenSums();
    this.#tiles = this.#build();
  }

  /** @param inputs [vector][input] @param out [vector][output], overwritten */
  run(inputs: Numbers, vectors: number, out: Reals, seen: Seen): void {
    for (let from = 0; from < vectors; from += PART)
      this.#part(inputs, { from, vectors: Math.min(PART, vectors - from) }, out, seen);
  }

  #part(
    inputs: Numbers,
    { from, vectors }: { readonly from: number; readonly vectors: number },
    out: Reals,
    { places, statistics, observe }: Seen,
  ): void {
    const { shape, plan, options } = this;
    const { inputs: length, outputs, references, corrections } = shape;
    const words = wordsOf(inputs, from * length, vectors * length, plan);
    const joined = new Float64Array(outputs * vectors);
    const noisy = drawsAtReads(options);
    this.#tiles.forEach((blocks, tile) => {
      const refs = new Float64Array(references * vectors);
      const results = { outputs: joined, references: refs, stride: vectors };
      for (const { block, fast } of blocks) {
        const keys = noisy ? drawKeys(places, from, vectors, block.shape.index) : new Int32Array(0);
        const call: BlockInputs = { words, length, vectors, keys };
        if (fast === null || observe !== null) runReference(block, call, results, { statistics, observe });
        else fast.run(call, results, statistics);
      }
      this.#correct(tile, words, vectors, { joined, refs });
    });
    // Eight outputs at a time, so that what is written to a vector lies together.
    for (let first = 0; first < outputs; first += 8)
      for (let v = 0; v < vectors; v++)
        for (let o = first; o < first + 8 && o < outputs; o++)
          out[(from + v) * outputs + o] = joined[o * vectors + v]! - plan.shift * corrections.weightSums[o]!;
  }

  /** Takes off what the cells of a tile carry beyond their weights: off currents, the offset of the weights. */
  #correct(
    tile: number,
    words: Int32Array,
    vectors: number,
    { joined, refs }: { readonly joined: Float64Array; readonly refs: Float64Array },
  ): void {
    const { outputs, inputs, corrections, tiles } = this.shape;
    const { referenceOf, referenceFactors } = corrections;
    const inputSum = corrections.inputSums[tile]!;
    const { driven } = tiles[tile]![0]!;
    if (inputSum === 0 && referenceOf === null) return;
    const sums = new Float64Array(vectors);
    for (let v = 0; v < vectors; v++)
      for (let i = 0; i < driven.length; i++) sums[v]! += words[v * inputs + driven[i]!]!;
    for (let o = 0; o < outputs; o++) {
      const at = o * vectors;
      const [inputFactor, factor] = [of(inputSum, o), of(referenceFactors[tile]!, o)];
      const reference = (referenceOf?.[o] ?? -1) * vectors;
      if (reference < 0) for (let v = 0; v < vectors; v++) joined[at + v]! -= inputFactor * sums[v]!;
      else for (let v = 0; v < vectors; v++) joined[at + v]! -= inputFactor * sums[v]! + factor * refs[reference + v]!;
    }
  }
}

/** What drives the lines: inputs with the plan's shift; integers that need none are taken as they are. */
function wordsOf(inputs: Numbers, from: number, length: number, { shift, least }: SlotPlan): Int32Array {
  if (inputs instanceof Int32Array && shift === 0 && least <= LEAST_WORD) return inputs.subarray(from, from + length);
  const words = new Int32Array(length);
  for (let i = 0; i < length; i++) words[i] = Math.max(least, inputs[from + i]! + shift);
  return words;
}

function drawKeys(places: DrawPlaces, from: number, vectors: number, block: number): Int32Array {
  const keys = new Int32Array(2 * vectors);
  for (let v = 0; v < vectors; v++) {
    const [stream, number] = places(from + v);
    [keys[2 * v], keys[2 * v + 1]] = vectorKeys(stream, number, block);
  }
  return keys;
}

/** Statistics that start anew. */
export function clearStatistics(statistics: ProductStatistics): void {
  Object.assign(statistics, noStatistics());
}
