// Explanations of figures.

export { bookOf, type Book, type Figure } from '../result/reasons/index.js';
export { below, explain, find, type Explanation } from './explain.js';
export { explainChange, type RatioExplanation } from './ratio.js';
export { ratioText } from './ratio-text.js';
export { explanationText, listText, type Extent } from './text.js';
export { ofFile } from './damaged.js';
export { RESULT_SCHEMA, checkParts, isResult } from './result-file.js';
