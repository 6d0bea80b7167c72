// Accuracy against bits: codebooks for the weights of a trained network, and dynamic fixed point for all of it.

import { UserError, type Presets } from '../../config/index.js';
import type { LoadedRun } from '../../run-config/index.js';
import { calibrationSamples, modelOf, samplesOf } from '../evaluate/setup.js';
import { quantizeModel } from '../quantize.js';
import { meanSquaredGradients } from './importance.js';
import { replaced, tensorsOf } from './parameters.js';
import { accuracyOf, floatScore, integerScores, natsOf } from './scores.js';
import type { Score } from '../../functional/evaluate/score.js';

/** Ways of a study: codebooks of weights alone, or all numbers of the network. */
export const STUDY_METHODS = [
  'symmetric',
  'clipped',
  'importance',
  'k-means',
  'weighted-k-means',
  'dfp',
  'dfp-cell16',
] as const;
/** One of them. */
export type StudyMethod = (typeof STUDY_METHODS)[number];

/** What each does, in words. */
export const METHOD_WORDS: Record<StudyMethod, string> = {
  symmetric: 'weights: 2^n - 1 even levels to the largest magnitude',
  clipped: 'weights: the same, clipped where the squared error is least',
  importance: 'weights: importance function (density of the values to a third)',
  'k-means': 'weights: k-means',
  'weighted-k-means': 'weights: k-means, values weighted by their mean squared gradients',
  dfp: 'weights and activations: dynamic fixed point, a power of two a tensor',
  'dfp-cell16': 'as dfp, with 16 bits for the cell state of LSTMs (without one: the figures of dfp)',
};

/** Which points a study has. */
export interface StudyOptions {
  readonly methods: readonly StudyMethod[];
  readonly bits: readonly number[];
  /** Samples that are scored; undefined: as the config says. */
  readonly images: number | undefined;
}

/** One point: null figures where the data have no labels. */
export interface StudyPoint {
  readonly method: StudyMethod;
  readonly bits: number;
  readonly accuracy: number | null;
  readonly nats: number | null;
}

/** A network's points. */
export interface StudiedNetwork {
  readonly network: string;
  readonly config: string;
  readonly images: number;
  readonly float: { readonly accuracy: number | null; readonly nats: number | null };
  readonly points: readonly StudyPoint[];
}

type FixedPoint = 'dfp' | 'dfp-cell16';
const isFixedPoint = (method: StudyMethod): method is FixedPoint => method.startsWith('dfp');

/** Samples whose gradients weigh values. */
const GRADIENT_SAMPLES = 200;

/** Studies one network. @throws UserError for what does not fit */
export async function studyNetwork(run: LoadedRun, presets: Presets, options: StudyOptions): Promise<StudiedNetwork> {
  const { graph, parameters } = await modelOf(run, presets);
  if (parameters === null) throw new UserError(`${run.label}: its network has no weights`);
  const data = samplesOf(run, presets, graph, {
    tree: 'data',
    range: options.images === undefined ? {} : { count: options.images },
  });
  const ranges = calibrationSamples(run, presets, graph);
  const tensors = tensorsOf(parameters);
  const weighs = options.methods.includes('weighted-k-means');
  const labelled =
    ranges.labels === null ? samplesOf(run, presets, graph, { tree: 'data', range: { count: undefined } }) : ranges;
  const samples = { ...labelled, count: Math.min(GRADIENT_SAMPLES, labelled.count) };
  const importance = weighs ? meanSquaredGradients(graph, parameters, samples) : [];
  const codebook = (method: Exclude<StudyMethod, FixedPoint>, bits: number): Score => {
    const weighted = method === 'weighted-k-means';
    const model = quantizeModel(
      tensors,
      {
        method: weighted ? 'k-means' : method,
        bits,
        per: 'tensor',
        biases: false,
        zero: false,
        rounding: 'nearest-even',
        only: [],
        start: 'best',
        stepsPerOctave: 1,
        seed: run.config.workload.seed,
        exponents: { range: 0, density: 1 / 3 },
      },
      weighted ? importance : undefined,
    );
    return floatScore(graph, replaced(parameters, model.tensors), data);
  };
  const integers = (method: FixedPoint, cells: { readonly cellBits?: number }): Score[] => {
    const widths = options.bits.map((bits) => ({ bits, ...cells }));
    return options.methods.includes(method)
      ? integerScores(graph, parameters, { data, calibration: ranges }, widths)
      : [];
  };
  const fixedPoint = { dfp: integers('dfp', {}), 'dfp-cell16': integers('dfp-cell16', { cellBits: 16 }) };
  const point = (method: StudyMethod, bits: number, score: Score): StudyPoint => ({
    method,
    bits,
    accuracy: accuracyOf(score),
    nats: natsOf(score),
  });
  const float = floatScore(graph, parameters, data);
  return {
    network: run.network.name,
    config: run.label,
    images: data.count,
    float: { accuracy: accuracyOf(float), nats: natsOf(float) },
    points: options.methods.flatMap((method) =>
      options.bits.map((bits, i) =>
        point(method, bits, isFixedPoint(method) ? fixedPoint[method][i]! : codebook(method, bits)),
      ),
    ),
  };
}
