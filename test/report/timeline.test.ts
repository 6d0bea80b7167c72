import { describe, expect, it } from 'vitest';
import { timelineJson, type TimelineDocument } from '../../src/report/index.js';
import { recordTimeline, type Result } from '../../src/simulation/index.js';
import { denseChain, simulated } from '../helpers.js';

type Of<Cat> = Extract<TimelineDocument['traceEvents'][number], { cat: Cat }>;
type Service = Of<'service'>;
type Wave = Of<'wave'>;
type Timed = Extract<TimelineDocument['traceEvents'][number], { ph: 'X' }>;

/** The keys that a trace event has, as the trace-event format names them. */
const KEYS = {
  M: ['args', 'name', 'ph', 'pid', 'tid'],
  X: ['dur', 'name', 'ph', 'pid', 'tid', 'ts'],
  C: ['args', 'name', 'ph', 'pid', 'tid', 'ts'],
  s: ['cat', 'id', 'name', 'ph', 'pid', 'tid', 'ts'],
  f: ['bp', 'cat', 'id', 'name', 'ph', 'pid', 'tid', 'ts'],
};

/** Half a tick (1 ps = 1e-6 us) of slack for the division. */
const HALF_TICK = 5e-7;
const BRANCH = `name: branch
input: { features: 16 }
layers:
  - { name: first, type: dense, features: 16 }
  - { name: second, type: dense, features: 16 }
  - { name: sum, type: add, from: [first, second] }
  - { name: last, type: dense, features: 4 }
`;
const WHOLE_RUN = 'simulation.timeline.cycles=1000000';

function documentOf(
  label: string,
  sets: string[],
): { result: Result; document: TimelineDocument; services: Service[]; waves: Wave[]; timed: Timed[] } {
  const { result, machine } = simulated(label, sets, { '/mine/branch.yaml': BRANCH });
  const document = timelineJson(machine, recordTimeline(machine));
  const timed = document.traceEvents.filter((event): event is Timed => event.ph === 'X');
  return {
    result,
    document,
    timed,
    services: timed.filter((event): event is Service => event.cat === 'service'),
    waves: timed.filter((event): event is Wave => event.cat === 'wave'),
  };
}

const byLane = (events: readonly Timed[]): Timed[][] => {
  const lanes = new Map<string, Timed[]>();
  for (const event of events)
    lanes.set(`${event.pid}/${event.tid}`, [...(lanes.get(`${event.pid}/${event.tid}`) ?? []), event]);
  return [...lanes.values()].map((lane) => lane.sort((a, b) => a.ts - b.ts));
};
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const RUNS: [string, string, string[]][] = [
  ['lockstep training', 'pipelayer', ['network=mnist-a', 'workload.images=12', 'workload.batch=4']],
  [
    'elastic training',
    'pipelayer',
    ['network=mnist-b', 'workload.images=8', 'workload.batch=4', 'pipeline.advance=elastic'],
  ],
  ['an attack on shared arrays', 'a3-shared', ['workload.iterations=1', 'workload.batch=4']],
  ['an LSTM', 'pipelayer', ['network=lstm-small', 'workload.mode=inference', 'workload.images=3']],
  ['row-granular inference', 'isaac', ['network=lisa-cnn', 'workload.images=3']],
  ['units that all stages share', 'digital-int8', ['network=mnist-a', 'workload.images=3']],
  ...[
    ['lockstep', 'digital-int8', 'workload.images=3'],
    ['elastic', 'digital-int8', 'workload.images=3', 'pipeline.advance=elastic'],
    ['lockstep, in training', 'pipelayer', 'workload.mode=training', 'workload.images=5', 'workload.batch=2'],
    ['rows', 'isaac', 'workload.images=2'],
  ].map(([ways, label, ...sets]): [string, string, string[]] => [
    `a bus that all stages pass twice, ${ways!}`,
    label!,
    ['network=mnist-0', 'links.bus.used=true', 'links.bus.shared=true', ...sets],
  ]),
  ['a network with branches', 'pipelayer', ['network=/mine/branch.yaml', 'workload.images=8', 'workload.batch=4']],
];

