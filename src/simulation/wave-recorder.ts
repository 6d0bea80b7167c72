// The waves of logical cycles that are simulated one by one, with the images that they are of.

import type { ServiceTimes } from '../kernel/index.js';
import type { Flow, LogicalCycle } from '../pipeline/index.js';

/** A unit's occupation by one wave, ticks; `image`, `wave` and the unit's place in the chain counted from 0. */
export interface Slice {
  server: number;
  stage: number;
  step: number;
  image: number;
  wave: number;
  start: number;
  end: number;
}

/** The waves of cycles that are simulated, as many of each stage as it may have. */
export class WaveRecorder {
  readonly slices: Slice[] = [];
  slicesEnd: number | null = null;
  readonly #stages: Flow['stages'];
  readonly #mostOfStage: number;
  readonly #of: Uint32Array;
  /** Slices of the cycle under way; their image is known when it is over. */
  #cycle: Slice[] = [];
  /** Waves that each unit of each stage's chain has served in the cycle. */
  readonly #passed: Float64Array[];
  #base = 0;

  /** @param mostOfStage slices of a stage in all cycles */
  constructor({ stages }: Flow, mostOfStage: number) {
    this.#stages = stages;
    this.#of = new Uint32Array(stages.length);
    this.#mostOfStage = mostOfStage;
    this.#passed = stages.map(({ units }) => new Float64Array(units.length));
  }

  rebase(ticks: number): void {
    this.#base += ticks;
  }

  service(server: number, stage: number, { start, release, step = 0 }: ServiceTimes): void {
    const wave = this.#passed[stage]![step]!++;
    if (wave * this.#stages[stage]!.units.length < this.#mostOfStage)
      this.#cycle.push({ server, stage, step, image: 0, wave, start: start + this.#base, end: release + this.#base });
  }

  /** A cycle is over: its waves are kept where they are shown. */
  told({ active, images }: LogicalCycle, shown: boolean): void {
    if (shown)
      for (const slice of this.#cycle) {
        if (this.#of[slice.stage]!++ >= this.#mostOfStage) {
          this.slicesEnd ??= slice.start;
          continue;
        }
        slice.image = images[active.indexOf(slice.stage)]!;
        this.slices.push(slice);
      }
    this.#cycle = [];
    for (const passed of this.#passed) passed.fill(0);
  }
}
