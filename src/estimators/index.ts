// Cells and circuit laws.

export { requiredResolution } from './adc.js';
export {
  driftFactor,
  meanDriftFactor,
  spinNeuronThresholds,
  timeToDrift,
  withinColumnLimit,
  worstColumnCurrent,
} from './cells.js';
export { type Law, type LawArgument, type LawValues } from './law.js';
export { LAWS, evaluateLaw } from './laws.js';
export { levelSpread, type LevelSpread } from './levels.js';
