// Time and energy of an evaluation: inference on the design, whatever mode its config runs.

import type { Presets } from '../../config/index.js';
import { checkedRun, traceOf, type LoadedRun } from '../../run-config/index.js';
import { simulate, type Result } from '../../simulation/index.js';
import type { Trace } from '../../workload/index.js';

/**
 * The inference that an evaluation is, by the timing model. Its images are the config's (unset, and of attacks, the
 * default of inference), its densities those of forward passes in the config's trace.
 * @throws UserError where the design cannot run it, or the trace is another network's
 */
export function inferenceOf(run: LoadedRun, presets: Presets): Result {
  const workload = { ...run.config.workload, mode: 'inference' as const, iterations: undefined };
  const inference = checkedRun({ ...run, config: { ...run.config, workload } });
  return simulate(inference, { trace: forwardOf(traceOf(presets, run)) }).result;
}

const forwardOf = (trace: Trace | undefined): Trace | undefined =>
  trace === undefined ? undefined : { ...trace, rows: trace.rows.filter(({ pass }) => pass === 'F') };
