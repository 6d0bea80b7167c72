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

/** Ratios nearer to 1 than this are equal, and need no cause. */
export const EVEN = 1e-3;

/** From this share on a figure is marked. */
const MARKED = 0.01;
/** True where a figure rests on placeholders; where the share is known, on more than a trace of them. */
export const isMarked = ({ value, placeholders, assumedShare }: ComparisonView['rows'][number]): boolean =>
  value !== 0 && (assumedShare === null ? placeholders > 0 : assumedShare >= MARKED);
