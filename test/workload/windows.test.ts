import { describe, expect, it } from 'vitest';
import { listPresets, loadConfig } from '../../src/config/index.js';
import { diskPresets } from '../../src/config/files.node.js';
import { networkOf, windowNeeds, type WeightLayer } from '../../src/workload/index.js';

/** Tap by tap: what an output position reads of the map before these windows. */
function read(
  through: {
    kernel: { h: number; w: number };
    stride: { h: number; w: number };
    padding: { top: number; left: number };
    inShape: { h: number; w: number };
  }[],
  y: number,
  x: number,
): [number, number][] {
  return through.reduce<[number, number][]>(
    (positions, { kernel, stride, padding, inShape }) => {
      const seen = new Map<string, [number, number]>();
      for (const [oy, ox] of positions)
        for (let i = 0; i < kernel.h; i++)
          for (let j = 0; j < kernel.w; j++) {
            const at: [number, number] = [oy * stride.h - padding.top + i, ox * stride.w - padding.left + j];
            if (at[0] >= 0 && at[1] >= 0 && at[0] < inShape.h && at[1] < inShape.w) seen.set(at.join(), at);
          }
      return [...seen.values()];
    },
    [[y, x]],
  );
}

/** Corners, edges and some positions between. */
const some = (size: number): number[] =>
  [...new Set([0, 1, size >> 1, size - 2, size - 1])].filter((i) => i >= 0 && i < size);

const undilated = ({ dilation }: { dilation: { h: number; w: number } }): boolean =>
  dilation.h === 1 && dilation.w === 1;

describe('what an output position needs of its producer', () => {
  it.each(listPresets(diskPresets, 'networks'))(
    '%s: the last position in raster order among all that its window reads, through the pools',
    (name) => {
      const { layers } = networkOf(loadConfig(diskPresets, ['networks'], name));
      const follows = (
        consumer: WeightLayer,
        { pools, need }: WeightLayer['inputs'][number],
        producer: WeightLayer,
      ): boolean => {
        const map = pools.at(-1)?.outShape ?? producer.outShape;
        return (
          consumer.type === 'conv2d' &&
          (need === 'place' || (map.h === consumer.inShape.h && map.w === consumer.inShape.w)) &&
          undilated(consumer) &&
          pools.every(({ window }) => undilated(window))
        );
      };
      for (const consumer of layers)
        for (const input of consumer.inputs) {
          const producer = layers[input.producer - 1];
          if (producer === undefined) continue;
          const needs = windowNeeds(consumer, input, producer);
          if (!follows(consumer, input, producer)) {
            if (input.need === 'all' && (consumer.type === 'dense' || consumer.type === 'lstm'))
              expect(new Set(needs)).toEqual(new Set([producer.outShape.h * producer.outShape.w]));
            continue;
          }
          const through = [
            ...(input.need === 'place' ? [] : [consumer]),
            ...[...input.pools].reverse().map(({ window, inShape }) => ({
              kernel: window.kernel,
              stride: window.stride,
              padding: window.padding,
              inShape,
            })),
          ];
          for (const y of some(consumer.outShape.h))
            for (const x of some(consumer.outShape.w)) {
              const last = Math.max(...read(through, y, x).map(([row, column]) => row * producer.outShape.w + column));
              expect([name, consumer.name, y, x, needs[y * consumer.outShape.w + x]]).toEqual([
                name,
                consumer.name,
                y,
                x,
                last + 1,
              ]);
            }
        }
    },
  );
});
