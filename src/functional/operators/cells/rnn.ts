// Simple recurrent cell: h = f(W x + R h' + b).

import { clipped, passes, type CellErrors, type CellRun, type CellState } from './cell.js';

/** One step. */
export function rnnStep(run: CellRun, step: number, { input, state }: CellState): void {
  const { images, functions, bias, sums, active, hidden: h, signals } = run;
  const { hidden, clip } = run.layer;
  const f = functions[0]!;
  for (let n = 0; n < images; n++)
    for (let j = 0; j < hidden; j++) {
      const from = n * hidden + j;
      const at = step * images * hidden + from;
      const own = bias === undefined ? 0 : bias[j]! + bias[hidden + j]!;
      const sum = signals.sum(clipped(input[from]! + state[from]! + own, clip));
      sums[at] = sum;
      active[at] = f.value(sum);
      h[(step + 1) * images * hidden + from] = signals.hidden(active[at]);
    }
}

/** One step backwards: see `lstmBackward`. */
export function rnnBackward(run: CellRun, step: number, { hidden: dHidden, input: dSums }: CellErrors): void {
  const { images, functions, sums, active } = run;
  const { hidden, clip } = run.layer;
  const f = functions[0]!;
  for (let place = 0; place < images * hidden; place++) {
    const at = step * images * hidden + place;
    const sum = sums[at]!;
    dSums[at] = passes(sum, clip) ? dHidden[place]! * f.slope(sum, active[at]!) : 0;
    dHidden[place] = 0;
  }
}
