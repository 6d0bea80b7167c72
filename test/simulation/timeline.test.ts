import { describe, expect, it } from 'vitest';
import { recordTimeline } from '../../src/simulation/index.js';
import { simulated } from '../helpers.js';

const BUS = ['links.bus.used=true', 'links.bus.shared=true', 'simulation.timeline.cycles=1000'];

describe('the timeline of a run whose chains pass a shared bus at their beginning and at their end', () => {
  it.each([
    ['lockstep', 'digital-int8', ['workload.images=3', 'network=lenet-5']],
    ['lockstep, training', 'pipelayer', ['workload.images=6', 'workload.batch=3', 'workload.mode=training']],
    ['elastic', 'digital-int8', ['workload.images=3', 'network=lenet-5', 'pipeline.advance=elastic']],
    ['elastic, two entries', 'isaac', ['workload.images=4', 'pipeline.granularity=image', 'buffers.entries=2']],
    ['rows', 'isaac', ['workload.images=2']],
  ])('%s: each wave is there once at each place of its chain, the passes in turn', (_, label, sets) => {
    const { machine, result } = simulated(label, ['network=mnist-0', ...sets, ...BUS]);
    const { services, slices, window } = recordTimeline(machine);
    expect(window).toMatchObject({ complete: true, slicesEnd: null });
    expect(Math.max(...services.map(({ end }) => end)) * 1e-12).toBeCloseTo(result.time.totalS, 12);
    let twice = 0;
    machine.flow.stages.forEach(({ units, waves }, stage) => {
      const images = services.filter((service) => service.stage === stage).length;
      const own = slices.filter((slice) => slice.stage === stage);
      const starts = units.map(({ server }, step) => {
        const here = own.filter((slice) => slice.step === step);
        expect(new Set(here.map((slice) => slice.server))).toEqual(new Set([server]));
        expect(here.map(({ image, wave }) => image * waves + wave)).toEqual(
          Array.from({ length: images * waves }, (_slice, i) => i),
        );
        return here.map(({ start }) => start);
      });
      for (let step = 1; step < units.length; step++)
        starts[step]!.forEach((start, i) => {
          expect(start).toBeGreaterThanOrEqual(starts[step - 1]![i]! + units[step - 1]!.latency);
        });
      twice += units.length - new Set(units.map(({ server }) => server)).size;
    });
    expect(twice).toBeGreaterThan(0);
    const free = new Map<number, number>();
    for (const { server, start, end } of [...slices].sort((a, b) => a.start - b.start || a.end - b.end)) {
      expect(start).toBeGreaterThanOrEqual(free.get(server) ?? 0);
      free.set(server, end);
    }
  });
});
