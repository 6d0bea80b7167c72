// One simulation, from a checked run to its result.

import type { LoadedRun } from '../run-config/index.js';
import { VERSION } from '../config/version.js';
import { InvariantChecker } from '../kernel/index.js';
import type { Trace } from '../workload/index.js';
import type { Measured } from '../result/accounts.js';
import { buildMachine } from '../machine/machine.js';
import type { Machine } from '../machine/machine-types.js';
import { energySumsOf } from '../result/energy-sums.js';
import { finiteHeadlinesOf, type Headlines } from '../result/headlines.js';
import { figuresOf, makeResult } from '../result/result.js';
import { checkFinite } from '../result/finite.js';
import type { Figures, Result } from '../result/result-types.js';
import { runFlow } from '../pipeline/index.js';
import type { KnownRuns } from './known-runs.js';
import { densitiesOf } from './trace-rows.js';

/** What a simulation may be told besides its run. */
export interface SimulateOptions {
  /** Replaces `inputs.density`. */
  trace?: Trace | undefined;
  /** Called now and then with the share of images that are done, 0 to 1, and the events so far. */
  progress?: (share: number, events: number) => void;
  /** Seconds of a clock that runs with real time; 0 where there is none. */
  clock?: () => number;
  /** Largest memory of the process so far, bytes. */
  peakRss?: () => number;
  /** Machines and flows of earlier simulations; one object serves many. */
  known?: KnownRuns;
}

/** Runs the simulation of a checked run. @throws ConfigError when the config leaves out what the machine needs. */
export function simulate(run: LoadedRun, options: SimulateOptions = {}): { result: Result; machine: Machine } {
  const clock = options.clock ?? (() => performance.now() / 1000);
  const machine = buildMachine(run);
  const started = clock();
  const measured = measure(machine, options);
  const wallS = clock() - started;
  const simulated = { wallS, peakRssBytes: options.peakRss?.() ?? 0, version: VERSION };
  return { result: makeResult(machine, measured, simulated), machine };
}

/** The same simulation for its figures alone, without lists of single things. */
export function simulateFigures(run: LoadedRun, options: Pick<SimulateOptions, 'trace' | 'known'> = {}): Figures {
  const machine = options.known?.machineOf(run) ?? buildMachine(run);
  return checkFinite(figuresOf(machine, measure(machine, options)), run.label);
}

/** The same simulation for its headlines alone: what a sweep of thousands of points keeps. */
export function simulateHeadlines(run: LoadedRun, options: Pick<SimulateOptions, 'trace' | 'known'> = {}): Headlines {
  const machine = options.known?.machineOf(run) ?? buildMachine(run);
  const measured = measure(machine, options);
  return finiteHeadlinesOf(machine, measured.flow, energySumsOf(machine, measured));
}

function measure(
  machine: Machine,
  { trace, progress, known }: Pick<SimulateOptions, 'trace' | 'progress' | 'known'>,
): Measured {
  const { simulation, inputs } = machine.run.config;
  const densities = trace === undefined ? () => [inputs.density] : densitiesOf(machine, trace);
  if (known !== undefined && !simulation.exact && !simulation.check)
    return { densities, flow: known.flows.run(machine.flow) };
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
