// What the report of an evaluation is made of.

import type { Evaluation } from '../../functional/evaluate/result.js';

/** Sums of a layer's lines by size, and the sums that its converters tell apart (null: they pass as they are). */
export interface LayerSums {
  readonly layer: string;
  readonly bins: readonly { readonly from: number; readonly to: number; readonly count: number }[];
  readonly range: { readonly least: number; readonly most: number } | null;
}

/** What the cells of an array hold: wordlines x bitlines, a PNG of a pixel a cell, black for the least level. */
export interface ArrayMap {
  readonly layer: string;
  readonly rows: number;
  readonly columns: number;
  readonly levels: number;
  readonly png: string;
}

/** A picture that the hardware takes for another class, as PNG (base64). */
export interface WrongPicture {
  /** Number of the sample, from 0. */
  readonly place: number;
  readonly label: number;
  readonly prediction: number;
  readonly width: number;
  readonly height: number;
  readonly png: string;
}

/** What is shown beside the figures. */
export interface EvaluationLook {
  /** Pictures that the sums are of. */
  readonly histogramImages: number;
  readonly sums: readonly LayerSums[];
  /** Null without crossbars. */
  readonly map: ArrayMap | null;
  /** [label][prediction]; null without labels. */
  readonly confusion: readonly (readonly number[])[] | null;
  readonly classes: readonly string[];
  readonly wrong: readonly WrongPicture[];
}

/** An evaluation with all that its report shows. */
export interface EvaluationView {
  readonly title: string;
  readonly evaluation: Evaluation;
  readonly look: EvaluationLook;
  /** What time, energy and area are of. */
  readonly mode: string;
  readonly timePerImageS: number;
  readonly energyPerImageJ: number;
  readonly areaMm2: number;
  readonly footer: string;
}
