// Experiments over several runs.

export { COMPARED, METRICS, compareResults, knobDifferences, type Comparison } from './compare.js';
