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

it('lines that are put together plainly are those that the layout gives', () => {
  const cells = (i: number, wide: string): string[] => [`name ${i % 7}${wide}`, 'x'.repeat(i % 9), `${i * 37}`, ''];
  const head = ['name', 'a longer head', 'n', 'empty'];
  for (const [width, left] of [
    [80, 1],
    [30, 2],
  ] as const) {
    // A letter that takes two places sends a part through the layout; it stands in the widest column of every part.
    const rows = Array.from({ length: 1000 }, (_, i) => cells(i, ''));
    const laidOut = rows.map((row, i) => (i % 200 === 0 ? [...row.slice(0, 3), '漢'] : row));
    const lines = table(head, rows, plainStyle(width), left).split('\n');
    const others = table(head, laidOut, plainStyle(width), left).split('\n');
    expect(others.filter((line) => !line.includes('漢')).length).toBeGreaterThan(900);
    others.forEach((line, i) => {
      if (!line.includes('漢')) expect(line).toBe(lines[i]);
    });
  }
});

// Laid out row by row they take over 30 s of a processor here.
it('100,000 rows', () => {
  const rows = Array.from({ length: 100_000 }, (_, i) => [`layer ${i}`, '1', '2', '3', '4', '5', '6', '7']);
  expect(table(['name', 'a', 'b', 'c', 'd', 'e', 'f', 'g'], rows, plainStyle(120))).toContain('layer 99999');
});

// A layout of all rows at once takes over 10 s of a processor here.
it('8,000 rows', () => {
  const rows = Array.from({ length: 8000 }, (_, i) => [`layer ${i}`, '1', '2', '3', '4', '5', '6', '7']);
  const shown = table(['name', 'a', 'b', 'c', 'd', 'e', 'f', 'g'], rows, plainStyle(120));
  expect(shown).toContain('layer 7999');
});
