// Unfolds maps position by position (im2col with the rows of a position side by side), by copying runs of words.

import { leading } from '../../config/typed.js';
import { sizeOf, type Numbers } from './values.js';
import type { Geometry, Maps, Unfolded } from './geometry.js';

type Elements = Numbers | Int32Array;

/** 32-bit words of an element. */
const wordsOf = (x: Elements): number => x.BYTES_PER_ELEMENT / 4;

/** The same elements as 32-bit words: one kind of array whatever they are, which keeps the loops below fast. */
const asWords = (x: Elements): Int32Array =>
  x instanceof Int32Array ? x : new Int32Array(x.buffer, x.byteOffset, x.length * wordsOf(x));

type RunCopier = (x: Int32Array, from: number, to: Int32Array, at: number) => void;

/**
 * Copies runs of `run` words, which start at `from` + `starts`, one behind the other. Written out for the usual
 * kernels: it takes half the time.
 */
function runCopier(run: number, starts: Int32Array): RunCopier {
  if (run === 3)
    return (x, from, to, at) => {
      for (let j = 0, t = at; j < starts.length; j++, t += 3) {
        const s = from + starts[j]!;
        to[t] = x[s]!;
        to[t + 1] = x[s + 1]!;
        to[t + 2] = x[s + 2]!;
      }
    };
  if (run === 5)
    return (x, from, to, at) => {
      for (let j = 0, t = at; j < starts.length; j++, t += 5) {
        const s = from + starts[j]!;
        to[t] = x[s]!;
        to[t + 1] = x[s + 1]!;
        to[t + 2] = x[s + 2]!;
        to[t + 3] = x[s + 3]!;
        to[t + 4] = x[s + 4]!;
      }
    };
  if (run === 6)
    return (x, from, to, at) => {
      for (let j = 0, t = at; j < starts.length; j++, t += 6) {
        const s = from + starts[j]!;
        to[t] = x[s]!;
        to[t + 1] = x[s + 1]!;
        to[t + 2] = x[s + 2]!;
        to[t + 3] = x[s + 3]!;
        to[t + 4] = x[s + 4]!;
        to[t + 5] = x[s + 5]!;
      }
    };
  return (x, from, to, at) => {
    for (let j = 0, t = at; j < starts.length; j++) {
      const s = from + starts[j]!;
      for (let k = 0; k < run; k++, t++) to[t] = x[s + k]!;
    }
  };
}

/** Maps of one geometry and kind of element, unfolded position by position: what is written lies together. */
class PositionUnfolder {
  readonly #geometry: Geometry;
  readonly #channels: number;
  readonly #words: number;
  /** Sizes of a map with the padding that windows reach, and the first place of the map in it. */
  readonly #size: readonly number[];
  readonly #first: readonly number[];
  /** Where the maps are laid with zeros around them; null: windows stay within the maps. */
  readonly #padded: Int32Array | null;
  readonly #copy: RunCopier;

  constructor(geometry: Geometry, channels: number, words: number) {
    const { input, output, strides, begins, kernel, dilations, places } = geometry;
    this.#geometry = geometry;
    this.#channels = channels;
    this.#words = words;
    this.#first = begins.map((begin) => Math.max(0, begin));
    this.#size = input.map((size, axis) => {
      const reach = (output[axis]! - 1) * strides[axis]! - begins[axis]! + (kernel[axis]! - 1) * dilations[axis]! + 1;
      return this.#first[axis]! + Math.max(size, reach);
    });
    const whole = sizeOf(this.#size);
    const isPadded = this.#size.some((size, axis) => size !== input[axis]);
    this.#padded = isPadded ? new Int32Array(channels * whole * words) : null;
    const [, kernelH, kernelW] = leading(3, kernel);
    const [, sizeH, sizeW] = leading(3, this.#size);
    const offsets = Int32Array.from({ length: channels * places }, (_, r) => {
      const place = r % places;
      const d = Math.floor(place / (kernelH * kernelW)) * dilations[0]!;
      const h = (Math.floor(place / kernelW) % kernelH) * dilations[1]!;
      const w = (place % kernelW) * dilations[2]!;
      return words * (Math.floor(r / places) * whole + (d * sizeH + h) * sizeW + w);
    });
    // Places of a kernel's row follow each other in the map, unless they are dilated.
    const run = dilations[2] === 1 ? kernelW : 1;
    this.#copy = runCopier(
      run * words,
      offsets.filter((_, r) => r % run === 0),
    );
  }

  run({ data: x, at: xAt }: Maps<Int32Array>, to: Int32Array, positionStride: number): void {
    const { output, strides, begins } = this.#geometry;
    const words = this.#words;
    const [, sizeH, sizeW] = leading(3, this.#size);
    const [outD, outH, outW] = leading(3, output);
    const [strideD, strideH, strideW] = leading(3, strides);
    const [d, h, w] = leading(
      3,
      begins.map((begin, axis) => this.#first[axis]! - begin),
    );
    const source = this.#padded ?? x;
    const start = words * ((d * sizeH + h) * sizeW + w) + (this.#padded === null ? words * xAt : 0);
    if (this.#padded !== null) this.#lay(x, words * xAt);
    const copy = this.#copy;
    const step = words * strideW;
    for (let od = 0, at = 0; od < outD; od++)
      for (let oh = 0; oh < outH; oh++) {
        let from = start + words * (od * strideD * sizeH + oh * strideH) * sizeW;
        for (let ow = 0; ow < outW; ow++, from += step, at += words * positionStride) copy(source, from, to, at);
      }
  }

  /** Lays the maps from word `from` on into the padded ones. */
  #lay(x: Int32Array, from: number): void {
    const padded = this.#padded!;
    const [inD, inH, inW] = leading(3, this.#geometry.input);
    const [sizeD, sizeH, sizeW] = leading(3, this.#size);
    const [firstD, firstH, firstW] = leading(3, this.#first);
    const row = inW * this.#words;
    for (let c = 0, s = from; c < this.#channels; c++)
      for (let d = 0; d < inD; d++)
        for (let h = 0; h < inH; h++) {
          let t = this.#words * (((c * sizeD + firstD + d) * sizeH + firstH + h) * sizeW + firstW);
          for (const end = t + row; t < end; t++, s++) padded[t] = x[s]!;
        }
  }
}

/** Unfolders of the geometries in use: one for 4-byte elements, one for 8-byte ones. */
const unfolders = new WeakMap<Geometry, Map<number, PositionUnfolder>>();

/** `unfold` with the rows of a position side by side. */
export function unfoldByPosition(
  geometry: Geometry,
  channels: number,
  { data: x, at }: Maps,
  { data: to, positionStride }: Omit<Unfolded, 'rowStride'>,
): void {
  const words = wordsOf(x);
  let own = unfolders.get(geometry);
  if (own === undefined) unfolders.set(geometry, (own = new Map<number, PositionUnfolder>()));
  const key = 2 * channels + words - 1;
  let unfolder = own.get(key);
  if (unfolder === undefined) own.set(key, (unfolder = new PositionUnfolder(geometry, channels, words)));
  unfolder.run({ data: asWords(x), at }, asWords(to), positionStride);
}
