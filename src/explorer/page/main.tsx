// The page's start: the worker's code stands in the page as text, so that it runs from a file as well.

import { render } from 'preact';
import { App } from './app.js';
import { Workers } from './client.js';

const WORKER = 'worker-code';

/** Workers of the code that the page carries. */
function workers(): Workers {
  const code = document.getElementById(WORKER)?.textContent ?? '';
  const address = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));
  return new Workers(() => new Worker(address), Math.max(1, Math.min(3, navigator.hardwareConcurrency - 1)));
}

const root = document.getElementById('app');
if (root !== null) {
  root.textContent = '';
  render(<App workers={workers()} />, root);
}
