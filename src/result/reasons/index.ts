// How the figures of a result came about: the book of their derivations.

export { bookOf, type Book } from './book.js';
export { agrees, recompute, type Derivation, type Operation, type Origin } from './derivation.js';
export type { Figure } from './figure.js';
export { MissingFigure } from './sources.js';
