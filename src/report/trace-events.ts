// Types of `timeline.json`: trace events as Perfetto reads them, and the schedule of a run beside them.

import type { StallCause } from '../simulation/index.js';

/**
 * Trace events: names of tracks and lanes (M), services of a stage, occupations of units, waits and logical cycles (X),
 * levels of buffers (C), the way of an image from stage to stage (s, f). `role` tells the passes of a wave apart that
 * passes a unit twice.
 */
export type TraceEvent =
  | { ph: 'M'; name: 'process_name' | 'thread_name'; pid: number; tid: number; args: { name: string } }
  | {
      ph: 'M';
      name: 'process_sort_index' | 'thread_sort_index';
      pid: number;
      tid: number;
      args: { sort_index: number };
    }
  | (Timed & { cat: 'service'; args: { image: number; whole: boolean } })
  | (Timed & { cat: 'wave'; args: { image: number; batch: number; wave: number; role?: string } })
  | (Timed & { cat: 'wait'; args: { cause: StallCause } })
  | (Timed & { cat: 'cycle'; args: { cycle: number; setBy: string } })
  | { ph: 's' | 'f'; cat: 'image'; name: string; id: number; bp?: 'e'; pid: number; tid: number; ts: number }
  | { ph: 'C'; name: string; pid: number; tid: number; ts: number; args: { entries: number } };

interface Timed {
  ph: 'X';
  name: string;
  pid: number;
  tid: number;
  ts: number;
  dur: number;
}

/** A logical cycle of the schedule; times in seconds. `images` and `waits` are by stage, null where there is none. */
export interface ScheduledCycle {
  /** Counted from 1. */
  cycle: number;
  startS: number;
  lengthS: number;
  setBy: string;
  images: (number | null)[];
  waits: (StallCause | null)[];
}

/** The document of `timeline.json`. */
export interface TimelineDocument {
  displayTimeUnit: 'ns';
  otherData: { timeUnit: string; window: string; services: string; waves: string; counters: string };
  /** Logical cycles at the start, between batches and at the end of the run; null where there are none. */
  schedule: { cycles: number; complete: boolean; parts: { title: string; cycles: ScheduledCycle[] }[] } | null;
  traceEvents: TraceEvent[];
}
