// The rows of a machine's trace, and the densities that a trace gives it.

import { vectorsOf } from '../mapping/index.js';
import { fitTrace, type Trace, type TraceRow } from '../workload/index.js';
import type { Densities } from '../result/activity.js';
import type { Machine, Pass } from '../machine/machine-types.js';

/** One row for each pass and layer that drives crossbars, with the config's density. */
export function traceRows(machine: Machine, density: (pass: Pass, layer: string) => number): TraceRow[] {
  return machine.stages.flatMap((stage) => {
    const { driven } = stage.chain;
    if (driven === null) return [];
    const { layer: of } = machine.plans[stage.layer - 1]!;
    const layer = of.name;
    const { rows, columns } = driven;
    // A trace has all positions, whatever a mapping leaves out.
    const vectors = stage.pass === 'F' ? vectorsOf(of) : driven.vectors;
    return [{ pass: stage.pass, layer, image: null, vectors, rows, columns, density: density(stage.pass, layer) }];
  });
}

/** Densities by pass and layer from a trace. @throws ConfigError at the first row of another network. */
export function densitiesOf(machine: Machine, trace: Trace): Densities {
  const fitted = fitTrace(
    trace,
    traceRows(machine, () => 0),
  );
  return (pass, layer) => fitted.get(`${pass} ${machine.plans[layer - 1]?.layer.name ?? ''}`) ?? [0];
}
