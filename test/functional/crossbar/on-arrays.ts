// Networks on the crossbars of a run, for tests.

import { diskPresets } from '../../../src/config/files.node.js';
import { crossbarBackend } from '../../../src/functional/backends/crossbar.js';
import { crossbarOptions } from '../../../src/functional/crossbar/hardware.js';
import type { NamedValues } from '../../../src/functional/execute.js';
import { FoldedNetwork, QuantizedNetwork } from '../../../src/functional/quantized/network.js';
import { integerWidths } from '../../../src/functional/quantized/widths.js';
import type { LoadedRun } from '../../../src/run-config/index.js';
import type { Graph, Parameters } from '../../../src/workload/graph/index.js';

/** The network in a run's arrays; `inputs` set the ranges of its integers. */
export function onArrays(
  run: LoadedRun,
  { graph, parameters }: { graph: Graph; parameters: Parameters | null },
  inputs: NamedValues,
): QuantizedNetwork {
  const folded = new FoldedNetwork(graph, parameters);
  const ranges = new Map<number, number>();
  folded.calibrate(inputs, ranges);
  const backend = crossbarBackend(crossbarOptions(run, diskPresets));
  return new QuantizedNetwork(folded, { widths: integerWidths(run, true), ranges, backend });
}
