// Scores of a network whose weights were changed: in floating point, or all of it on integers.

import type { Dataset } from '../../functional/data/dataset.js';
import { samplesTogether } from '../../functional/evaluate/evaluator.js';
import { addScore, noScore, scoreOf, type Score } from '../../functional/evaluate/score.js';
import type { NamedValues } from '../../functional/execute.js';
import type { Values } from '../../functional/operators/values.js';
import { FoldedNetwork, QuantizedNetwork } from '../../functional/quantized/network.js';
import { logitsGraph } from '../../functional/training/logits.js';
import type { Graph, Parameters } from '../../workload/graph/index.js';

type Forward = (inputs: NamedValues, first: number) => ReadonlyMap<string, Values>;

/** Calls `visit` with parts of the samples. */
function eachPart(graph: Graph, { count }: Dataset, visit: (from: number, count: number) => void): void {
  const together = samplesTogether(graph);
  for (let from = 0; from < count; from += together) visit(from, Math.min(together, count - from));
}

function scored(graph: Graph, data: Dataset, forward: Forward): Score {
  const output = graph.tensors[graph.outputs[0]!]!.name;
  const score = noScore();
  eachPart(graph, data, (from, count) => {
    const labels = data.labelsOf(from, count);
    if (labels !== null) addScore(score, scoreOf(forward(data.batch(from, count), from).get(output)!, labels));
  });
  return score;
}

/** The score in double precision. */
export function floatScore(network: Graph, parameters: Parameters | null, data: Dataset): Score {
  const graph = logitsGraph(network);
  const { executor } = new FoldedNetwork(graph, parameters);
  return scored(graph, data, (inputs) => executor.forward(inputs));
}

/** Scores with weights and activations in dynamic fixed point, of so many bits each; `cellBits`: of cell states. */
export function integerScores(
  network: Graph,
  parameters: Parameters | null,
  { data, calibration }: { readonly data: Dataset; readonly calibration: Dataset },
  widths: readonly { readonly bits: number; readonly cellBits?: number }[],
): Score[] {
  const graph = logitsGraph(network);
  const folded = new FoldedNetwork(graph, parameters);
  const ranges = new Map<number, number>();
  eachPart(graph, calibration, (from, count) => {
    folded.calibrate(calibration.batch(from, count), ranges);
  });
  return widths.map(({ bits, ...cells }) => {
    const own = { weightBits: bits, activationBits: bits, per: 'tensor', cells: { halves: true, ...cells } } as const;
    const quantized = new QuantizedNetwork(folded, { widths: own, ranges });
    return scored(graph, data, (inputs, first) => quantized.forward(inputs, { first }));
  });
}

/** Share of right answers; null without labels. */
export const accuracyOf = ({ right, places }: Score): number | null => (places === 0 ? null : right / places);

/** Loss in nats an answer; null without labels. */
export const natsOf = ({ nats, places }: Score): number | null => (places === 0 ? null : nats / places);
