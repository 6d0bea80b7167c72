// Shares of a machine and of its layers, from rows of sums.

import { mapped } from '../kernel/index.js';
import type { MachineStage, Shares, Utilization } from './machine-types.js';

/** A share of exact tick totals; 0 of nothing is 0. */
export const ratio = (part: bigint, whole: bigint): number => (whole === 0n ? 0 : Number(part) / Number(whole));

/** Shares of all rows together and of each. */
export function sharesBy<T extends { name: string }>(
  rows: readonly T[],
  sharesOf: (rows: readonly T[]) => Shares,
): Utilization {
  const { spatial, informative, temporal, effective } = sharesOf(rows);
  const byLayer = mapped(rows, (row) => {
    const of = sharesOf([row]);
    return {
      name: row.name,
      spatial: of.spatial,
      informative: of.informative,
      temporal: of.temporal,
      effective: of.effective,
    };
  });
  return { spatial, informative, temporal, effective, byLayer };
}

/** Sum of a number of each row. */
export const sumBy = <T>(rows: readonly T[], of: (row: T) => number): number =>
  rows.reduce((total, row) => total + of(row), 0);

/** Stages of each layer, with their indexes. */
export function stagesByLayer(stages: readonly MachineStage[]): ReadonlyMap<number, [MachineStage, number][]> {
  const byLayer = new Map<number, [MachineStage, number][]>();
  stages.forEach((stage, s) => {
    const own = byLayer.get(stage.layer);
    if (own === undefined) byLayer.set(stage.layer, [[stage, s]]);
    else own.push([stage, s]);
  });
  return byLayer;
}
