// The page's start: the worker's code stands in the page as text, so that it runs from a file as well.

import { render } from 'preact';
import { App } from './app.js';
import { Workers } from './client.js';
import { lateCode } from './late.js';

const WORKER = 'worker-code';

const addressOf = (code: string): string => URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));

/** Workers of the code that the page carries, and of that which it loads. */
function workers(): Workers {
  const address = addressOf(document.getElementById(WORKER)?.textContent ?? '');
  const idle = Math.max(1, Math.min(3, navigator.hardwareConcurrency - 1));
  let late: Promise<string> | undefined;
  return new Workers({
    start: () => new Worker(address),
    late: async () => new Worker(await (late ??= lateCode().then(addressOf))),
    idle,
  });
}

const root = document.getElementById('app');
if (root !== null) {
  root.textContent = '';
  render(<App workers={workers()} />, root);
}
