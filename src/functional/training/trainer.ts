// Training of a graph: forward, loss, backward, update, one batch after the other.

import { UserError } from '../../config/index.js';
import { InvariantError } from '../../kernel/index.js';
import type { Computation } from '../computation.js';
import type { NamedValues } from '../execute.js';
import { adaptedGradient } from '../operators/adder.js';
import { zerosLike, type Numbers, type Values } from '../operators/values.js';
import { crossEntropy, meanOf, meanSquare } from './loss.js';
import { Optimizer, type OptimizerOptions } from './optimizer.js';

/** What the outputs are compared with: classes, or values [count, outputs]. */
export type Truth = { readonly labels: Int32Array } | { readonly values: Float64Array };

/** Pictures (or sequences) of one update. */
export interface Batch {
  readonly inputs: NamedValues;
  readonly count: number;
  readonly truth: Truth;
}

/** Pictures with their classes. */
export interface LabelledBatch extends Batch {
  readonly truth: { readonly labels: Int32Array };
}

/** How an array takes its change; the digital way adds it. */
export interface WeightWriter {
  /** Called once for each array before training: brings it to what the device can hold. */
  prepare(key: string, values: Values): void;
  /** Writes `change` into `values`. */
  write(key: string, values: Values, change: Numbers): void;
}

/** Adds changes as they are. */
export const DIGITAL: WeightWriter = {
  prepare: () => undefined,
  write(_, { data }, change) {
    for (let i = 0; i < data.length; i++) data[i]! += change[i]!;
  },
};

/** Knobs of a trainer. */
export interface TrainerOptions {
  readonly optimizer: OptimizerOptions;
  /** Learning rates of keys that have their own. */
  readonly learningRates?: ReadonlyMap<string, number>;
  /**
   * Loss of labels: cross entropy of logits (default), or the mean square distance from 1 at the label and 0 elsewhere.
   */
  readonly loss?: 'cross-entropy' | 'mse';
  /** How arrays are written. */
  readonly writer?: WeightWriter;
  /** Batch norms take the statistics of the batch (torch's training mode, default), or the stored ones. */
  readonly batchNorm?: 'batch' | 'stored';
  /** AdderNet's eta: gradients of its layers' weights have this times the root of their number as norm. Default 0.2. */
  readonly adderRate?: number;
  /** Keys that are trained; undefined: every array of floats that a backward pass reaches. */
  readonly trained?: (key: string) => boolean;
}

/** Largest number of single precision. */
const MOST_SINGLE = 2 ** 128 - 2 ** 104;

/** Chen et al., CVPR 2020, equation 13, as their code has it. */
const ADDER_RATE = 0.2;

/** Trains the first output of a network's graph, whatever it computes on. */
export class Trainer {
  readonly #network: Computation;
  readonly #options: TrainerOptions;
  readonly #writer: WeightWriter;
  readonly #optimizers = new Map<string, Optimizer>();
  readonly #changes = new Map<string, Numbers>();
  readonly #output: string;
  readonly #outputShape: readonly number[];
  /** Weights of AdderNet's layers. */
  readonly #adders: ReadonlySet<string>;

  constructor(network: Computation, options: TrainerOptions) {
    const output = network.graph.tensors[network.graph.outputs[0]!];
    if (output === undefined) throw new InvariantError('a network has an output');
    this.#network = network;
    this.#options = options;
    this.#writer = options.writer ?? DIGITAL;
    this.#output = output.name;
    this.#outputShape = output.shape;
    const adders = network.graph.nodes.filter(({ operator }) => operator.kind === 'adder');
    this.#adders = new Set(adders.map(({ parameters }) => parameters.get('weight')!.key));
    for (const key of network.parameters.keys)
      if (options.trained?.(key) ?? true) this.#writer.prepare(key, network.parameters.stored(key)!);
    network.changed();
  }

