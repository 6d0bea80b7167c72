// Maps laid with zeros around them, so that every element of an unfolded window has an address: im2col without copies.

import { leading } from '../../config/typed.js';
import type { Geometry, Maps } from './geometry.js';
import { sizeOf, type Numbers } from './values.js';

type Elements = Numbers | Int32Array;

/** 32-bit words of an element. */
export const wordsOf = (x: Elements): number => x.BYTES_PER_ELEMENT / 4;

/** The same elements as 32-bit words: one kind of array whatever they are, which keeps loops fast. */
export const asWords = (x: Elements): Int32Array =>
  x instanceof Int32Array ? x : new Int32Array(x.buffer, x.byteOffset, x.length * wordsOf(x));

/** Where the windows of one geometry lie in maps of some channels. */
export class MapLayout {
  /** Sizes of a map with the padding that windows reach, and the first place of the map in it. */
  readonly size: readonly number[];
  readonly #first: readonly number[];
  /** Elements of all channels. */
  readonly stride: number;
  readonly isPadded: boolean;
  /** Element of row r (channel, kernel depth, height, width) from the window's start on. */
  readonly offsets: Int32Array;
  readonly #rooms = { words: new Int32Array(0), doubles: new Float64Array(0) };
  #starts: { readonly maps: number; readonly step: number; readonly starts: Int32Array } | null = null;

  constructor(
    readonly geometry: Geometry,
    readonly channels: number,
  ) {
    const { input, output, strides, begins, kernel, dilations, places } = geometry;
    this.#first = begins.map((begin) => Math.max(0, begin));
    this.size = input.map((size, axis) => {
      const reach = (output[axis]! - 1) * strides[axis]! - begins[axis]! + (kernel[axis]! - 1) * dilations[axis]! + 1;
      return this.#first[axis]! + Math.max(size, reach);
    });
    const whole = sizeOf(this.size);
    this.stride = channels * whole;
    this.isPadded = this.size.some((size, axis) => size !== input[axis]);
    const [, kernelH, kernelW] = leading(3, kernel);
    const [, sizeH, sizeW] = leading(3, this.size);
    this.offsets = Int32Array.from({ length: channels * places }, (_, r) => {
      const place = r % places;
      const d = Math.floor(place / (kernelH * kernelW)) * dilations[0]!;
      const h = (Math.floor(place / kernelW) % kernelH) * dilations[1]!;
      const w = (place % kernelW) * dilations[2]!;
      return Math.floor(r / places) * whole + (d * sizeH + h) * sizeW + w;
    });
  }

  /** Start of the window at output 0, 0, 0. */
  get start(): number {
    const [, sizeH, sizeW] = leading(3, this.size);
    const { begins } = this.geometry;
    const [d, h, w] = leading(
      3,
      begins.map((begin, axis) => this.#first[axis]! - begin),
    );
    return (d * sizeH + h) * sizeW + w;
  }

  /** Starts of all windows of `maps` maps that lie `step` elements apart, map by map. */
  starts(maps: number, step: number): Int32Array {
    if (this.#starts?.maps === maps && this.#starts.step === step) return this.#starts.starts;
    const { output, strides } = this.geometry;
    const [, sizeH, sizeW] = leading(3, this.size);
    const [outD, outH, outW] = leading(3, output);
    const [strideD, strideH, strideW] = leading(3, strides);
    const starts = new Int32Array(maps * outD * outH * outW);
    let at = 0;
    for (let map = 0; map < maps; map++)
      for (let d = 0; d < outD; d++)
        for (let h = 0; h < outH; h++) {
          let from = map * step + this.start + (d * strideD * sizeH + h * strideH) * sizeW;
          for (let w = 0; w < outW; w++, from += strideW) starts[at++] = from;
        }
    this.#starts = { maps, step, starts };
    return starts;
  }

  /** `maps` maps of all channels with their padding; what was given where there is none, else until the next call. */
  laid<T extends Int32Array | Float64Array>(x: T, maps: number, room: T): T {
    if (!this.isPadded) return x;
    for (let map = 0; map < maps; map++)
      this.lay(
        { data: asWords(x), at: map * this.channels * this.geometry.inputSize },
        { data: asWords(room), at: map * this.stride },
        wordsOf(x),
      );
    return room;
  }

  /** Room for integers of `maps` maps. */
  words(x: Int32Array, maps: number): Int32Array {
    if (this.isPadded && this.#rooms.words.length < maps * this.stride)
      this.#rooms.words = new Int32Array(maps * this.stride);
    return this.laid(x, maps, this.#rooms.words);
  }

  /** As `words` for single precision. */
  singles(x: Float32Array, maps: number): Float32Array {
    const laid = this.words(asWords(x), maps);
    return new Float32Array(laid.buffer, laid.byteOffset, laid.length);
  }

  /** As `words` for doubles. */
  doubles(x: Float64Array, maps: number): Float64Array {
    if (this.isPadded && this.#rooms.doubles.length < maps * this.stride)
      this.#rooms.doubles = new Float64Array(maps * this.stride);
    return this.laid(x, maps, this.#rooms.doubles);
  }

  /** Lays maps of all channels from an element on into padded ones, `words` 32-bit words an element. */
  lay({ data: x, at: from }: Maps<Int32Array>, { data: padded, at }: Maps<Int32Array>, words: number): void {
    const row = this.geometry.input[2]! * words;
    let s = words * from;
    this.#eachRow((place) => {
      let t = words * (at + place);
      for (const end = t + row; t < end; t++, s++) padded[t] = x[s]!;
    });
  }

  /** Maps of all channels out of padded ones, from an element on: what stands in the padding is left. */
  unlay({ data, at }: Maps<Numbers>, { data: maps, at: to }: Maps<Numbers>): void {
    const [padded, x] = [asWords(data), asWords(maps)];
    const words = wordsOf(data);
    const row = this.geometry.input[2]! * words;
    let t = words * to;
    this.#eachRow((place) => {
      let s = words * (at + place);
      for (const end = s + row; s < end; s++, t++) x[t] = padded[s]!;
    });
  }

  /** The first element of every row of the maps of all channels, in the padded ones. */
  #eachRow(visit: (place: number) => void): void {
    const [inD, inH] = leading(3, this.geometry.input);
    const [sizeD, sizeH, sizeW] = leading(3, this.size);
    const [firstD, firstH, firstW] = leading(3, this.#first);
    for (let c = 0; c < this.channels; c++)
      for (let d = 0; d < inD; d++)
        for (let h = 0; h < inH; h++) visit(((c * sizeD + firstD + d) * sizeH + firstH + h) * sizeW + firstW);
  }
}

const layouts = new WeakMap<Geometry, Map<number, MapLayout>>();

/** The layout of a geometry over some channels, made once. */
export function layoutOf(geometry: Geometry, channels: number): MapLayout {
  let own = layouts.get(geometry);
  if (own === undefined) layouts.set(geometry, (own = new Map<number, MapLayout>()));
  let layout = own.get(channels);
  if (layout === undefined) own.set(channels, (layout = new MapLayout(geometry, channels)));
  return layout;
}
