import fc from 'fast-check';
import { expect, it } from 'vitest';
import { labelPlaces } from '../../src/report/html/charts/labels.js';

it('a name alone stands right of its point; two close ones on either side, whatever the scale', () => {
  expect(labelPlaces([{ name: 'alone', x: 3, y: 4 }], false)).toEqual(['right']);
  const close = [
    { name: 'first', x: 100, y: 100 },
    { name: 'second', x: 104, y: 101 },
    { name: 'far', x: 1e5, y: 1e4 },
  ];
  for (const logarithmic of [true, false]) expect(labelPlaces(close, logarithmic)).toEqual(['right', 'left', 'right']);
});

it('has a place for every name, however many points lie in one place', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 1, max: 2, noNaN: true }), { maxLength: 12 }), (xs) => {
      const places = labelPlaces(
        xs.map((x) => ({ name: 'design', x, y: 1 })),
        true,
      );
      expect(places).toHaveLength(xs.length);
    }),
  );
});
