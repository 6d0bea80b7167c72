// The products of a convolution over a batch of maps, by the kernels that take windows where they lie. Sums have the
// order of unfolded windows: rows (channel, kernel depth, height, width), or images one after the other.

import { InvariantError } from '../../kernel/index.js';
import type { MapKernels } from '../wasm/jobs.js';
import { kernels } from '../wasm/kernels.js';
import type { Geometry } from './geometry.js';
import { layoutOf, type MapLayout } from './map-layout.js';
import type { Numbers } from './values.js';

/** What a convolution's loops need of its shapes. */
export interface Plan {
  readonly geometry: Geometry;
  readonly images: number;
  readonly groups: number;
  /** Channels of a group, in and out. */
  readonly channels: number;
  readonly filters: number;
  /** Rows of a group's matrix: channels x kernel places. */
  readonly rows: number;
  readonly positions: number;
  readonly outputShape: readonly number[];
}

/** Numbers of a right operand that are laid out at once, so that they stay in the caches. */
const PART = 1 << 17;

/** Arrays of one precision by name. */
type Arrays<K extends string, T = Numbers> = Readonly<Record<K, T>>;

const areSingle = <K extends string>(all: Arrays<K>): all is Arrays<K, Float32Array> =>
  Object.values<Numbers>(all).every((data) => data instanceof Float32Array);
const areDouble = <K extends string>(all: Arrays<K>): all is Arrays<K, Float64Array> =>
  Object.values<Numbers>(all).every((data) => data instanceof Float64Array);

/** What differs between the precisions. */
interface Precision<T> {
  /** Maps with their padding. */
  readonly lay: (layout: MapLayout, x: T, maps: number) => T;
  /** Numbers from a place on, not copied. */
  readonly cut: (data: T, at: number, length: number) => T;
  readonly kernels: MapKernels<T>;
}

const SINGLE: Precision<Float32Array> = {
  lay: (layout, x, maps) => layout.singles(x, maps),
  cut: (data, at, length) => data.subarray(at, at + length),
  get kernels() {
    return kernels().single;
  },
};

const DOUBLE: Precision<Float64Array> = {
  lay: (layout, x, maps) => layout.doubles(x, maps),
  cut: (data, at, length) => data.subarray(at, at + length),
  get kernels() {
    return kernels().double;
  },
};

const mixed = (): never => {
  throw new InvariantError('a convolution takes numbers of one precision');
};

/** y [images, groups x filters, positions] = w times the windows of x. */
export function windowProducts(plan: Plan, all: Arrays<'x' | 'w' | 'y'>): void {
  if (areSingle(all)) windowProductsOf(plan, all, SINGLE);
  else if (areDouble(all)) windowProductsOf(plan, all, DOUBLE);
  else mixed();
}

function windowProductsOf<T extends Float32Array | Float64Array>(
  { geometry, images, groups, channels, filters, rows, positions }: Plan,
  { x, w, y }: Arrays<'x' | 'w' | 'y', T>,
  { lay, cut, kernels: own }: Precision<T>,
): void {
  const layout = layoutOf(geometry, channels);
  const { offsets, stride: map } = layout;
  const data = lay(layout, x, images * groups);
  const starts = layout.starts(images, groups * map);
  const part = Math.max(8, Math.floor(PART / rows) & ~7);
  for (let group = 0; group < groups; group++) {
    const left = cut(w, group * filters * rows, filters * rows);
    const maps = cut(data, group * map, data.length - group * map);
    for (let from = 0; from < starts.length; from += part) {
      const { sums, stride } = own.columns(left, { data: maps, starts: starts.subarray(from, from + part), offsets });
      const end = Math.min(starts.length, from + part);
      for (let at = from; at < end;) {
        const image = Math.floor(at / positions);
        const to = Math.min(end, (image + 1) * positions);
        const place = (image * groups + group) * filters * positions + (at % positions);
        for (let f = 0; f < filters; f++) y.set(cut(sums, f * stride + at - from, to - at), place + f * positions);
        at = to;
      }
    }
  }
}

