// The waves of logical cycles that are simulated one by one, with the images that they are of.

import type { Flow, LogicalCycle } from '../pipeline/index.js';

/** A unit's occupation by one wave, ticks; `image` and `wave` counted from 0. */
export interface Slice {
  server: number;
  stage: number;
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
  #passed: Map<number, number> = new Map();
  #base = 0;

  /** @param mostOfStage slices of a stage in all cycles */
  constructor({ stages }: Flow, mostOfStage: number) {
    this.#stages = stages;
    this.#of = new Uint32Array(stages.length);
    this.#mostOfStage = mostOfStage;
  }

  rebase(ticks: number): void {
    this.#base += ticks;
  }

  service(server: number, stage: number, start: number, release: number): void {
    const key = server * this.#stages.length + stage;
    const wave = this.#passed.get(key) ?? 0;
    this.#passed.set(key, wave + 1);
    if (wave * this.#stages[stage]!.units.length < this.#mostOfStage)
      this.#cycle.push({ server, stage, image: 0, wave, start: start + this.#base, end: release + this.#base });
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
    this.#passed.clear();
  }
}
