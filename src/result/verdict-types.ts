// Types of a verdict: what a result amounts to, in words that a rule each finds.

/** What one rule of the verdict found. */
export interface Limit {
  /** `converter`, `cell-read`, `write`, `link`, `buffer`, `one-stage`, `fill`, ...: the rule that found it. */
  code: string;
  of: 'time' | 'energy' | 'area';
  /** Share of the run's time, energy or area that it is behind, 0 to 1. */
  share: number;
  text: string;
  /** Knobs that would move it. */
  next: { set: string[]; why: string }[];
}

/** How much of a figure rests on placeholder constants. */
export interface Assumed {
  /** Share of the figure that placeholder constants are behind, 0 to 1. */
  share: number;
  /** The one with the largest share, and that share; null where nothing is assumed. */
  key: string | null;
  keyShare: number;
}

/** A command that is worth trying next. */
export interface Next {
  command: string;
  set: string[];
  why: string;
}

/** The first thing to read of a result. */
export interface Verdict {
  /** What ran. */
  work: string;
  timeSetBy: string;
  energyGoesTo: string;
  areaIs: string;
  /**
   * Seconds that the same work takes in the steady state: the busiest stage or shared unit alone, with the updates
   * between batches, without filling, draining and waiting.
   */
  idealS: number;
  /** idealS / time.totalS. */
  idealShare: number;
  /** Peak of the arrays that the run uses, from the roll-up of a full chip; null without one. */
  peak: { gops: number; gopsShare: number; gopsPerW: number; gopsPerWShare: number } | null;
  /** What the rules found, the largest share first within time, energy and area. */
  limits: Limit[];
  assumed: { time: Assumed; energy: Assumed; area: Assumed };
  /** At most three, from what limits most. */
  next: Next[];
}
