// The config of a run and what a mode makes of it.

export { CONFIG_PARTS, DESIGN_PARTS, configSchema, dimensionOfKey, storedBits, unitOfKey } from './config.js';
export type { Config, ConfigInput } from './config.js';
export { worstLineCurrent } from './currents.js';
export { BACKENDS, type FunctionalConfig, type NoiseConfig } from './functional.js';
export { dataSchema, type DataConfig } from './data.js';
export { designNumbers, functionalTree } from './numbers.js';
export { hasCrossbars, kindOfLayer, kindsOf, type KindName } from './kinds.js';
export { resolveLaws, type LawUse } from './laws.js';
export { checkedRun, failure, finishRun, loadRun, withDevice, type LoadedRun } from './load.js';
export { traceOf } from './trace.js';
export { UNUSED, unusedBy, unusedKnobs } from './unused.js';
export { unusedFunctional, type FunctionalCommand } from './unused-functional.js';
export { clockedTimes, unusedConstants } from './unused-constants.js';
export { attackSchema, COMPUTE_KINDS, trainingSchema } from './training.js';
export type { AttackConfig, AttackMethod, TrainingConfig } from './training.js';
