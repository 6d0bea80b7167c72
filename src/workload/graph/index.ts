// The operator graph: what all later work stands on.

export * from './graph.js';
export * from './operators.js';
export { placeOf, productBefore, type Place } from './place.js';
