// Experiments over several runs.

export { METRICS, compareResults, knobDifferences, type Comparison } from './compare.js';
