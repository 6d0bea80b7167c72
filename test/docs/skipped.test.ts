// Tests that are skipped may not become more unseen: the list of test/skipped.json.

import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { beyond } from '../skipped-tests.js';

it('more skipped tests than the list allows are named; as many or fewer are not', () => {
  const lists = [{ 'a.test.ts': 1 }, { 'a.test.ts': 2, 'b.test.ts': 1 }];
  expect(beyond(new Map([['a.test.ts', 3]]), lists)).toEqual([]);
  expect(
    beyond(
      new Map([
        ['a.test.ts', 4],
        ['b.test.ts', 1],
        ['c.test.ts', 1],
      ]),
      lists,
    ),
  ).toEqual([
    'a.test.ts: 4 tests skipped, test/skipped.json allows 3',
    'c.test.ts: 1 tests skipped, test/skipped.json allows 0',
  ]);
});

it('the list names files that are there', () => {
  const list = JSON.parse(readFileSync('test/skipped.json', 'utf8')) as Record<string, Record<string, number>>;
  const files = Object.values(list).flatMap((own) => Object.keys(own));
  expect(files.filter((file) => !existsSync(file))).toEqual([]);
});
