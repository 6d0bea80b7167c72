// What training and attacks need of a network, whatever its numbers run on: floats (`Executor`), integers or crossbars
// (`QuantizedNetwork`).

import type { Graph } from '../workload/graph/index.js';
import type { BackwardOptions, Gradients, NamedValues, Progress } from './execute.js';
import type { Values } from './operators/values.js';
import type { ParameterStore } from './parameter-store.js';

/** A network forward and backward. */
export interface Computation {
  readonly graph: Graph;
  /** The numbers as they are trained; changed in place, followed by `changed`. */
  readonly parameters: ParameterStore;
  /**
   * Outputs by name; with `record`, `backward` can follow; `training`: batch norms that are not folded learn. `first`:
   * number of the batch's first image, which names the draws of its reads; other images are numbered on from pass to
   * pass, whatever those with numbers of their own.
   */
  forward(
    inputs: NamedValues,
    options?: { readonly record?: boolean; readonly training?: boolean; readonly first?: number | undefined },
  ): Map<string, Values>;
  /** Errors of inputs and gradients of stored arrays, of the last forward pass with `record`. */
  backward(outputGradients: NamedValues, options?: BackwardOptions): Gradients;
  /** Arrays of `parameters` were changed: what was made of them (integers, cells) is made anew. */
  changed(): void;
  /** Takes the ranges of integers from these samples and the numbers as they are now; floats need none. */
  calibrate(inputs: NamedValues): void;
  /** How far it is. */
  readonly progress: Progress;
  /** Goes on as after this progress, with `parameters` as they are now. */
  resume(progress: Progress): void;
}
