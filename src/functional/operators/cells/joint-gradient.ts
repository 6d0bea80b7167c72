// The gradient of the joint matrix of inputs and states as arrays give it: a row a step, a column an input or a state.

import { vectorGradient } from '../gradient-arrays.js';
import { zerosLike, type Numbers } from '../values.js';
import type { CellGradient, CellRun } from './cell.js';

/** Gradients of one direction's two matrices, which are set: [G H, I] and [G H, H]. */
interface CellMatrices {
  readonly weight: Numbers;
  readonly recurrent: Numbers;
}

/**
 * Sets the gradients of a direction. @param xs inputs [steps, images, I]
 * @param errors of gate sums [steps, images, G H]
 */
export function jointGradient(
  { images, steps, features, gates, hidden: states, layer: { hidden } }: CellRun,
  { xs, errors }: { readonly xs: Numbers; readonly errors: Numbers },
  { part, arrays }: CellGradient,
  { weight, recurrent }: CellMatrices,
): void {
  const [width, columns] = [gates * hidden, features + hidden];
  const inputs = zerosLike(xs, images * steps * columns);
  const own = zerosLike(errors, images * steps * width);
  for (let step = 0; step < steps; step++)
    for (let n = 0; n < images; n++) {
      const [from, to] = [step * images + n, n * steps + step];
      inputs.set(xs.subarray(from * features, (from + 1) * features), to * columns);
      inputs.set(states.subarray(from * hidden, (from + 1) * hidden), to * columns + features);
      own.set(errors.subarray(from * width, (from + 1) * width), to * width);
    }
  const dw = zerosLike(weight, width * columns);
  const sides = {
    inputs: { shape: [images, steps, columns], data: inputs },
    errors: { shape: [images, steps, width], data: own },
  };
  vectorGradient({ part, images, places: steps, ...sides }, arrays, dw);
  for (let g = 0; g < width; g++) {
    weight.set(dw.subarray(g * columns, g * columns + features), g * features);
    recurrent.set(dw.subarray(g * columns + features, (g + 1) * columns), g * hidden);
  }
}
