// Tables of many rows: laid out in parts, which must not show, and in time linear in their rows.

import { expect, it } from 'vitest';
import { plainStyle } from '../../src/report/index.js';
import { table } from '../../src/report/terminal/index.js';

it.each([0, 1, 199, 200, 201, 1000])('%i rows stand in one frame under one head', (count) => {
  const rows = Array.from({ length: count }, (_, i) => [`layer ${i}`, String(i)]);
  const lines = table(['name', 'rows'], rows, plainStyle(80)).split('\n');
  const inner = rows.map(([name]) => name);
  expect(lines.filter((line) => line.startsWith('│')).map((line) => line.split('│')[1]!.trim())).toEqual([
    'name',
    ...inner,
  ]);
  expect(lines.filter((line) => line.startsWith('┌'))).toHaveLength(1);
  expect(lines.filter((line) => line.startsWith('└'))).toHaveLength(1);
  expect(new Set(lines.map((line) => line.length)).size).toBe(1);
});

// A layout of all rows at once takes over 10 s of a processor here.
it('8,000 rows', () => {
  const rows = Array.from({ length: 8000 }, (_, i) => [`layer ${i}`, '1', '2', '3', '4', '5', '6', '7']);
  const shown = table(['name', 'a', 'b', 'c', 'd', 'e', 'f', 'g'], rows, plainStyle(120));
  expect(shown).toContain('layer 7999');
});
