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

/** A slider, the place that it is dragged to, and whose knob it is: of both machines, A, B. */
export interface Move {
  key: string;
  position: number;
  target: number;
  /** Places that it is dragged over. */
  over?: readonly number[];
  /** Each of them waits until all of the page has followed. */
  whole?: boolean;
}

/** What the page shows after a move. */
export interface Shown {
  address: string;
  machines: { hash: string; figures: number[]; fault: string | null }[];
  /**
   * From the slider's last event to the figures of its place, milliseconds, what of it the worker took; null: no new
   * ones.
   */
  figuresMs: number | null;
  /** What stood there then, by machine. */
  glanced: number[][];
  /** From the slider's last event to all of the page. */
  ms: number;
  workedMs: number;
}

/** Moves a slider as a hand does, over other places where it is dragged. @returns what the page shows when it rests */
export async function move(page: Page, { key, position, target, over = [], whole = false }: Move): Promise<Shown> {
  return page.evaluate(
    async ([id, places, on, each]) => {
      interface Element {
        getAttribute(name: string): string | null;
        textContent: string;
        value: string;
        checked: boolean;
        click(): void;
        dispatchEvent(event: Event): void;
      }
      const { document, location, MutationObserver } = globalThis as unknown as {
        document: { querySelector(name: string): Element | null; querySelectorAll(name: string): Iterable<Element> };
        location: { hash: string };
        MutationObserver: new (heard: () => void) => { observe(at: Element, what: object): void; disconnect(): void };
      };
      const strip = document.querySelector('.strip')!;
      const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
      [...document.querySelectorAll('[name="target"]')][on]!.click();
      await turn();
      const slider = document.querySelector(`#${id}`)!;
      let begun = performance.now();
      let figuresMs: number | null = null;
      let glanced: number[][] = [];
      let step = strip.getAttribute('data-shown');
      const figuresOf = (): number[][] =>
        ['a', 'b'].map((name) =>
          [...document.querySelectorAll(`.strip .machine-${name}`)].map((row) =>
            Number(row.getAttribute('data-value')),
          ),
        );
      const rests = (): boolean => strip.getAttribute('aria-busy') === 'false';
      let rested = (): void => undefined;
      const rest = async (): Promise<void> => {
        if (!rests()) await new Promise<void>((resolve) => (rested = resolve));
      };
      const observer = new MutationObserver(() => {
        const shown = strip.getAttribute('data-shown');
        if (shown !== step) {
          step = shown;
          figuresMs = performance.now() - begun;
          glanced = figuresOf();
        }
        if (rests()) rested();
      });
      observer.observe(strip, { attributes: true });
      for (const place of places) {
        begun = performance.now();
        slider.value = String(place);
        slider.dispatchEvent(new Event('input', { bubbles: true }));
        await turn();
        if (each) await rest();
      }
      // Where the last place is the one that was answered, nothing is to come.
      await rest();
      observer.disconnect();
      const hashes = (strip.getAttribute('data-hashes') ?? '').split(' ');
      const ms = performance.now() - begun;
      return {
        ms,
        figuresMs,
        glanced,
        workedMs: Number(strip.getAttribute('data-worked')),
        address: location.hash.replace(/^#s=/, ''),
        machines: ['a', 'b'].map((name, m) => ({
          hash: hashes[m] ?? '',
          figures: figuresOf()[m] ?? [],
          fault: document.querySelector(`.head-${name} .fault`)?.getAttribute('title') ?? null,
        })),
      };
    },
    [`knob-${key.replaceAll('.', '-')}`, [...over, position], target, whole] as const,
  );
}

/** Bytes of JavaScript objects that are alive, of the page and of all its workers. */
export interface Heap {
  page: number;
  workers: number;
  /** Of the worker that has most: others come and go. */
  largest: number;
}

/** Measures the heaps of a page after their rubbish is collected. */
export async function heapOf(page: Page): Promise<() => Promise<Heap>> {
  const session = await page.context().newCDPSession(page);
  const workers = new Set<string>();
  const waiting = new Map<string, (used: number) => void>();
  session.on('Target.attachedToTarget', ({ sessionId }) => workers.add(sessionId));
  session.on('Target.detachedFromTarget', ({ sessionId }) => {
    workers.delete(sessionId);
    waiting.get(sessionId)?.(0);
  });
  session.on('Target.receivedMessageFromTarget', ({ sessionId, message }) => {
    const { id, result } = JSON.parse(message) as { id?: number; result?: { usedSize?: number } };
    if (id === 2) waiting.get(sessionId)?.(result?.usedSize ?? 0);
  });
  await session.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  const workerHeap = (sessionId: string): Promise<number> =>
    new Promise((resolve, reject) => {
      waiting.set(sessionId, resolve);
      const send = (id: number, method: string): Promise<unknown> =>
        session.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id, method }) });
      send(1, 'HeapProfiler.collectGarbage')
        .then(() => send(2, 'Runtime.getHeapUsage'))
        .catch(reject);
    });
  return async () => {
    await session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await session.send('Runtime.getHeapUsage');
    const used = await Promise.all([...workers].map(workerHeap));
    return { page: usedSize, workers: used.reduce((sum, one) => sum + one, 0), largest: Math.max(0, ...used) };
  };
}
