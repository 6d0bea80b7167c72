// Row-granular pipelines: what a layer's output positions need of its producer's.

import type { Shape, Window } from './window.js';
import type { WeightInput, WeightLayer } from './weight-layer.js';

/**
 * For each output position of `consumer` in raster order: how many positions of the producer's unpooled output, in
 * raster order, must be
 * there (through the pools between; dense layers and changes of shape need them all).
 */
export function windowNeeds(consumer: WeightLayer, input: WeightInput, producer: WeightLayer): Int32Array {
  const all = producer.outShape.h * producer.outShape.w;
  const needs = new Int32Array(consumer.positions * consumer.steps);
  if (!mapReaches(consumer, input, producer)) return needs.fill(all);
  // A window is a rectangle: its last row follows from the output's row alone, its last column from the column.
  const { h, w } = consumer.outShape;
  const own = input.need === 'place' ? [] : [{ window: consumer, inShape: consumer.inShape }];
  const through = [...own, ...[...input.pools].reverse()];
  const lastRow = lastAlong('h', h, through);
  const lastColumn = lastAlong('w', w, through);
  for (let y = 0; y < h; y++) {
    const before = lastRow[y]! * producer.outShape.w + 1;
    for (let x = 0; x < w; x++) needs[y * w + x] = before + lastColumn[x]!;
  }
  return needs;
}

/**
 * Positions that a row-granular buffer must hold for a window: (N_x (K_y - 1)) + K_x (ISAAC Sec. IV), of the map that
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
  const all = map.h * map.w;
  if (!mapReaches(consumer, input, producer)) return all;
  let { h, w } = input.need === 'place' ? { h: 1, w: 1 } : reach(consumer, { h: 1, w: 1 });
  if (pooled) return Math.min(all, map.w * (h - 1) + w);
  for (const pool of [...input.pools].reverse()) ({ h, w } = reach(pool.window, { h, w }));
  return Math.min(all, producer.outShape.w * (h - 1) + w);
}

/**
 * The last row (or column) of the map before these windows, outermost first, that each of their output's rows (columns)
 * needs.
 */
const lastAlong = (
  axis: 'h' | 'w',
  outputs: number,
  through: readonly { window: Window; inShape: Shape }[],
): number[] =>
  Array.from({ length: outputs }, (_, output) =>
    through.reduce(
      (last, { window: { kernel, stride, padding, dilation }, inShape }) =>
        Math.min(
          inShape[axis] - 1,
          last * stride[axis] - (axis === 'h' ? padding.top : padding.left) + dilation[axis] * (kernel[axis] - 1),
        ),
      output,
    ),
  );

function reach({ kernel, stride, dilation }: Window, outputs: { h: number; w: number }): { h: number; w: number } {
  return {
    h: (outputs.h - 1) * stride.h + dilation.h * (kernel.h - 1) + 1,
    w: (outputs.w - 1) * stride.w + dilation.w * (kernel.w - 1) + 1,
  };
}

/** True when the producer's map, through the pools, is the map that the consumer slides over, or adds to its own. */
function mapReaches(consumer: WeightLayer, input: WeightInput, producer: WeightLayer): boolean {
  const last = input.pools.at(-1)?.outShape ?? producer.outShape;
  const seen = input.need === 'place' ? consumer.outShape : consumer.inShape;
  return input.need !== 'all' && last.h === seen.h && last.w === seen.w;
}
