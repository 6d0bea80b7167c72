// Parameter sweeps: files, points, store, executors.

export { analyseSweep, type AnalysedSweep } from './analysis.js';
export { LocalPool } from './local.js';
export { planSweep } from './plan.js';
export type { Point, PointList } from './point-list.js';
export { inFolder, type Executor, type SweepReport } from './run.js';
export { checkSearch, search } from './search.js';
export { runOnSlurm, type SlurmOptions, type SlurmVisit } from './slurm.js';
export { checkCluster } from './slurm-client.js';
export { SweepStore } from './store.js';
export { loadSweep, type Sweep } from './sweep.js';
