// GRU cell: gates z, r, h (ONNX's order), reset before or behind the recurrent product.

import { gemm, transposeInto } from '../gemm.js';
import { zerosLike } from '../values.js';
import type { BackThrough } from './back-through.js';
import { besideEachOther, clipped, passes, type CellErrors, type CellRun, type CellState } from './cell.js';

/** One step: h = (1 - z) g + z h', g of the reset state (before the product) or of the reset product (behind it). */
export function gruStep(run: CellRun, step: number, { inputs, input, state, products }: CellState): void {
  const { images, functions, bias, sums, active, stateSums, hidden: h, signals } = run;
  const { hidden, clip, linearBeforeReset } = run.layer;
  const gate = functions[0]!;
  const candidate = functions[1]!;
  const width = 3 * hidden;
  const biasOf = (half: number, g: number, j: number): number =>
    bias === undefined ? 0 : bias[half * width + g * hidden + j]!;
  const before = h.subarray(step * images * hidden, (step + 1) * images * hidden);
  for (let n = 0; n < images; n++)
    for (let g = 0; g < 2; g++)
      for (let j = 0; j < hidden; j++) {
        const from = n * width + g * hidden + j;
        const at = step * images * width + from;
        const sum = input[from]! + state[from]! + biasOf(0, g, j) + biasOf(1, g, j);
        sums[at] = signals.sum(clipped(sum, clip));
        active[at] = signals.gate(gate.value(sums[at]));
      }
  // The state's product of the hidden gate: of the state itself, or of the state times the reset gate.
  const product = linearBeforeReset ? state : zerosLike(state, images * width);
  if (!linearBeforeReset) {
    const reset = zerosLike(before, images * hidden);
    for (let n = 0; n < images; n++)
      for (let j = 0; j < hidden; j++)
        reset[n * hidden + j] = before[n * hidden + j]! * active[(step * images + n) * width + hidden + j]!;
    if (products?.gates !== undefined) {
      const sums = zerosLike(input, images * width);
      products.gates({ vectors: besideEachOther(run, inputs, reset), count: images }, sums, step, 1);
      for (let n = 0; n < images; n++)
        for (let j = n * width + 2 * hidden; j < (n + 1) * width; j++) input[j] = sums[j]!;
    } else if (products !== undefined) products.state({ vectors: reset, count: images }, product, step, 1);
    else
      gemm(
        { m: images, n: width, k: hidden },
        { data: reset, at: 0 },
        { data: run.recurrent, at: 0 },
        { data: product, at: 0, rowStride: width, columnStride: 1, add: false },
      );
  }
  for (let n = 0; n < images; n++)
    for (let j = 0; j < hidden; j++) {
      const from = n * width + 2 * hidden + j;
      const at = step * images * width + from;
      const row = (step * images + n) * width + j;
      const own = product[from]! + biasOf(1, 2, j);
      stateSums[(step * images + n) * hidden + j] = own;
      const reset = linearBeforeReset ? active[row + hidden]! : 1;
      sums[at] = signals.sum(clipped(input[from]! + biasOf(0, 2, j) + reset * own, clip));
      active[at] = signals.candidate(candidate.value(sums[at]));
      const z = active[row]!;
      h[((step + 1) * images + n) * hidden + j] = signals.hidden((1 - z) * active[at] + z * before[n * hidden + j]!);
    }
}

/**
 * One step backwards: see `lstmBackward`; the input and state halves of the sums have errors of their own.
 */
export function gruBackward(
  run: CellRun,
  step: number,
  { hidden: dHidden, input: dInput, state: dState }: CellErrors,
  through: BackThrough | undefined,
): void {
  const { images, functions, sums, active, stateSums, hidden: h } = run;
  const { hidden, clip, linearBeforeReset } = run.layer;
  const gate = functions[0]!;
  const candidate = functions[1]!;
  const width = 3 * hidden;
  const errorOf = (at: number, error: number, slope: (x: number, y: number) => number): number => {
    const sum = sums[at]!;
    return passes(sum, clip) ? error * slope(sum, active[at]!) : 0;
  };
  const direct = new Float64Array(images * hidden);
  const dReset = new Float64Array(images * hidden);
  for (let n = 0; n < images; n++)
    for (let j = 0; j < hidden; j++) {
      const place = n * hidden + j;
      const row = (step * images + n) * width + j;
      const before = h[step * images * hidden + place]!;
      const z = active[row]!;
      const g = active[row + 2 * hidden]!;
      const e = dHidden[place]!;
      const dG = errorOf(row + 2 * hidden, e * (1 - z), candidate.slope);
      const dZ = errorOf(row, e * (before - g), gate.slope);
      dInput[row] = dState[row] = dZ;
      dInput[row + 2 * hidden] = dG;
      direct[place] = e * z;
      if (linearBeforeReset) {
        const reset = active[row + hidden]!;
        dState[row + 2 * hidden] = dG * reset;
        dReset[place] = dG * stateSums[(step * images + n) * hidden + j]!;
      }
    }
  if (!linearBeforeReset) resetStateErrors(run, step, { dInput, direct, dReset }, through);
  for (let place = 0; place < images * hidden; place++) {
    const row = (step * images + Math.floor(place / hidden)) * width + (place % hidden);
    const dR = errorOf(row + hidden, dReset[place]!, gate.slope);
    dInput[row + hidden] = dState[row + hidden] = dR;
    dHidden[place] = direct[place]!;
  }
}

/** Reset before the product: errors of r times h' come back through the hidden gate's matrix. */
function resetStateErrors(
  run: CellRun,
  step: number,
  { dInput, direct, dReset }: Record<'dInput' | 'direct' | 'dReset', Float64Array>,
  through: BackThrough | undefined,
): void {
  const { images, active, hidden: h } = run;
  const { hidden } = run.layer;
  const width = 3 * hidden;
  const errors = new Float64Array(images * hidden);
  for (let n = 0; n < images; n++)
    for (let j = 0; j < hidden; j++) errors[n * hidden + j] = dInput[(step * images + n) * width + 2 * hidden + j]!;
  const back = through?.reset(step, errors) ?? new Float64Array(images * hidden);
  if (through === undefined) {
    const matrix = new Float64Array(hidden * hidden);
    transposeInto(
      { rows: hidden, columns: hidden },
      { data: run.recurrent, at: 2 * hidden * hidden },
      { data: matrix, at: 0 },
    );
    gemm(
      { m: images, n: hidden, k: hidden },
      { data: errors, at: 0 },
      { data: matrix, at: 0 },
      { data: back, at: 0, rowStride: hidden, columnStride: 1, add: false },
    );
  }
  for (let n = 0; n < images; n++)
    for (let j = 0; j < hidden; j++) {
      const place = n * hidden + j;
      dReset[place] = back[place]! * h[step * images * hidden + place]!;
      direct[place]! += back[place]! * active[(step * images + n) * width + hidden + j]!;
    }
}
