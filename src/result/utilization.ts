// How well arrays or digital units are used: spatial, informative, temporal, effective (model.md section 3).

import { mapped } from '../kernel/index.js';
import type { FlowResult } from '../pipeline/index.js';
import type { Machine, MachineStage } from '../machine/machine-types.js';
import type { Result, Shares } from './result-types.js';

/** A share of exact tick totals; 0 of nothing is 0. */
export const ratio = (part: bigint, whole: bigint): number => (whole === 0n ? 0 : Number(part) / Number(whole));

/** Shares of the whole and of each layer. */
function sharesBy<T extends { name: string }>(
  rows: readonly T[],
  sharesOf: (rows: readonly T[]) => Shares,
): Result['utilization'] {
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

/** Utilization of the arrays that hold weights (model.md section 3). */
export function utilizationOf(machine: Machine, flow: FlowResult): Result['utilization'] {
  if (machine.run.config.digital !== undefined)
    return utilizationOfUnits(machine, flow, machine.run.config.digital.units);
  const busyOf = (stage: MachineStage, s: number): bigint => {
    const u = stage.chain.units.findIndex(({ component }) => component === 'crossbar');
    return flow.unitWaves[s]![u]! * BigInt(stage.flow.units[u]!.interval);
  };
  const rows = mapped(machine.plans, ({ layer, forward, backward, transposed }) => {
    let cells = 0;
    let weightCells = 0;
    let informativeCells = 0;
    let physical = 0;
    let busyArrays = 0;
    machine.stages.forEach((stage, s) => {
      if (stage.layer !== layer.index || (stage.pass !== 'F' && stage.pass !== 'B')) return;
      const { matrix, copies } = stage.pass === 'F' ? forward : backward!;
      const own = stage.pass === 'F' || !transposed;
      if (own) {
        cells += matrix.cells * copies;
        weightCells += matrix.weightCells * copies;
        informativeCells += matrix.informativeCells * copies;
        physical += matrix.physicalArrays * copies;
      }
      busyArrays += ratio(busyOf(stage, s), flow.makespan) * matrix.physicalArrays * copies;
    });
    return { name: layer.name, cells, weightCells, informativeCells, physical, busyArrays };
  });
  const shares = (list: readonly (typeof rows)[number][]): Shares => {
    const sum = (key: 'cells' | 'weightCells' | 'informativeCells' | 'physical' | 'busyArrays'): number =>
      list.reduce((total, row) => total + row[key], 0);
    const informative = sum('informativeCells') / sum('cells');
    const temporal = sum('busyArrays') / sum('physical');
    return { spatial: sum('weightCells') / sum('cells'), informative, temporal, effective: informative * temporal };
  };
  return sharesBy(rows, shares);
}

/** Digital units: spatial = operand pairs / (units x busy cycles), temporal = busy time of the units / makespan. */
function utilizationOfUnits(
  { plans, stages, constants }: Machine,
  flow: FlowResult,
  units: number,
): Result['utilization'] {
  const cycle = constants.interval('mac', constants.latency('mac'));
  const rows = mapped(plans, ({ layer }) => {
    let pairs = 0;
    let cycles = 0;
    let temporal = 0;
    stages.forEach((stage, s) => {
      if (stage.layer !== layer.index) return;
      const u = stage.chain.units.findIndex(({ component }) => component === 'mac');
      const unit = stage.flow.units[u]!;
      pairs += layer.macs;
      cycles += stage.chain.waves * (unit.interval / cycle);
      temporal += ratio(flow.unitWaves[s]![u]! * BigInt(unit.interval), flow.makespan);
    });
    return { name: layer.name, pairs, cycles, temporal };
  });
  const shares = (list: readonly (typeof rows)[number][]): Shares => {
    const sum = (key: 'pairs' | 'cycles' | 'temporal'): number => list.reduce((total, row) => total + row[key], 0);
    const spatial = sum('pairs') / (sum('cycles') * units);
    return { spatial, informative: spatial, temporal: sum('temporal'), effective: spatial * sum('temporal') };
  };
  return sharesBy(rows, shares);
}
