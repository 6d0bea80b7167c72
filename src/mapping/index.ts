// Mapping of networks onto crossbar arrays.

export { placeMatrix, type CrossbarLayout } from './matrix.js';
export { planLayers, type LayerPlan, type PassPlan } from './plan.js';
export { ReplicationError } from './replication.js';
