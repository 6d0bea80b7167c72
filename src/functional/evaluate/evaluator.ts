// Runs parts of a data set through a network in floating point, on integers and on the hardware, and compares them.

import type { Backend, Product, ProductStatistics } from '../backend.js';
import type { Dataset } from '../data/dataset.js';
import type { Executor, NamedValues } from '../execute.js';
import type { Values } from '../operators/values.js';
import { FoldedNetwork, QuantizedNetwork, type IntegerWidths } from '../quantized/network.js';
import { RealNetwork } from '../quantized/real.js';
import { elementsOf, isOutputSoftmax, type Graph, type Node, type Parameters } from '../../workload/graph/index.js';
import { largestAt, noScore, scoreOf, type Score } from './score.js';
import { joinedStatistics } from './statistics.js';

/** What an evaluation needs. */
export interface EvaluatorOptions {
  readonly graph: Graph;
  readonly parameters: Parameters | null;
  readonly data: Dataset;
  /** Pictures that set ranges. */
  readonly calibration: Dataset;
  readonly widths: IntegerWidths;
  /** The hardware: a backend, exact integers, or floating point itself. */
  readonly hardware: Backend | 'integer' | 'float32' | 'float64';
  /** Converters take the range that calibration pictures reach. */
  readonly calibratesConverters: boolean;
  readonly trials: number;
  /** Logits of the hardware are kept. */
  readonly keepsLogits: boolean;
  readonly keepsActivity: boolean;
}

/** Sums over images of one layer: floating-point output against the hardware's. */
export interface LayerSums {
  readonly name: string;
  signal: number;
  noise: number;
  maxError: number;
}

/** Least and largest sum that converters tell apart, level units. */
export type ConvertedRange = NonNullable<Product['converted']>;

/** What a part of the data gave. */
export interface PartResult {
  readonly images: number;
  readonly float: Score;
  readonly integer: Score;
  readonly hardware: Score[];
  readonly layers: LayerSums[];
  /** Outputs of the hardware (first trial) by name, floating-point logits and predictions. */
  readonly outputs: ReadonlyMap<string, Values>;
  readonly floatLogits: Values | null;
  readonly predictions: number[];
  /** What the hardware's converters did for these samples in the first trial, by layer and matrix. */
  readonly statistics: ReadonlyMap<string, readonly Readonly<ProductStatistics>[]>;
  /** Sums that its converters tell apart, by layer and matrix; null: not converted. */
  readonly ranges: ReadonlyMap<string, readonly (ConvertedRange | null)[]>;
  /** Ones and bits that drove each layer's matrices; null: not counted. */
  readonly activity: ReadonlyMap<string, { readonly ones: number; readonly bits: number } | null>;
}

/** One trial of the hardware. */
interface Hardware {
  readonly forward: (inputs: NamedValues, first: number, observe: Observe) => Map<string, Values>;
  readonly products: ReadonlyMap<Node, readonly Product[]>;
  /** Whether its outputs are those of exact integers, with its converters as they are set now. */
  readonly isExact: () => boolean;
}
type Observe = (node: Node, inputs: readonly Values[], outputs: readonly Values[]) => void;

/** Elements of a tensor that stay in a core's cache, and the most samples that are run together. */
const CACHED = 1 << 17;
const MOST_TOGETHER = 48;
/** Vectors that the crossbar kernels take at once. */
const LANES = 16;

/** Samples that run together: tensors stay in the cache, and blocks of the kernels are whole where they can be. */
export function samplesTogether({ tensors }: Graph): number {
  const largest = tensors.reduce((most, { shape }) => Math.max(most, elementsOf(shape)), 1);
  const most = Math.min(MOST_TOGETHER, Math.max(4, Math.floor(CACHED / largest)));
  return most < LANES ? most : most - (most % LANES);
}

