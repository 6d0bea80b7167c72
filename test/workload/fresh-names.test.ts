// Names that are wanted alike: each gets its own, and many of them cost no search.

import { expect, it } from 'vitest';
import { FreshNames } from '../../src/workload/fresh-names.js';
import { tableLayers, tableTree } from '../../src/workload/tables.js';

it('the first has the name, the others the first numbers that are free', () => {
  const names = new FreshNames('_', ['input']);
  const wanted = ['a', 'a', 'a_3', 'a', 'a', 'input', 'toString', '__proto__', '__proto__'];
  expect(wanted.map((name) => names.take(name))).toEqual([
    'a',
    'a_2',
    'a_3',
    'a_4',
    'a_5',
    'input_2',
    'toString',
    '__proto__',
    '__proto___2',
  ]);
});

// A search among all names or outputs for each would be 10^10 steps.
it('a table of 100,000 layers of one name, none of which reads another, is read', () => {
  const table = `Layer, M, N, K\n${'l, 3, 4, 5\n'.repeat(100_000)}`;
  const { layers, outputs } = tableTree(tableLayers(table, 'g.csv'), 'g.csv');
  expect([layers, outputs].map((list) => (Array.isArray(list) ? list.length : null))).toEqual([100_000, 100_000]);
});