describe.each(RUNS)('timeline.json of %s, the whole run', (_, label, sets) => {
  const { result, document, services, waves, timed } = documentOf(label, [...sets, WHOLE_RUN]);
  const servicesOf = (stage: number): Service[] => services.filter(({ pid }) => pid === stage + 1);

  it('says its unit and its window', () => {
    expect(document.otherData.timeUnit).toContain('microseconds of simulated time');
    expect(document.otherData.window).toBe('the whole run');
    expect(document.displayTimeUnit).toBe('ns');
  });

  it('has events of the trace-event form, every track and lane named once, counters in the order of time', () => {
    const names = new Map<string, string>();
    const levels = new Map<string, number>();
    for (const event of document.traceEvents) {
      expect(Object.keys(event)).toEqual(expect.arrayContaining(KEYS[event.ph]));
      expect(Number.isSafeInteger(event.pid) && Number.isSafeInteger(event.tid)).toBe(true);
      if (event.ph === 'M') {
        if (event.name !== 'process_name' && event.name !== 'thread_name') continue;
        const place = event.name === 'process_name' ? `${event.pid}` : `${event.pid}/${event.tid}`;
        expect(names.has(place)).toBe(false);
        names.set(place, event.args.name);
        continue;
      }
      expect(event.ts).toBeGreaterThanOrEqual(0);
      expect(names.has(`${event.pid}`)).toBe(true);
      if (event.ph === 'X') {
        expect(event.dur).toBeGreaterThanOrEqual(0);
        expect(names.has(`${event.pid}/${event.tid}`)).toBe(true);
      } else if (event.ph === 'C') {
        expect(event.ts).toBeGreaterThan(levels.get(event.name) ?? -1);
        levels.set(event.name, event.ts);
      }
    }
  });

  it('has no overlap in any lane', () => {
    const lanes = byLane(timed);
    expect(lanes.length).toBeGreaterThan(result.stages.length);
    for (const lane of lanes)
      lane.slice(1).forEach((event, i) => {
        expect(event.ts).toBeGreaterThanOrEqual(lane[i]!.ts + lane[i]!.dur - HALF_TICK);
      });
  });

  it('nests every wave in a service of its stage', () => {
    const tracks = new Map(
      document.traceEvents.flatMap((event) =>
        event.ph === 'M' && event.name === 'process_name' ? [[event.args.name, event.pid] as const] : [],
      ),
    );
    for (const wave of waves) {
      const own = services.filter(({ pid }) => pid === tracks.get(wave.name));
      expect(own.some(({ ts, dur }) => ts <= wave.ts + HALF_TICK && ts + dur >= wave.ts + wave.dur - HALF_TICK)).toBe(
        true,
      );
    }
  });

  it('conserves services, waves and the makespan of the result', () => {
    result.stages.forEach((stage, s) => {
      const own = servicesOf(s);
      expect(own).toHaveLength(stage.starts);
      expect(own.map(({ args }) => args.image).sort((a, b) => a - b)).toEqual(own.map((_event, i) => i + 1));
    });
    expect(waves).toHaveLength(
      sum(result.stages.map(({ waves: each, units, starts }) => each * units.length * starts)),
    );
    // Each unit is occupied for its interval by each wave.
    const occupied = sum(
      result.stages.flatMap(({ waves: each, units, starts }) =>
        units.map(({ intervalS }) => intervalS * each * starts),
      ),
    );
    expect(sum(waves.map(({ dur }) => dur)) * 1e-6).toBeCloseTo(occupied, 12);
    expect(Math.max(...services.map(({ ts, dur }) => ts + dur)) * 1e-6).toBeCloseTo(result.time.totalS, 12);
  });

  it('conserves the busy time of stages that serve whole images on units of their own', () => {
    result.stages.forEach((stage, s) => {
      if (label === 'isaac' || stage.stallsS.unit > 0) return;
      expect(sum(servicesOf(s).map(({ dur }) => dur)) * 1e-6).toBeCloseTo(stage.busyS, 12);
    });
  });

  it('its counters never pass the peaks of the result and end empty', () => {
    for (const { name, peakEntries } of result.buffers) {
      const levels = document.traceEvents.flatMap((event) =>
        event.ph === 'C' && event.name === name ? [event.args.entries] : [],
      );
      expect(Math.max(0, ...levels)).toBeLessThanOrEqual(peakEntries);
      expect(levels.at(-1) ?? 0).toBe(0);
    }
  });
});

