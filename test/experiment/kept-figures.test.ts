// Sweeps keep the figures that they judge, and read others again.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { SweepStore } from '../../src/experiment/sweep/index.js';
import { METRIC_KEYS, metricRow } from '../../src/experiment/sweep/metrics.js';
import { Outcomes, judgedOf } from '../../src/experiment/sweep/outcomes.js';
import type { Outcome } from '../../src/experiment/sweep/store.js';
import { checkedOutcome, outcomeLine } from '../../src/experiment/sweep/stored.js';
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
  const judging = new SweepStore(folder, ['energy.totalJ', 'crossbar.rows', 'stalls.unit']);
  const outcomes = judging.outcomes();
  expect(
    ['a0', 'b0', 'c0', 'd0'].map((key) => [outcomes.status(key), outcomes.figures(key), outcomes.reason(key)]),
  ).toEqual([
    ['done', { 'energy.totalJ': 2, 'stalls.unit': null }, null],
    ['done', { 'energy.totalJ': 6, 'stalls.unit': null }, null],
    ['failed', null, 'no'],
    [undefined, null, null],
  ]);
  expect([...judging.figuresOf(new Set(['b0', 'c0', 'd0']))]).toEqual([['b0', of('b0', 3).figures]]);
  expect([...judging.recorded()]).toEqual([of('a0', 1), failed, of('b0', 3)]);
});

it('what a worker says of its part counts as what stands there; a success counts more than a failure', () => {
  const [done, failed] = [
    { figures: Float64Array.of(1, NaN), failures: [] },
    { figures: Float64Array.of(NaN, NaN), failures: [[0, 'no'] as const] },
  ];
  const outcomes = new Outcomes(['energy.totalJ', 'time.totalS']);
  outcomes.take(['a'], failed);
  outcomes.take(['b'], done);
  expect([outcomes.status('a'), outcomes.reason('a'), outcomes.figures('a')]).toEqual(['failed', 'no', null]);
  outcomes.take(['a'], done);
  outcomes.take(['b'], failed);
  for (const key of ['a', 'b'])
    expect([outcomes.status(key), outcomes.reason(key), outcomes.figures(key)]).toEqual([
      'done',
      null,
      { 'energy.totalJ': 1, 'time.totalS': null },
    ]);
  const more = Array.from({ length: 100 }, (_, i) => `k${i}`);
  outcomes.take(more, { figures: Float64Array.from({ length: 200 }, (_, i) => i), failures: [[7, null]] });
  expect(outcomes.figures('k99')).toEqual({ 'energy.totalJ': 198, 'time.totalS': 199 });
  expect([outcomes.status('k7'), outcomes.reason('k7')]).toEqual(['failed', null]);
});

it('figures of a worker are those that its part gives again: no infinity, no zero below zero', () => {
  const figures = { 'energy.totalJ': Infinity, 'time.totalS': -0, 'stalls.unit': NaN };
  const kept = Object.keys(figures);
  const outcome = { key: 'a', status: 'done', reason: null, attempts: 1, hash: null, figures } as const;
  const again = JSON.parse(JSON.stringify(outcome)) as Outcome;
  const [now, read] = [outcome, again].map((one) => {
    const outcomes = new Outcomes(kept);
    outcomes.take(['a'], judgedOf([one], kept));
    return outcomes.figures('a');
  });
  expect(now).toEqual(read);
  expect(read).toEqual({ 'energy.totalJ': null, 'time.totalS': 0, 'stalls.unit': null });
});

it('lines leave out columns that are null; figures that were changed are found', () => {
  const metrics = METRIC_KEYS.map((_, i) => (i % 3 === 0 ? null : i % 3 === 1 ? -0 : 1 / i));
  const one: Outcome = {
    ...{ key: 'a0', status: 'done', reason: null, attempts: 1 },
    ...{ hash: hashOfPlain(metrics), figures: metricRow(metrics) },
  };
  const line = outcomeLine(one);
  expect(line).toMatch(/^\{"key":"a0",/);
  expect(line).not.toContain(METRIC_KEYS[0]!);
  const read = (text: string) => checkedOutcome(JSON.parse(text), 'a part');
  expect(read(line)).toEqual(JSON.parse(JSON.stringify(one)));
  expect(() => read(line.replace(`"${METRIC_KEYS[1]!}":0`, `"${METRIC_KEYS[1]!}":5`))).toThrow('its figures are not');
  expect(() => read(line.replace(`"${METRIC_KEYS[1]!}":0,`, ''))).toThrow('its figures are not');
  // Those of a version with other columns, of which no point is asked for.
  const other = read(line.replace(/"columns":"[0-9a-f]+"/, '"columns":"0"'));
  expect([other.key, other.figures?.[METRIC_KEYS[2]!]]).toEqual(['a0', 1 / 2]);
});
