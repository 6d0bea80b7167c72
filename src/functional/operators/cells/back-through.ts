// Errors of a recurrent layer's gate sums back through the matrices of a backend, step by step.

import { zerosLike, type Numbers } from '../values.js';
import type { CellProducts, CellRun } from './cell.js';

/** Errors: of gate sums [steps, images, G H], of the state behind a step, of inputs by step and image. */
interface ErrorsOfSteps {
  readonly dInput: Float64Array;
  readonly dState: Float64Array;
  readonly dHidden: Float64Array;
  readonly dInputs: Float64Array;
}

/** The matrices of one direction, read transposed. */
export class BackThrough {
  readonly #resetsBefore: boolean;
  /** Errors of inputs that came with those of reset states. */
  #inputs: Float64Array | null = null;

  constructor(
    readonly run: CellRun,
    readonly products: CellProducts,
    readonly errors: ErrorsOfSteps,
  ) {
    this.#resetsBefore = run.layer.cell === 'gru' && !run.layer.linearBeforeReset;
  }

  /** Errors [images, H] of reset states: of a GRU's hidden gate alone, whose errors [images, H] are given. */
  reset(step: number, errors: Numbers): Float64Array {
    const { images, gates, layer } = this.run;
    const width = gates * layer.hidden;
    const all = new Float64Array(images * width);
    for (let n = 0; n < images; n++)
      all.set(errors.subarray(n * layer.hidden, (n + 1) * layer.hidden), (n + 1) * width - layer.hidden);
    const { inputs, states } = this.#transposed(all, step, 0);
    this.#inputs = inputs;
    return states;
  }

  /** Takes a step's errors back: those of its inputs are set, those of the state before it are added. */
  pass(step: number): void {
    const { run, errors } = this;
    const { images, features, gates, layer } = run;
    const size = images * gates * layer.hidden;
    const of = (sums: Float64Array): Float64Array => sums.subarray(step * size, (step + 1) * size);
    const { products } = this;
    let inputs: Float64Array;
    let states: Float64Array;
    if (products.gates === undefined) {
      inputs = new Float64Array(images * features);
      states = new Float64Array(images * layer.hidden);
      products.input({ vectors: of(errors.dInput), count: images }, inputs, step);
      products.state({ vectors: of(errors.dState), count: images }, states, step, this.#resetsBefore ? 1 : 0);
    } else if (layer.cell === 'gru' && layer.linearBeforeReset) {
      ({ inputs } = this.#transposed(of(errors.dInput), step, 0));
      ({ states } = this.#transposed(of(errors.dState), step, 1));
    } else {
      ({ inputs, states } = this.#transposed(of(errors.dState), step, this.#resetsBefore ? 1 : 0));
      const own = this.#inputs;
      if (own !== null) inputs = inputs.map((error, i) => error + own[i]!);
      this.#inputs = null;
    }
    errors.dInputs.set(inputs, step * images * features);
    for (let i = 0; i < states.length; i++) errors.dHidden[i]! += states[i]!;
  }

  /** One transposed read: of the joint matrix both halves, of matrices apart the states' alone. */
  #transposed(sums: Numbers, step: number, read: 0 | 1): { inputs: Float64Array; states: Float64Array } {
    const { images, features, layer } = this.run;
    const { hidden } = layer;
    const { products } = this;
    const inputs = new Float64Array(images * features);
    const states = new Float64Array(images * hidden);
    if (products.gates === undefined) {
      products.state({ vectors: sums, count: images }, states, step, read);
      return { inputs, states };
    }
    const joint = zerosLike(states, images * (features + hidden));
    products.gates({ vectors: sums, count: images }, joint, step, read);
    for (let n = 0; n < images; n++) {
      const at = n * (features + hidden);
      for (let f = 0; f < features; f++) inputs[n * features + f] = joint[at + f]!;
      for (let h = 0; h < hidden; h++) states[n * hidden + h] = joint[at + features + h]!;
    }
    return { inputs, states };
  }
}
