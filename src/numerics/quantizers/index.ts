// Quantizers of weights and activations.

export { codeOf, decodeCodebook, encodeCodebook, saturationLimits, type Codebook } from './codebook.js';
export { codebookConductances, codebookWords } from './crossbar.js';
export { quantizationError } from './error.js';
export { importanceCodebook } from './importance.js';
export { kMeansCodebook } from './k-means.js';
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
export { CODEBOOK_METHODS, type RoundingName, type Sign } from './names.js';
export { tanhActivation, tanhCodebook } from './tanh.js';
export { clippedCodebook, minMaxCodebook, symmetricCodebook } from './uniform.js';
export { weightedEntropyCodebook } from './weighted-entropy.js';
