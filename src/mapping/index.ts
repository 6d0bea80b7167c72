// Mapping of networks onto crossbar arrays.

export { biasesInRow, forwardMatrix, groupsOfArray, placeMatrix, type CrossbarLayout } from './matrix.js';
export {
  backpropagates,
  planLayers,
  vectorsInside,
  vectorsOf,
  type ArrayPass,
  type LayerPlan,
  type MappingKnobs,
  type PassPlan,
} from './plan.js';
export { tilesOf } from './tiling.js';
export { ReplicationError, replicate } from './replication.js';
