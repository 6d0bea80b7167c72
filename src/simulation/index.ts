// Simulation of a run: the machine on the kernel, and its result.

export { KnownRuns } from './known-runs.js';
export { STALL_CAUSES, type StallCause } from '../pipeline/index.js';
export { buildMachine } from '../machine/machine.js';
export type { Machine } from '../machine/machine-types.js';
export type { Factor } from '../result/factors.js';
export type { Headlines } from '../result/headlines.js';
export type { Result, ResultConstant } from '../result/result-types.js';
export { TIME_PARTS } from '../result/time-parts.js';
export { VERSION as MODEL_VERSION } from '../config/version.js';
export { simulate, simulateFigures, simulateHeadlines, type SimulateOptions } from './simulate.js';
export { recordTimeline, type Timeline } from './timeline.js';
export { traceRows } from './trace-rows.js';
