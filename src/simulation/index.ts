// Simulation of a run: the machine on the kernel, and its result.

export { STALL_CAUSES } from '../pipeline/index.js';
export { buildMachine } from '../machine/machine.js';
export type { Machine } from '../machine/machine-types.js';
export type { Shares } from '../machine/machine-types.js';
export type { Figures, Placement, Result, ResultConstant } from '../result/result-types.js';
export { MODEL_VERSION, simulate, simulateFigures } from './simulate.js';
export { recordTimeline, type Timeline } from './timeline.js';
export { traceRows } from './trace-rows.js';
