// Mean squared gradients of the loss by weight: how much an error of each weight matters (the diagonal of the Fisher
// information, estimated on samples with their labels).

import type { Dataset } from '../../functional/data/dataset.js';
import { Executor } from '../../functional/execute.js';
import { crossEntropy } from '../../functional/training/loss.js';
import { logitsGraph } from '../../functional/training/logits.js';
import type { Tensor } from '../../tensors/index.js';
import type { Graph, Parameters } from '../../workload/graph/index.js';

/** Mean over samples of the squared gradient of a sample's cross entropy, by key; empty without labels. */
export function meanSquaredGradients(graph: Graph, parameters: Parameters, samples: Dataset): Tensor[] {
  const classifier = logitsGraph(graph);
  const executor = new Executor(classifier, parameters, { precision: 'float64' });
  const { name, shape } = classifier.tensors[classifier.outputs[0]!]!;
  const classes = shape.at(-1) ?? 1;
  const sums = new Map<string, { shape: readonly number[]; data: Float64Array }>();
  for (let i = 0; i < samples.count; i++) {
    const labels = samples.labelsOf(i, 1);
    if (labels === null) return [];
    const logits = executor.forward(samples.batch(i, 1), { record: true }).get(name)!;
    const { error } = crossEntropy(Float64Array.from(logits.data), labels, logits.data.length / classes);
    const { parameterGradients } = executor.backward(new Map([[name, { shape: logits.shape, data: error }]]), {
      inputs: false,
    });
    for (const [key, gradient] of parameterGradients) {
      let sum = sums.get(key);
      if (sum === undefined)
        sums.set(key, (sum = { shape: gradient.shape, data: new Float64Array(gradient.data.length) }));
      for (let j = 0; j < sum.data.length; j++) sum.data[j]! += gradient.data[j]! ** 2 / samples.count;
    }
  }
  return [...sums].map(([key, sum]) => ({ name: key, dtype: 'f64', ...sum }));
}
