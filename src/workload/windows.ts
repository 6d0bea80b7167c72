// Row-granular pipelines: what a layer's output positions need of its producer's.

import { elementsOf, type Window } from './graph/index.js';
import type { WeightInput, WeightLayer } from './weight-layer.js';

/** A window, or an adaptive pool's shares, over a map: its axes and how far they reach. */
interface Pass {
  readonly window: Window;
  /** Windows of an adaptive pool: output o reads inputs floor(o I / O) to ceil((o + 1) I / O) - 1. */
  readonly adaptive: boolean;
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/**
 * For each output position of `consumer` in raster order: how many positions of the producer's unpooled output, in
 * raster order, must be
 * there (through the pools between; dense layers and changes of shape need them all).
 */
export function windowNeeds(consumer: WeightLayer, input: WeightInput, producer: WeightLayer): Int32Array {
  const map = producer.outShape.space;
  const needs = new Int32Array(consumer.positions * consumer.steps);
  const passes = passesOf(consumer, input, producer);
  if (passes === null) return needs.fill(elementsOf(map));
  // A window is a box: the last position along an axis follows from the output's place along this axis alone.
  const outputs = consumer.outShape.space;
  const last = outputs.map((size, axis) => Array.from({ length: size }, (_, o) => lastOf(passes, axis, o)));
  const strides = rasterStrides(map);
  const place = outputs.map(() => 0);
  for (let i = 0; i < needs.length; i++) {
    let need = 1;
    let inside = true;
    for (let axis = 0; axis < place.length; axis++) {
      const at = last[axis]![place[axis]!]!;
      need += at * strides[axis]!;
      inside &&= at >= 0;
    }
    needs[i] = inside ? need : 0;
    for (let axis = place.length - 1; axis >= 0 && ++place[axis]! === outputs[axis]; axis--) place[axis] = 0;
  }
  return needs;
}

/**
 * Positions that a row-granular buffer must hold for a window, from its first to its last in raster order: of a map of
 * rows and columns (N_x (K_y - 1)) + K_x (ISAAC Sec. IV), of the map that
 * the consumer reads (`pooled`), or through the
 * pools between of the map that the producer makes.
 */
export function windowPositions(
  consumer: WeightLayer,
  input: WeightInput,
  producer: WeightLayer,
  pooled = false,
): number {
  const map = pooled ? (input.pools.at(-1)?.outShape ?? producer.outShape) : producer.outShape;
  const passes = passesOf(consumer, input, producer);
  if (passes === null) return elementsOf(map.space);
  const own = input.need === 'place' ? 0 : 1;
  const strides = rasterStrides(map.space);
  return strides.reduce((sum, stride, axis) => {
    const reached = (pooled ? passes.slice(0, own) : passes).reduce((reach, pass) => reachOf(pass, axis, reach), 1);
    return sum + (reached - 1) * stride;
  }, 1);
}

/** Positions between neighbours along each axis, in raster order. */
const rasterStrides = (space: readonly number[]): number[] => space.map((_, axis) => elementsOf(space.slice(axis + 1)));

/**
 * The windows from the consumer's outputs back to the producer's map, outermost first; null where that map, through the
 * pools, is not what the consumer slides over, or adds to its own.
 */
function passesOf(consumer: WeightLayer, { need, pools }: WeightInput, producer: WeightLayer): Pass[] | null {
  const last = pools.at(-1)?.outShape ?? producer.outShape;
  const seen = need === 'place' ? consumer.outShape : consumer.inShape;
  if (need === 'all' || last.space.join() !== seen.space.join()) return null;
  const own: Pass[] =
    need === 'place'
      ? []
      : [{ window: consumer.window, adaptive: false, from: consumer.inShape.space, to: consumer.outShape.space }];
  const through = [...pools].reverse().map(({ window, adaptive, inShape, outShape }): Pass => ({
    ...{ window, adaptive },
    from: inShape.space,
    to: outShape.space,
  }));
  return [...own, ...through];
}

/** The last place along an axis of the map before these windows that an output's place needs; below 0: none. */
const lastOf = (passes: readonly Pass[], axis: number, output: number): number =>
  passes.reduce((last, { window, adaptive, from, to }) => {
    const size = from[axis]!;
    if (adaptive) return Math.ceil(((last + 1) * size) / to[axis]!) - 1;
    const { kernel, strides, dilations, padBegin } = window;
    const taps = dilations[axis]! * (kernel[axis]! - 1);
    return Math.min(size - 1, last * strides[axis]! - padBegin[axis]! + taps);
  }, output);

/** Places along an axis that `outputs` neighbours read at most, of those there are. */
function reachOf({ window, adaptive, from, to }: Pass, axis: number, outputs: number): number {
  const [size, all] = [from[axis]!, to[axis]!];
  const read = Math.min(outputs, all);
  if (!adaptive) {
    const { kernel, strides, dilations } = window;
    return Math.min(size, (read - 1) * strides[axis]! + dilations[axis]! * (kernel[axis]! - 1) + 1);
  }
  let most = 1;
  for (let o = 0; o + read <= all; o++)
    most = Math.max(most, Math.ceil(((o + read) * size) / all) - Math.floor((o * size) / all));
  return most;
}
