// The timeline of a window: which stage served which image when, which unit which wave, and what the buffers held.

import { failure } from '../run-config/index.js';
import { InvariantError, type Observer } from '../kernel/index.js';
import type { Flow } from '../pipeline/index.js';
import type { Machine } from '../machine/machine-types.js';
import { runFlow } from '../pipeline/index.js';

/** A unit's occupation by one wave, ticks. */
export interface Slice {
  server: number;
  stage: number;
  start: number;
  end: number;
}

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
  /**
   * Logical cycles (elastic and row: images) that the window shows, and whether it is the whole run. `slicesEnd` and
   * `levelsEnd` are the
   * ticks of the first that were left out because there were too many; null where all are there.
   */
  window: { from: number; to: number; complete: boolean; slicesEnd: number | null; levelsEnd: number | null };
}

/** What a timeline holds at most. */
const MOST_SLICES = 50_000;
const MOST_LEVELS = 200_000;
/** Waves after which a window ends, drawn or not: they bound the time of recording. */
const MOST_WAVES = 3_000_000;
/** Waves that may pass a unit before the window: some seconds. */
const MOST_WAVES_BEFORE = 100_000_000;
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
  /** Services under way, oldest first, by stage. */
  readonly #open: Service[][];

  constructor({ stages }: Flow) {
    this.#stages = stages;
    this.#entered = new Float64Array(stages.length);
    this.#left = new Float64Array(stages.length);
    this.#open = stages.map(() => []);
    for (const { name, units } of stages)
      if (new Set(units.map(({ server }) => server)).size < units.length)
        throw new InvariantError(`stage ${name} passes a unit twice; its waves cannot be told apart`);
  }

  event(): void {
    // Only services and levels are drawn.
  }

  rebase(ticks: number): void {
    this.#base += ticks;
  }

  service(server: number, stage: number, start: number, release: number, finish: number): void {
    const { units, waves } = this.#stages[stage]!;
    const open = this.#open[stage]!;
    if (server === units[0]!.server && this.#entered[stage]!++ % waves === 0) {
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
    if (server === units[units.length - 1]!.server) {
      const service = open[0]!;
      service.end = Math.max(service.end, finish + this.#base);
      if (++this.#left[stage]! % waves === 0) {
        service.whole = true;
        open.shift();
      }
    }
    if (!this.recording) return;
    this.waves++;
    if (this.slices.length < MOST_SLICES)
      this.slices.push({ server, stage, start: start + this.#base, end: release + this.#base });
    else this.slicesEnd ??= start + this.#base;
  }

  level(buffer: number, time: number, _reserved: number, readable: number): void {
    if (!this.recording) return;
    if (this.levels.length < MOST_LEVELS) this.levels.push({ buffer, time: time + this.#base, readable });
    else this.levelsEnd ??= time + this.#base;
  }
}

/** Stages that an image passes one after the other, update and perturbation not counted. */
function passage({ stages }: Flow): number {
  const depth: number[] = [];
  stages.forEach(({ inputs, needs, serves }, s) => {
    const before = [
      ...needs.map(({ producer }) => producer),
      ...stages.flatMap(({ outputs }, writer) => (outputs.some((buffer) => inputs.includes(buffer)) ? [writer] : [])),
    ];
    depth[s] = serves === 'batch' ? 0 : 1 + Math.max(0, ...before.map((writer) => depth[writer] ?? 0));
  });
  return Math.max(...depth);
}

/**
 * Simulates the window `simulation.timeline` event by event and records it. @throws ConfigError where it begins later
 * than events are followed.
 */
export function recordTimeline({ run, flow }: Machine): Timeline {
  const { from, cycles = passage(flow) + AFTER_PASSAGE } = run.config.simulation.timeline;
  const latest = Math.floor(
    MOST_WAVES_BEFORE / flow.stages.reduce((sum, { waves, units }) => sum + waves * units.length, 0),
  );
  if (from > latest)
    failure(run.loaded)(
      ['simulation', 'timeline', 'from'],
      `found ${from}, expected at most ${latest} for this machine: events are followed from the start of the ` +
        'run, and the pipeline repeats itself long before',
    );
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
  const { services, slices, levels, slicesEnd, levelsEnd } = recorder;
  return {
    services,
    slices,
    levels,
    window: {
      from,
      to: Math.max(recorder.progress, from),
      complete: seen.complete && from === 0,
      slicesEnd,
      levelsEnd,
    },
  };
}