/** A network with its data in all the ways that are compared. */
export class Evaluator {
  readonly #options: EvaluatorOptions;
  readonly #network: FoldedNetwork;
  readonly #integer: QuantizedNetwork;
  readonly #trials: readonly Hardware[];
  /** The first trial whose outputs are those of exact integers; -1: none. */
  readonly #exact: number;
  readonly #output: string;
  /** The output is a softmax. */
  readonly #shares: boolean;

  /** @throws UserError where the weights do not fit the network */
  constructor(options: EvaluatorOptions) {
    this.#options = options;
    const { graph, parameters, widths } = options;
    this.#network = new FoldedNetwork(graph, parameters);
    const ranges = new Map<number, number>();
    this.#eachCalibration((inputs) => {
      this.#network.calibrate(inputs, ranges);
    });
    this.#integer = new QuantizedNetwork(this.#network, { widths, ranges });
    const { hardware } = options;
    this.#trials = Array.from({ length: options.trials }, (_, trial): Hardware => {
      if (hardware === 'float32' || hardware === 'float64') return executed(this.#network.executor);
      if (hardware !== 'integer' && hardware.domain === 'real') {
        const real = new RealNetwork(this.#network, hardware, widths.vector, ranges);
        return executed(real, real.products);
      }
      const network =
        hardware === 'integer'
          ? this.#integer
          : new QuantizedNetwork(this.#network, { widths, ranges, backend: hardware, trial });
      return {
        forward: (inputs, first, observe) => network.forward(inputs, { first, observe }),
        products: network.products,
        isExact: () => network.isExact,
      };
    });
    if (options.calibratesConverters)
      for (const trial of this.#trials) {
        this.#eachCalibration((inputs, first) => trial.forward(inputs, first, () => undefined));
        for (const products of trial.products.values()) for (const product of products) product.calibrate();
      }
    this.#exact = this.#trials.findIndex(({ isExact }) => isExact());
    if (options.keepsActivity)
      for (const products of this.#trials[0]!.products.values()) for (const product of products) product.keepActivity();
    const output = graph.tensors[graph.outputs[0]!]!;
    this.#output = output.name;
    this.#shares = graph.nodes.some(
      (node) => node.operator.kind === 'softmax' && !node.operator.log && isOutputSoftmax(graph, node),
    );
  }

  /** Layers that are compared: those with weights, and products of two activations that the hardware does. */
  #isLayer(node: Node): boolean {
    return isLayer(node) || this.products.has(node);
  }

  #eachCalibration(run: (inputs: NamedValues, first: number) => void): void {
    const { calibration, graph } = this.#options;
    const together = samplesTogether(graph);
    for (let from = 0; from < calibration.count; from += together)
      run(calibration.batch(from, Math.min(together, calibration.count - from)), from);
  }

  /** Matrices of the first trial's hardware by node. */
  get products(): ReadonlyMap<Node, readonly Product[]> {
    return this.#trials[0]!.products;
  }

  /** Runs the first `count` samples on the first trial's hardware with histograms of its sums. */
  keepHistograms(count: number): void {
    for (const products of this.products.values()) for (const product of products) product.keepHistogram();
    this.#trials[0]!.forward(this.#options.data.batch(0, count), 0, () => undefined);
  }

  /** Runs `count` samples from `from` on. */
  part(from: number, count: number): PartResult {
    const { data, graph, keepsLogits } = this.#options;
    const before = { statistics: this.#statistics(), activity: this.#activity() };
    const inputs = data.batch(from, count);
    const labels = data.labelsOf(from, count);
    const reference = new Map<number, Values>();
    const float = this.#network.executor.forward(inputs, {
      observe: (node, _, outputs) => {
        if (this.#isLayer(node)) reference.set(node.id, outputs[0]!);
      },
    });
    const layers = graph.nodes
      .filter((node) => this.#isLayer(node))
      .map(({ name }): LayerSums => ({ name, signal: 0, noise: 0, maxError: 0 }));
    const places = new Map(graph.nodes.filter((node) => this.#isLayer(node)).map(({ id }, place) => [id, place]));
    const folded = this.#network.folded;
    const compare: Observe = (node, _, outputs) => {
      const place = places.get(node.id);
      if (place !== undefined && !folded.skipped.has(node.id))
        addError(layers[place]!, reference.get(node.id)!, outputs[0]!);
    };
    const score = (outputs: ReadonlyMap<string, Values>): Score =>
      labels === null ? noScore() : scoreOf(outputs.get(this.#output)!, labels, this.#shares);
    const results = this.#trials.map((trial, i) => trial.forward(inputs, from, i === 0 ? compare : () => undefined));
    const first = results[0]!;
    // Ideal arrays whose converters hold every sum give the integers' outputs: those need no run of their own.
    const integer =
      results[this.#exact] ?? (labels === null ? undefined : this.#integer.forward(inputs, { first: from }));
    const logits = first.get(this.#output)!;
    const classes = logits.shape.at(-1)!;
    return {
      images: count,
      float: score(float),
      integer: integer === undefined ? noScore() : score(integer),
      hardware: results.map(score),
      layers,
      outputs: keepsLogits ? first : new Map(),
      floatLogits: keepsLogits ? float.get(this.#output)! : null,
      predictions: Array.from({ length: logits.data.length / classes }, (_, row) =>
        largestAt(logits.data, row * classes, classes),
      ),
      statistics: difference(before.statistics, this.#statistics()),
      ranges: new Map(
        [...this.products].map(([{ name }, products]) => [name, products.map(({ converted }) => converted ?? null)]),
      ),
      activity: new Map(
        [...this.#activity()].map(([name, now]) => {
          const then = before.activity.get(name);
          return [name, now && { ones: now.ones - (then?.ones ?? 0), bits: now.bits - (then?.bits ?? 0) }];
        }),
      ),
    };
  }

  /** What the hardware's converters did in the first trial, by layer, since the evaluator was made. */
  #statistics(): Map<string, readonly Readonly<ProductStatistics>[]> {
    return new Map(
      [...this.#trials[0]!.products].map(([node, products]) => [
        node.name,
        products.map(({ statistics }) => ({ ...statistics })),
      ]),
    );
  }

  #activity(): Map<string, { ones: number; bits: number } | null> {
    return new Map(
      [...this.#trials[0]!.products].map(([node, products]) => {
        let ones = 0;
        let bits = 0;
        for (const { activity } of products) {
          if (activity === null) continue;
          bits += activity.values * activity.ones.length;
          for (const count of activity.ones) ones += count;
        }
        return [node.name, products.every(({ activity }) => activity === null) ? null : { ones, bits }];
      }),
    );
  }
}

type Statistics = ReadonlyMap<string, readonly Readonly<ProductStatistics>[]>;

/** Counts between two moments; largest and least sums are those of all time. */
const difference = (before: Statistics, after: Statistics): Statistics =>
  new Map(
    [...after].map(([name, products]) => [
      name,
      products.map((now, i) => joinedStatistics(now, before.get(name)?.[i] ?? now, before.has(name) ? -1 : 0)),
    ]),
  );

const isLayer = ({ operator }: Node): boolean =>
  ['conv', 'convTranspose', 'dense', 'recurrent', 'adder'].includes(operator.kind);

const executed = (
  executor: Pick<Executor, 'forward'>,
  products: ReadonlyMap<Node, readonly Product[]> = new Map(),
): Hardware => ({
  forward: (inputs, _, observe) => executor.forward(inputs, { observe }),
  products,
  isExact: () => false,
});

function addError(sums: LayerSums, right: Values, found: Values): void {
  for (let i = 0; i < right.data.length; i++) {
    const difference = found.data[i]! - right.data[i]!;
    sums.signal += right.data[i]! * right.data[i]!;
    sums.noise += difference * difference;
    sums.maxError = Math.max(sums.maxError, Math.abs(difference));
  }
}
