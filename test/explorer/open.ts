// The built page in Chromium for tests: opened, set to a state by its address, read.

import type { Page } from 'playwright-core';
import { addressOf } from '../../src/explorer/model/address.js';
import type { State } from '../../src/explorer/model/state.js';

/** Waits until the page shows what its state asks for. */
export const settled = async (page: Page): Promise<void> => {
  await page.waitForSelector('.strip[aria-busy="false"]', { state: 'attached' });
};

/** Brings the page to a state by its address. */
export async function show(page: Page, state: State): Promise<void> {
  await page.evaluate(
    async (address) => {
      const { location } = globalThis as unknown as { location: { hash: string } };
      // The page heard of it before this listener; without a change there is nothing to hear.
      const heard = new Promise((resolve) => {
        globalThis.addEventListener('hashchange', resolve, { once: true });
      });
      const changed = location.hash !== `#s=${address}`;
      location.hash = `s=${address}`;
      if (changed) await heard;
      await new Promise((resolve) => setTimeout(resolve, 20));
    },
    addressOf(state) || 'e30',
  );
  await settled(page);
}

/** Headlines of the strip as full numbers, by machine: time, energy, area, utilization. */
export const headlinesOf = async (page: Page): Promise<{ hashes: string[]; a: number[]; b: number[] }> => {
  const hashes = (await page.getAttribute('.strip', 'data-hashes')) ?? '';
  const of = async (machine: 'a' | 'b'): Promise<number[]> =>
    (await page.$$eval(`.strip .machine-${machine}`, (rows) => rows.map((row) => row.getAttribute('data-value')))).map(
      Number,
    );
  return { hashes: hashes.split(' '), a: await of('a'), b: await of('b') };
};
