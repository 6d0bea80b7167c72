// What reports need of a comparison.

/** A comparison: a row for each metric and design, and the knobs in which designs differ from the baseline. */
export interface ComparisonView {
  baseline: string;
  rows: {
    architecture: string;
    metric: string;
    unit: string;
    value: number | null;
    ratio: number | null;
    cause: string;
    placeholders: number;
  }[];
  knobs: { architecture: string; differences: { key: string; baseline: string; value: string }[] }[];
}
