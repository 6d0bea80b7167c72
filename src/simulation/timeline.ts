// The timeline of a window: which stage served which image when, which unit which wave, and what the buffers held.

import { failure } from '../run-config/index.js';
import type { Observer, ServiceTimes } from '../kernel/index.js';
import type { CycleMemo, Flow } from '../pipeline/index.js';
import type { Machine } from '../machine/machine-types.js';
import { runFlow, tokenFlow } from '../pipeline/index.js';
import { WaveRecorder, type Slice } from './wave-recorder.js';
import { keptCycles, type Cycle, type Schedule } from './schedule.js';

/**
 * A stage works on one image (or batch, counted from 0): first wave in to last wave out, ticks. `whole` is false where
 * the window ends within it.
 */
export interface Service {
  stage: number;
  image: number;
  /** Logical cycle in which it began, from 0 (elastic and rows: images that were through by then). */
  cycle: number;
  start: number;
  end: number;
  whole: boolean;
}

/** A change of a buffer's entries, at a tick. */
export interface Level {
  buffer: number;
  time: number;
  readable: number;
}

/** What stages, units and buffers did in a window, in ticks. */
export interface Timeline {
  services: Service[];
  slices: Slice[];
  levels: Level[];
  /** Logical cycles of the window, in lockstep. */
  cycles: Cycle[];
  /** First cycles, a batch boundary and the end of the run, in lockstep; null otherwise. */
  schedule: Schedule | null;
  /**
   * Logical cycles (elastic and row: images) that the window shows, and whether it is the whole run; in lockstep the
   * first cycle whose waves are there. `slicesEnd` and `levelsEnd` are ticks of the first that were left out because
   * there were too many; null where all are there.
   */
  window: {
    from: number;
    to: number;
    complete: boolean;
    wavesFrom: number;
    slicesEnd: number | null;
    levelsEnd: number | null;
  };
}

/** What a timeline holds at most. */
const MOST_SLICES = 50_000;
/** Waves that are recorded before the stages share what a timeline holds. */
const MOST_RECORDED = 4 * MOST_SLICES;
const MOST_LEVELS = 200_000;
/** Waves after which a window ends, drawn or not: they bound the time of recording. */
const MOST_WAVES = 3_000_000;
/** Waves that may pass a unit before the window: some seconds. */
const MOST_WAVES_BEFORE = 100_000_000;
/** Services that may pass a stage before a window in lockstep. */
const MOST_SERVICES_BEFORE = 10_000_000;
/** Cycles (images) that a default window shows after the first image has passed the pipeline. */
const AFTER_PASSAGE = 4;

class Recorder implements Observer {
  readonly services: Service[] = [];
  readonly slices: Slice[] = [];
  readonly levels: Level[] = [];
  recording = false;
  /** Logical cycles (elastic and rows: images) that are over. */
  progress = 0;
  waves = 0;
  slicesEnd: number | null = null;
  levelsEnd: number | null = null;
  /** Ticks before the present origin of time. */
  #base = 0;
  readonly #stages: Flow['stages'];
  readonly #entered: Float64Array;
  readonly #left: Float64Array;
  /** Waves that each unit of each stage has served. */
  readonly #passed: Float64Array[];
  /** Services under way, oldest first, by stage. */
  readonly #open: Service[][];
  /** Slices of each stage, and what a stage may have of them: the last stages must find room. */
  readonly #slicesOf: Uint32Array;
  readonly #mostOfStage: number;

  constructor({ stages }: Flow) {
    this.#stages = stages;
    this.#slicesOf = new Uint32Array(stages.length);
    this.#mostOfStage = Math.floor(MOST_SLICES / stages.length);
    this.#entered = new Float64Array(stages.length);
    this.#left = new Float64Array(stages.length);
    this.#passed = stages.map(({ units }) => new Float64Array(units.length));
    this.#open = stages.map(() => []);
  }

  event(): void {
    // Only services and levels are drawn.
  }

  rebase(ticks: number): void {
    this.#base += ticks;
  }

