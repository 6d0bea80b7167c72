// The timeline of a window: which unit served which stage when, and what the buffers held.

import type { Observer } from '../kernel/index.js';
import type { Machine } from './machine.js';
import { runFlow } from './run-flow.js';

/** A unit's occupation, ticks. */
export interface Slice {
  server: number;
  stage: number;
  start: number;
  end: number;
}

export interface Level {
  buffer: number;
  time: number;
  readable: number;
}

export interface Timeline {
  slices: Slice[];
  levels: Level[];
  /** Logical cycles (elastic and row: images) that the window shows, and whether the run ends within it. */
  window: { from: number; to: number; complete: boolean };
}

/** Slices that a timeline holds at most. */
const MOST_SLICES = 50_000;

class Recorder implements Observer {
  readonly slices: Slice[] = [];
  readonly levels: Level[] = [];
  recording = false;

  event(): void {
    // Only services and levels are drawn.
  }

  service(server: number, stage: number, start: number, end: number): void {
    if (this.recording && this.slices.length < MOST_SLICES) this.slices.push({ server, stage, start, end });
  }

  level(buffer: number, time: number, _reserved: number, readable: number): void {
    if (this.recording && this.levels.length < MOST_SLICES) this.levels.push({ buffer, time, readable });
  }
}

/** Simulates the window `simulation.timeline` event by event and records it. */
export function recordTimeline(machine: Machine): Timeline {
  const { from, cycles } = machine.run.config.simulation.timeline;
  const recorder = new Recorder();
  recorder.recording = from === 0;
  const seen = { progress: 0, complete: true };
  runFlow(machine.flow, {
    exact: true,
    observer: recorder,
    until: (progress) => {
      seen.progress = progress;
      recorder.recording = progress >= from;
      const stop = progress >= from + cycles || recorder.slices.length >= MOST_SLICES;
      if (stop) seen.complete = false;
      return stop;
    },
  });
  return { slices: recorder.slices, levels: recorder.levels, window: { from, to: Math.max(seen.progress, from), complete: seen.complete && from === 0 } };
}
