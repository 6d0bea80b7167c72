// A headless Chromium for tests: the one that npm brings, or the one that $CHROMIUM names.

import { mkdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import chromium from '@sparticuz/chromium';
import { chromium as playwright, type Browser, type Page } from 'playwright-core';

const LOCK = join(tmpdir(), 'xbarflow-chromium.lock');
/** Unpacking takes seconds: an older lock is that of a run that was killed. */
const OLD_MS = 30_000;

/** The package unpacks its binary into a shared place on first use, which two test files must not do at once. */
async function executable(): Promise<string> {
  while (!locked()) await sleep(100);
  try {
    return await chromium.executablePath();
  } finally {
    rmSync(LOCK, { recursive: true, force: true });
  }
}

/** Takes the lock; false while another run has it. */
function locked(): boolean {
  try {
    mkdirSync(LOCK);
    return true;
  } catch {
    const since = statSync(LOCK, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - since > OLD_MS) rmSync(LOCK, { recursive: true, force: true });
    return false;
  }
}

/** Starts the browser. */
export async function launch(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? (await executable());
  // The package's own arguments run everything in one process, which does not outlive its first page.
  return playwright.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--font-render-hinting=none'] });
}

/** Sheets and bytes of a page's PDF. */
export async function printed(page: Page): Promise<{ sheets: number; bytes: number }> {
  const pdf = await page.pdf({ preferCSSPageSize: true });
  return { sheets: pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)!.length, bytes: pdf.length };
}
