// Analog-to-digital converters: required resolution, and energy and area by resolution, rate and node.

import { atNode, logLog } from './between.js';

/**
 * Bits that a converter needs so that no column sum is lost (Shafiee et al., ISAAC, ISCA 2016, Sec. V):
 * log2 R + v + w, one less where v or w is 1; a flipped encoding saves one more.
 * @param rows wordlines that a column sums. @param inputBits bits of a slot (v). @param cellBits bits of a cell (w).
 */
export function requiredResolution(
  rows: number,
  inputBits: number,
  cellBits: number,
  encoding: 'plain' | 'flipped' = 'plain',
): number {
  const bits = Math.ceil(Math.log2(rows)) + inputBits + cellBits - (inputBits > 1 && cellBits > 1 ? 0 : 1);
  return encoding === 'flipped' ? bits - 1 : bits;
}

/** Slope of ln(energy) over ln(bits) in the survey regression: its log(ENOB) term. */
const SURVEY_ENOB = -2.829108;
/** Slopes, in dB a bit, of the converter's SNDR and of the figure of merit that resolution sets. */
const SNDR_PER_BIT = 20 * Math.log10(2);
const MERIT_PER_BIT = 3.2205185;
/** Bits below which the regression would rise again: the minimum of 10^((SNDR - merit) / 10) x bits^SURVEY_ENOB. */
export const SURVEY_LEAST_BITS = -SURVEY_ENOB / ((Math.log(10) / 10) * (SNDR_PER_BIT - MERIT_PER_BIT));
/** Resolution up to which the figure of merit follows it. */
const SURVEY_MOST_BITS = 20;

/**
 * Joules of a conversion by the regression over Murmann's ADC survey ("best 20 %") of the Accelergy ADC plug-in. Its
 * log(ENOB) term makes energies rise again below 4.4 bits; they stay at that minimum there, so that the law is monotone
 * in bits, rate and node.
 * @param bits effective number of bits, up to 20. @param rate samples a second of one converter, up to 1e10.
 * @param node m. @throws RangeError above that resolution or rate.
 */
export function surveyEnergy(bits: number, rate: number, node: number): number {
  if (rate > 1e10) throw new RangeError(`the survey regression holds up to 10 GS/s, found ${rate / 1e9} GS/s`);
  if (bits > SURVEY_MOST_BITS)
    throw new RangeError(`the survey regression holds up to ${SURVEY_MOST_BITS} bits, found ${bits}`);
  const enob = Math.max(bits, SURVEY_LEAST_BITS);
  const nm = node * 1e9;
  const sndr = SNDR_PER_BIT * enob + 10 * Math.log10(1.5);
  const byRate = 213.7807 - 2.871903 * Math.log(rate);
  const byBits = 128.3068 + MERIT_PER_BIT * enob;
  const schreier = Math.min(byRate, byBits);
  const picojoules =
    (1 / (2 * 10 ** ((schreier - sndr) / 10))) *
    Math.exp(26.04962 + 1.880037 * Math.log(nm) + SURVEY_ENOB * Math.log(enob) - 1.470202);
  return picojoules * 1e-12;
}

/** Square millimetres of a converter by the same regression. */
export function surveyArea(bits: number, rate: number, node: number): number {
  const picojoules = surveyEnergy(bits, rate, node) * 1e12;
  return (
    Math.exp(1.346192 + 0.993279 * Math.log(node * 1e9) + 0.180715 * Math.log(rate) + 0.299124 * Math.log(picojoules)) *
    1e-6
  );
}

/** Node (nm) and coefficients a, c, k, m of NeuroSim's SAR power there (DNN+NeuroSim V1.3, LSTP). */
const SAR: readonly (readonly [number, number, number, number, number])[] = [
  [7, 0.1061, 0.8847, 0.043555, 2.303],
  [14, 0.3132, 2.5681, 0.061085, 2.303],
  [22, 0.538, 4.3753, 0.072341, 2.303],
  [32, 1.1294, 8.8998, 0.079449, 2.297],
  [45, 2.1691, 16.693, 0.100225, 2.303],
  [65, 3.7506, 25.844, 0.121272, 2.303],
  [90, 5.9869, 37.462, 0.144323, 2.303],
  [130, 8.4483, 65.243, 0.16938, 2.303],
];

