// The part of vega-statistics that is used; the package brings no types.

declare module 'vega-statistics' {
  /** Share of a normal distribution below `value` (West 2009; absolute error near 1e-16). */
  export function cumulativeNormal(value: number, mean?: number, deviation?: number): number;
}
