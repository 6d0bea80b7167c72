// HTML reports as files. Loaded only by commands that write one.

import { chartLibraries } from './libraries.node.js';
import { pageHtml } from './page.js';
import type { ReportPage } from './sections.js';

export * from './index.js';

/** A report page as a self-contained HTML file. */
export const reportHtml = (page: ReportPage): string => pageHtml(page, chartLibraries());
