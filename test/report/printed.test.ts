// Reports on paper: sheets and size of their PDF.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch, printed } from '../browser.js';
import { runPage } from './pages-cases.js';

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => {
  await browser.close();
});

it.each([
  ['pipelayer', 'vgg-d', 'training'],
  ['pipelayer', 'resnet-50', 'training'],
  ['isaac', 'mobilenet-v2', 'inference'],
])(
  '%s on %s in %s: under 1 MB, printed on six sheets, bars with patterns as vectors',
  async (config, network, mode) => {
    const { html } = runPage(config, [`network=${network}`, `workload.mode=${mode}`]);
    expect(html.length).toBeLessThan(1e6);
    const page = await browser.newPage();
    await page.setContent(html);
    await page.waitForSelector('[data-ready=yes]');
    // What stands packed comes where it is asked for: the drawing at once, a row when a link leads to it.
    const box = page.locator('figure.drawing .scroll a').last();
    const row = page.locator((await box.getAttribute('href'))!);
    expect(await row.isVisible()).toBe(false);
    await box.click();
    await row.waitFor();
    const { sheets, bytes } = await printed(page);
    expect(sheets).toBeLessThanOrEqual(6);
    // A picture for each bar made 178 MB of VGG-D's training.
    expect(bytes).toBeLessThan(10e6);
    await page.close();
  },
);
