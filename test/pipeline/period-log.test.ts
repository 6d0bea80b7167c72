import { describe, expect, it } from 'vitest';
import { PeriodLog } from '../../src/pipeline/period-log.js';
import { WaveLog } from '../../src/pipeline/wave-log.js';

interface Section {
  /** Units of its arrivals and when they come; they are served at once, for a tick. */
  units: readonly number[];
  at: readonly number[];
  /** Its last `period` arrivals were then jumped over so many times. */
  period: number;
  periods: number;
}

function logOf(sections: readonly Section[]): { log: PeriodLog; due: boolean[] } {
  const waves = new WaveLog();
  const log = new PeriodLog(waves);
  const due = sections.map(({ units, at, period, periods }) => {
    for (const [i, unit] of units.entries()) waves.note(unit, at[i]!, at[i]!, at[i]!, 0, at[i]!, at[i]! + 1);
    return log.note(period, periods);
  });
  return { log, due };
}

/** What stands in the last `count` arrivals in full. */
function written({ full }: PeriodLog): { units: number[]; at: number[]; leaves: number[] } {
  const [units, at, leaves] = [full.unit, full.at, full.leaves].map((column) => [...column.subarray(0, full.count)]);
  return { units: units!, at: at!, leaves: leaves! };
}

/** A wave of unit 1, then three of unit 0, a tick after each other, and as many more as are jumped over. */
const section = (from: number, periods = 5): Section => ({
  units: [1, 0, 0, 0],
  at: [0, 1, 2, 3].map((tick) => from + tick),
  ...{ period: 1, periods },
});

describe('periods of jumps', () => {
  it('are found when there are three, and written out with what was jumped over', () => {
    const { log, due } = logOf([section(0), section(10), section(20)]);
    expect(due).toEqual([false, false, true]);
    // One of unit 1 and 3 + 5 of unit 0.
    expect(log.longPeriod()).toBe(9);
    const at = [10, 11, 12, 13, 14, 15, 16, 17, 18, 20, 21, 22, 23, 24, 25, 26, 27, 28];
    const units = at.map((tick) => (tick % 10 === 0 ? 1 : 0));
    expect(written(log)).toEqual({ units, at, leaves: at.map((tick) => tick + 1) });
  });

  it('may be of two arrivals that are jumped over, each at its own pace', () => {
    const pair = (from: number): Section => ({
      units: [2, 0, 1, 0, 1],
      at: [0, 1, 4, 3, 7].map((tick) => from + tick),
      ...{ period: 2, periods: 2 },
    });
    const { log } = logOf([pair(0), pair(20), pair(40)]);
    expect(log.longPeriod()).toBe(9);
    expect(written(log).at.slice(9)).toEqual([40, 41, 44, 43, 47, 45, 50, 47, 53]);
    expect(written(log).units.slice(9)).toEqual([2, 0, 1, 0, 1, 0, 1, 0, 1]);
  });

  it('may be of two sections; sections are searched at 3, and when they have grown by a half', () => {
    const sections = [0, 30, 60].flatMap((from) => [section(from), section(from + 10, 8)]);
    const { log } = logOf(sections.slice(0, 3));
    expect(log.longPeriod()).toBe(0);
    // 3 * 1.5, rounded up.
    expect([log.note(1, 8), log.note(1, 8)]).toEqual([false, true]);
    log.restart();
    expect([log.note(1, 8), log.note(1, 8), log.note(1, 8)]).toEqual([false, false, true]);
    const all = logOf(sections).log;
    expect(all.longPeriod()).toBe(9 + 12);
    expect(written(all).at.slice(21)).toEqual([
      ...[60, 61, 62, 63, 64, 65, 66, 67, 68],
      ...[70, 71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81],
    ]);
  });

  const slower = (from: number, pace: number): Section => ({
    units: [1, 0, 0, 0],
    at: [0, 1, 1 + pace, 1 + 2 * pace].map((tick) => from + tick),
    ...{ period: 1, periods: 5 },
  });
  it.each([
    ['two only', [section(0), section(10)]],
    ['the first of them was jumped over more often', [section(0, 6), section(10), section(20)]],
    ['the last was', [section(0), section(10), section(20, 6)]],
    [
      'the first of three pairs begins with one that was jumped over more often',
      [0, 30, 60].flatMap((from) => [section(from, from === 0 ? 6 : 5), section(from + 10, 8)]),
    ],
    ['another period was jumped over', [section(0), section(10), { ...section(20), period: 2 }]],
    [
      'one has an arrival more',
      [section(0), { ...section(10), units: [1, 1, 0, 0, 0], at: [10, 10, 11, 12, 13] }, section(20)],
    ],
    ['one is of other units', [{ ...section(0), units: [2, 0, 0, 0] }, section(10), section(20)]],
    ['one came later than in equal steps', [section(0), section(10), section(21)]],
    ['what is jumped over slows down from one to the next', [slower(0, 1), slower(20, 2), slower(40, 3)]],
  ])('are none: %s', (_, sections) => {
    expect(logOf(sections).log.longPeriod()).toBe(0);
  });

  it.each([
    ['2^17 arrivals', 2 ** 17 - 4, 2 ** 17],
    ['more than are written out', 2 ** 17 - 3, 0],
  ])('are as long as can be written out: %s', (_, periods, expected) => {
    const apart = 2 ** 18;
    const { log } = logOf([0, 1, 2].map((n) => section(n * apart, periods)));
    expect(log.longPeriod()).toBe(expected);
    if (expected === 0) return;
    const { units, at } = written(log);
    expect(at.length).toBe(2 ** 18);
    for (const n of [0, 1]) {
      const from = n * 2 ** 17;
      expect(at.slice(from, from + 2 ** 17).every((tick, i) => tick === (n + 1) * apart + i)).toBe(true);
      expect(units.slice(from, from + 2 ** 17).every((unit, i) => unit === (i === 0 ? 1 : 0))).toBe(true);
    }
  });
});
