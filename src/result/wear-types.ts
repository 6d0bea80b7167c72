// Wear of the cells of a run.

/** Wear of one kind of cells. */
export interface Wear {
  /** Write pulses that a cell takes in this run. */
  writesPerCell: number;
  /** Seconds until the rated endurance at this run's rate; null without a rating. */
  lifetimeS: number | null;
}

/** Wear of all kinds of cells; null for those that this run does not write. */
export interface Endurance {
  ratedWrites: number | null;
  /** The rating is an assumption. */
  placeholder: boolean;
  /** Weight updates until the rated endurance; null without a rating or updates. */
  ratedUpdates: number | null;
  weights: Wear | null;
  gradients: Wear | null;
  /** Cells into which operands of products of two activations are written. */
  operands: Wear | null;
  /** Cells of ReRAM buffers, each write one pulse; rated as the device where that is ReRAM too. */
  buffers: Wear | null;
  /** Until the first of them is worn out. */
  firstWornS: number | null;
  /**
   * The same where the rating is an assumption: at the ends of its range and at the value, or midway (by logarithm)
   * where that is an end. Empty where the rating is published or nothing wears out.
   */
  scenarios: EnduranceScenario[];
}

/** A rating that cells may have, and when the first of them would be worn out. */
export interface EnduranceScenario {
  ratedWrites: number;
  firstWornS: number;
}
