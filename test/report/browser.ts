// A headless Chromium for tests of report pages: the one that npm brings, or the one that $CHROMIUM names.

import chromium from '@sparticuz/chromium';
import { chromium as playwright, type Browser } from 'playwright-core';

/** Starts the browser. Only one test file does: the package unpacks its binary into a shared place on first use. */
export async function launch(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? (await chromium.executablePath());
  // The package's own arguments run everything in one process, which does not outlive its first page.
  return playwright.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--font-render-hinting=none'] });
}
