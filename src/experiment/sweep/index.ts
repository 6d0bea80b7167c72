// Parameter sweeps: files, points, store, executors.

export { analyseSweep, type AnalysedSweep } from './analysis.js';
export { axesOf, type Assignment, type Axis } from './axes.js';
export { LocalPool } from './local.js';
export { METRIC_KEYS } from './metrics.js';
export { pointName, pointRun } from './point-run.js';
export { Planner, planSweep, type Point } from './plan.js';
export { inFolder, type Executor, type SweepReport, type SweepSession } from './run.js';
export { checkSearch, search } from './search.js';
export { runOnSlurm, type SlurmOptions, type SlurmVisit } from './slurm.js';
export { checkCluster } from './slurm-client.js';
export { SweepStore } from './store.js';
export { loadSweep, type Objective, type Sweep } from './sweep.js';
