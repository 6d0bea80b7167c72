// Networks, their shapes and weight layers, and traces of their activity.

export { networkSchema } from './network.js';
export type { Pair, Padding, Shape, Window } from './shape.js';
export { networkOf, type Activation, type Network, type PoolStep, type WeightInput, type WeightLayer } from './weight-graph.js';
export { windowNeeds, windowPositions } from './windows.js';
export { fitTrace, parseTrace, writeTrace, type Trace, type TraceRow } from './trace.js';
