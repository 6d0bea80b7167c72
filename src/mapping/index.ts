// Mapping of networks onto crossbar arrays.

export {
  forwardMatrix,
  groupsOfArray,
  placeMatrix,
  type CrossbarLayout,
  type MatrixOnArrays,
  type MatrixShape,
} from './matrix.js';
export { backpropagates, planLayers, vectorsOf, type ArrayPass, type LayerPlan, type PassPlan } from './plan.js';
export { tilesOf, type Tile } from './tiling.js';
export { ReplicationError, wavesFor } from './replication.js';
