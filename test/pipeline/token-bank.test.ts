// Tokens between stages: what a stage may do, and who is asked again when a token or room has come, against counts.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { FlowStage } from '../../src/pipeline/index.js';
import { TokenBank } from '../../src/pipeline/token-bank.js';

const BUFFERS = 5;
const STAGES = 6;

/** What a stage reads of those before it, and fills: its own buffer, and rarely another's. */
const linksOf = (stage: number) =>
  fc.record({
    inputs: stage === 0 ? fc.constant([]) : fc.uniqueArray(fc.nat({ max: stage - 1 }), { minLength: 1, maxLength: 3 }),
    outputs: stage === BUFFERS ? fc.constant([]) : fc.constantFrom([stage], [stage], [stage], [stage, BUFFERS - 1]),
  });

/** The stages' buffers, capacities of these, and which stage starts or ends next. */
const run = fc.record({
  links: fc.tuple(...Array.from({ length: STAGES }, (_, stage) => linksOf(stage))),
  capacities: fc.array(fc.constantFrom(1, 2, Infinity), { minLength: BUFFERS, maxLength: BUFFERS }),
  turns: fc.array(fc.nat({ max: STAGES - 1 }), { minLength: 60, maxLength: 200 }),
});

it('random graphs: inputs, room, freed entries and who is woken are what counts of starts and ends say', () => {
  let [starts, wakes, frees] = [0, 0, 0];
  fc.assert(
    fc.property(run, ({ links, capacities, turns }) => {
      const stages = links.map(({ inputs, outputs }): FlowStage => ({
        ...{ name: 'S', serves: 'image', turn: 0, waves: 1, serial: false, units: [], source: false, needs: [] },
        ...{ inputs, outputs: [...new Set(outputs)] },
      }));
      const bank = new TokenBank({ stages, buffers: capacities.map((capacity) => ({ name: 'b', capacity })) }, null);
      const started = stages.map(() => 0);
      const finished = stages.map(() => 0);
      const filling = (b: number): number[] => [...stages.keys()].filter((s) => stages[s]!.outputs.includes(b));
      const reading = (b: number): number[] => [...stages.keys()].filter((s) => stages[s]!.inputs.includes(b));
      const sum = (of: number[]): number => of.reduce((all, one) => all + one, 0);
      const made = (b: number): number => sum(filling(b).map((s) => finished[s]!));
      const freed = (b: number): number => Math.min(...reading(b).map((s) => finished[s]!));
      const ready = (s: number): boolean => stages[s]!.inputs.every((b) => made(b) > started[s]!);
      const room = (s: number): boolean =>
        stages[s]!.outputs.every((b) => {
          const gone = reading(b).length === 0 ? 0 : freed(b);
          return sum(filling(b).map((w) => started[w]!)) - gone < capacities[b]!;
        });
      /** Stages that were asked and could not start. */
      const waiting = new Set<number>();
      for (const s of turns) {
        if (started[s] === finished[s]) {
          expect(bank.inputsReady(s, started[s]!)).toBe(ready(s));
          if (!ready(s)) {
            waiting.add(s);
            continue;
          }
          expect(bank.outputsFree(s)).toBe(room(s));
          if (!room(s)) {
            waiting.add(s);
            continue;
          }
          waiting.delete(s);
          started[s]!++;
          bank.reserve(s, 0);
          starts++;
          continue;
        }
        const before = stages[s]!.inputs.map(freed);
        finished[s]!++;
        bank.publish(s, 0);
        const heard: number[] = [];
        bank.finish(s, 0, (b) => heard.push(b));
        frees += heard.length;
        const asked = s === 0 ? [...stages.keys()] : [s];
        for (const one of asked) bank.wake(one);
        const expected = stages[s]!.inputs.flatMap((b, i) => Array<number>(freed(b) - before[i]!).fill(b));
        expect(heard).toEqual(expected);
        const woken: number[] = [];
        for (let w = bank.nextWoken(); w >= 0; w = bank.nextWoken()) woken.push(w);
        wakes += woken.length;
        expect(woken).toEqual([...new Set(woken)].sort((a, b) => a - b));
        // Who could not start and can now was woken; whoever was woken had been waiting, or was to be asked.
        const able = [...waiting].filter((w) => started[w] === finished[w] && ready(w) && room(w));
        expect(woken).toEqual(expect.arrayContaining([...able, ...asked]));
        expect([...waiting, ...asked]).toEqual(expect.arrayContaining(woken));
        for (const w of woken) {
          waiting.delete(w);
          if (started[w] !== finished[w]) continue;
          if (!bank.inputsReady(w, started[w]!) || !bank.outputsFree(w)) waiting.add(w);
        }
      }
    }),
    { seed: 41, numRuns: 200 },
  );
  expect(Math.min(starts, wakes, frees)).toBeGreaterThan(800);
});
