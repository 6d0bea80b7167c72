// HTML reports as files. Loaded only by commands that write one.

import { gzipSync } from 'node:zlib';
import { chartLibraries } from './libraries.node.js';
import { pageHtml } from './page.js';
import type { ReportPage } from './sections.js';

export * from './index.js';

const pack = (text: string): string => gzipSync(text).toString('base64');

/** A report page as an HTML file, self-contained or with its chart libraries in the file at `path` beside it. */
export const reportHtml = (page: ReportPage, path?: string): string =>
  pageHtml(page, path === undefined ? chartLibraries() : { path }, pack);
