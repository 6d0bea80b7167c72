// Names of quantization methods; nothing is loaded here, so that the command line can name them.

/** Methods that give a codebook for a number of bits. */
export const CODEBOOK_METHODS = [
  'min-max',
  'symmetric',
  'clipped',
  'importance',
  'k-means',
  'weighted-entropy',
  'tanh',
  'log',
] as const;
/** A method that makes a codebook. */
export type CodebookMethod = (typeof CODEBOOK_METHODS)[number];

/**
 * Number formats of any number of bits. Small floats and MX formats have their own, see `MINIFLOAT_NAMES` and
 * `MX_NAMES`.
 */
export const SIZED_FORMATS = ['fixed', 'dfp', 'posit', 'log-tapered'] as const;

/** How values that are not on the grid are rounded to it (number formats). */
export const ROUNDINGS = ['nearest-even', 'half-away', 'half-up', 'toward-zero', 'up', 'down', 'stochastic'] as const;
/** Name of a way to round. */
export type RoundingName = (typeof ROUNDINGS)[number];

/** First levels of k-means. */
export const STARTS = ['best', 'linear', 'quantile', 'importance'] as const;

/**
 * How the exponent that a tensor shares (dynamic fixed point) is chosen; c = ceil(log2 max|x|).
 * - `range`: bits - 1 - c, the weight rule of Ristretto; a maximum just at a power of two may saturate.
 * - `ristretto-activations`: bits - c, deliberately one bit short (Gysel et al. 2016, source of `Ristretto`).
 * - `no-saturation`: the largest exponent at which nothing saturates.
 * - `overflow-rate`: the largest at which at most a given share of the values saturates (after Courbariaux et al. 2014,
 * section 5).
 */
export const EXPONENT_RULES = ['range', 'ristretto-activations', 'no-saturation', 'overflow-rate'] as const;
/** How dynamic fixed point chooses its exponent. */
export type ExponentRule = (typeof EXPONENT_RULES)[number];

/**
 * What cells hold of a codebook: conductances proportional to the code values (one cell a weight), or fixed-point words
 * sliced over cells.
 */
export const CELLS = ['conductances', 'words'] as const;

/**
 * `differential`: a positive and a negative cell, at most one above the least conductance. `offset`: one cell, a
 * reference column gives what is subtracted.
 */
export const SIGNS = ['differential', 'offset'] as const;
/** Whether levels have a sign. */
export type Sign = (typeof SIGNS)[number];
