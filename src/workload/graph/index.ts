// The operator graph: what all later work stands on.

export * from './graph.js';
export * from './move-operators.js';
export * from './operators.js';
export { placeOf, productBefore, type Place } from './place.js';
export { movedValues } from './moves.js';
export {
  VECTOR_ACTIONS,
  batchNormInTraining,
  doneByVector,
  isOutputSoftmax,
  vectorWork,
  type VectorWork,
} from './vector-work.js';
export { backwardOf, derivesFromInput, reachedByError, trainedConstants, type Backward } from './backward-work.js';
export { GraphBuilder } from './builder.js';
export { countsOf } from './counts.js';
export * from './products.js';
export {
  broadcast,
  broadcastStrides,
  elementsOf,
  samePadding,
  ShapeError,
  showShape,
  stridesOf,
  type Layout,
  type Window,
} from './shapes.js';
export { homesOf, type Homes, type StageRead } from './homes.js';
export { numbersOf, type ParameterNumbers } from './numbers.js';
