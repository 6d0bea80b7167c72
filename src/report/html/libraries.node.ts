// The chart libraries' own bundles, as they are inlined in a report.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/** The code of vega, vega-lite and vega-embed, in the order in which a page loads them. */
export function chartLibraries(): string[] {
  return (['vega', 'vega-lite', 'vega-embed'] as const).map((name) => {
    // A package's entry lies beside its bundle for browsers.
    return readFileSync(join(dirname(require.resolve(name)), `${name}.min.js`), 'utf8');
  });
}
