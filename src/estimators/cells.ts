// Memory cells: reading by Ohm's law, column currents, writing by pulses or sweeps, drift, arrays used as memory.

import { tanhActivation } from '../numerics/quantizers/tanh.js';
import { logTail } from './levels.js';

/** What reading or writing a resistance needs to know. */
export interface ReadPoint {
  /** V */ voltage: number;
  /** ohm */ on: number;
  /** ohm */ off: number;
}

/** Siemens of a cell on average, levels equally likely and equally spaced in conductance. */
export const meanConductance = ({ on, off }: ReadPoint): number => (1 / on + 1 / off) / 2;

/**
 * Joules that one crossed cell takes in one read: V^2 G t with currents summed; with resistances summed the cells of a
 * column share one current,
 * V^2 t / (rows^2 R) each (Jung et al., Nature 2022, sum resistances because STT-MRAM's are low).
 * @param time s.
 */
export function cellReadEnergy(
  point: ReadPoint,
  time: number,
  summation: 'current' | 'resistance',
  rows: number,
): number {
  const { voltage } = point;
  if (summation === 'current') return voltage ** 2 * meanConductance(point) * time;
  return (voltage ** 2 * time) / (rows ** 2 * ((point.on + point.off) / 2));
}

/**
 * Joules of one pulse on a cell: V^2 G t at the mean conductance (MLP+NeuroSim V3.0: V^2 (G before + G after) / 2 t).
 * @param time s.
 */
export const cellWriteEnergy = (point: ReadPoint, time: number): number =>
  point.voltage ** 2 * meanConductance(point) * time;

/** Square millimetres of a cell of `features` F2 at a node (m). */
export const cellArea = (features: number, node: number): number => features * (node * 1e3) ** 2;

/**
 * Amperes of a column with every cell driven and in its lowest resistance; resistances in series carry one cell's
 * share.
 */
export function worstColumnCurrent(
  { voltage, on }: ReadPoint,
  rows: number,
  summation: 'current' | 'resistance',
): number {
  return summation === 'current' ? (rows * voltage) / on : voltage / (rows * on);
}

/** Most rows, and highest read voltage at `rows`, that keep a summed column at or below `limit` amperes. */
export function withinColumnLimit(
  { voltage, on }: ReadPoint,
  rows: number,
  limit: number,
): { rows: number; voltage: number } {
  return { rows: Math.floor((limit * on) / voltage + 1e-9), voltage: (limit * on) / rows };
}

/**
 * Share of its conductance that a PCM cell keeps: ((t + t0) / t0)^-nu (Joshi et al.; IBM analog hardware kit, t0 = 20
 * s). @param time s.
 */
export const driftFactor = (time: number, exponent: number, reference: number): number =>
  ((time + reference) / reference) ** -exponent;

/**
 * Mean share that cells keep whose exponents are |nu|, nu normal: E[exp(-L |nu|)] with L = ln((t + t0) / t0), of the
 * folded normal distribution. @param time s. @param deviation of nu over cells
 */
export function meanDriftFactor(time: number, exponent: number, deviation: number, reference: number): number {
  if (deviation === 0) return driftFactor(time, exponent, reference);
  const logAge = Math.log1p(time / reference);
  const spread = deviation * logAge;
  const half = (exponent: number): number =>
    Math.exp(spread ** 2 / 2 - exponent * logAge + logTail(spread - exponent / deviation));
  return half(exponent) + half(-exponent);
}

/** Seconds until a drifting cell keeps only `share` of its conductance. */
export const timeToDrift = (share: number, exponent: number, reference: number): number =>
  reference * (share ** (-1 / exponent) - 1);

/**
 * Joules to write a word of an array used as memory: its cells and the array's periphery (checked against NVMExplorer's
 * arrays).
 */
export const arrayWriteEnergy = (bits: number, cell: number, periphery: number): number => bits * cell + periphery;

/**
 * Weighted sums at which a spin neuron of 2^bits output levels goes to its next level: its outputs are equally spaced
 * in (-1, 1), so the thresholds
 * are atanh of the middles between them (SPINDLE's tanh in 3 bits, as we read it).
 */
export const spinNeuronThresholds = (bits: number): number[] => Array.from(tanhActivation(2 ** bits).thresholds);

/**
 * Square millimetres a bit of an array used as memory, one bit a cell: the cell and its share of the periphery, 0.178
 * mm2 of 2 MB at 22 nm
 * (NVMExplorer's arrays: 0.2888 mm2 of cells of 14 F2, 0.7894 mm2 of 75 F2). @param cell mm2. @param node m.
 */
export const arrayAreaPerBit = (cell: number, node: number): number => cell + (0.178 / 2 ** 24) * (node / 22e-9) ** 2;
