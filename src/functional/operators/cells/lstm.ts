// LSTM cell: gates i, o, f, c (ONNX's order), peepholes, coupled input and forget gates.

import { clipped, passes, type CellErrors, type CellRun, type CellState } from './cell.js';
import { leading } from '../../../config/typed.js';

/** One step: c = f c' + i g, h = o tanh(c). */
export function lstmStep(run: CellRun, step: number, { input, state }: CellState): void {
  const { images, functions, bias, peephole, sums, active, cell, hidden: h, signals } = run;
  const { hidden, clip, inputForget } = run.layer;
  const [gate, candidate, output] = leading(3, functions);
  const width = 4 * hidden;
  for (let n = 0; n < images; n++)
    for (let j = 0; j < hidden; j++) {
      const before = cell[(step * images + n) * hidden + j]!;
      const at = (step * images + n) * width + j;
      const from = n * width + j;
      const sum = (g: number): number =>
        input[from + g * hidden]! +
        state[from + g * hidden]! +
        (bias === undefined ? 0 : bias[g * hidden + j]! + bias[width + g * hidden + j]!);
      const gateSum = (g: number, peep: number, state: number): number =>
        signals.sum(clipped(sum(g) + (peephole === undefined ? 0 : peephole[peep * hidden + j]! * state), clip));
      const i = gateSum(0, 0, before);
      const f = gateSum(2, 2, before);
      const c = signals.sum(clipped(sum(3), clip));
      const iOn = signals.gate(gate.value(i));
      const fOn = inputForget ? 1 - iOn : signals.gate(gate.value(f));
      const cOn = signals.candidate(candidate.value(c));
      const next = signals.cell(fOn * before + iOn * cOn);
      const o = gateSum(1, 1, next);
      const oOn = signals.gate(gate.value(o));
      sums[at] = i;
      sums[at + hidden] = o;
      sums[at + 2 * hidden] = f;
      sums[at + 3 * hidden] = c;
      active[at] = iOn;
      active[at + hidden] = oOn;
      active[at + 2 * hidden] = fOn;
      active[at + 3 * hidden] = cOn;
      cell[((step + 1) * images + n) * hidden + j] = next;
      const squashed = signals.candidate(output.value(signals.address(next)));
      h[((step + 1) * images + n) * hidden + j] = signals.hidden(oOn * squashed);
    }
}

/**
 * One step backwards: takes the errors of h and c behind it, leaves that of c before it in `cell`, clears `hidden`
 * (the caller adds the recurrent product) and writes the errors of the gates' sums.
 */
export function lstmBackward(run: CellRun, step: number, errors: CellErrors): void {
  const { hidden: dHidden, cell: dCell, input: dSums, peephole: dPeephole } = errors;
  const { images, functions, peephole, sums, active, cell } = run;
  const { hidden, clip, inputForget } = run.layer;
  const [gate, candidate, output] = leading(3, functions);
  const width = 4 * hidden;
  for (let n = 0; n < images; n++)
    for (let j = 0; j < hidden; j++) {
      const place = n * hidden + j;
      const at = (step * images + n) * width + j;
      const before = cell[(step * images + n) * hidden + j]!;
      const next = cell[((step + 1) * images + n) * hidden + j]!;
      const i = active[at]!;
      const o = active[at + hidden]!;
      const f = active[at + 2 * hidden]!;
      const c = active[at + 3 * hidden]!;
      const squashed = output.value(next);
      const error = (g: number, toGate: number, slope: (x: number, y: number) => number): number => {
        const sum = sums[at + g * hidden]!;
        return passes(sum, clip) ? toGate * slope(sum, active[at + g * hidden]!) : 0;
      };
      const dO = error(1, dHidden[place]! * squashed, gate.slope);
      let dC = dCell[place]! + dHidden[place]! * o * output.slope(next, squashed);
      if (peephole !== undefined) dC += dO * peephole[hidden + j]!;
      const dI = error(0, dC * c - (inputForget ? dC * before : 0), gate.slope);
      const dF = inputForget ? 0 : error(2, dC * before, gate.slope);
      const dG = error(3, dC * i, candidate.slope);
      dSums[at] = dI;
      dSums[at + hidden] = dO;
      dSums[at + 2 * hidden] = dF;
      dSums[at + 3 * hidden] = dG;
      let dBefore = dC * f;
      if (peephole !== undefined) {
        dBefore += dI * peephole[j]! + dF * peephole[2 * hidden + j]!;
        dPeephole[j]! += dI * before;
        dPeephole[hidden + j]! += dO * next;
        dPeephole[2 * hidden + j]! += dF * before;
      }
      dCell[place] = dBefore;
      dHidden[place] = 0;
    }
}
