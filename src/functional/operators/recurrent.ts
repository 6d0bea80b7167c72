// One layer of LSTM, GRU or RNN in one or two directions (ONNX's cells), forward and backward through time.

import type { CellActivation, Recurrent } from '../../workload/graph/index.js';
import { BackThrough } from './cells/back-through.js';
import { gruBackward, gruStep } from './cells/gru.js';
import { jointGradient } from './cells/joint-gradient.js';
import { lstmBackward, lstmStep } from './cells/lstm.js';
import { rnnBackward, rnnStep } from './cells/rnn.js';
import {
  besideEachOther,
  EXACT_SIGNALS,
  gateFunction,
  type CellProducts,
  type CellRun,
  type CellSignals,
  type CellState,
  type GateFunction,
} from './cells/cell.js';
import { gemm, transposeInto } from './gemm.js';
import { zeros, zerosLike, type Numbers, type Values } from './values.js';
import { leading } from '../../config/typed.js';

/** Weights of a recurrent layer: [D, G H, I], [D, G H, H], [D, 2 G H], [D, 3 H]. */
export interface RecurrentWeights {
  readonly weight: Values;
  readonly recurrent: Values;
  readonly bias: Values | undefined;
  readonly peephole: Values | undefined;
}

/** Initial states [N, D, H]; zeros where missing. */
export interface RecurrentStates {
  readonly hidden?: Values | undefined;
  readonly cell?: Values | undefined;
}

/** What a layer gives: y [N, S, D, H], last hidden and cell states [N, D, H]; and what its backward pass needs. */
export interface RecurrentResult {
  readonly sequence: Values;
  readonly hidden: Values;
  readonly cell: Values;
  readonly runs: readonly CellRun[];
}

const GATES = { lstm: 4, gru: 3, rnn: 1 } as const;

/** The functions of one direction's gates. */
function functionsOf(layer: Recurrent, direction: number): GateFunction[] {
  const each = { lstm: 3, gru: 2, rnn: 1 }[layer.cell];
  const list: readonly CellActivation[] = layer.activations.slice(direction * each, (direction + 1) * each);
  return list.map(gateFunction);
}

const directionsOf = (layer: Recurrent): number => (layer.direction === 'bidirectional' ? 2 : 1);
const isReverse = (layer: Recurrent, direction: number): boolean => layer.direction === 'reverse' || direction === 1;

/** How a layer's products and signals run; missing: in the executor's own precision. */
export interface RecurrentHardware {
  /** By direction. */
  readonly products?: ((direction: number) => CellProducts) | undefined;
  readonly signals?: CellSignals | undefined;
}

/** The layer over x [N, S, I]. */
export function recurrent(
  layer: Recurrent,
  x: Values,
  { weights, states }: { readonly weights: RecurrentWeights; readonly states: RecurrentStates },
  { products, signals = EXACT_SIGNALS }: RecurrentHardware = {},
): RecurrentResult {
  const [images, steps] = leading(3, x.shape);
  const { hidden } = layer;
  const directions = directionsOf(layer);
  const sequence = zeros(x.data, [images, steps, directions, hidden]);
  const lastHidden = zeros(x.data, [images, directions, hidden]);
  const lastCell = zeros(x.data, [images, directions, hidden]);
  const runs: CellRun[] = [];
  for (let direction = 0; direction < directions; direction++) {
    const run = newRun({ layer, x, weights, states, direction, signals });
    runDirection(run, x, products?.(direction));
    for (let n = 0; n < images; n++)
      for (let h = 0; h < hidden; h++) {
        const last = (n * directions + direction) * hidden + h;
        for (let s = 0; s < steps; s++) {
          const t = run.reverse ? steps - 1 - s : s;
          sequence.data[((n * steps + t) * directions + direction) * hidden + h] =
            run.hidden[((s + 1) * images + n) * hidden + h]!;
        }
        lastHidden.data[last] = run.hidden[(steps * images + n) * hidden + h]!;
        if (layer.cell === 'lstm') lastCell.data[last] = run.cell[(steps * images + n) * hidden + h]!;
      }
    runs.push(run);
  }
  return { sequence, hidden: lastHidden, cell: lastCell, runs };
}

/** One direction of a layer. */
interface DirectionOf {
  readonly layer: Recurrent;
  readonly x: Values;
  readonly weights: RecurrentWeights;
  readonly states: RecurrentStates;
  readonly direction: number;
  readonly signals: CellSignals;
}

