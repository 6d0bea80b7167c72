// CSV files of results.

import { toCsv } from '../config/csv.js';
import type { Result } from '../simulation/index.js';

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
export const energyCsv = (result: Result): string =>
  toCsv(
    result.actions.map(({ component, action, pass, layer, count, energyJ }) => ({
      component,
      action,
      pass,
      layer,
      count,
      energyJ,
    })),
  );
