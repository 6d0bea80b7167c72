// Sweeps of very many points keep the figures that they judge, and read others again.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { SweepStore } from '../../src/experiment/sweep/index.js';
import { hashOfPlain } from '../../src/result/hash.js';

const folder = mkdtempSync(join(tmpdir(), 'xbarflow-kept-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

it('outcomes keep the figures that are asked for; all of them are read again by key', () => {
  const of = (key: string, time: number, attempts = 1) => {
    const figures = { 'time.totalS': time, 'energy.totalJ': 2 * time, 'stalls.unit': null };
    return { key, status: 'done', reason: null, attempts, hash: hashOfPlain(Object.values(figures)), figures } as const;
  };
  const failed = { key: 'c0', status: 'failed', reason: 'no', attempts: 2, hash: null, figures: null } as const;
  const store = new SweepStore(folder);
  store.create();
  store.writePart('one', [of('a0', 1), failed]);
  store.writePart('two', [of('b0', 3)]);
  const whole = new SweepStore(folder);
  store.keepFigures(['energy.totalJ', 'crossbar.rows']);
  expect([...store.outcomes().values()]).toEqual([
    { ...of('a0', 1), figures: { 'energy.totalJ': 2 } },
    failed,
    { ...of('b0', 3), figures: { 'energy.totalJ': 6 } },
  ]);
  const keys = new Set(['b0', 'c0', 'd0']);
  for (const one of [store, whole]) expect([...one.figuresOf(keys)]).toEqual([['b0', of('b0', 3).figures]]);
});