/** Buffers and weights of one direction: time first, so that a step's vectors are neighbours. */
function newRun({ layer, x, weights, states, direction, signals }: DirectionOf): CellRun {
  const [images, steps, features] = leading(3, x.shape);
  const { hidden, cell } = layer;
  const gates = GATES[cell];
  const part = (values: Values | undefined, size: number): Numbers | undefined =>
    values?.data.subarray(direction * size, (direction + 1) * size);
  const run: CellRun = {
    layer,
    signals,
    images,
    steps,
    features,
    gates,
    reverse: isReverse(layer, direction),
    functions: functionsOf(layer, direction),
    weight: part(weights.weight, gates * hidden * features)!,
    recurrent: part(weights.recurrent, gates * hidden * hidden)!,
    bias: part(weights.bias, 2 * gates * hidden),
    peephole: part(weights.peephole, 3 * hidden),
    hidden: zerosLike(x.data, (steps + 1) * images * hidden),
    cell: zerosLike(x.data, cell === 'lstm' ? (steps + 1) * images * hidden : 0),
    active: zerosLike(x.data, steps * images * gates * hidden),
    sums: zerosLike(x.data, steps * images * gates * hidden),
    stateSums: zerosLike(x.data, cell === 'gru' ? steps * images * hidden : 0),
  };
  const directions = directionsOf(layer);
  const start = (to: Numbers, from: Values | undefined, grid: (x: number) => number): void => {
    if (from === undefined || to.length === 0) return;
    const rows = from.shape[0]!;
    for (let n = 0; n < images; n++)
      for (let h = 0; h < hidden; h++)
        to[n * hidden + h] = grid(from.data[((n % rows) * directions + direction) * hidden + h]!);
  };
  start(run.hidden, states.hidden, signals.hidden);
  start(run.cell, states.cell, signals.cell);
  return run;
}

/** Gathers the inputs of a step: [images, features]. */
function inputsOf(run: CellRun, x: Values, step: number, to: Numbers): void {
  const { images, steps, features } = run;
  const t = run.reverse ? steps - 1 - step : step;
  for (let n = 0; n < images; n++)
    to.set(x.data.subarray((n * steps + t) * features, (n * steps + t + 1) * features), n * features);
}

const STEP = { lstm: lstmStep, gru: gruStep, rnn: rnnStep };
const BACK = { lstm: lstmBackward, gru: gruBackward, rnn: rnnBackward };

function runDirection(run: CellRun, x: Values, products: CellProducts | undefined): void {
  const { images, features, gates } = run;
  const { hidden } = run.layer;
  const width = gates * hidden;
  const inputs = zerosLike(x.data, images * features);
  const state: CellState = {
    inputs,
    input: zerosLike(x.data, images * width),
    state: zerosLike(x.data, images * width),
    products,
  };
  for (let step = 0; step < run.steps; step++) {
    inputsOf(run, x, step, inputs);
    const before = run.hidden.subarray(step * images * hidden, (step + 1) * images * hidden);
    if (products?.gates !== undefined) {
      // A GRU that resets behind the product needs the sums of inputs and of states apart.
      const apart = run.layer.cell === 'gru' && run.layer.linearBeforeReset;
      products.gates(
        { vectors: besideEachOther(run, inputs, apart ? null : before), count: images },
        state.input,
        step,
        0,
      );
      if (apart) products.gates({ vectors: besideEachOther(run, null, before), count: images }, state.state, step, 1);
      else state.state.fill(0);
    } else if (products !== undefined) {
      products.input({ vectors: inputs, count: images }, state.input, step);
      products.state({ vectors: before, count: images }, state.state, step);
    } else {
      gemm(
        { m: images, n: width, k: features },
        { data: inputs, at: 0 },
        { data: run.weight, at: 0 },
        { data: state.input, at: 0, rowStride: width, columnStride: 1, add: false },
      );
      gemm(
        { m: images, n: width, k: hidden },
        { data: before, at: 0 },
        { data: run.recurrent, at: 0 },
        { data: state.state, at: 0, rowStride: width, columnStride: 1, add: false },
      );
    }
    STEP[run.layer.cell](run, step, state);
  }
}

