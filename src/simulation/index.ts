// Simulation of a run: the machine on the kernel, and its result.

export type { Densities } from './activity.js';
export type { Flow, FlowResult, FlowStage, StallCause } from './flow.js';
export { STALL_CAUSES } from './flow.js';
export { buildMachine, type Machine, type MachineStage } from './machine.js';
export type { Figures, Placement, Result, ResultConstant, Shares } from './result-types.js';
export { runFlow } from './run-flow.js';
export { MODEL_VERSION, simulate, simulateFigures, type SimulateOptions } from './simulate.js';
export { recordTimeline, type Timeline } from './timeline.js';
export { densitiesOf, traceRows } from './trace-rows.js';
