// Statistics of products added up: counts are summed, the largest and least sums are those of all.

import type { ProductStatistics } from '../backend.js';

/** `one` plus `sign` times the counts of `other`. */
export const joinedStatistics = (
  one: Readonly<ProductStatistics>,
  other: Readonly<ProductStatistics>,
  sign: -1 | 0 | 1,
): ProductStatistics => ({
  vectors: one.vectors + sign * other.vectors,
  conversions: one.conversions + sign * other.conversions,
  clipped: one.clipped + sign * other.clipped,
  saturated: one.saturated + sign * other.saturated,
  largestColumnSum: Math.max(one.largestColumnSum, other.largestColumnSum),
  leastColumnSum: Math.min(one.leastColumnSum, other.leastColumnSum),
  reads: one.reads + sign * other.reads,
  drivenOnes: one.drivenOnes + sign * other.drivenOnes,
  drivenSettings: one.drivenSettings + sign * other.drivenSettings,
  shiftAdds: one.shiftAdds + sign * other.shiftAdds,
  offsetSubtractions: one.offsetSubtractions + sign * other.offsetSubtractions,
  inputSums: one.inputSums + sign * other.inputSums,
  verticalAdds: one.verticalAdds + sign * other.verticalAdds,
});
