// Experiments over several runs.

export { COMPARED_TITLES, METRICS, compareResults, knobDifferences, type Comparison } from './compare.js';
