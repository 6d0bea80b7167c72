// CSV files of results.

import { stringify } from 'csv-stringify/sync';
import { csvText } from '../config/escape.js';
import type { Result } from '../simulation/index.js';

/** Rows with the same keys as CSV with a header line; booleans as words, nothing for null, no formulas. */
export function toCsv(rows: readonly object[]): string {
  return stringify(
    rows.map((row) => ({ ...row })),
    { header: true, cast: { boolean: (value) => (value ? 'true' : 'false'), string: csvText } },
  );
}

/** `layers.csv`: one row a weight layer. */
export function layersCsv(result: Result): string {
  return toCsv(
    result.layers.map((layer, i) => {
      const { spatial, informative, temporal, effective } = result.utilization.byLayer[i]!;
      const energyJ = result.energy.byLayerJ.find(({ name }) => name === layer.name)?.energyJ ?? 0;
      return { ...layer, spatial, informative, temporal, effective, energyJ };
    }),
  );
}

/** `energy.csv`: one row for each component, action, pass and layer. */
export const energyCsv = (result: Result): string => toCsv(result.actions);
