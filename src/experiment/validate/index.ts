// Validation against published figures.

export { validatePublished } from './validate.js';
