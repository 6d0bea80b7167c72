// Types of the parts of what the library gives and takes, by name.

export type { Duration } from './components/quantities.js';
export type { Sourced } from './config/index.js';
export type { Costs } from './experiment/analysis/pareto.js';
export type { FirstOrder, Knob, PointSource, SingleEffect } from './experiment/analysis/sensitivity.js';
export type { Metric } from './experiment/compare.js';
export type { StallCause } from './pipeline/flow.js';
export type { ComparedResults } from './report/html/compare-report.js';
export type { Factor } from './result/factors.js';
export type { OperatorFigures } from './result/operator-types.js';
export type { PoweredOn, RollUp, Tier } from './result/peak-types.js';
export type { Derivation } from './result/reasons/derivation.js';
export type { ArrayCount, CellState, Endurance, Note, Placement, ResultConstant, Wear } from './result/result-types.js';
export type { Interval, Uncertainty } from './result/uncertainty-types.js';
export type { Limit, Verdict } from './result/verdict-types.js';
export type { LawUse, LoadedRun } from './run-config/index.js';
export type { SimulateOptions } from './simulation/simulate.js';
export type { TraceRow } from './workload/trace.js';
