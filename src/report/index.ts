// Reports: what people and other programs read of a result.

export { compareTables, type ComparisonView } from './compare-tables.js';
export { energyCsv, layersCsv, toCsv } from './csv.js';
export { plainNumber } from '../config/numbers.js';
export { folded, plainStyle, type Style } from '../explain/style.js';
export { runTables, table } from './tables.js';
export { timelineJson, type TimelineDocument, type TraceEvent } from './timeline.js';
export { validationPage, validationTables, type ValidationRow, type Verdict } from './validation.js';
