// Names of quantization methods; nothing is loaded here, so that the command line can name them.

/** Methods that give a codebook for a number of bits. */
export const CODEBOOK_METHODS = ['min-max', 'symmetric', 'clipped', 'importance', 'k-means', 'weighted-entropy', 'tanh', 'log'] as const;
export type CodebookMethod = (typeof CODEBOOK_METHODS)[number];

/** Number formats of any number of bits. Small floats and MX formats have their own, see `MINIFLOAT_NAMES` and `MX_NAMES`. */
export const SIZED_FORMATS = ['fixed', 'dfp', 'posit', 'log-tapered'] as const;

/** How values that are not on the grid are rounded to it (number formats). */
export const ROUNDINGS = ['nearest-even', 'half-away', 'half-up', 'toward-zero', 'up', 'down', 'stochastic'] as const;
export type RoundingName = (typeof ROUNDINGS)[number];

/** First levels of k-means. */
export const STARTS = ['best', 'linear', 'quantile', 'importance'] as const;
