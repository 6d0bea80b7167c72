// What the cells of recurrent layers share: buffers of a run, functions of gates.

import { InvariantError } from '../../../kernel/index.js';
import type { CellActivation, Recurrent, UnaryFunction } from '../../../workload/graph/index.js';
import { ACTIVATIONS } from '../activations.js';
import type { Numbers } from '../values.js';

/** A gate's function: its value and its slope from sum and value. */
export interface GateFunction {
  readonly value: (x: number) => number;
  readonly slope: (x: number, y: number) => number;
}

/** ONNX's names of gate functions with the parameters of those that have some. */
const NAMES = new Map<string, readonly [UnaryFunction, number, number]>([
  ['relu', ['relu', 0, 0]],
  ['tanh', ['tanh', 0, 0]],
  ['sigmoid', ['sigmoid', 0, 0]],
  ['softsign', ['softsign', 0, 0]],
  ['softplus', ['softplus', 0, 0]],
  ['leakyrelu', ['leakyRelu', 0.01, 0]],
  ['thresholdedrelu', ['thresholdedRelu', 1, 0]],
  ['hardsigmoid', ['hardSigmoid', 0.2, 0.5]],
  ['elu', ['elu', 1, 0]],
]);

/** A gate's function by its name in ONNX (lower case). @throws InvariantError for one that the importer let through */
export function gateFunction({ name, alpha, beta }: CellActivation): GateFunction {
  if (name === 'affine') {
    const a = alpha ?? 1;
    const b = beta ?? 0;
    return { value: (x) => a * x + b, slope: () => a };
  }
  if (name === 'scaledtanh') {
    const a = alpha ?? 1;
    const b = beta ?? 1;
    return { value: (x) => a * Math.tanh(b * x), slope: (_, y) => b * (a - (y * y) / a) };
  }
  const known = NAMES.get(name);
  if (known === undefined) throw new InvariantError(`recurrent: no gate function "${name}"`);
  const [key, a0, b0] = known;
  const { value, slope } = ACTIVATIONS[key];
  const a = alpha ?? a0;
  const b = beta ?? b0;
  return { value: (x) => value(x, a, b), slope: (x, y) => slope(x, y, a, b) };
}

/**
 * Products of one direction by a backend. `gates`: vectors [count, I + H] of input and state side by side to [count,
 * G H] (LSTM, RNN: one matrix); `input` and `state` apart for a GRU, whose reset gate stands between them.
 */
export interface CellProducts {
  readonly input: (vectors: Numbers, count: number, out: Numbers, step: number) => void;
  readonly state: (vectors: Numbers, count: number, out: Numbers, step: number) => void;
  readonly gates?: (vectors: Numbers, count: number, out: Numbers, step: number) => void;
}

/** Buffers and weights of one direction of a layer; time first. */
export interface CellRun {
  readonly layer: Recurrent;
  readonly images: number;
  readonly steps: number;
  readonly features: number;
  readonly gates: number;
  readonly reverse: boolean;
  readonly functions: readonly GateFunction[];
  readonly weight: Numbers;
  readonly recurrent: Numbers;
  readonly bias: Numbers | undefined;
  readonly peephole: Numbers | undefined;
  /** States before and after each step: [steps + 1, images, H]. */
  readonly hidden: Numbers;
  readonly cell: Numbers;
  /** Values and sums of all gates: [steps, images, G H]. */
  readonly active: Numbers;
  readonly sums: Numbers;
  /** GRU: the state half of the hidden gate's sum, before the reset: [steps, images, H]. */
  readonly stateSums: Numbers;
}

/** Products of one step, [images, G H]: of inputs and of states. */
export interface CellState {
  readonly input: Numbers;
  readonly state: Numbers;
  readonly products: CellProducts | undefined;
}

/** Errors of a step's way back, written in place. */
export interface CellErrors {
  /** Of hidden and cell states behind the step; then of those before it. */
  readonly hidden: Float64Array;
  readonly cell: Float64Array;
  /** Of the sums of all gates: of their input half, and (GRU; else the same list) of their state half. */
  readonly input: Float64Array;
  readonly state: Float64Array;
  readonly peephole: Float64Array;
}

/** A sum cut to the layer's clip, where it has one. */
export const clipped = (sum: number, clip: number | null): number =>
  clip === null ? sum : sum < -clip ? -clip : sum > clip ? clip : sum;

/** Whether the clip let a sum's error pass. */
export const passes = (sum: number, clip: number | null): boolean => clip === null || (sum > -clip && sum < clip);
