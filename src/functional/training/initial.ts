// Numbers that a network starts from where no file gives them.

import { UserError } from '../../config/index.js';
import { elementsOf, type Graph, type Parameters } from '../../workload/graph/index.js';
import { streamOf } from '../streams.js';

/**
 * Numbers to start training from: even within 1 / sqrt(fan-in) (PyTorch's default), norms at rest; seeded by name.
 * @throws UserError for constants that no file gives
 */
export function initialParameters(graph: Graph, seed: number): Parameters {
  const stored = new Map<string, { shape: readonly number[]; data: Float64Array }>();
  for (const { parameters } of graph.nodes) {
    const weight = parameters.get('weight');
    const fanIn = weight === undefined ? 1 : elementsOf(weight.shape.slice(1));
    for (const [role, { key, shape }] of parameters) {
      if (stored.has(key)) continue;
      const data = new Float64Array(elementsOf(shape));
      if (role === 'scale' || role === 'variance') data.fill(1);
      else if (role !== 'mean' && !(role === 'bias' && weight === undefined)) {
        const draw = streamOf(seed, `initial ${key}`);
        const bound = 1 / Math.sqrt(fanIn);
        for (let i = 0; i < data.length; i++) data[i] = bound * (2 * draw() - 1);
      }
      stored.set(key, { shape, data });
    }
  }
  for (const { constant, name } of graph.tensors)
    if (constant !== null && !stored.has(constant.key))
      throw new UserError(`the network has a constant "${name}" that no file gives; expected model.weights`);
  return {
    keys: [...stored.keys()],
    get(key) {
      const found = stored.get(key);
      if (found === undefined) throw new UserError(`no starting numbers for "${key}"`);
      return found;
    },
  };
}
