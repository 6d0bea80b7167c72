// Analysis of many results: fronts, sensitivity, search.

export { analyse, knobsOf, costsOf, type AnalysedPoint, type Analysis, type Goal } from './analyse.js';
export { nsga2, type Individual, type Judgement } from './nsga2.js';
export { hypervolume, kneeOf, nonDominated, type Costs } from './pareto.js';
export { oneAtATime, sobolFirstOrder, type FirstOrder, type SingleEffect } from './sensitivity.js';
