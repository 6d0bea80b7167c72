// What a report shows of an evaluation beside its figures: sums and cells of the hardware, wrong pictures, confusion.

import { CrossbarProduct } from '../../functional/crossbar/product.js';
import type { Dataset } from '../../functional/data/dataset.js';
import { Evaluator } from '../../functional/evaluate/evaluator.js';
import type { SumHistogram } from '../../functional/backend.js';
import type { Presets } from '../../config/index.js';
import type { ArrayMap, EvaluationLook, LayerSums, WrongPicture } from '../../report/html/evaluation-view.js';
import type { LoadedRun } from '../../run-config/index.js';
import { base64, planesOf, pngOf } from '../functional/pictures.js';
import type { Evaluated } from './evaluate.js';
import { evaluationOptions, type EvaluationFlags } from './setup.js';

/** Multiply-accumulates that histograms are taken of: sum by sum, they are slow. */
const HISTOGRAM_MACS = 4e6;
const MOST_PICTURES = 8;
/** Bins of a histogram as it is shown. */
const BINS = 64;
const MOST_WRONG = 24;

/** Looks at an evaluation once more. */
export async function lookAt(
  run: LoadedRun,
  presets: Presets,
  flags: EvaluationFlags,
  { predictions, labels }: Evaluated,
): Promise<EvaluationLook> {
  const options = await evaluationOptions(run, presets, flags);
  const evaluator = new Evaluator({ ...options, trials: 1 });
  const pictures = Math.min(
    options.data.count,
    MOST_PICTURES,
    Math.max(1, Math.floor(HISTOGRAM_MACS / Math.max(1, run.network.macs))),
  );
  const crossbars = [...evaluator.products].flatMap(([{ name }, products]) =>
    products.flatMap((product) => (product instanceof CrossbarProduct ? [{ name, product }] : [])),
  );
  if (crossbars.length > 0) evaluator.keepHistograms(pictures);
  const classes = options.graph.tensors[options.graph.outputs[0]!]!.shape.at(-1) ?? 1;
  const single = labels !== null && labels.length === predictions.length;
  return {
    histogramImages: pictures,
    sums: crossbars.flatMap(({ name, product: { histogram } }) =>
      histogram === null ? [] : [sumsOf(name, histogram)],
    ),
    map: crossbars.length === 0 ? null : mapOf(crossbars),
    confusion: single ? confusionOf(predictions, labels, classes) : null,
    classes: options.data.classes ?? Array.from({ length: classes }, (_, c) => String(c)),
    wrong: single && options.data.labelsPerSample === 1 ? wrongPictures(options.data, predictions, labels) : [],
  };
}

/** A histogram in few bins, of the sums that occurred and the converters' range. */
function sumsOf(layer: string, { least, width, counts, range }: SumHistogram): LayerSums {
  let first = counts.findIndex((count) => count > 0);
  let last = counts.findLastIndex((count) => count > 0);
  const bin = (sum: number): number => Math.round((sum - least) / width);
  if (range !== null) {
    first = Math.max(0, Math.min(first, bin(range.least)));
    last = Math.min(counts.length - 1, Math.max(last, bin(range.most)));
  }
  const joined = Math.max(1, Math.ceil((last - first + 1) / BINS));
  const bins: LayerSums['bins'][number][] = [];
  for (let at = first; at <= last; at += joined) {
    let count = 0;
    for (let i = at; i < Math.min(counts.length, at + joined); i++) count += counts[i]!;
    const from = least + (at - 0.5) * width;
    bins.push({ from, to: from + joined * width, count });
  }
  return { layer, bins, range };
}

/** The fullest array: the first of the matrix with the most cells. */
function mapOf(crossbars: readonly { name: string; product: CrossbarProduct }[]): ArrayMap {
  const { name, product } = crossbars.reduce((most, one) =>
    one.product.rows * one.product.columns > most.product.rows * most.product.columns ? one : most,
  );
  const { rows, columns, levels } = product.arrayMap(0);
  const most = 2 ** product.options.layout.cellBits - 1;
  return { layer: name, rows, columns, levels: most + 1, png: base64(pngOf(levels, [1, rows, columns], [0, most])) };
}

function confusionOf(predictions: readonly number[], labels: Int32Array, classes: number): number[][] {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  predictions.forEach((prediction, i) => counts[labels[i]!]![prediction]!++);
  return counts;
}

function wrongPictures(data: Dataset, predictions: readonly number[], labels: Int32Array): WrongPicture[] {
  const wrong = predictions.flatMap((prediction, i) => (prediction === labels[i] ? [] : [i]));
  return wrong.slice(0, MOST_WRONG).flatMap((place) => {
    const [input] = [...data.batch(place, 1).values()];
    const shape = input!.shape.slice(1);
    const { width, height } = planesOf(shape);
    if (shape.length < 2 || width < 2 || height < 2) return [];
    let [low, high] = [Infinity, -Infinity];
    for (const value of input!.data) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    const png = base64(pngOf(input!.data, shape, [low, Math.max(high, low + 1e-9)]));
    return [{ place, label: labels[place]!, prediction: predictions[place]!, width, height, png }];
  });
}
