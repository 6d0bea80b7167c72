import fc from 'fast-check';
import { afterEach, expect, it, vi } from 'vitest';
import { Chains } from '../../src/pipeline/chains.js';
import { EndQueue } from '../../src/pipeline/end-queue.js';
import { FINISH, PRIORITY_FINISH } from '../../src/pipeline/events.js';
import { closedSteps, type ClosedSteps } from '../../src/pipeline/closed-steps.js';
import { runFlow } from '../../src/pipeline/index.js';
import { trainingChain } from './flows.js';
import { flowOf, flowShape } from './random-flows.js';

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Two services of 9 waves: a way of 100 ticks that takes a wave each 2 (or 3), and a unit that takes each for one. */
function twoWays(): ClosedSteps {
  const flow = trainingChain({ layers: 1, images: 1, batch: 1, ticks: () => 1 });
  const servers = ['way 0', 'way 1', 'end'].map((name) => ({ name }));
  const stages = [2, 3].map((interval, s) => ({
    ...flow.stages[0]!,
    waves: 9,
    units: [
      { server: s, latency: 100, interval },
      { server: 2, latency: 1, interval: 1 },
    ],
  }));
  const steps = closedSteps(new Chains({ ...flow, stages, servers }, true), 3);
  if (steps === undefined) throw new Error('no WebAssembly here');
  return steps;
}

/** A service of a third stage ends at tick 7. */
function endsAt7(): EndQueue {
  const ends = new EndQueue(3);
  ends.push(7, PRIORITY_FINISH, FINISH, 2);
  return ends;
}

it('queues: all arrivals that are known at each stop, the stops one after the other, and no more', () => {
  const steps = twoWays();
  steps.begin(0, 0);
  steps.begin(1, 0);
  steps.run(endsAt7());
  // Waves that entered at 0, 2, 4, 6 and at 0, 3, 6 reach the end 100 ticks later.
  expect([...steps.queues(7)]).toEqual([93, 95, 97, 99, 93, 96, 99]);
});

it('times: when servers are free, and of each unit when its stage and the run behind are and when a wave comes', () => {
  const steps = twoWays();
  steps.begin(0, 0);
  steps.begin(1, 0);
  steps.run(endsAt7());
  const times: number[] = [];
  steps.times(7, times);
  // The ways take waves again at 8 and at 9, when the next ones come; the end has had none.
  expect(times).toEqual([...[1, 2, 0], ...[1, 0, 1], ...[0, 0, 93], ...[2, 0, 2], ...[0, 0, 93]]);
});

it('where the engine has no WebAssembly waves are events: more of them, and the same run', () => {
  let [compiled, plain] = [0n, 0n];
  fc.assert(
    fc.property(fc.oneof(flowShape(60, 8), flowShape(4, 120)), (shape) => {
      const flow = flowOf({ ...shape, shared: true });
      const { events, skippedEvents, ...run } = runFlow(flow);
      vi.stubGlobal('WebAssembly', undefined);
      const { events: more, skippedEvents: fewer, ...same } = runFlow(flow);
      vi.unstubAllGlobals();
      expect({ ...same, fastPath: null }).toEqual({ ...run, fastPath: null });
      expect(more + fewer).toBe(events + skippedEvents);
      compiled += events;
      plain += more;
    }),
    { seed: 77, numRuns: 150 },
  );
  expect(plain).toBeGreaterThan(2n * compiled);
});
