// One simulation, from a checked run to its result.

import type { LoadedRun } from '../run-config/index.js';
import { InvariantChecker } from '../kernel/index.js';
import type { Trace } from '../workload/index.js';
import type { Measured } from '../result/accounts.js';
import { buildMachine } from '../machine/machine.js';
import type { Machine } from '../machine/machine-types.js';
import { figuresOf, makeResult } from '../result/result.js';
import type { Figures, Result } from '../result/result-types.js';
import { runFlow } from '../pipeline/index.js';
import { densitiesOf } from './trace-rows.js';

/**
 * Version of the model: results of different versions may differ, and sweeps run points of another version again. Raise
 * it with every change of a figure.
 */
export const MODEL_VERSION = '0.3.0';

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
  const clock = options.clock ?? (() => performance.now() / 1000);
  const machine = buildMachine(run);
  const started = clock();
  const measured = measure(machine, options);
  const wallS = clock() - started;
  return {
    result: makeResult(machine, measured, { wallS, peakRssBytes: options.peakRss?.() ?? 0, version: MODEL_VERSION }),
    machine,
  };
}

/** The same simulation for its figures alone; a sweep of thousands of points keeps no more of them. */
export function simulateFigures(run: LoadedRun, options: Pick<SimulateOptions, 'trace'> = {}): Figures {
  const machine = buildMachine(run);
  return figuresOf(machine, measure(machine, options));
}

function measure(machine: Machine, { trace, progress }: Pick<SimulateOptions, 'trace' | 'progress'>): Measured {
  const { simulation, inputs } = machine.run.config;
  const densities = trace === undefined ? () => [inputs.density] : densitiesOf(machine, trace);
  const observer = simulation.check ? new InvariantChecker((buffer) => machine.flow.buffers[buffer]!.capacity) : null;
  return {
    densities,
    flow: runFlow(machine.flow, {
      exact: simulation.exact || simulation.check,
      observer,
      ...(progress ? { progress } : {}),
    }),
  };
}
