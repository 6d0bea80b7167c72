// The config of a run and what a mode makes of it.

export { configSchema, resolveWorkload, type Config, type ResolvedWorkload } from './config.js';
export { failure, finishRun, loadRun, type LoadedRun } from './load.js';
export type { LawUse } from './laws.js';
