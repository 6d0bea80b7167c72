// Simulation of a run: the machine on the kernel, and its result.

export { STALL_CAUSES } from '../pipeline/flow.js';
export { buildMachine, type Machine } from '../machine/machine.js';
export type { Figures, Placement, Result, ResultConstant, Shares } from '../result/result-types.js';
export { MODEL_VERSION, simulate, simulateFigures, type SimulateOptions } from './simulate.js';
export { recordTimeline, type Timeline } from './timeline.js';
export { traceRows } from './trace-rows.js';
