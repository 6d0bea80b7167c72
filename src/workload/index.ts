// Networks, their shapes and weight layers, and traces of their activity.

export { isLayerShapes } from './layer-shapes.js';
export { networkSchema } from './yaml/schema.js';
export { networkOf } from './weight-graph.js';
export { indexBits } from './backward-needs.js';
export type { FoundAgain, InputError, Network, PoolStep, WeightLayer } from './weight-layer.js';
export { valuesOf } from './map-shape.js';
export { windowNeeds, windowPositions } from './windows.js';
export { fitTrace, parseTrace, writeTrace, type Trace, type TraceRow } from './trace.js';
