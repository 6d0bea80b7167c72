// The config of a run and what a mode makes of it.

export {
  configSchema,
  resolveWorkload,
  storedBits,
  type Config,
  type ConfigInput,
  type ResolvedWorkload,
} from './config.js';
export { worstLineCurrent } from './currents.js';
export { BACKENDS, type FunctionalConfig, type NoiseConfig } from './functional.js';
export { dataSchema, modelSchema, type DataConfig, type ModelConfig } from './data.js';
export { kindOfLayer, kindsOf, type KindName } from './kinds.js';
export { resolveLaws, type LawUse } from './laws.js';
export { ForeignNetworkError, checkedRun, failure, finishRun, loadRun, withDevice, type LoadedRun } from './load.js';
export { traceOf } from './trace.js';
export { UNUSED, unusedKnobs } from './unused.js';
export { ATTACK_METHODS, attackSchema, trainingSchema } from './training.js';
export type { AttackConfig, AttackMethod, TrainingConfig } from './training.js';
