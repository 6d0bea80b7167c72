import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listPresets, loadConfig } from '../../src/config/index.js';
import { diskPresets } from '../../src/config/files.node.js';
import { vectorsInside } from '../../src/mapping/plan.js';
import { networkOf, windowNeeds, windowPositions, type WeightLayer } from '../../src/workload/index.js';
import { layersOf } from '../mapping/networks.js';

type Place = readonly number[];

/** Places out of those of each axis, in raster order. */
const placesOf = (axes: readonly (readonly number[])[]): Place[] =>
  axes.reduce<Place[]>((all, axis) => all.flatMap((one) => axis.map((i) => [...one, i])), [[]]);

const upTo = (size: number): number[] => Array.from({ length: size }, (_, i) => i);

const rasterOf = (space: readonly number[], place: Place): number =>
  place.reduce((at, i, axis) => at * space[axis]! + i, 0);

/** What an output reads along an axis of a map of `from`, tap by tap. */
const readAlong = ({ window, adaptive, from, to }: Through, axis: number, output: number): number[] => {
  const { kernel, strides, dilations, padBegin } = window;
  if (adaptive) {
    const [first, end] = [output, output + 1].map((o) => (o * from[axis]!) / to[axis]!);
    return Array.from({ length: Math.ceil(end!) - Math.floor(first!) }, (_, i) => Math.floor(first!) + i);
  }
  return Array.from(
    { length: kernel[axis]! },
    (_, tap) => output * strides[axis]! - padBegin[axis]! + tap * dilations[axis]!,
  ).filter((at) => at >= 0 && at < from[axis]!);
};

