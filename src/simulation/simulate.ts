// One simulation, from a checked run to its result.

import type { LoadedRun } from '../architecture/index.js';
import { InvariantChecker } from '../kernel/index.js';
import type { Trace } from '../workload/index.js';
import { buildMachine, type Machine } from './machine.js';
import { makeResult } from './result.js';
import type { Result } from './result-types.js';
import { runFlow } from './run-flow.js';
import { densitiesOf } from './trace-rows.js';

/** Version of the model: results of different versions may differ. */
export const MODEL_VERSION = '0.1.0';

export interface SimulateOptions {
  /** Replaces `inputs.density`. */
  trace?: Trace | undefined;
  progress?: (share: number) => void;
  /** Seconds of a clock that runs with real time; 0 where there is none. */
  clock?: () => number;
  /** Largest memory of the process so far, bytes. */
  peakRss?: () => number;
}

/** Runs the simulation of a checked run. @throws ConfigError when the config leaves out what the machine needs. */
export function simulate(run: LoadedRun, options: SimulateOptions = {}): { result: Result; machine: Machine } {
  const { simulation, inputs } = run.config;
  const machine = buildMachine(run);
  const densities = options.trace === undefined ? () => [inputs.density] : densitiesOf(machine, options.trace);
  const clock = options.clock ?? (() => performance.now() / 1000);
  const started = clock();
  const observer = simulation.check ? new InvariantChecker((buffer) => machine.flow.buffers[buffer]!.capacity) : null;
  const flow = runFlow(machine.flow, { exact: simulation.exact || simulation.check, observer, ...(options.progress ? { progress: options.progress } : {}) });
  const wallS = clock() - started;
  const result = makeResult(machine, { flow, densities, wallS, peakRssBytes: options.peakRss?.() ?? 0, version: MODEL_VERSION });
  return { result, machine };
}
