// Mapping of networks onto crossbar arrays.

export { planGradient, type GradientKnobs, type GradientPlan } from './gradient.js';
export { backwardMatrix, forwardMatrix, placeMatrix, type CrossbarLayout, type MatrixOnArrays, type MatrixShape } from './matrix.js';
export { backpropagates, planLayers, type LayerPlan, type MappingKnobs, type PassPlan } from './plan.js';
export { ReplicationError, replicate, stepsFor, type ReplicationKnobs } from './replication.js';