interface Through {
  readonly window: WeightLayer['window'];
  readonly adaptive: boolean;
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/** Tap by tap: what an output position reads of the map before these windows, outermost first. */
const read = (through: readonly Through[], place: Place): Place[] =>
  through.reduce<Place[]>(
    (outputs, one) => {
      const seen = new Map<string, Place>();
      for (const output of outputs)
        for (const at of placesOf(output.map((o, axis) => readAlong(one, axis, o)))) seen.set(at.join(), at);
      return [...seen.values()];
    },
    [place],
  );

function throughOf(consumer: WeightLayer, { pools, need }: WeightLayer['inputs'][number]): Through[] {
  const own = { window: consumer.window, adaptive: false, from: consumer.inShape.space, to: consumer.outShape.space };
  return [
    ...(need === 'place' ? [] : [own]),
    ...[...pools].reverse().map(({ window, adaptive, inShape, outShape }) => ({
      window,
      adaptive,
      from: inShape.space,
      to: outShape.space,
    })),
  ];
}

/** Whether a reader slides over its producer's map, through the pools. */
const follows = (
  consumer: WeightLayer,
  { pools, need }: WeightLayer['inputs'][number],
  producer: WeightLayer,
): boolean =>
  need !== 'all' &&
  (pools.at(-1)?.outShape ?? producer.outShape).space.join() ===
    (need === 'place' ? consumer.outShape : consumer.inShape).space.join();

/** Corners, edges and some positions between. */
const some = (size: number): number[] =>
  [...new Set([0, 1, size >> 1, size - 2, size - 1])].filter((i) => i >= 0 && i < size);

describe('what an output position needs of its producer', () => {
  it.each(listPresets(diskPresets, 'networks'))(
    '%s: the last position in raster order among all that its window reads, through the pools',
    (name) => {
      const { layers } = networkOf(loadConfig(diskPresets, ['networks'], name));
      for (const consumer of layers)
        for (const input of consumer.inputs) {
          const producer = layers[input.producer - 1];
          if (producer === undefined) continue;
          const needs = windowNeeds(consumer, input, producer);
          const map = producer.outShape.space;
          if (!follows(consumer, input, producer)) {
            expect(new Set(needs)).toEqual(new Set([producer.positions]));
            continue;
          }
          const { space } = consumer.outShape;
          for (const place of placesOf(space.map(some))) {
            const last = Math.max(...read(throughOf(consumer, input), place).map((at) => rasterOf(map, at)));
            expect([name, consumer.name, place, needs[rasterOf(space, place)]]).toEqual([
              ...[name, consumer.name, place],
              last + 1,
            ]);
          }
        }
    },
  );

  it('a volume of 4 x 16 x 16, kernel 3 and padding 1: position 0 needs plane 1, row 1, column 1, 256 + 16 + 2', () => {
    const [first, second] = volumes('[4, 4, 16, 16]', 'kernel: 3, padding: 1');
    const input = second!.inputs[0]!;
    expect(windowNeeds(second!, input, first!)[0]).toBe(274);
    // From plane 0, row 0, column 0 to plane 2, row 2, column 2.
    expect(windowPositions(second!, input, first!)).toBe(2 * 256 + 2 * 16 + 3);
  });

  it('one plane, one row: a window holds no more of an axis than the map has', () => {
    const [first, second] = volumes('[4, 1, 12, 12]', 'kernel: 3, padding: 1');
    const input = second!.inputs[0]!;
    expect(windowNeeds(second!, input, first!)[0]).toBe(14);
    expect(windowPositions(second!, input, first!)).toBe(2 * 12 + 3);
  });

  it('`mapping.padded: dropped` leaves out of 4 x 6 x 6 places, kernel 3 and padding 1, all but 2 x 4 x 4', () => {
    const [, second] = volumes('[4, 4, 6, 6]', 'kernel: 3, padding: 1');
    expect(vectorsInside(second!)).toBe(32);
  });

  it('any volume and pools between: the last position of all taps, and no window is longer than what is held', () => {
    const axis = fc.record({
      size: fc.integer({ min: 1, max: 7 }),
      kernel: fc.integer({ min: 1, max: 3 }),
      stride: fc.integer({ min: 1, max: 2 }),
      padding: fc.integer({ min: 0, max: 1 }),
      pool: fc.integer({ min: 1, max: 4 }),
    });
    fc.assert(
      fc.property(fc.array(axis, { minLength: 3, maxLength: 3 }), fc.constantFrom('none', 'adaptive'), (axes, pool) => {
        const of = (key: 'size' | 'kernel' | 'stride' | 'padding'): string => `[${axes.map((one) => one[key]).join()}]`;
        const sizes = axes.map(({ size, pool: outputs }) => (pool === 'none' ? size : Math.min(size, outputs)));
        fc.pre(axes.every(({ kernel, padding }, i) => sizes[i]! + 2 * padding >= kernel && padding < kernel));
        const between = pool === 'none' ? [] : [`name: p, type: adaptivemaxpool, size: [${sizes.join()}]`];
        const [first, second] = volumes(
          `[2, ${axes.map(({ size }) => size).join(', ')}]`,
          `kernel: ${of('kernel')}, stride: ${of('stride')}, padding: ${of('padding')}`,
          ...between,
        );
        const input = second!.inputs[0]!;
        const needs = windowNeeds(second!, input, first!);
        const held = windowPositions(second!, input, first!);
        const { space } = second!.outShape;
        const map = first!.outShape.space;
        for (const [i, place] of placesOf(space.map(upTo)).entries()) {
          const at = read(throughOf(second!, input), place).map((one) => rasterOf(map, one));
          expect(needs[i]).toBe(Math.max(...at) + 1);
          expect(Math.max(...at) - Math.min(...at) + 1).toBeLessThanOrEqual(held);
        }
      }),
      { numRuns: 150 },
    );
  });
});

/** Two convolutions over volumes of `shape`: the first keeps their size, the second has this window. */
const volumes = (shape: string, window: string, ...between: string[]): readonly WeightLayer[] =>
  layersOf(
    `shape: ${shape}`,
    'name: a, type: conv3d, channels: 2, kernel: 1',
    ...between,
    `name: b, type: conv3d, channels: 2, ${window}`,
  );
