// A network that learns the digits that the project draws, in a second or two, so that a page has numbers to show with
// nothing downloaded.

import { DIGIT_SIDE } from '../../functional/data/digit-side.js';
import { drawDigits } from '../../functional/data/digits.js';
import { Executor, type NamedValues } from '../../functional/execute.js';
import { ADAM } from '../../functional/training/optimizer.js';
import { initialParameters } from '../../functional/training/initial.js';
import { logitsGraph } from '../../functional/training/logits.js';
import { Trainer, type LabelledBatch } from '../../functional/training/trainer.js';
import type { Graph, Parameters } from '../../workload/graph/index.js';

/** The network that stands in where a design's own takes no digits. */
export const digitsNetwork = 'digits-cnn';

const TRAINED = 960;
/** Pictures that were not learned from. */
export const TESTED = 200;
/** Seed of those pictures. */
export const TESTED_SEED = 2;
const BATCH = 32;
const EPOCHS = 3;
const SEED = 1;

/** A network with its numbers, and how they came. */
export interface Learned {
  graph: Graph;
  parameters: Parameters;
  how: { pictures: number; epochs: number; accuracy: number; tested: number };
}

/** Drawn digits as a network reads them: 0 to 1. */
export interface Digits {
  side: number;
  labels: Int32Array;
  batch: (from: number, count: number) => Map<string, { shape: number[]; data: Float64Array }>;
}

/** Digits by seed, shaped for a network's input. */
export function digitsOf(seed: number, count: number, graph: Graph): Digits {
  const drawn = drawDigits(seed, count);
  const { data } = drawn.inputs.get('')!;
  const { name, shape } = graph.tensors[graph.inputs[0]!]!;
  const size = DIGIT_SIDE ** 2;
  return {
    side: DIGIT_SIDE,
    labels: drawn.labels!,
    batch: (from, images) => {
      const values = Float64Array.from({ length: images * size }, (_, i) => data[from * size + i]! / 255);
      return new Map([[name, { shape: [images, ...shape], data: values }]]);
    },
  };
}

/** Trains a network in float32 with Adam. */
export function trainedOn(given: Graph): Learned {
  const graph = logitsGraph(given);
  const network = new Executor(graph, initialParameters(graph, SEED), { precision: 'float32' });
  const trainer = new Trainer(network, { optimizer: { ...ADAM, learningRate: 0.003 } });
  const digits = digitsOf(SEED, TRAINED, graph);
  const batchOf = ({ batch, labels }: Digits, from: number, count: number): LabelledBatch => {
    const inputs: NamedValues = batch(from, count);
    return { inputs, count, truth: { labels: labels.subarray(from, from + count) } };
  };
  for (let epoch = 0; epoch < EPOCHS; epoch++)
    for (let from = 0; from < TRAINED; from += BATCH) trainer.step(batchOf(digits, from, BATCH));
  const { right } = trainer.test(batchOf(digitsOf(TESTED_SEED, TESTED, graph), 0, TESTED));
  const { parameters: store } = network;
  const stored = new Map(
    store.keys.map((key) => {
      const { shape, data } = store.stored(key)!;
      return [key, { shape, data: Float64Array.from(data) }] as const;
    }),
  );
  const parameters: Parameters = { keys: store.keys, get: (key) => stored.get(key)! };
  return {
    graph,
    parameters,
    how: { pictures: TRAINED, epochs: EPOCHS, accuracy: right / TESTED, tested: TESTED },
  };
}
