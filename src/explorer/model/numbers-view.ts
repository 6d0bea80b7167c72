// What the functional view shows: plain data.

/** Values of a layer as pictures: channels of height x width (a vector: one row). */
export interface Planes {
  channels: number;
  height: number;
  width: number;
  data: Float32Array;
}

/** What a weight layer's converters saw. */
export interface SeenSums {
  /** Counts of sums by equal bins from `least` to `most`, level units. */
  counts: number[];
  least: number;
  most: number;
  /** What the converters tell apart; null: sums pass as they are. */
  range: { least: number; most: number } | null;
  conversions: number;
  clipped: number;
}

/** A node of the network: what it gives in exact numbers and on the hardware. */
export interface LayerNumbers {
  name: string;
  exact: Planes;
  hardware: Planes;
  /** Root mean square of the difference / that of the exact values. */
  error: number;
  /** Null: no arrays. */
  sums: SeenSums | null;
  /** Cells of its first array, level units. */
  cells: { rows: number; columns: number; levels: Float32Array; most: number } | null;
}

/** The picture of an attack after an iteration. */
export interface AttackFrame {
  iteration: number;
  loss: number;
  said: number;
  picture: Float32Array;
}

/** All that the functional view shows. */
export interface NumbersView {
  network: string;
  /** The design's own network does not take digits, so the project's small one stands in. */
  standsIn: boolean;
  learned: { pictures: number; epochs: number; accuracy: number; tested: number };
  side: number;
  picture: Float32Array;
  label: number;
  said: { exact: number; hardware: number };
  logits: { exact: number[]; hardware: number[] };
  layers: LayerNumbers[];
  attack: { frames: AttackFrame[]; epsilon: number };
}

/** Digits that are drawn to look at. */
export const PICTURES = 20;
