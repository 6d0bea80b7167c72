// How well a machine is used: its parts' shares, layers in the network's order (docs/model.md).

import type { FlowResult } from '../pipeline/index.js';
import type { Machine, Utilization } from '../machine/machine-types.js';

/** The whole is that of the part that holds the weights. */
export function utilizationOf({ parts, stages, plans }: Machine, flow: FlowResult): Utilization {
  const [first, ...others] = parts.map((part) => part.utilization(stages, flow));
  if (others.length === 0) return first!;
  const shares = new Map([first!, ...others].flatMap(({ byLayer }) => byLayer.map((layer) => [layer.name, layer])));
  return { ...first!, byLayer: plans.map(({ layer }) => shares.get(layer.name)!) };
}
