// Quantizers of weights and activations.

export {
  codeOf,
  decodeCodebook,
  encodeCodebook,
  nearestCodebook,
  saturationLimits,
  withZero,
  type Codebook,
} from './codebook.js';
export { codebookConductances, codebookWords, type CellConductances, type CodebookWords } from './crossbar.js';
export { quantizationError, type QuantizationError } from './error.js';
export { importanceCodebook, type ImportanceOptions } from './importance.js';
export { kMeansCodebook, type KMeansOptions, type Start } from './k-means.js';
export { logarithmicCodebook } from './logarithmic.js';
export {
  METHODS,
  codebookFor,
  makesCodebook,
  ownBits,
  quantizeValues,
  type Method,
  type MethodOptions,
  type QuantizedValues,
} from './method.js';
export {
  CODEBOOK_METHODS,
  ROUNDINGS,
  SIZED_FORMATS,
  STARTS,
  type CodebookMethod,
  type RoundingName,
  type Sign,
} from './names.js';
export { tanhActivation, tanhCodebook } from './tanh.js';
export { clippedCodebook, minMaxCodebook, symmetricCodebook } from './uniform.js';
export { weightedEntropyCodebook } from './weighted-entropy.js';
