import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { InvariantChecker } from '../../src/kernel/index.js';
import type { Flow, FlowResult } from '../../src/pipeline/index.js';
import { buildMachine } from '../../src/machine/machine.js';
import { runFlow } from '../../src/pipeline/index.js';
import { loaded } from '../helpers.js';
import { afterPeriods } from './flows.js';
import { flowOf, flowShape } from './random-flows.js';

// The suite always tries the same cases. To hunt for others: SEED=7 RUNS=20 npx vitest run test/pipeline/fast-paths
const seed = Number(process.env.SEED ?? 2017);
const times = Number(process.env.RUNS ?? 1);
vi.setConfig({ testTimeout: 60_000 * Math.max(1, times) });

/** What must be the same whatever path was taken. */
const facts = ({ makespan, firstResult, logicalCycles, stages, unitWaves, buffers }: FlowResult): unknown => ({
  makespan,
  firstResult,
  logicalCycles,
  stages,
  unitWaves,
  buffers,
});

const SHARED_BUS = ['links.bus.used=true', 'links.bus.shared=true'];

const shape = flowShape(5, 90);

describe('fast paths are exact (docs/model.md section 6)', () => {
  it('folded chains, cycle memo and jumps equal the event-by-event run to the tick and the count', () => {
    fc.assert(
      fc.property(shape, (s) => {
        const flow = flowOf(s);
        const fast = runFlow(flow);
        const exact = runFlow(flow, { exact: true });
        expect(facts(fast)).toEqual(facts(exact));
        expect(exact.skippedEvents).toBe(0n);
        expect(exact.fastPath.jumps).toEqual([]);
        expect(fast.events + fast.skippedEvents).toBe(exact.events);
      }),
      { seed, numRuns: 600 * times },
    );
  });

  it('waves of long services at shared units, which repeat within an image, equal the event-by-event run', () => {
    let jumped = 0;
    fc.assert(
      fc.property(flowShape(400, 6), (s) => {
        const flow = flowOf({ ...s, shared: true });
        const fast = runFlow(flow);
        const exact = runFlow(flow, { exact: true });
        expect(facts(fast)).toEqual(facts(exact));
        if (fast.events * 4n < exact.events) jumped++;
      }),
      { seed, numRuns: 400 * times },
    );
    expect(jumped).toBeGreaterThan(100 * Math.min(1, times));
  });

  it('so do waves of long times that nothing divides', () => {
    const long = (ticks: number, by: number): number => ticks * 2 ** 24 + by;
    fc.assert(
      fc.property(flowShape(200, 4), (s) => {
        const flow = flowOf({ ...s, shared: true });
        const stages = flow.stages.map((stage) => ({
          ...stage,
          units: stage.units.map(({ server, latency, interval }, u) => ({
            ...{ server, latency: long(latency, 5), interval: long(interval, u % 3) },
          })),
        }));
        const fast = runFlow({ ...flow, stages });
        const exact = runFlow({ ...flow, stages }, { exact: true });
        expect(facts(fast)).toEqual(facts(exact));
      }),
      { seed, numRuns: 150 * times },
    );
  });

  it('where stages share units, waves are simulated at those alone: a digital design, its one set of units', () => {
    const alone = ['network=lenet-5', 'workload.images=1', 'memory.used=false'];
    const { flow } = buildMachine(loaded('digital-int8', alone));
    const fast = runFlow(flow);
    const exact = runFlow(flow, { exact: true });
    expect(facts(fast)).toEqual(facts(exact));
    const units = flow.stages.flatMap(({ units }) => units.map(({ server }) => server));
    const shared = units.filter((server) => units.indexOf(server) !== units.lastIndexOf(server));
    expect(shared.length).toBe(flow.stages.length);
    expect(fast.fastPath).toEqual({
      foldedStages: 0,
      foldedUnits: units.length - shared.length,
      cycleMemo: false,
      jumps: [],
    });
    // At most an event for each wave, and one for each service; fewer where waves repeat.
    expect(fast.events).toBeLessThan(BigInt(flow.stages.reduce((sum, { waves }) => sum + waves + 1, 0)));
  });

  it.each([
    ['digital-int8', 'lenet-5', 'training', 'workload.images=130'],
    ['digital-int8', 'gtsrb-cnn', 'training', 'workload.images=9', 'workload.batch=4', ...SHARED_BUS],
    ['digital-fp16', 'vgg-8', 'attack', 'workload.batch=3', 'workload.iterations=4', ...SHARED_BUS],
    ['a3-shared', 'lisa-cnn', 'attack', 'workload.batch=7', 'pipeline.advance=elastic', 'buffers.entries=2'],
    ['isaac', 'vgg-8', 'inference', 'workload.images=9', ...SHARED_BUS],
    ['celia', 'lenet-5', 'training', 'workload.images=70', ...SHARED_BUS],
  ])(
    'designs whose stages share units equal their event-by-event runs: %s %s %s %s',
    (preset, network, mode, ...sets) => {
      const { flow } = buildMachine(loaded(preset, [`network=${network}`, `workload.mode=${mode}`, ...sets]));
      const short = { ...flow, images: Math.min(flow.images, 150) };
      const [fast, exact] = [runFlow(short), runFlow(short, { exact: true })];
      expect(facts(fast)).toEqual(facts(exact));
      expect(fast.events * 2n).toBeLessThan(exact.events);
    },
  );

  it('the invariants of --check hold event by event', () => {
    fc.assert(
      fc.property(shape, (s) => {
        const flow = flowOf(s);
        const checker = new InvariantChecker((buffer) => flow.buffers[buffer]!.capacity);
        runFlow(flow, { exact: true, observer: checker });
        expect(checker.services).toBeGreaterThan(0);
      }),
      { seed, numRuns: 200 * times },
    );
  });

  it('time and counts are monotone in the number of images', () => {
    fc.assert(
      fc.property(shape, (s) => {
        const fewer = runFlow(flowOf(s));
        const more = runFlow(flowOf({ ...s, images: s.images + 1 }));
        expect(more.makespan >= fewer.makespan).toBe(true);
        more.stages.forEach((stage, j) => {
          expect(stage.services >= fewer.stages[j]!.services).toBe(true);
        });
      }),
      { seed, numRuns: 200 * times },
    );
  });

  it('ten million images are jumped over, not simulated', () => {
    const flow = flowOf({
      stages: [3, 5, 2].map((latency) => ({
        units: [{ latency, ratio: 1, server: null }],
        waves: 4,
        serial: false,
        capacity: 2,
        skipFrom: null,
      })),
      images: 1e7,
      batch: 1,
      barrier: false,
      update: false,
      pipelined: true,
      shared: false,
      bounded: true,
      advance: 'elastic',
      cycle: 'active',
    });
    const run = runFlow(flow);
    expect(run.makespan).toBe(BigInt(12 + 20 * 1e7 + 8));
    expect(run.events).toBeLessThan(1000n);
  });

  describe('what is too long to run event by event is the exact run and as many of its own periods', () => {
    const flowOfPreset = (preset: string, ...sets: string[]): Flow =>
      buildMachine(loaded(preset, ['network=lenet-5', ...sets])).flow;
    /**
     * Runs of `before` and `before + period` images, event by event, against the fast run of `images`; a batch is
     * `batch` or all images.
     */
    const compare = (
      flow: Flow,
      { images, batch, before, period }: { images: number; batch: number | 'all'; before: number; period: number },
    ): FlowResult => {
      expect((images - before) % period).toBe(0);
      const of = (count: number, exact: boolean): FlowResult =>
        runFlow({ ...flow, images: count, batch: batch === 'all' ? count : batch }, { exact });
      const fast = of(images, false);
      const expected = afterPeriods(of(before, true), of(before + period, true), BigInt((images - before) / period));
      expect(facts(fast)).toEqual(facts(expected));
      expect(fast.events).toBeLessThan(200_000n);
      expect(fast.events + fast.skippedEvents).toBe(expected.events);
      return fast;
    };
    const EPOCH = 1_281_167;

    it.each([
      ['pipelayer', 'pipeline.advance=lockstep'],
      ['pipelayer', 'pipeline.advance=elastic'],
      ['pipelayer', 'pipeline.cycle=fixed'],
      ['pipelayer', 'pipeline.enabled=false'],
      ['a3-shared', 'neurons=kept'],
      ['a3-shared', 'pipeline={ advance: elastic }', 'neurons=kept'],
    ])('%s training an epoch in batches of 64, the last one short: %s', (preset, ...sets) => {
      const flow = flowOfPreset(preset, 'workload.mode=training', ...sets);
      compare(flow, { images: EPOCH, batch: 64, before: 3 * 64 + (EPOCH % 64), period: 64 });
    });

    it.each([
      ['pipelayer', 'training', 'pipeline.advance=lockstep'],
      ['pipelayer', 'training', 'pipeline.advance=elastic'],
      ['pipelayer', 'training', 'pipeline.enabled=false'],
      ['a3', 'attack', 'pipeline.advance=lockstep'],
      ['a3-shared', 'attack', 'pipeline.advance=lockstep'],
      ['a3-shared', 'attack', 'pipeline.advance=elastic'],
      ['pipelayer', 'inference', 'pipeline.advance=lockstep'],
    ])('%s, one batch of 10^12 images: %s, %s', (preset, mode, set) => {
      const flow = flowOfPreset(preset, `workload.mode=${mode}`, set);
      const fast = compare(flow, { images: 1e12, batch: 'all', before: 400, period: 12 });
      expect(fast.fastPath.jumps.length).toBe(1);
    });

    it('isaac, inference of more images than a counter of waves can hold', () => {
      const flow = flowOfPreset('isaac', 'workload.mode=inference');
      compare(flow, { images: Number.MAX_SAFE_INTEGER, batch: 1, before: 31, period: 12 });
    });

    it('three huge batches, the last one short: a jump in each, one run of the whole', () => {
      const flow = flowOfPreset('pipelayer', 'workload.mode=training');
      const { fastPath, makespan } = runFlow({ ...flow, images: 2.5e6, batch: 1e6 });
      expect(fastPath.jumps.length).toBe(3);
      const single = (images: number): bigint => runFlow({ ...flow, images, batch: images }).makespan;
      expect(makespan).toBe(2n * single(1e6) + single(5e5));
    });
  });
});