/** Coefficients at a node: those of the table, between its nodes log-log. */
function sarCoefficients(node: number): readonly [number, number, number, number] {
  const place = atNode(SAR, ([nm]) => nm, node, 'SAR coefficients');
  const at = (i: 1 | 2 | 3 | 4): number => logLog(place, (row) => row[i]);
  return [at(1), at(2), at(3), at(4)];
}

/**
 * Joules of a SAR conversion with the column's current in it: P = a b + c (uW) + k exp(-m log10 R) (W), for (b + 1) ns
 * (DNN+NeuroSim V1.3). The column term rules for low-resistance devices.
 * @param columnResistance ohms of the column at a read voltage of 0.5 V; it scales with 0.5 V / `readVoltage`.
 * @throws RangeError for a node outside 7 to 130 nm.
 */
export function sarEnergy(bits: number, node: number, columnResistance: number, readVoltage: number): number {
  const [a, c, k, m] = sarCoefficients(node);
  const resistance = (columnResistance * 0.5) / readVoltage;
  return ((a * bits + c) * 1e-6 + k * Math.exp(-m * Math.log10(resistance))) * (bits + 1) * 1e-9;
}

/**
 * Square millimetres of a SAR converter by its transistors: 29.7 um2 + 18.9 um2 a bit at 22 nm, the line through
 * NeuroSim V1.4's 124.2 um2 (5 bits) and 180.9 um2 (8 bits); follows the square of the node. A twelfth of what whole
 * published converters take (`surveyArea`).
 * @param bits 1 to 12. @param node m. @throws RangeError outside.
 */
export function sarArea(bits: number, node: number): number {
  if (bits < 1 || bits > 12) throw new RangeError(`the SAR area holds from 1 to 12 bits, found ${bits}`);
  return (29.7 + 18.9 * bits) * 1e-6 * (node / 22e-9) ** 2;
}

/**
 * Bits, picojoules and um2 of ISAAC's ADC at 32 nm, 1.2 GS/s (Accelergy library, scaled after Saberi et al., 2011).
 */
const SABERI: readonly (readonly [number, number, number])[] = [
  [4, 0.79, 361],
  [5, 0.99, 477],
  [6, 1.2, 627],
  [7, 1.42, 845],
  [8, 1.67, 1200],
  [9, 1.97, 1828],
  [10, 2.38, 3002],
];

/** Joules and square millimetres of ISAAC's ADC at another resolution. @throws RangeError outside 4 to 10 bits. */
export function saberiFigures(bits: number): { energy: number; area: number } {
  const row = SABERI.find(([b]) => b === bits);
  if (row === undefined) throw new RangeError(`ISAAC's ADC is known from 4 to 10 bits, found ${bits}`);
  return { energy: row[1] * 1e-12, area: row[2] * 1e-6 };
}

/**
 * How ISAAC's ADC grows from its published 8 bits to another resolution: energy and area over those at 8 bits. Below 4
 * bits it stays what it is at 4; above 10 each bit adds as much as the tenth.
 * @param bits 1 to 16. @throws RangeError above.
 */
export function isaacAdcScale(bits: number): { energy: number; area: number; beyond: boolean } {
  if (bits > 16) throw new RangeError(`ISAAC's ADC is followed up to 16 bits, found ${bits}`);
  const last = saberiFigures(10);
  const before = saberiFigures(9);
  const known = saberiFigures(Math.min(10, Math.max(4, Math.round(bits))));
  const further = Math.max(0, bits - 10);
  const published = saberiFigures(8);
  return {
    energy: (known.energy / published.energy) * (last.energy / before.energy) ** further,
    area: (known.area / published.area) * (last.area / before.area) ** further,
    beyond: bits < 4 || bits > 10,
  };
}

/** A flash converter is 2^b - 1 comparators that decide at once: its energy or area from one comparator's. */
export const flashOf = (bits: number, comparator: number): number => (2 ** bits - 1) * comparator;
