// Unfolds maps position by position (im2col with the rows of a position side by side), by copying runs of words.

import { leading } from '../../config/typed.js';
import type { Geometry, Maps, Unfolded } from './geometry.js';
import { asWords, layoutOf, wordsOf, type MapLayout } from './map-layout.js';

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
  readonly #layout: MapLayout;
  readonly #words: number;
  /** Where the maps are laid with zeros around them; null: windows stay within the maps. */
  readonly #padded: Int32Array | null;
  readonly #copy: RunCopier;

  constructor(geometry: Geometry, channels: number, words: number) {
    const layout = layoutOf(geometry, channels);
    this.#layout = layout;
    this.#words = words;
    this.#padded = layout.isPadded ? new Int32Array(layout.stride * words) : null;
    // Places of a kernel's row follow each other in the map, unless they are dilated.
    const run = geometry.dilations[2] === 1 ? geometry.kernel[2]! : 1;
    this.#copy = runCopier(
      run * words,
      layout.offsets.filter((_, r) => r % run === 0).map((offset) => words * offset),
    );
  }

  run({ data: x, at: xAt }: Maps<Int32Array>, to: Int32Array, positionStride: number): void {
    const layout = this.#layout;
    const { output, strides } = layout.geometry;
    const words = this.#words;
    const [, sizeH, sizeW] = leading(3, layout.size);
    const [outD, outH, outW] = leading(3, output);
    const [strideD, strideH, strideW] = leading(3, strides);
    const source = this.#padded ?? x;
    const start = words * (layout.start + (this.#padded === null ? xAt : 0));
    if (this.#padded !== null) layout.lay({ data: x, at: xAt }, { data: this.#padded, at: 0 }, words);
    const copy = this.#copy;
    const step = words * strideW;
    for (let od = 0, at = 0; od < outD; od++)
      for (let oh = 0; oh < outH; oh++) {
        let from = start + words * (od * strideD * sizeH + oh * strideH) * sizeW;
        for (let ow = 0; ow < outW; ow++, from += step, at += words * positionStride) copy(source, from, to, at);
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