/** Gradients of a recurrent layer. */
export interface RecurrentGradients {
  readonly input: Values;
  readonly weight: Values;
  readonly recurrent: Values;
  readonly bias: Values | undefined;
  readonly peephole: Values | undefined;
  readonly hidden: Values;
  readonly cell: Values;
}

/** Errors of a layer's results; those that nobody reads are missing. */
export interface RecurrentErrors {
  readonly sequence?: Values | undefined;
  readonly hidden?: Values | undefined;
  readonly cell?: Values | undefined;
}

/**
 * Gradients through all steps of a layer that was run as `result`. `products` by direction, where a backend takes
 * errors of gate sums back to inputs and states (transposed: [count, G H] to [count, I + H], or to each half).
 */
export function recurrentBackward(
  layer: Recurrent,
  x: Values,
  {
    weights,
    result,
    errors,
  }: { readonly weights: RecurrentWeights; readonly result: RecurrentResult; readonly errors: RecurrentErrors },
  products?: (direction: number) => CellProducts,
): RecurrentGradients {
  const [images] = leading(1, x.shape);
  const directions = directionsOf(layer);
  const { hidden } = layer;
  const like = (values: Values | undefined): Values | undefined =>
    values === undefined ? undefined : zeros(x.data, values.shape);
  const gradients = {
    input: zeros(x.data, x.shape),
    weight: zeros(x.data, weights.weight.shape),
    recurrent: zeros(x.data, weights.recurrent.shape),
    bias: like(weights.bias),
    peephole: like(weights.peephole),
    hidden: zeros(x.data, [images, directions, hidden]),
    cell: zeros(x.data, [images, directions, hidden]),
  };
  result.runs.forEach((run, direction) => {
    backDirection(run, { direction, directions }, { x, errors, gradients }, products?.(direction));
  });
  return gradients;
}

