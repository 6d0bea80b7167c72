// What assumptions do to the headlines of a result: intervals, and what moves them.

/** A figure with the interval that 95 % of the draws lie in; `rests`: the drawn constants. */
export interface Interval {
  key: string;
  title: string;
  unit: string;
  value: number;
  low: number;
  high: number;
  rests: number;
}

/** An assumption with its range, SI units (areas mm2; times in cycles where they were written so). */
export interface Assumption {
  key: string;
  unit: string;
  value: number;
  low: number;
  high: number;
}

/** One assumption at its two ends, all others as they are: a headline over its value. */
export interface Swing {
  key: string;
  headline: string;
  low: number;
  high: number;
}

/** What the assumptions of one design do to its headlines. */
export interface Uncertainty {
  schema: 'xbarflow/uncertainty@1';
  architecture: string;
  draws: number;
  seed: number;
  /** Placeholders that are drawn, from their ranges. */
  drawn: Assumption[];
  /** Placeholders that no range is given for: they stay as they are, and no interval tells of them. */
  fixed: string[];
  headlines: Interval[];
  /** Largest first, by headline. */
  tornado: Swing[];
}

/** A ratio to the baseline; both designs take the same draw of a constant that both have. */
export interface RatioInterval extends Interval {
  architecture: string;
}

/** What assumptions do to the designs of a comparison, its baseline first. */
export interface ComparedUncertainty {
  designs: Uncertainty[];
  ratios: RatioInterval[];
}
