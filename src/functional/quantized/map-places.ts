// Where the vectors and results of one group of a convolution lie in the maps of a batch.

import type { ResultPlaces } from '../backend.js';
import type { MapLayout } from '../operators/map-layout.js';
import type { Gathered } from '../wasm/jobs.js';

/** Windows of a group's channels in all images of laid maps. */
export function partOf(
  layout: MapLayout,
  data: Int32Array | Float64Array,
  { part, groups, images }: Readonly<Record<'part' | 'groups' | 'images', number>>,
): Gathered<Int32Array | Float64Array> {
  const { stride, offsets } = layout;
  return { data: data.subarray(part * stride), starts: layout.starts(images, groups * stride), offsets };
}

/** Its results among [images, groups x columns, positions]. */
export function placesOf(
  { geometry: { outputSize } }: MapLayout,
  columns: number,
  { part, groups }: Readonly<Record<'part' | 'groups', number>>,
): Omit<ResultPlaces, 'data' | 'scales'> {
  return {
    at: part * columns * outputSize,
    vectorsPerImage: outputSize,
    imageStride: groups * columns * outputSize,
    vectorStride: 1,
    columnStride: outputSize,
  };
}