  /**
   * One update. @returns mean loss of the batch before it, and how many of its labels are right.
   * @throws UserError where a weight is no number of single precision behind it
   */
  step(batch: Batch): { loss: number; right: number } {
    const { loss, right, error } = this.#lossOf(batch, true);
    const shape = [batch.count, ...this.#outputShape];
    const scaled = error.map((value) => value / batch.count);
    const { parameterGradients } = this.#network.backward(new Map([[this.#output, { shape, data: scaled }]]), {
      inputs: false,
    });
    for (const [key, gradient] of parameterGradients) {
      if (!(this.#options.trained?.(key) ?? true)) continue;
      const values = this.#network.parameters.stored(key)!;
      let optimizer = this.#optimizers.get(key);
      if (optimizer === undefined) {
        optimizer = this.#optimizerOf(key, values.data);
        this.#optimizers.set(key, optimizer);
      }
      const change = this.#changeOf(key, values.data);
      const own = this.#adders.has(key) ? adaptedGradient(gradient, this.#options.adderRate ?? ADDER_RATE) : gradient;
      optimizer.change(values.data, own.data, change);
      this.#writer.write(key, values, change);
      checkFinite(key, values.data);
    }
    this.#network.changed();
    return { loss, right };
  }

  /** Mean loss and right labels of pictures, nothing changed. @param first number of the first of them, for draws */
  test(batch: Batch, first?: number): { loss: number; right: number } {
    const { loss, right } = this.#lossOf(batch, false, first);
    return { loss, right };
  }

  /** State of the optimizer by array, for a checkpoint: names KEY.first, KEY.second, KEY.steps. */
  state(): Map<string, Numbers> {
    const all = new Map<string, Numbers>();
    for (const [key, { arrays }] of this.#optimizers)
      for (const [name, array] of arrays) all.set(`${key}.${name}`, array);
    return all;
  }

  /** Takes a checkpoint's state up. @throws InvariantError for a state of another size */
  restore(state: ReadonlyMap<string, Numbers>): void {
    for (const key of this.#network.parameters.keys) {
      const values = this.#network.parameters.stored(key)!;
      const optimizer = this.#optimizerOf(key, values.data);
      const stored = [...optimizer.arrays].map(([name, array]) => [array, state.get(`${key}.${name}`)] as const);
      if (stored.every(([, from]) => from === undefined)) continue;
      for (const [array, from] of stored) {
        if (from?.length !== array.length) throw new InvariantError(`a checkpoint's state of "${key}" fits its array`);
        array.set(from);
      }
      this.#optimizers.set(key, optimizer);
    }
  }

  #changeOf(key: string, like: Numbers): Numbers {
    let change = this.#changes.get(key);
    if (change === undefined) this.#changes.set(key, (change = zerosLike(like, like.length)));
    return change;
  }

  #optimizerOf(key: string, like: Numbers): Optimizer {
    const { optimizer, learningRates } = this.#options;
    const learningRate = learningRates?.get(key) ?? optimizer.learningRate;
    return new Optimizer({ ...optimizer, learningRate }, like.length, like);
  }

  #lossOf(batch: Batch, record: boolean, first?: number): { loss: number; right: number; error: Float64Array } {
    const { count, truth } = batch;
    const training = record && this.#options.batchNorm !== 'stored';
    const outputs = this.#network.forward(batch.inputs, { record, training, first }).get(this.#output)!;
    const logits = Float64Array.from(outputs.data);
    if ('values' in truth) {
      const { losses, error } = meanSquare(logits, truth.values, count);
      return { loss: meanOf(losses), right: 0, error };
    }
    const { losses, error } =
      this.#options.loss === 'mse'
        ? meanSquare(logits, oneHot(truth.labels, logits.length / count), count)
        : crossEntropy(logits, truth.labels, count);
    const classes = logits.length / count;
    let right = 0;
    for (let i = 0; i < count; i++) {
      let best = 0;
      for (let k = 1; k < classes; k++) if (logits[i * classes + k]! > logits[i * classes + best]!) best = k;
      if (best === truth.labels[i]) right++;
    }
    return { loss: meanOf(losses), right, error };
  }
}

/** @throws UserError for a weight that an update made too large for a model's file, which is in single precision */
function checkFinite(key: string, values: Numbers): void {
  for (let i = 0; i < values.length; i++)
    if (!(Math.abs(values[i]!) <= MOST_SINGLE))
      throw new UserError(
        `training: element ${i} of "${key}" would become ${values[i]!}; expected a finite number ` +
          '(a smaller learningRate)',
      );
}

/** [labels, classes]: 1 at the label, 0 elsewhere. */
function oneHot(labels: Int32Array, classes: number): Float64Array {
  const out = new Float64Array(labels.length * classes);
  labels.forEach((label, i) => {
    out[i * classes + label] = 1;
  });
  return out;
}
