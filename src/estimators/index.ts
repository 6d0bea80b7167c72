// Cells and circuit laws.

export { requiredResolution, sarEnergy, surveyArea, surveyEnergy } from './adc.js';
export {
  cellReadEnergy,
  driftFactor,
  equallySpacedLevels,
  spinNeuronThresholds,
  timeToDrift,
  withinColumnLimit,
  worstColumnCurrent,
  type ReadPoint,
} from './cells.js';
export { type Law, type LawArgument, type LawValues } from './law.js';
export { LAWS, evaluateLaw } from './laws.js';
export { levelSpread, type LevelSpread } from './levels.js';
export { memoryFigures } from './memory.js';