  service(server: number, stage: number, { start, release, finish, step = 0 }: ServiceTimes): void {
    const { units, waves } = this.#stages[stage]!;
    const open = this.#open[stage]!;
    const passed = this.#passed[stage]!;
    const wave = passed[step]!++;
    if (step === 0 && this.#entered[stage]!++ % waves === 0) {
      const service = {
        stage,
        image: (this.#entered[stage]! - 1) / waves,
        cycle: this.progress,
        start: start + this.#base,
        end: finish + this.#base,
        whole: false,
      };
      open.push(service);
      if (this.recording) this.services.push(service);
    }
    if (step === units.length - 1) {
      const service = open[0]!;
      service.end = Math.max(service.end, finish + this.#base);
      if (++this.#left[stage]! % waves === 0) {
        service.whole = true;
        open.shift();
      }
    }
    if (!this.recording) return;
    this.waves++;
    if (this.slices.length < MOST_RECORDED || this.#slicesOf[stage]! < this.#mostOfStage) {
      this.#slicesOf[stage]!++;
      this.slices.push({
        server,
        stage,
        step,
        image: Math.floor(wave / waves),
        wave: wave % waves,
        start: start + this.#base,
        end: release + this.#base,
      });
    } else this.slicesEnd ??= start + this.#base;
  }

  level(buffer: number, time: number, _reserved: number, readable: number): void {
    if (!this.recording) return;
    if (this.levels.length < MOST_LEVELS) this.levels.push({ buffer, time: time + this.#base, readable });
    else this.levelsEnd ??= time + this.#base;
  }
}

/** Stages that an image passes one after the other, update and perturbation not counted. */
function passage(flow: Flow): number {
  const { writersOf } = tokenFlow(flow);
  const depth: number[] = [];
  flow.stages.forEach(({ needs, serves }, s) => {
    const before = [...needs.map(({ producer }) => producer), ...writersOf[s]!];
    depth[s] = serves === 'batch' ? 0 : 1 + Math.max(0, ...before.map((writer) => depth[writer] ?? 0));
  });
  return Math.max(...depth);
}

/**
 * Simulates the window `simulation.timeline` event by event and records it. @throws ConfigError where it begins later
 * than events are followed.
 */
export function recordTimeline(machine: Machine): Timeline {
  const { run, flow } = machine;
  const { from, cycles = passage(flow) + AFTER_PASSAGE } = run.config.simulation.timeline;
  const lockstep = flow.granularity === 'image' && flow.advance === 'lockstep';
  const latest = Math.floor(
    lockstep
      ? MOST_SERVICES_BEFORE / flow.stages.length
      : MOST_WAVES_BEFORE / flow.stages.reduce((sum, { waves, units }) => sum + waves * units.length, 0),
  );
  if (from > latest)
    failure(run.loaded)(
      ['simulation', 'timeline', 'from'],
      `found ${from}, expected at most ${latest} for this machine: events are followed from the start of the ` +
        'run, and the pipeline repeats itself long before',
    );
  if (lockstep) return recordCycles(flow, from, cycles);
  const recorder = new Recorder(flow);
  recorder.recording = from === 0;
  const seen = { complete: true };
  runFlow(flow, {
    exact: true,
    observer: recorder,
    until: (progress) => {
      recorder.progress = progress;
      recorder.recording = progress >= from;
      const stop = progress >= from + cycles || recorder.waves >= MOST_WAVES;
      if (stop) seen.complete = false;
      return stop;
    },
  });
  const { services, levels, levelsEnd } = recorder;
  const { slices, slicesEnd } = shared(recorder, flow.stages.length);
  const to = Math.max(recorder.progress, from);
  return {
    services,
    slices,
    levels,
    cycles: [],
    schedule: null,
    window: { from, to, complete: seen.complete && from === 0, wavesFrom: from, slicesEnd, levelsEnd },
  };
}

/**
 * The same in lockstep: all cycles are followed, equal ones by what the first of them was; those whose waves are shown
 * are simulated wave by wave.
 */
function recordCycles(flow: Flow, from: number, length: number): Timeline {
  const memo = new Map<string, CycleMemo>();
  const kept = keptCycles(flow, from, length);
  runFlow(flow, { cycles: { memo, simulated: () => false, told: kept.told }, until: kept.until });
  const { cycles, complete, schedule } = kept.done();
  const to = from + cycles.length;
  const { wavesFrom, all } = firstShown(flow, cycles, from);
  const recorder = new Recorder(flow);
  recorder.recording = from === 0;
  const waves = new WaveRecorder(flow, all ? Infinity : Math.floor(MOST_SLICES / flow.stages.length));
  let cycle = 0;
  runFlow(flow, {
    exact: true,
    observer: {
      event: () => undefined,
      service: (...service) => {
        waves.service(...service);
      },
      level: (...level) => {
        recorder.level(...level);
      },
      rebase: (ticks) => {
        recorder.rebase(ticks);
        waves.rebase(ticks);
      },
    },
    cycles: {
      memo,
      simulated: (at) => at >= wavesFrom && at < to,
      told: (done) => {
        waves.told(done, cycle >= wavesFrom && cycle < to);
      },
    },
    until: (done) => {
      cycle = done;
      recorder.recording = done >= from && done < to;
      return done >= to;
    },
  });
  return {
    services: cycles.flatMap(({ cycle, start, served }) =>
      served.map(({ stage, image, finish }) => ({ stage, image, cycle, start, end: finish, whole: true })),
    ),
    slices: waves.slices,
    levels: recorder.levels,
    cycles,
    schedule,
    window: {
      from,
      to,
      complete: complete && from === 0,
      wavesFrom,
      slicesEnd: waves.slicesEnd,
      levelsEnd: recorder.levelsEnd,
    },
  };
}

/**
 * The first cycle of the window from which all waves up to its end find room. A last cycle that alone has too many is
 * shown in part: `all` is false.
 */
function firstShown({ stages }: Flow, cycles: readonly Cycle[], from: number): { wavesFrom: number; all: boolean } {
  let room = MOST_SLICES;
  for (let i = cycles.length - 1; i >= 0; i--) {
    for (const { stage } of cycles[i]!.served) room -= stages[stage]!.waves * stages[stage]!.units.length;
    if (room < 0) return { wavesFrom: from + Math.min(i + 1, cycles.length - 1), all: i + 1 < cycles.length };
  }
  return { wavesFrom: from, all: true };
}

/** What was recorded, cut to what a timeline holds: stages with few waves keep all, the others as many each. */
function shared(
  { slices, slicesEnd }: { slices: Slice[]; slicesEnd: number | null },
  stages: number,
): { slices: Slice[]; slicesEnd: number | null } {
  if (slices.length <= MOST_SLICES) return { slices, slicesEnd };
  const counts = new Uint32Array(stages);
  for (const { stage } of slices) counts[stage]!++;
  let room = MOST_SLICES;
  let most = 0;
  [...counts]
    .sort((a, b) => a - b)
    .forEach((count, i) => {
      most = Math.max(most, Math.min(count, Math.floor(room / (stages - i))));
      room -= Math.min(count, most);
    });
  const kept = new Uint32Array(stages);
  let end = Infinity;
  const within = slices.filter(({ stage, start }) => {
    if (kept[stage]!++ < most) return true;
    end = Math.min(end, start);
    return false;
  });
  return { slices: within, slicesEnd: Math.min(end, slicesEnd ?? Infinity) };
}
