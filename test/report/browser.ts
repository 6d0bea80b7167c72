// A headless Chromium for tests of report pages: the one that npm brings, or $CHROMIUM.

import chromium from '@sparticuz/chromium';
import { chromium as playwright, type Browser } from 'playwright-core';

export async function launch(): Promise<Browser> {
  return playwright.launch({ executablePath: process.env.CHROMIUM ?? await chromium.executablePath(), args: ['--no-sandbox', '--disable-gpu', '--font-render-hinting=none'] });
}
