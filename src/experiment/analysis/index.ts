// Analysis of many results: fronts, sensitivity, search.

export { analyse, knobsOf, costsOf, type AnalysedPoint, type Analysis, type Goal } from './analyse.js';
export { nsga2, type Judgement } from './nsga2.js';
export { hypervolume, kneeOf, nonDominated } from './pareto.js';
export { oneAtATime, sobolFirstOrder } from './sensitivity.js';
