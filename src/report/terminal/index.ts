// Tables for a terminal; Node only, for the package that draws them.

export { compareTables } from './compare-tables.js';
export { runTables } from './run-tables.js';
export { fits, records, table } from './table.js';
export { ratioTable, uncertaintyTable } from './uncertainty-tables.js';
export { validationTables } from './validation-tables.js';
