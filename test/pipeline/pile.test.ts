import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ArrivalRun } from '../../src/pipeline/arrival-run.js';
import { Pile } from '../../src/pipeline/pile.js';

/** A run, and the ticks that it stands for. */
function runOf(times: readonly number[], paces: readonly number[], length: number): [ArrivalRun, number[]] {
  const run = new ArrivalRun(times.length, length);
  run.times.set(times);
  run.paces.set(paces);
  const { length: size } = times;
  return [run, Array.from({ length }, (_, i) => times[i % size]! + Math.floor(i / size) * paces[i % size]!)];
}

const written = (pile: Pile, now = 0): number[] => {
  const into = new Float64Array(pile.length + 2);
  pile.write(into, 1, now);
  expect([into[0], into[pile.length + 1]]).toEqual([0, 0]);
  return [...into.subarray(1, pile.length + 1)];
};

const lines = fc.array(fc.tuple(fc.nat({ max: 9 }), fc.nat({ max: 3 })), { minLength: 1, maxLength: 6 });
const operation = fc.oneof(
  fc.record({ push: fc.nat({ max: 9 }) }),
  fc.record({ run: lines, length: fc.integer({ min: 1, max: 60 }) }),
  fc.record({ shift: fc.nat({ max: 50 }) }),
  fc.record({ add: fc.integer({ min: -9, max: 9 }) }),
);

it('a pile of numbers and runs is what a list of their ticks is', () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 40 }), (operations) => {
      const pile = new Pile();
      let list: number[] = [];
      for (const o of operations) {
        if ('push' in o) expect(pile.push(o.push)).toBe(list.push(o.push));
        if ('run' in o) {
          const [run, ticks] = runOf(
            o.run.map(([time]) => time),
            o.run.map(([, pace]) => pace),
            o.length,
          );
          pile.pushRun(run);
          list.push(...ticks);
        }
        if ('shift' in o) {
          const count = Math.min(o.shift, list.length);
          list = list.slice(count);
          expect(pile.shift(count)).toBe(list.length);
        }
        if ('add' in o) {
          pile.add(o.add);
          list = list.map((time) => time + o.add);
        }
        expect(pile.length).toBe(list.length);
        if (list.length > 0) expect(pile.first).toBe(list[0]);
        expect(written(pile, 7)).toEqual(list.map((time) => time - 7));
      }
    }),
    { seed: 5, numRuns: 300 },
  );
});

it('tells how many are as a run has them: all of it, its first, none', () => {
  fc.assert(
    fc.property(
      lines,
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 3 }),
      fc.nat({ max: 160 }),
      fc.boolean(),
      (pattern, lengths, times, wrong, whole) => {
        // The same ticks in runs whose patterns are longer, taken apart anywhere, and with single ones between.
        const total = lengths.reduce((sum, length) => sum + length, 0);
        const [run, ticks] = runOf(
          pattern.map(([time]) => time),
          pattern.map(([, pace]) => pace),
          total,
        );
        if (!whole && wrong < total) ticks[wrong]! += 1;
        const pile = new Pile();
        let from = 0;
        for (const length of lengths) {
          const size = pattern.length * times;
          const part = ticks.slice(from, from + length);
          const repeats = part.every((tick, i) => {
            const line = (from + i) % pattern.length;
            return tick - (ticks[from + (i % size)] ?? 0) === Math.floor(i / size) * times * pattern[line]![1];
          });
          if (repeats && part.length > size)
            pile.pushRun(
              runOf(
                part.slice(0, size),
                Array.from({ length: size }, (_, i) => times * pattern[(from + i) % pattern.length]![1]),
                length,
              )[0],
            );
          else for (const tick of part) pile.push(tick);
          from += length;
        }
        expect(written(pile)).toEqual(ticks);
        const right = whole || wrong >= total ? total : wrong;
        expect(pile.agreement(run, total)).toBe(right);
        expect(pile.agreement(run, Math.ceil(total / 2))).toBe(Math.min(right, Math.ceil(total / 2)));
      },
    ),
    { seed: 6, numRuns: 500 },
  );
});

it('runs that agree for one common pattern only do not agree for ever', () => {
  const [run] = runOf([0, 5], [10, 10], 40);
  const pile = new Pile();
  // 0, 5, 10 once, and then faster.
  pile.pushRun(runOf([0, 5, 10], [15, 15, 16], 40)[0]);
  expect(pile.agreement(run, 40)).toBe(5);
  const same = new Pile();
  same.pushRun(runOf([0, 5, 10], [15, 15, 15], 40)[0]);
  expect([same.agreement(run, 40), same.agreement(run, 7)]).toEqual([40, 7]);
});

it('a run that becomes another is as one made anew, whether its pattern is longer or shorter', () => {
  const run = new ArrivalRun(1, 9);
  run.times[0] = 5;
  run.paces[0] = 2;
  run.shift(4);
  const lists = [
    { times: [1, 2, 4], paces: [10, 11, 12], length: 20 },
    { times: [3, 8], paces: [7, 7], length: 17 },
  ].map(({ times, paces, length }) => {
    run.become(times.length, length);
    run.times.set(times);
    run.paces.set(paces);
    expect([run.length, run.first]).toEqual([length, times[0]]);
    return Array.from({ length: 4 }, (_, i) => run.at(i));
  });
  expect(lists).toEqual([
    [1, 2, 4, 11],
    [3, 8, 10, 15],
  ]);
});
