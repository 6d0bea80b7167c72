// Analog-to-digital converters: required resolution, and energy and area by resolution, rate and node.

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

/**
 * Joules of a conversion by the regression over Murmann's ADC survey ("best 20 %") of the Accelergy ADC plug-in; its
 * log(ENOB) term floors
 * energies below 4 bits.
 * @param bits effective number of bits. @param rate samples a second of one converter, up to 1e10. @param node m.
 * @throws RangeError above that rate.
 */
export function surveyEnergy(bits: number, rate: number, node: number): number {
  if (rate > 1e10) throw new RangeError(`the survey regression holds up to 10 GS/s, found ${rate / 1e9} GS/s`);
  const nm = node * 1e9;
  const sndr = 20 * Math.log10(2) * bits + 10 * Math.log10(1.5);
  const byRate = 213.7807 - 2.871903 * Math.log(rate);
  const byBits = 128.3068 + 3.2205185 * Math.min(20, Math.max(0, Math.ceil(bits)));
  const schreier = Math.min(byRate, byBits);
  const picojoules =
    (1 / (2 * 10 ** ((schreier - sndr) / 10))) *
    Math.exp(26.04962 + 1.880037 * Math.log(nm) - 2.829126 * Math.log(bits) - 1.470202);
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

/** Coefficients a, c, k, m of NeuroSim's SAR power by node in nm (DNN+NeuroSim V1.3, LSTP). */
const SAR: Record<number, readonly [number, number, number, number]> = {
  130: [8.4483, 65.243, 0.16938, 2.303],
  90: [5.9869, 37.462, 0.144323, 2.303],
  65: [3.7506, 25.844, 0.121272, 2.303],
  45: [2.1691, 16.693, 0.100225, 2.303],
  32: [1.1294, 8.8998, 0.079449, 2.297],
  22: [0.538, 4.3753, 0.072341, 2.303],
  14: [0.3132, 2.5681, 0.061085, 2.303],
  7: [0.1061, 0.8847, 0.043555, 2.303],
};

/** Nodes in metres that `sarEnergy` knows. */
export const SAR_NODES = Object.keys(SAR).map((nm) => Number(nm) * 1e-9);

/**
 * Joules of a SAR conversion with the column's current in it: P = a b + c (uW) + k exp(-m log10 R) (W), for (b + 1) ns
 * (DNN+NeuroSim V1.3).
 * The column term rules for low-resistance devices.
 * @param columnResistance ohms of the column at a read voltage of 0.5 V; it scales with 0.5 V / `readVoltage`.
 * @throws RangeError for a node without coefficients.
 */
export function sarEnergy(bits: number, node: number, columnResistance: number, readVoltage: number): number {
  const row = SAR[Math.round(node * 1e9)];
  if (row === undefined)
    throw new RangeError(
      `no SAR coefficients for ${Math.round(node * 1e9)} nm, expected one of ${Object.keys(SAR).join(', ')} nm`,
    );
  const [a, c, k, m] = row;
  const resistance = (columnResistance * 0.5) / readVoltage;
  return ((a * bits + c) * 1e-6 + k * Math.exp(-m * Math.log10(resistance))) * (bits + 1) * 1e-9;
}

/**
 * Picojoules and um2 of ISAAC's ADC at 4 to 10 bits, 32 nm, 1.2 GS/s (Accelergy library, scaled after Saberi et al.,
 * 2011).
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

/** A flash converter is 2^b - 1 comparators that decide at once: its energy or area from one comparator's. */
export const flashOf = (bits: number, comparator: number): number => (2 ** bits - 1) * comparator;
