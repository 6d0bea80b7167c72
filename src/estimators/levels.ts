// Levels of a multi-level cell: which of them a cell of so many bits uses, how far they stand apart, and how often one
// is read as another.

/** A level: mean resistance in ohm, and standard deviation / mean. */
export interface CellLevel {
  mean: number;
  sigma: number;
}

/** How far the levels of a cell stand apart. */
export interface LevelSpread {
  /** Levels in use, 2^bits of those that the device has. */
  levels: number;
  /**
   * Distance of the closest neighbours in conductance, in sums of their standard deviations: 3 where levels stay apart
   * to three sigma on both sides; null without spread.
   */
  closestSigmas: number | null;
  /** Share of cells that are read as another level, levels equally likely. */
  misread: number;
}

/** The 2^bits levels that a cell uses, spread evenly over those of the device. */
export const usedLevels = (levels: readonly CellLevel[], bits: number): CellLevel[] =>
  Array.from({ length: 2 ** bits }, (_, k) => levels[Math.round((k * (levels.length - 1)) / (2 ** bits - 1))]!);

/**
 * How well the levels of a cell of `bits` bits can be told apart in conductance (1 / R; sigma of R and of G are the
 * same share to first order).
 */
export function levelSpread(levels: readonly CellLevel[], bits: number): LevelSpread {
  const conductances = usedLevels(levels, bits)
    .map(({ mean, sigma }) => ({ mean: 1 / mean, sigma: sigma / mean }))
    .sort((a, b) => a.mean - b.mean);
  const closest = conductances
    .slice(1)
    .reduce(
      (least, { mean, sigma }, k) => Math.min(least, (mean - conductances[k]!.mean) / (sigma + conductances[k]!.sigma)),
      Infinity,
    );
  return {
    levels: conductances.length,
    closestSigmas: Number.isFinite(closest) ? closest : null,
    misread: misreadShare(conductances),
  };
}

/**
 * Share of values that fall on the wrong side of a threshold, Gaussian levels equally likely; a threshold is where the
 * densities of two neighbours are equal (nvmFI of NVMExplorer).
 * @param levels means and standard deviations in any one unit, ascending.
 */
export function misreadShare(levels: readonly CellLevel[]): number {
  let share = 0;
  for (let k = 1; k < levels.length; k++) {
    const [low, high] = [levels[k - 1]!, levels[k]!];
    if (low.sigma === 0 && high.sigma === 0) continue;
    const threshold = crossing(low, high);
    share += beyond(threshold - low.mean, low.sigma) + beyond(high.mean - threshold, high.sigma);
  }
  return share / levels.length;
}

/** Share of a level that falls beyond a distance from its mean; one without spread always reads as itself. */
const beyond = (distance: number, sigma: number): number => (sigma === 0 ? 0 : tail(distance / sigma));

/**
 * Where two Gaussian densities are equal between their means; where the wider covers both, the point that is as many
 * deviations from the one as from the other.
 */
function crossing(low: CellLevel, high: CellLevel): number {
  const equal = (low.mean * high.sigma + high.mean * low.sigma) / (low.sigma + high.sigma);
  if (low.sigma === high.sigma || low.sigma === 0 || high.sigma === 0) return equal;
  const a = 1 / low.sigma ** 2 - 1 / high.sigma ** 2;
  const b = 2 * (high.mean / high.sigma ** 2 - low.mean / low.sigma ** 2);
  const c = low.mean ** 2 / low.sigma ** 2 - high.mean ** 2 / high.sigma ** 2 - 2 * Math.log(high.sigma / low.sigma);
  const root = Math.sqrt(Math.max(0, b * b - 4 * a * c));
  return [(-b + root) / (2 * a), (-b - root) / (2 * a)].find((x) => x >= low.mean && x <= high.mean) ?? equal;
}

/**
 * The complementary error function of x >= 0 as factor times e^exponent (Press et al., Numerical Recipes, erfcc; 1.2e-7
 * of it).
 */
function complementaryError(x: number): { readonly factor: number; readonly exponent: number } {
  const t = 1 / (1 + x / 2);
  const coefficients = [
    0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196, 1.00002368,
    -1.26551223,
  ];
  return { factor: t, exponent: -x * x + coefficients.reduce((sum, coefficient) => sum * t + coefficient, 0) };
}

/** Share of a Gaussian beyond `sigmas` standard deviations. */
function tail(sigmas: number): number {
  const { factor, exponent } = complementaryError(Math.abs(sigmas) / Math.SQRT2);
  const erfc = factor * Math.exp(exponent);
  return sigmas >= 0 ? erfc / 2 : 1 - erfc / 2;
}

/** Logarithm of the share of a Gaussian beyond `sigmas` standard deviations, however small. */
export function logTail(sigmas: number): number {
  if (sigmas < 0) return Math.log(tail(sigmas));
  const { factor, exponent } = complementaryError(sigmas / Math.SQRT2);
  return Math.log(factor / 2) + exponent;
}
