import { describe, expect, it } from 'vitest';
import { WaveLog } from '../../src/pipeline/wave-log.js';

const TIMES = ['at', 'free', 'own', 'run', 'start', 'leaves'] as const;

/** Notes an arrival all of whose times are `tick`, but for `other`. */
function note(
  log: WaveLog,
  unit: number,
  tick: number,
  other: Partial<Record<(typeof TIMES)[number], number>> = {},
): void {
  const [at, free, own, run, start, leaves] = TIMES.map((name) => other[name] ?? tick);
  log.note(unit, at!, free!, own!, run!, start!, leaves!);
}

/** A log of arrivals at these units, a tick after each other. */
function logOf(units: readonly number[]): WaveLog {
  const log = new WaveLog();
  for (const [at, unit] of units.entries()) note(log, unit, at);
  return log;
}

describe('a period is what came three times', () => {
  it.each([
    ['all three are of the same units', [1, 2, 2, 1, 2, 2, 1, 2, 2], 3],
    ['one unit', [3, 3, 3], 1],
    ['the first of the three is of another unit', [1, 2, 2], 0],
    ['the last is', [1, 1, 2], 0],
    ['the first of three longer ones is', [1, 9, 1, 2, 1, 2], 0],
  ] as const)('%s', (_, units, period) => {
    expect(logOf(units).period()).toBe(period);
  });

  it.each(TIMES)('in equal steps of %s', (name) => {
    const log = new WaveLog();
    for (const tick of [0, 10, 20]) note(log, 0, tick, { [name]: 7 * tick });
    expect(log.period()).toBe(1);
    note(log, 0, 30, { [name]: 7 * 30 + 1 });
    expect(log.period()).toBe(0);
  });
});

describe('the log', () => {
  it('is due at 9 arrivals, and when they have grown by a half', () => {
    const log = logOf([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(log.due).toBe(false);
    note(log, 9, 8);
    expect(log.due).toBe(true);
    expect(log.period()).toBe(0);
    const due = [9, 10, 11, 12, 13].map((tick) => {
      note(log, tick, tick);
      return log.due;
    });
    // 9 * 1.5, rounded up: at 14.
    expect(due).toEqual([false, false, false, false, true]);
    log.restart();
    expect([log.count, log.due, log.period()]).toEqual([0, false, 0]);
  });

  it('searches what came since it was cut, and keeps what came before', () => {
    const log = logOf([7, 7, 7]);
    expect([log.cut(), log.count]).toEqual([true, 3]);
    note(log, 7, 3);
    note(log, 7, 4);
    expect(log.period()).toBe(0);
    note(log, 7, 5);
    expect(log.period()).toBe(1);
    log.cut();
    const due = Array.from({ length: 9 }, (_, i) => {
      note(log, 7, 6 + i);
      return log.due;
    });
    expect(due).toEqual([false, false, false, false, false, false, false, false, true]);
    // A half more of what is searched: 9 * 1.5, rounded up, behind the 6 before the cut.
    log.period();
    while (!log.due) note(log, 7, log.count);
    expect(log.count).toBe(6 + 14);
    log.restart();
    for (let i = 0; i < 3; i++) note(log, 7, i);
    expect(log.period()).toBe(1);
  });

  it('is full of 6144 arrivals that are searched, or 65,536 that are kept', () => {
    const log = new WaveLog();
    const fill = (): void => {
      while (!log.full) {
        note(log, log.count, log.count);
        // No unit comes again, so that it is searched in vain, and at the end once more.
        if (log.due) expect(log.period()).toBe(0);
      }
    };
    const counts: number[] = [];
    do {
      fill();
      counts.push(log.count);
    } while (log.cut());
    expect(counts).toEqual([...Array.from({ length: 10 }, (_, i) => 6144 * (i + 1)), 65_536]);
    // What was noted is there.
    for (const name of ['unit', ...TIMES] as const)
      expect(log[name].subarray(0, log.count).every((value, i) => value === i)).toBe(true);
  });

  it('can be cut as long as 9 more can be kept', () => {
    const log = new WaveLog(2 ** 16);
    const cutAt = (count: number): boolean => {
      while (log.count < count) note(log, 0, log.count);
      return log.cut();
    };
    expect([cutAt(2 ** 16 - 9), cutAt(2 ** 16 - 8)]).toEqual([true, false]);
  });

  it('notes arrivals of another, moved by what they came later than others', () => {
    const log = logOf([4, 5]);
    const other = new WaveLog(1);
    other.noteMoved(log, 1, 1, 9);
    note(log, 6, 100, { at: 11, free: 22, own: 33, run: 44, start: 55, leaves: 66 });
    // Each later than that of the second, by 10, 21, ... ticks, two more times.
    other.noteMoved(log, 2, 1, 2);
    other.noteMoved(log, 0, 0, 3);
    expect([...other.unit.subarray(0, other.count)]).toEqual([5, 6, 4]);
    expect(TIMES.map((name) => [...other[name].subarray(0, other.count)])).toEqual(
      [11, 22, 33, 44, 55, 66].map((tick) => [1, tick + 2 * (tick - 1), 0]),
    );
  });
});
