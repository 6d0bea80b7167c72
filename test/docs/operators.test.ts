// docs/operators.md has every layer type and every kind of operator, each with all columns of its table.

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { LAYER_TYPES } from '../../src/workload/yaml/schema.js';

const page = readFileSync(new URL('../../docs/operators.md', import.meta.url), 'utf8');
const [head, , ...rows] = page
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .map((line) => line.split('|').slice(1, -1));

it('every layer type has its row', () => {
  const named = rows.flatMap(([types]) => [...types!.matchAll(/`([a-z0-9]+)`/g)].map(([, type]) => type!));
  // A block is no operator: the page has a section on it.
  expect([...new Set(named)].sort()).toEqual(LAYER_TYPES.filter((type) => type !== 'repeat').sort());
});

it('a row says the ONNX name, shapes, hardware, what is counted, and the way back', () => {
  expect(head!.map((title) => title.trim())).toEqual(['layer types', 'ONNX', 'shapes', 'on', 'counted', 'backward']);
  for (const row of rows) expect([row[0], row.filter((cell) => cell.trim() !== '').length]).toEqual([row[0], 6]);
});
