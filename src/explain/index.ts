// Explanations of figures.

export { below, bookOf, explain, find, type Book, type Explanation } from './explain.js';
export type { Figure } from './figure.js';
export { explainChange, type Change, type RatioExplanation } from './ratio.js';
export { ratioText } from './ratio-text.js';
export { ofFile } from './damaged.js';
export { explanationText, listText, type Extent } from './text.js';
