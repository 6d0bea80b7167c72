// Validation against published figures.

export { validatePublished } from './published.js';
