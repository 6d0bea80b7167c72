// What functional commands need of a run: the graph with its numbers, its data, and networks that compute as its
// hardware does.

import { ConfigError } from '../../config/index.js';
import { diskPresets } from '../../config/files.node.js';
import { backendOf } from '../../functional/backends/index.js';
import type { Dataset } from '../../functional/data/dataset.js';
import type { Computation } from '../../functional/computation.js';
import { predictions } from '../../functional/attacks/victim.js';
import { Executor, type NamedValues } from '../../functional/execute.js';
import { crossEntropy } from '../../functional/training/loss.js';
import { FoldedNetwork, QuantizedNetwork } from '../../functional/quantized/network.js';
import { integerWidths } from '../../functional/quantized/widths.js';
import { RealNetwork } from '../../functional/quantized/real.js';
import { COMPUTE_KINDS, designNumbers, failure, functionalTree, type LoadedRun } from '../../run-config/index.js';
import { isOneOf } from '../../config/typed.js';
import type { Graph, Parameters } from '../../workload/graph/index.js';
import { calibrationSamples, modelOf as trainedModelOf, samplesOf } from '../evaluate/setup.js';

/** A graph with its numbers. */
export interface FunctionalModel {
  graph: Graph;
  /** Null: no file gives them. */
  parameters: Parameters | null;
}

/** Kinds of numbers that training and attacks run on. */
export type ComputeKind = (typeof COMPUTE_KINDS)[number];

/** The graph of a run, and its weights where `model.weights` or an ONNX file has them. */
export async function modelOf(run: LoadedRun): Promise<FunctionalModel> {
  const { config, network } = run;
  if (config.model?.weights === undefined && !config.network.toLowerCase().endsWith('.onnx'))
    return { graph: network.graph, parameters: null };
  return trainedModelOf(run, diskPresets);
}

/** Samples of `data` or `test`. @throws ConfigError where the config has none, or a label is no class */
export const datasetOf = (run: LoadedRun, tree: 'data' | 'test', graph: Graph): Dataset =>
  samplesOf(run, diskPresets, graph, { tree });

/** Labels of a data set, one a sample and each a class of the network. @throws ConfigError where they are not */
export function labelsOf(run: LoadedRun, tree: 'data' | 'test', { labels }: Dataset, classes: number): Int32Array {
  const fail = failure(run.loaded);
  if (labels === null) return fail([tree, 'labels'], 'this key is missing, expected the classes of the samples');
  const wrong = labels.findIndex((label) => label < 0 || label >= classes);
  if (wrong >= 0)
    fail([tree, 'labels'], `sample ${wrong} has class ${labels[wrong]!}, the network has ${classes} classes`);
  return labels;
}

/** Samples that set the ranges of integers, at once. */
const CALIBRATED = 64;

/**
 * A network as `kind` computes it: floats, integers (dynamic fixed point), the config's crossbars, or numbers of
 * another format. Errors go straight through roundings.
 * @throws UserError where the pictures of `functional.calibration` do not fit
 */
export function computationOf(run: LoadedRun, { graph, parameters }: FunctionalModel, kind: ComputeKind): Computation {
  if (kind === 'float32' || kind === 'float64') {
    return new Executor(graph, parameters, { precision: kind });
  }
  const folded = new FoldedNetwork(graph, parameters);
  const real = kind === 'integer' || kind === 'crossbar' ? null : backendOf(run, diskPresets, kind);
  const { vector } = functionalTree(run.config);
  if (real !== null && real.hasRanges !== true) return new RealNetwork(folded, real, vector);
  const ranges = new Map<number, number>();
  const samples = calibrationSamples(run, diskPresets, graph);
  const eachPart = (take: (inputs: NamedValues, count: number) => void): void => {
    for (let at = 0; at < samples.count; at += CALIBRATED) {
      const count = Math.min(CALIBRATED, samples.count - at);
      take(samples.batch(at, count), count);
    }
  };
  eachPart((inputs) => {
    folded.calibrate(inputs, ranges);
  });
  if (real !== null) return new RealNetwork(folded, real, vector, ranges);
  const backend = kind === 'crossbar' ? backendOf(run, diskPresets, 'crossbar') : undefined;
  const widths = integerWidths(run, backend !== undefined);
  const { weights, gradient, training } = run.config;
  const network = new QuantizedNetwork(folded, {
    ...{ widths, ranges, copies: weights.copies },
    ...(backend !== undefined && { backend }),
    ...(training?.gradients === 'arrays' && { gradients: gradient.mapping }),
  });
  if (backend !== undefined && functionalTree(run.config).adcRange === 'calibrated')
    network.calibrateConverters(() => {
      eachPart((inputs, count) => {
        passBack(network, inputs, count);
      });
    });
  return network;
}

/** Samples forward, and the error of their cross entropy with what the network says back to the inputs. */
function passBack(network: Computation, inputs: NamedValues, count: number): void {
  const { tensors, outputs } = network.graph;
  const { name, shape } = tensors[outputs[0]!]!;
  const logits = Float64Array.from(network.forward(inputs, { record: true }).get(name)!.data);
  const { error } = crossEntropy(logits, predictions(logits, count), count);
  network.backward(new Map([[name, { shape: [count, ...shape], data: error }]]), { inputs: true, parameters: false });
}

/**
 * What an attack computes on: what its tree says, else `functional.backend`. Layers of AdderNet have its errors of
 * their own, in double precision as their backend has their sums. @throws ConfigError where AdderNet's units compute
 * a product, whose errors they do not have
 */
export function kindOf(run: LoadedRun, said: ComputeKind | undefined): ComputeKind {
  if (said !== undefined) return said;
  const { backend } = designNumbers(run);
  if (isOneOf(COMPUTE_KINDS, backend)) return backend;
  const product = run.network.layers.find(({ type }) => type !== 'adder2d');
  if (product === undefined) return 'float64';
  throw new ConfigError(
    run.loaded.origins.at(['functional', 'backend']),
    'functional.backend',
    `found ${backend}, which has no errors of layer "${product.name}" (${product.type}); expected layers of adder2d ` +
      `alone, or attack.backend: ${COMPUTE_KINDS.join(', ')}`,
  );
}
