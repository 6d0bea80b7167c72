// How a config lays weights into crossbars.

import { storedBits, type Config, type LoadedRun } from '../../run-config/index.js';
import { ceilOver, plus } from '../../components/index.js';
import type { CrossbarLayout, MappingKnobs } from '../../mapping/index.js';
import type { ArrayLines } from '../machine-types.js';

/** The layout of a config's crossbars. */
export const crossbarLayout = ({ crossbar, weights, mapping, workload }: Config): CrossbarLayout => ({
  rows: crossbar.rows,
  columns: crossbar.columns,
  cellBits: crossbar.cellBits,
  weightBits: storedBits(weights),
  sign: weights.sign,
  slices: weights.slices,
  referenceColumn: weights.referenceColumn,
  biasRow: mapping.biasRow,
  foldsNorms: workload.mode !== 'training',
  groups: mapping.groups,
});

/** What the mapping of a run depends on. */
export function mappingKnobs({ config, workload }: LoadedRun): MappingKnobs {
  const { weights, mapping, gradient, pipeline } = config;
  return {
    layout: crossbarLayout(config),
    copies: weights.copies,
    padded: mapping.padded,
    mode: workload.mode,
    replication: { ...mapping.replication, arrays: mapping.replication.arrays ?? Infinity },
    gradient,
    // Every image of a batch has its own (PipeLayer Table 2).
    gradientImages: pipeline.enabled ? workload.batch : 1,
  };
}

/**
 * Lines of a physical array that are driven and sensed, a reference column that is one more included; a transposed read
 * drives the columns and senses the rows. Converters of an array take a reference column that is one more along (ISAAC
 * Table I: one ADC for 128 columns and the unit column).
 */
export function linesOf({ crossbar, weights, sensing }: Config, transposed: boolean): ArrayLines {
  const extra = weights.sign === 'offset' && weights.referenceColumn === 'extra';
  const { rows: arrayRows, columns: arrayColumns } = crossbar;
  const rows = plus({ arrayRows });
  const columns = extra ? plus({ arrayColumns, referenceColumn: 1 }) : plus({ arrayColumns });
  const { columnsPerConverter } = sensing;
  return {
    driven: transposed ? columns : rows,
    sensed: transposed ? rows : columns,
    converters: ceilOver(transposed ? { arrayRows, columnsPerConverter } : { arrayColumns, columnsPerConverter }),
  };
}
