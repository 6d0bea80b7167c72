// Runs a flow with the runner that its pipeline asks for.

import { runElastic } from './elastic.js';
import type { Flow, FlowResult } from './flow.js';
import { inTicks, inUnits, unitOf } from './in-units.js';
import { runLockstep } from './lockstep.js';
import { runRows } from './rows.js';
import type { RunOptions } from './stage-bank.js';

/** Simulates the flow from the first image to the last; exact to the tick with and without its fast paths. */
export function runFlow(flow: Flow, options: RunOptions = {}): FlowResult {
  // Who follows a run hears of ticks.
  const followed = (options.observer ?? null) !== null || options.cycles !== undefined;
  const unit = followed ? 1 : unitOf(flow);
  return unit === 1 ? run(flow, options) : inTicks(run(inUnits(flow, unit), options), unit);
}

function run(flow: Flow, options: RunOptions): FlowResult {
  if (flow.granularity === 'row') return runRows(flow, options);
  return flow.advance === 'lockstep' ? runLockstep(flow, options) : runElastic(flow, options);
}
