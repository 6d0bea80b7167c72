// What reports need of a comparison.

/** A comparison: a row for each metric and design, and the knobs in which designs differ from the baseline. */
export interface ComparisonView {
  baseline: string;
  work: { same: boolean; text: string };
  rows: {
    architecture: string;
    metric: string;
    unit: string;
    value: number | null;
    ratio: number | null;
    cause: string;
    placeholders: number;
    assumedShare: number | null;
  }[];
  /** Each design's verdict. */
  results: { architecture: string; verdict: { timeSetBy: string; idealShare: number } }[];
  knobs: { architecture: string; differences: { key: string; baseline: string; value: string }[] }[];
}
