// HTML reports. Loaded only by commands that write one.

import { chartLibraries } from './libraries.node.js';
import { pageHtml } from './page.js';
import type { ReportPage } from './sections.js';

export { compareReport } from './compare-report.js';
export { runReport } from './run-report.js';
export { sweepReport } from './sweep-report.js';
export type { SweepView } from './sweep-view.js';
export { validateReport, type ValidationText } from './validate-report.js';
export type { ReportPage } from './sections.js';

/** A report page as a self-contained HTML file. */
export const reportHtml = (page: ReportPage): string => pageHtml(page, chartLibraries());