describe('the window of timeline.json', () => {
  it('shows by default the first image through the whole pipeline, and says what it shows', () => {
    const { result, document, services } = documentOf('pipelayer', ['network=mnist-b']);
    expect(document.otherData.window).toMatch(/^logical cycles 1 to \d+ of the run$/);
    const first = services.filter((event) => event.args.image === 1).map(({ pid }) => result.stages[pid - 1]!.pass);
    for (const pass of ['F', 'E', 'B', 'G']) expect(first).toContain(pass);
  });

  it('is bounded: of a long window the waves of its last whole cycles are there, and it says which', () => {
    const { document, waves, result } = documentOf('pipelayer', ['network=lisa-cnn', 'simulation.timeline.cycles=200']);
    expect(waves.length).toBeLessThanOrEqual(50_000);
    expect(document.otherData.waves).toMatch(/^lanes of units: the waves of logical cycles \d+ to 200$/);
    // Whole cycles: every stage that serves an image in them has all its waves.
    const perService = new Map<string, number>();
    for (const { name, args } of waves)
      perService.set(`${name} ${args.image}`, (perService.get(`${name} ${args.image}`) ?? 0) + 1);
    for (const { name, layer, waves: each, units } of result.stages)
      for (const [key, count] of perService)
        if (key.startsWith(`${layer === '(network)' ? name : `${name} ${layer}`} `))
          expect(count, key).toBe(each * units.length);
  });

  it('of a chain of hundreds of layers ends before it holds the square of them; what it holds is as it was', () => {
    const run = (cycles: string[]) =>
      recordTimeline(
        simulated(
          'pipelayer',
          ['network=/mine/chain.yaml', 'workload.mode=training', 'workload.images=640', ...cycles],
          {
            '/mine/chain.yaml': denseChain(260),
          },
        ).machine,
      );
    const whole = run([]);
    const held = ({ cycles }: Pick<typeof whole, 'cycles'>): number =>
      cycles.reduce((sum, { served, waits }) => sum + served.length + waits.length, 0);
    // 780 stages and the update's; 521 cycles and four were its window.
    expect(whole.cycles.length).toBeGreaterThan(300);
    expect(whole.cycles.length).toBeLessThan(400);
    expect(held(whole)).toBeGreaterThanOrEqual(250_000);
    expect(held({ cycles: whole.cycles.slice(0, -1) })).toBeLessThan(250_000);
    expect(whole.window).toMatchObject({ from: 0, to: whole.cycles.length, complete: false });
    const part = run(['simulation.timeline.cycles=100']);
    expect(part.cycles).toEqual(whole.cycles.slice(0, 100));
  });

  it('of VGG-D, whose cycle has more waves than it holds: waves of every pass, numbered with image and batch', () => {
    const { document, waves, result } = documentOf('pipelayer', ['network=vgg-d', 'workload.images=128']);
    expect(waves.length).toBeLessThanOrEqual(50_000);
    for (const pass of ['F', 'B', 'G'])
      for (const { name, layer } of result.stages.filter((stage) => stage.pass === pass))
        expect(
          waves.some((wave) => wave.name === `${name} ${layer}`),
          name,
        ).toBe(true);
    for (const { args } of waves) expect(args.batch).toBe(Math.floor((args.image - 1) / 64) + 1);
    expect(document.schedule!.parts.map(({ title }) => title)).toEqual(['first cycles', 'next batch', 'end']);
  });

  it('has a track of logical cycles, waits with their cause, and arrows along the way of an image', () => {
    const { timed, document, result } = documentOf('pipelayer', [
      'network=mnist-b',
      'workload.images=8',
      'workload.batch=4',
      WHOLE_RUN,
    ]);
    const cycles = timed.filter((event) => event.cat === 'cycle');
    expect(cycles).toHaveLength(result.time.logicalCycles!);
    expect(sum(cycles.map(({ dur }) => dur)) * 1e-6).toBeCloseTo(result.time.totalS, 12);
    const waits = timed.filter((event): event is Of<'wait'> => event.cat === 'wait');
    for (const cause of ['input', 'output', 'lockstep', 'batch'] as const)
      expect(sum(waits.filter(({ args }) => args.cause === cause).map(({ dur }) => dur)) * 1e-6, cause).toBeCloseTo(
        result.stalls[cause],
        12,
      );
    const starts = document.traceEvents.filter(({ ph }) => ph === 's');
    const ends = document.traceEvents.filter(({ ph }) => ph === 'f');
    expect(starts.length).toBeGreaterThan(8);
    expect(ends).toHaveLength(starts.length);
  });

  it('has lanes at which forward and backward meet, where they share arrays', () => {
    const { document, waves } = documentOf('a3-shared', ['workload.iterations=1', 'workload.batch=4', WHOLE_RUN]);
    const track = document.traceEvents.find(
      (event) => event.ph === 'M' && event.name === 'process_name' && event.args.name === 'units that stages share',
    )!;
    const lanes = byLane(waves.filter(({ pid }) => pid === track.pid));
    expect(lanes.some((lane) => new Set(lane.map((wave) => wave.name[0])).size === 2)).toBe(true);
  });

  it('begins where simulation.timeline.from says', () => {
    const { document, services } = documentOf('pipelayer', [
      'network=mnist-a',
      'simulation.timeline.from=20',
      'simulation.timeline.cycles=5',
    ]);
    expect(document.otherData.window).toBe('logical cycles 21 to 25 of the run');
    expect(
      Math.min(...services.flatMap(({ name, args }) => (name.startsWith('image') ? [args.image] : []))),
    ).toBeGreaterThan(10);
  });

  it(
    'of ten million images is as small as of a hundred; one that begins millions of cycles later is refused ' +
      'with the latest that is followed',
    () => {
      const of = (images: number, ...sets: string[]) =>
        documentOf('pipelayer', ['network=mnist-a', `workload.images=${images}`, ...sets]).document.traceEvents.length;
      expect(of(9_999_872)).toBe(of(128));
      expect(() => of(9_999_872, 'simulation.timeline.from=5000000')).toThrow(
        /simulation\.timeline\.from: found 5000000, expected at most \d+/,
      );
    },
  );
});
