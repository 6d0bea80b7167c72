// The engine's public face: machines as stages, units and buffers, run to exact totals. Stands on the kernel alone.

export { STALL_CAUSES, type Flow, type FlowResult, type FlowStage } from './flow.js';
export type { StallCause, UnitUse, WindowNeed } from './flow.js';
export { FlowResults } from './flow-results.js';
export { runFlow } from './run-flow.js';
export { stageService } from './chains.js';
export { tokenFlow } from './token-flow.js';
export type { CycleMemo, LogicalCycle } from './stage-bank.js';
