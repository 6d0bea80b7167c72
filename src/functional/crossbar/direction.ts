// One direction of a stored matrix: the blocks that a vector passes, forward or transposed, and how results join.

import {
  noStatistics,
  type IntegerRange,
  type Numbers,
  type ProductStatistics,
  type ResultPlaces,
} from '../backend.js';
import type { Gathered } from '../wasm/jobs.js';
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

  /** The vectors one after the other, all results overwritten. */
  run(inputs: Gathered<Numbers>, out: ResultPlaces, seen: Seen): void {
    const words = wordsOf(inputs, this.plan);
    for (let from = 0; from < words.starts.length; from += PART)
      this.#part({ ...words, starts: words.starts.subarray(from, from + PART) }, from, out, seen);
  }

  #part(words: Gathered, from: number, out: ResultPlaces, { places, statistics, observe }: Seen): void {
    const { shape, options } = this;
    const { outputs, references } = shape;
    const vectors = words.starts.length;
    const joined = new Float64Array(outputs * vectors);
    const noisy = drawsAtReads(options);
    this.#tiles.forEach((blocks, tile) => {
      const refs = new Float64Array(references * vectors);
      const results = { outputs: joined, references: refs, stride: vectors };
      for (const { block, fast } of blocks) {
        const keys = noisy ? drawKeys(places, from, vectors, block.shape.index) : new Int32Array(0);
        const call: BlockInputs = { words, keys };
        if (fast === null || observe !== null) runReference(block, call, results, { statistics, observe });
        else fast.run(call, results, statistics);
      }
      this.#correct(tile, words, { joined, refs });
    });
    this.#write(joined, from, vectors, out);
  }

  /** Writes [output][vector] to where results go. */
  #write(joined: Float64Array, from: number, vectors: number, out: ResultPlaces): void {
    const { plan, shape } = this;
    const { outputs, corrections } = shape;
    const { data, at, columnStride, vectorStride, imageStride, vectorsPerImage, scales } = out;
    for (let first = from; first < from + vectors;) {
      const image = Math.floor(first / vectorsPerImage);
      const end = Math.min(from + vectors, (image + 1) * vectorsPerImage);
      const to = at + image * imageStride + (first - image * vectorsPerImage) * vectorStride;
      // Eight outputs at a time, so that what is written to a vector lies together where outputs do.
      const together = columnStride === 1 ? 8 : 1;
      for (let o8 = 0; o8 < outputs; o8 += together)
        for (let v = first, t = to; v < end; v++, t += vectorStride)
          for (let o = o8; o < o8 + together && o < outputs; o++) {
            const sum = joined[o * vectors + v - from]! - plan.shift * corrections.weightSums[o]!;
            data[t + o * columnStride] = scales === null ? sum : sum * scales[o]!;
          }
      first = end;
    }
  }

  /** Takes off what the cells of a tile carry beyond their weights: off currents, the offset of the weights. */
  #correct(
    tile: number,
    { data, starts, offsets }: Gathered,
    { joined, refs }: { readonly joined: Float64Array; readonly refs: Float64Array },
  ): void {
    const { outputs, corrections, tiles } = this.shape;
    const { referenceOf, referenceFactors } = corrections;
    const inputSum = corrections.inputSums[tile]!;
    const { driven } = tiles[tile]![0]!;
    if (inputSum === 0 && referenceOf === null) return;
    const vectors = starts.length;
    const sums = new Float64Array(vectors);
    for (let v = 0; v < vectors; v++)
      for (let i = 0; i < driven.length; i++) sums[v]! += data[starts[v]! + offsets[driven[i]!]!]!;
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
function wordsOf({ data: inputs, starts, offsets }: Gathered<Numbers>, { shift, least }: SlotPlan): Gathered {
  if (inputs instanceof Int32Array && shift === 0 && least <= LEAST_WORD) return { data: inputs, starts, offsets };
  const data = new Int32Array(inputs.length);
  for (let i = 0; i < data.length; i++) data[i] = Math.max(least, inputs[i]! + shift);
  return { data, starts, offsets };
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
