// An engine, asked by messages.

import { config } from 'zod';
import type { Engine } from '../model/engine.js';
import type { Numbered } from '../model/protocol.js';

/** Answers every message of the page. */
export function serve(engine: Promise<Engine>): void {
  // The page's policy lets nobody compile code at run time.
  config({ jitless: true });
  addEventListener('message', ({ data: { id, ask } }: MessageEvent<Numbered>) => {
    engine
      .then((started) => {
        postMessage({ id, answer: started.answer(ask) });
      })
      .catch((error: unknown) => {
        postMessage({ id, broken: error instanceof Error ? `${error.message}\n${error.stack ?? ''}` : String(error) });
      });
  });
}
