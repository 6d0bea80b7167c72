// Accuracy of a network that learned digits in this worker, on a design's hardware. Knows no DOM.

import type { Presets } from '../../config/index.js';
import { backendOf } from '../../functional/backends/index.js';
import type { Dataset } from '../../functional/data/dataset.js';
import { Evaluator, samplesTogether, type PartResult } from '../../functional/evaluate/evaluator.js';
import { evaluationOf } from '../../functional/evaluate/result.js';
import { integerWidths } from '../../functional/quantized/widths.js';
import { InvariantError } from '../../kernel/index.js';
import { designNumbers, type LoadedRun } from '../../run-config/index.js';
import { TESTED, TESTED_SEED, digitsOf, type Digits, type Learned } from './digits.js';
import type { Accuracy } from './protocol.js';

/** Pictures that set the ranges of integers, and their seed. */
const CALIBRATED = 32;
const CALIBRATED_SEED = 8;

/** How many digits that it did not learn from a design gets right. @throws UserError for hardware without a backend */
export function accuracyOf(run: LoadedRun, presets: Presets, { graph, parameters }: Learned): Accuracy {
  const { backend: kind, adcRange } = designNumbers(run);
  const evaluator = new Evaluator({
    graph,
    parameters,
    data: datasetOf(digitsOf(TESTED_SEED, TESTED, graph), TESTED),
    calibration: datasetOf(digitsOf(CALIBRATED_SEED, CALIBRATED, graph), CALIBRATED),
    widths: integerWidths(run, kind === 'crossbar'),
    hardware: kind === 'float32' || kind === 'float64' || kind === 'integer' ? kind : backendOf(run, presets),
    calibratesConverters: kind === 'crossbar' && adcRange === 'calibrated',
    trials: 1,
    keepsLogits: false,
    keepsActivity: false,
  });
  const together = samplesTogether(graph);
  const parts: PartResult[] = [];
  for (let from = 0; from < TESTED; from += together)
    parts.push(evaluator.part(from, Math.min(together, TESTED - from)));
  const { accuracy } = evaluationOf(parts, false);
  if (accuracy === null) throw new InvariantError('drawn digits have labels');
  return {
    share: accuracy.hardware.mean,
    exact: accuracy.float,
    says: `${run.network.name} as it learned in this page, on ${TESTED} drawn digits`,
  };
}

/** Drawn digits as an evaluator takes them. */
const datasetOf = ({ labels, batch }: Digits, count: number): Dataset => ({
  count,
  labels,
  labelsPerSample: 1,
  classes: null,
  step: null,
  batch,
  labelsOf: (from, images) => labels.slice(from, from + images),
});
