// HTML reports as data and as pages; the chart libraries of a page are handed in.

export { attackReport } from './attack-report.js';
export { compareReport } from './compare-report.js';
export { pageHtml } from './page.js';
export { evaluationReport } from './evaluation-report.js';
export { runReport } from './run-report.js';
export { studyReport } from './study-report.js';
export { sweepReport } from './sweep-report.js';
export type { SweepView } from './sweep-view.js';
export { trainingReport } from './training-report.js';
export { validateReport } from './validate-report.js';
export type { ReportPage } from './sections.js';
