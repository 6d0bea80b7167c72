// Reports: what people and other programs read of a result. Nothing here needs Node; tables for a terminal stand in
// terminal/.

export { energyCsv, layersCsv } from './csv.js';
export { toCsv } from '../config/csv.js';
export { plainNumber } from '../config/numbers.js';
export { folded, plainStyle, type Style } from '../explain/style.js';
export { timelineJson } from './timeline.js';
export type { TimelineDocument } from './trace-events.js';
export { partOf, type ValidationRow, type Verdict } from './validation.js';
