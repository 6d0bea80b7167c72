// What the cells of recurrent layers share: buffers of a run, functions of gates.

import { InvariantError } from '../../../kernel/index.js';
import type { CellActivation, Recurrent, UnaryFunction } from '../../../workload/graph/index.js';
import { ACTIVATIONS } from '../activations.js';
import type { PartVectors } from '../conv.js';
import type { GradientArrays } from '../gradient-arrays.js';
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

/** A product of a step; `read` numbers those of one matrix in a step. */
export type CellProduct = (vectors: Omit<PartVectors, 'part'>, out: Numbers, step: number, read?: 0 | 1) => void;

/**
 * Products of one direction by a backend: one matrix of input and state side by side, [count, I + H] to [count, G H],
 * or a matrix for each. The joint matrix of a GRU, whose reset gate stands between the two, is read twice a step.
 */
export type CellProducts =
  | { readonly gates: CellProduct; readonly gradient?: CellGradient | undefined }
  | { readonly gates?: never; readonly input: CellProduct; readonly state: CellProduct };

/** Arrays for the gradient of the joint matrix, and which part it is. */
export interface CellGradient {
  readonly part: number;
  readonly arrays: GradientArrays;
}

/** Vectors of inputs and states side by side: [count, I + H]; a missing half is 0. */
export function besideEachOther(
  { images, features, layer: { hidden } }: CellRun,
  inputs: Numbers | null,
  states: Numbers | null,
): Float64Array {
  const joint = new Float64Array(images * (features + hidden));
  for (let n = 0; n < images; n++) {
    const at = n * (features + hidden);
    if (inputs !== null) joint.set(inputs.subarray(n * features, (n + 1) * features), at);
    if (states !== null) joint.set(states.subarray(n * hidden, (n + 1) * hidden), at + features);
  }
  return joint;
}

/**
 * What becomes of the signals inside a cell: rounded to grids, or watched. `sum`: of a gate, before its function;
 * `gate` and `candidate`: values of the gates' and the other functions; `cell`: an LSTM's cell state; `address`: what
 * of it reaches the table of its function; `hidden`: the state that a step hands on.
 */
export interface CellSignals {
  readonly sum: (x: number) => number;
  readonly gate: (x: number) => number;
  readonly candidate: (x: number) => number;
  readonly cell: (x: number) => number;
  readonly address: (x: number) => number;
  readonly hidden: (x: number) => number;
}

const as = (x: number): number => x;
/** Signals in the executor's own precision. */
export const EXACT_SIGNALS: CellSignals = {
  sum: as,
  gate: as,
  candidate: as,
  cell: as,
  address: as,
  hidden: as,
};

/** Buffers and weights of one direction of a layer; time first. */
export interface CellRun {
  readonly layer: Recurrent;
  readonly signals: CellSignals;
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

/** Inputs of one step, [images, I], and their products and the states', [images, G H]. */
export interface CellState {
  readonly inputs: Numbers;
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
