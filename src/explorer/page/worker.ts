// The page's worker: the engine, asked by messages.

import { config } from 'zod';
import { Engine } from '../model/engine.js';
import type { Numbered } from '../model/protocol.js';

// The page's policy lets nobody compile code at run time.
config({ jitless: true });
const engine = Engine.start();

addEventListener('message', ({ data: { id, ask } }: MessageEvent<Numbered>) => {
  engine
    .then((started) => {
      postMessage({ id, answer: started.answer(ask) });
    })
    .catch((error: unknown) => {
      postMessage({ id, broken: error instanceof Error ? `${error.message}\n${error.stack ?? ''}` : String(error) });
    });
});
