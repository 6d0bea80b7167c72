// A network of a graph under attack: pictures in the data's range, normalized by channel before the graph reads them.

import { UserError } from '../../config/index.js';
import { InvariantError } from '../../kernel/index.js';
import type { Computation } from '../computation.js';
import type { Numbers, Values } from '../operators/values.js';
import type { ErrorOf, Passes, Victim } from './victim.js';

/** (value - mean) / deviation of each channel; what stands between a picture and the graph's input. */
export interface Normalization {
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/** Pictures that go through the executor at once; more are taken one part after the other. */
const AT_ONCE = 64;

/** The first input and the first output of a graph as pictures and logits. */
export class NetworkVictim implements Victim {
  readonly size: number;
  readonly classes: number;
  /** Of one picture. */
  readonly shape: readonly number[];
  /** Name of the graph's input that is the picture. */
  readonly input: string;
  /** What was asked of it so far. */
  readonly passes: Passes = { forward: 0, gradient: 0 };
  readonly #network: Computation;
  readonly #output: string;
  readonly #normalization: Normalization | null;
  readonly #watch: () => void;

  /**
   * @param normalization null: the graph reads the pictures as they are
   * @param watch called before pictures go through the graph, for whoever shows progress: a step may take hours
   */
  constructor(network: Computation, normalization: Normalization | null = null, watch: () => void = () => undefined) {
    const { graph } = network;
    const [input, output] = [graph.tensors[graph.inputs[0]!], graph.tensors[graph.outputs[0]!]];
    if (input === undefined || output === undefined) throw new InvariantError('a network has an input and an output');
    this.#network = network;
    this.input = input.name;
    this.#output = output.name;
    this.shape = input.shape;
    this.size = input.shape.reduce((product, length) => product * length, 1);
    this.classes = output.shape.reduce((product, length) => product * length, 1);
    this.#normalization = normalization;
    this.#watch = watch;
  }

  logits(pictures: Float64Array, count: number): Float64Array {
    this.passes.forward += count;
    return this.#logits(pictures, count);
  }

  #logits(pictures: Float64Array, count: number): Float64Array {
    const logits = new Float64Array(count * this.classes);
    this.#parts(count, (from, images) => {
      logits.set(this.#forward(pictures, from, images, false), from * this.classes);
    });
    return logits;
  }

  gradient(pictures: Float64Array, count: number, errorOf: ErrorOf): { logits: Float64Array; gradient: Float64Array } {
    this.passes.gradient += count;
    if (count > AT_ONCE) return this.#gradientOfMany(pictures, count, errorOf);
    const logits = Float64Array.from(this.#forward(pictures, 0, count, true));
    return { logits, gradient: this.#backward(errorOf(logits), count) };
  }

  /**
   * The error of a part may rest on all logits, so all are worked out first, and each part once more with its record.
   */
  #gradientOfMany(
    pictures: Float64Array,
    count: number,
    errorOf: ErrorOf,
  ): { logits: Float64Array; gradient: Float64Array } {
    const logits = this.#logits(pictures, count);
    const error = errorOf(logits);
    const gradient = new Float64Array(count * this.size);
    this.#parts(count, (from, images) => {
      this.#forward(pictures, from, images, true);
      const part = error.subarray(from * this.classes, (from + images) * this.classes);
      gradient.set(this.#backward(part, images), from * this.size);
    });
    return { logits, gradient };
  }

  #parts(count: number, take: (from: number, images: number) => void): void {
    for (let from = 0; from < count; from += AT_ONCE) take(from, Math.min(AT_ONCE, count - from));
  }

  #forward(pictures: Float64Array, from: number, images: number, record: boolean): Numbers {
    this.#watch();
    const data = pictures.slice(from * this.size, (from + images) * this.size);
    this.#eachChannel(data, (value, mean, deviation) => (value - mean) / deviation);
    const input: Values = { shape: [images, ...this.shape], data };
    return this.#network.forward(new Map([[this.input, input]]), { record }).get(this.#output)!.data;
  }

  /** @throws UserError where errors overflow on their way back */
  #backward(error: Float64Array, images: number): Float64Array {
    const { graph } = this.#network;
    const shape = [images, ...graph.tensors[graph.outputs[0]!]!.shape];
    const outputs = new Map([[this.#output, { shape, data: error }]]);
    const { inputGradients } = this.#network.backward(outputs, { inputs: true, parameters: false });
    const found = inputGradients.get(this.input);
    const gradient = found === undefined ? new Float64Array(images * this.size) : Float64Array.from(found.data);
    this.#eachChannel(gradient, (value, _, deviation) => value / deviation);
    const wrong = gradient.find((value) => !Number.isFinite(value));
    if (wrong !== undefined)
      throw new UserError(`attack: an error that came back to a picture is ${wrong}; expected finite numbers`);
    return gradient;
  }

  #eachChannel(data: Float64Array, change: (value: number, mean: number, deviation: number) => number): void {
    if (this.#normalization === null) return;
    const { mean, deviation } = this.#normalization;
    const channel = this.size / (this.shape[0] ?? 1);
    for (let at = 0; at < data.length; at++) {
      const c = Math.floor((at % this.size) / channel);
      data[at] = change(data[at]!, mean[c % mean.length]!, deviation[c % deviation.length]!);
    }
  }
}
