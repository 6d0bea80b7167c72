// What a report of a sweep shows.

/** The analysis of a sweep's points; `analysis.json` but for points and titles. */
export interface SweepView {
  name: string;
  /** Base config. */
  config: string;
  /** Version of the model. */
  model: string;
  /** Swept keys. */
  columns: readonly string[];
  /** Swept keys by knob: those that go together (a zip) are one. */
  knobs: readonly { name: string; keys: readonly string[] }[];
  constraints: readonly string[];
  objectives: readonly { key: string; goal: 'minimize' | 'maximize'; title: string; unit: string }[];
  /** Points that were simulated; indices need not be dense. */
  points: readonly {
    index: number;
    values: Readonly<Record<string, unknown>>;
    figures: Readonly<Record<string, number | null>>;
    feasible: boolean;
  }[];
  feasible: number;
  /** Indices of points. */
  front: readonly number[];
  knee: number | null;
  hypervolume: number | null;
  growth: readonly { points: number; hypervolume: number }[];
  /** For each objective, in their order. */
  sensitivity: readonly {
    firstOrder: readonly { knob: string; index: number }[];
    oneAtATime: readonly { knob: string; points: number; base: number; least: number; most: number }[];
  }[];
  /** Points that failed, by reason. */
  failures: readonly { reason: string; points: number }[];
}
