// The config of a run and what a mode makes of it.

export { configSchema, resolveWorkload, storedBits, type Config, type ResolvedWorkload } from './config.js';
export { worstLineCurrent } from './currents.js';
export { kindOfLayer, kindsOf, type KindName } from './kinds.js';
export { resolveLaws, type LawUse } from './laws.js';
export { checkedRun, failure, finishRun, loadRun, withDevice, type LoadedRun } from './load.js';
export { UNUSED, unusedKnobs } from './unused.js';
