// Config machinery: units, schema parts, documents with line numbers, loading.

export { applySet, isTree, merge, nested, parseDocument, type Loaded, type Tree, type TreeValue } from './document.js';
export { Origins } from './origins.js';
export { causeOfSet, closest, ConfigError, place, suggestion, UserError, type Cause, type Origin } from './errors.js';
export { findFile, listPresets, loadConfig, type Files, type Presets } from './load.js';
export {
  choice,
  count,
  dimensionAt,
  ofDimension,
  flag,
  below1,
  fraction,
  list,
  mapping,
  object,
  optionalOf,
  orLaw,
  parsed,
  positive,
  quantity,
  real,
  sourced,
  text,
  toJsonSchema,
  union,
  type Sourced,
} from './schema-parts.js';
export { restoreDocument, storeDocument, type StoredDocument } from './stored.js';
export {
  dimensionOf,
  formatEngineering,
  formatQuantity,
  parseQuantity,
  patternOf,
  unitOf,
  type Dimension,
} from './units.js';
export { fitsPattern } from './patterns.js';
export { validate } from './faults.js';