/** maps [images, groups x channels, ...] = errors [images, groups x filters, positions] times w, where windows lie. */
export function spreadProducts(plan: Plan, all: Arrays<'w' | 'errors' | 'maps'>): void {
  if (areSingle(all)) spreadProductsOf(plan, all, SINGLE);
  else if (areDouble(all)) spreadProductsOf(plan, all, DOUBLE);
  else mixed();
}

/** @param w matrices transposed: [groups, rows, filters] */
function spreadProductsOf<T extends Float32Array | Float64Array>(
  { geometry, images, groups, channels, filters, rows, positions }: Plan,
  { w, errors, maps }: Arrays<'w' | 'errors' | 'maps', T>,
  { cut, kernels: own }: Precision<T>,
): void {
  const layout = layoutOf(geometry, channels);
  const offsets = Int32Array.from({ length: filters }, (_, f) => f * positions);
  const part = Math.max(1, Math.min(images, Math.floor(PART / (Math.max(filters, ROWS_AT_ONCE) * positions))));
  const step = groups * filters * positions;
  const starts = Int32Array.from(
    { length: part * positions },
    (_, at) => Math.floor(at / positions) * step + (at % positions),
  );
  const targets = layout.starts(part, layout.stride);
  for (let from = 0; from < images; from += part) {
    const count = Math.min(part, images - from);
    for (let group = 0; group < groups; group++) {
      const at = (from * groups + group) * filters * positions;
      const spread = own.spread(
        cut(w, group * filters * rows, filters * rows),
        {
          data: cut(errors, at, (count - 1) * step + filters * positions),
          starts: starts.subarray(0, count * positions),
          offsets,
        },
        {
          starts: targets.subarray(0, count * positions),
          offsets: layout.offsets,
          length: count * layout.stride,
        },
      );
      for (let i = 0; i < count; i++)
        layout.unlay(
          { data: spread, at: i * layout.stride },
          { data: maps, at: ((from + i) * groups + group) * channels * geometry.inputSize },
        );
    }
  }
}

/** Rows whose results stand in the caches beside the errors that they come from. */
const ROWS_AT_ONCE = 64;

/**
 * Adds to sums [groups x filters, rows] of double precision: errors [images, groups x filters, positions] times the
 * windows of x, image after image.
 */
export function gradientProducts(plan: Plan, all: Arrays<'x' | 'errors'>, sums: Float64Array): void {
  if (areSingle(all)) gradientProductsOf(plan, all, sums, SINGLE);
  else if (areDouble(all)) gradientProductsOf(plan, all, sums, DOUBLE);
  else mixed();
}

function gradientProductsOf<T extends Float32Array | Float64Array>(
  { geometry, images, groups, channels, filters, rows, positions }: Plan,
  { x, errors }: Arrays<'x' | 'errors', T>,
  sums: Float64Array,
  { lay, cut, kernels: own }: Precision<T>,
): void {
  const layout = layoutOf(geometry, channels);
  const data = lay(layout, x, images * groups);
  const offsets = layout.starts(images, groups * layout.stride).subarray(0, positions);
  const part = Math.max(8, Math.floor(PART / positions) & ~7);
  for (let image = 0; image < images; image++)
    for (let group = 0; group < groups; group++) {
      const place = image * groups + group;
      const left = cut(errors, place * filters * positions, filters * positions);
      const maps = cut(data, place * layout.stride, layout.stride);
      for (let from = 0; from < rows; from += part) {
        const starts = layout.offsets.subarray(from, from + part);
        const { sums: products, stride } = own.columns(left, { data: maps, starts, offsets });
        for (let f = 0; f < filters; f++) {
          const to = (group * filters + f) * rows + from;
          addRow(sums, to, cut(products, f * stride, starts.length));
        }
      }
    }
}

/** Adds numbers to others from a place on. */
function addRow(to: Float64Array, at: number, from: Numbers): void {
  for (let i = 0; i < from.length; i++) to[at + i]! += from[i]!;
}
