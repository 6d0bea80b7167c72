// Addresses of windows in laid maps are what unfolding copies, for random windows over one to three axes.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { layoutOf } from '../../src/functional/operators/map-layout.js';
import { geometryOf, unfold, windowOutput } from '../../src/functional/operators/windows.js';

const axis = fc.record({
  size: fc.integer({ min: 1, max: 7 }),
  kernel: fc.integer({ min: 1, max: 3 }),
  stride: fc.integer({ min: 1, max: 3 }),
  dilation: fc.integer({ min: 1, max: 2 }),
  before: fc.integer({ min: -1, max: 2 }),
  after: fc.integer({ min: -1, max: 2 }),
});

it('windows by address equal unfolded ones, maps of several images and groups, integers and doubles', () => {
  fc.assert(
    fc.property(fc.array(axis, { minLength: 1, maxLength: 3 }), fc.integer({ min: 1, max: 3 }), (axes, channels) => {
      const window = {
        kernel: axes.map(({ kernel }) => kernel),
        strides: axes.map(({ stride }) => stride),
        dilations: axes.map(({ dilation }) => dilation),
        padBegin: axes.map(({ before }) => before),
        padEnd: axes.map(({ after }) => after),
      };
      const input = axes.map(({ size }) => size);
      const output = windowOutput(input, window);
      fc.pre(output.every((size) => size > 0));
      const geometry = geometryOf(input, output, window);
      const layout = layoutOf(geometry, channels);
      const [images, groups] = [2, 2];
      const maps = images * groups;
      const size = channels * geometry.inputSize;
      const x = Float64Array.from({ length: maps * size }, (_, i) => i + 1);
      const rows = channels * geometry.places;
      const positions = geometry.outputSize;
      const doubles = layout.doubles(x, maps);
      const words = layout.words(Int32Array.from(x), maps);
      for (let group = 0; group < groups; group++) {
        const starts = layout.starts(images, groups * layout.stride);
        for (let image = 0; image < images; image++) {
          const wanted = new Float64Array(positions * rows);
          // Kernel place by kernel place, which knows no addresses.
          const from = { data: x, at: (image * groups + group) * size };
          unfold(geometry, channels, from, { data: wanted, positionStride: 1, rowStride: positions });
          const at = (i: number): number =>
            group * layout.stride +
            starts[image * positions + (i % positions)]! +
            layout.offsets[Math.floor(i / positions)]!;
          expect(wanted.map((_, i) => doubles[at(i)]!)).toEqual(wanted);
          expect(wanted.map((_, i) => words[at(i)]!)).toEqual(wanted);
        }
      }
    }),
    { numRuns: 300 },
  );
});
