// The arrays of a machine: by layer and use, in all, and in groups as PipeLayer's Table 2 counts them.

import { mapped } from '../kernel/index.js';
import type { ArrayPlacement, Machine } from '../machine/machine-types.js';
import { sumBy } from '../machine/shares.js';
import type { WeightLayer } from '../workload/index.js';
import type { ArrayCount, Result } from './result-types.js';

type Use = ArrayPlacement['use'];

/** Arrays of a layer for a use, all copies and images; none where the layer has no arrays of its own for it. */
export function arrayCounts({ cells }: Machine): (layer: WeightLayer, use: Use) => ArrayCount {
  const placed = new Map<WeightLayer, Map<Use, ArrayCount>>();
  for (const { layer, use, pass, images, arrays } of cells?.placements ?? []) {
    let uses = placed.get(layer);
    if (uses === undefined) {
      uses = new Map();
      placed.set(layer, uses);
    }
    uses.set(use, { logical: pass.matrix.logicalArrays * pass.replication * images, physical: arrays });
  }
  return (layer, use) => placed.get(layer)?.get(use) ?? { logical: 0, physical: 0 };
}

/** The `arrays` of a result. */
export function arraysOf(machine: Machine): Result['arrays'] {
  const count = arrayCounts(machine);
  const byLayer = mapped(machine.plans, ({ layer }) => ({
    name: layer.name,
    forward: count(layer, 'forward'),
    backward: count(layer, 'backward'),
    gradient: count(layer, 'gradient'),
  }));
  const total = (kind: keyof ArrayCount): number =>
    sumBy(byLayer, (layer) => layer.forward[kind] + layer.backward[kind] + layer.gradient[kind]);
  const groups = groupsOf(machine);
  return {
    logical: total('logical'),
    physical: total('physical'),
    physicalByUse: {
      forward: sumBy(byLayer, ({ forward }) => forward.physical),
      backward: sumBy(byLayer, ({ backward }) => backward.physical),
      gradient: sumBy(byLayer, ({ gradient }) => gradient.physical),
    },
    groups: { ...groups, total: groups.forward + groups.backward + groups.gradient },
    byLayer,
  };
}

/**
 * Copies of all layers; for gradients an image of a batch each where images overlap, else as many as forward copies.
 */
function groupsOf({ cells, run }: Machine): Record<Use, number> {
  const groups = { forward: 0, backward: 0, gradient: 0 };
  let copies = 0;
  for (const { use, pass, images } of cells?.placements ?? []) {
    if (use === 'forward') copies = pass.replication;
    groups[use] += use !== 'gradient' ? pass.replication : run.config.pipeline.enabled ? images : copies;
  }
  return groups;
}