function backDirection(
  run: CellRun,
  { direction, directions }: { readonly direction: number; readonly directions: number },
  {
    x,
    errors,
    gradients,
  }: { readonly x: Values; readonly errors: RecurrentErrors; readonly gradients: RecurrentGradients },
  products: CellProducts | undefined,
): void {
  const { images, steps, features, gates } = run;
  const { hidden } = run.layer;
  const width = gates * hidden;
  const size = images * hidden;
  const dHidden = new Float64Array(size);
  const dCell = new Float64Array(size);
  const take = (to: Float64Array, from: Values | undefined): void => {
    if (from === undefined) return;
    for (let n = 0; n < images; n++)
      for (let h = 0; h < hidden; h++) to[n * hidden + h]! += from.data[(n * directions + direction) * hidden + h]!;
  };
  take(dHidden, errors.hidden);
  take(dCell, errors.cell);
  /** Errors of gate sums: of the input half and, for the GRU's hidden gate, of the state half. */
  const dInput = new Float64Array(steps * images * width);
  const dState = run.layer.cell === 'gru' ? new Float64Array(steps * images * width) : dInput;
  const dPeephole = new Float64Array(3 * hidden);
  const recurrentT = zerosLike(run.recurrent, run.recurrent.length);
  transposeInto({ rows: width, columns: hidden }, { data: run.recurrent, at: 0 }, { data: recurrentT, at: 0 });
  const count = steps * images;
  /** Errors of inputs, by step and image. */
  const dInputs = new Float64Array(count * features);
  const back = products && new BackThrough(run, products, { dInput, dState, dHidden, dInputs });
  const stepErrors = { hidden: dHidden, cell: dCell, input: dInput, state: dState, peephole: dPeephole };
  for (let step = steps - 1; step >= 0; step--) {
    const t = run.reverse ? steps - 1 - step : step;
    if (errors.sequence !== undefined)
      for (let n = 0; n < images; n++)
        for (let h = 0; h < hidden; h++)
          dHidden[n * hidden + h]! += errors.sequence.data[((n * steps + t) * directions + direction) * hidden + h]!;
    BACK[run.layer.cell](run, step, stepErrors, back);
    if (back !== undefined) back.pass(step);
    else
      gemm(
        { m: images, n: hidden, k: width },
        { data: dState, at: step * images * width },
        { data: recurrentT, at: 0 },
        { data: dHidden, at: 0, rowStride: hidden, columnStride: 1, add: true },
      );
  }
  put(gradients.hidden, dHidden);
  if (run.layer.cell === 'lstm') put(gradients.cell, dCell);
  function put(to: Values, from: Float64Array): void {
    for (let n = 0; n < images; n++)
      for (let h = 0; h < hidden; h++) to.data[(n * directions + direction) * hidden + h] = from[n * hidden + h]!;
  }
  // Errors and vectors with time and image along rows: [width, count] x [count, features].
  const inputT = new Float64Array(width * count);
  const stateT = dState === dInput ? inputT : new Float64Array(width * count);
  transposeInto({ rows: count, columns: width }, { data: dInput, at: 0 }, { data: inputT, at: 0 });
  if (stateT !== inputT)
    transposeInto({ rows: count, columns: width }, { data: dState, at: 0 }, { data: stateT, at: 0 });
  const xs = new Float64Array(count * features);
  for (let step = 0; step < steps; step++)
    inputsOf(run, x, step, xs.subarray(step * images * features, (step + 1) * images * features));
  const xT = new Float64Array(xs.length);
  transposeInto({ rows: count, columns: features }, { data: xs, at: 0 }, { data: xT, at: 0 });
  const at = direction * width;
  const onArrays = products?.gates === undefined || run.layer.cell === 'gru' ? undefined : products.gradient;
  gemm(
    { m: width, n: features, k: count },
    { data: inputT, at: 0 },
    { data: xT, at: 0 },
    { data: gradients.weight.data, at: at * features, rowStride: features, columnStride: 1, add: false },
  );
  const hT = zerosLike(run.hidden, count * hidden);
  transposeInto({ rows: count, columns: hidden }, { data: run.hidden, at: 0 }, { data: hT, at: 0 });
  gemm(
    { m: width, n: hidden, k: count },
    { data: stateT, at: 0 },
    { data: hT, at: 0 },
    { data: gradients.recurrent.data, at: at * hidden, rowStride: hidden, columnStride: 1, add: false },
  );
  if (onArrays !== undefined)
    jointGradient(run, { xs, errors: dInput }, onArrays, {
      weight: gradients.weight.data.subarray(at * features, (at + width) * features),
      recurrent: gradients.recurrent.data.subarray(at * hidden, (at + width) * hidden),
    });
  const resetBefore = run.layer.cell === 'gru' && !run.layer.linearBeforeReset;
  if (resetBefore) {
    const rows = 2 * hidden;
    gemm(
      { m: hidden, n: hidden, k: count },
      { data: inputT, at: rows * count },
      { data: resetStates(run), at: 0 },
      { data: gradients.recurrent.data, at: (at + rows) * hidden, rowStride: hidden, columnStride: 1, add: false },
    );
  }
  if (gradients.bias !== undefined)
    for (let g = 0; g < width; g++) {
      gradients.bias.data[2 * at + g] = sumRow(inputT, g, count);
      gradients.bias.data[2 * at + width + g] = sumRow(resetBefore && g >= 2 * hidden ? inputT : stateT, g, count);
    }
  gradients.peephole?.data.set(dPeephole, direction * 3 * hidden);
  if (back === undefined) {
    const weightT = zerosLike(run.weight, run.weight.length);
    transposeInto({ rows: width, columns: features }, { data: run.weight, at: 0 }, { data: weightT, at: 0 });
    gemm(
      { m: count, n: features, k: width },
      { data: dInput, at: 0 },
      { data: weightT, at: 0 },
      { data: dInputs, at: 0, rowStride: features, columnStride: 1, add: false },
    );
  }
  for (let step = 0; step < steps; step++) {
    const t = run.reverse ? steps - 1 - step : step;
    for (let n = 0; n < images; n++)
      for (let f = 0; f < features; f++)
        gradients.input.data[(n * steps + t) * features + f]! += dInputs[(step * images + n) * features + f]!;
  }
}

/** States times reset gates, [H, steps x images]: what the hidden gate's recurrent product reads. */
function resetStates({ steps, images, layer, hidden: h, active }: CellRun): Float64Array {
  const { hidden } = layer;
  const count = steps * images;
  const out = new Float64Array(hidden * count);
  for (let v = 0; v < count; v++)
    for (let j = 0; j < hidden; j++) out[j * count + v] = h[v * hidden + j]! * active[v * 3 * hidden + hidden + j]!;
  return out;
}

function sumRow(matrix: Float64Array, row: number, length: number): number {
  let sum = 0;
  for (let i = 0, at = row * length; i < length; i++, at++) sum += matrix[at]!;
  return sum;
}
