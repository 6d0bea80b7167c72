// Accuracy of a model with one tensor after the other quantized, and with all of them.

import { UserError, type Presets } from '../../config/index.js';
import { parametersFrom } from '../../functional/weights.js';
import type { LoadedRun } from '../../run-config/index.js';
import type { Tensor } from '../../tensors/index.js';
import type { Graph, Parameters } from '../../workload/graph/index.js';
import { readOnnx } from '../../workload/foreign.node.js';
import { samplesOf } from '../evaluate/setup.js';
import { accuracyOf, floatScore, natsOf } from './scores.js';
import { replaced } from './parameters.js';

/** Right answers and loss of the model as it was, with one tensor quantized, and with all. */
export interface LayerAccuracies {
  readonly images: number;
  readonly float: Accuracy;
  readonly quantized: Accuracy;
  /** By tensor: it alone quantized. */
  readonly alone: ReadonlyMap<string, Accuracy>;
}

/** Share of right answers and loss in nats an answer. */
export interface Accuracy {
  readonly accuracy: number;
  readonly nats: number;
}

/** The model, its tensors as they were and as they are quantized, and the samples that are scored. */
export interface QuantizedFile {
  readonly file: string;
  readonly original: readonly Tensor[];
  readonly tensors: readonly Tensor[];
  /** Names of the tensors that were quantized. */
  readonly names: readonly string[];
  readonly images: number | undefined;
  /** Takes the names of the file's symbolic dimensions. */
  readonly symbols: Set<string>;
}

/** Scores a quantized model file on a config's network and data. @throws UserError for what does not fit */
export function layerAccuracies(run: LoadedRun, presets: Presets, quantized: QuantizedFile): LayerAccuracies {
  const { file, original, tensors, names, images } = quantized;
  const { graph, parametersOf } = modelOf(run, quantized);
  const data = samplesOf(run, presets, graph, { tree: 'data', range: images === undefined ? {} : { count: images } });
  if (data.labels === null) throw new UserError(`${run.label}: data.labels is missing: there is no accuracy without`);
  const score = (own: readonly Tensor[]): Accuracy => {
    const found = floatScore(graph, parametersOf(own), data);
    const [accuracy, nats] = [accuracyOf(found), natsOf(found)];
    if (accuracy === null || nats === null) throw new UserError(`${file}: ${run.label} has no samples`);
    return { accuracy, nats };
  };
  const changed = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  return {
    images: data.count,
    float: score(original),
    quantized: score(tensors),
    alone: new Map(
      names.map((name) => [
        name,
        score(original.map((tensor) => (tensor.name === name ? changed.get(name)! : tensor))),
      ]),
    ),
  };
}

/** The network: the model's own where it is ONNX, else the config's. */
function modelOf(
  run: LoadedRun,
  { file, symbols }: QuantizedFile,
): { graph: Graph; parametersOf: (tensors: readonly Tensor[]) => Parameters } {
  if (!file.toLowerCase().endsWith('.onnx'))
    return {
      graph: run.network.graph,
      parametersOf: (tensors) => parametersFrom(run.network.graph, tensors, file),
    };
  const { graph, parameters } = readOnnx(file, { ...run, symbols });
  return { graph, parametersOf: (tensors) => replaced(parameters, tensors) };
}
