// Validation against published figures.

export { validatePublished, type ValidatedFigure, type Verdict } from './validate.js';
