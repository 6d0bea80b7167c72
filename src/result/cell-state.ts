// The memory cells of a run: what they keep, how often they are written, what their lines carry.

import type { Sourced } from '../config/index.js';
import { worstLineCurrent, type Config } from '../run-config/index.js';
import {
  driftFactor,
  levelSpread,
  requiredResolution,
  spinNeuronThresholds,
  timeToDrift,
} from '../estimators/index.js';
import type { FlowResult } from '../pipeline/index.js';
import type { CellArrays, Machine, Pass } from '../machine/machine-types.js';
import type { CellState, Endurance, Result, Wear } from './result-types.js';

const DAY = 86_400;
const YEAR = 31_557_600;

const servicesOf = ({ stages }: Machine, flow: FlowResult, pass: Pass): number => {
  const s = stages.findIndex((stage) => stage.pass === pass);
  return s < 0 ? 0 : Number(flow.stages[s]!.services);
};

/** The cell: how long it keeps what it holds, and what refreshing the weights takes. */
export function deviceOf(machine: Machine, { placements }: CellArrays, flow: FlowResult, totalS: number): CellState {
  const { constants } = machine;
  const { name, kind, retention, drift, levels } = constants.device;
  const retentionS = retention?.value ?? null;
  const cells = placements.reduce(
    (sum, { use, layer, pass }) =>
      sum + (use === 'gradient' || layer.dynamic !== null ? 0 : pass.matrix.programmedCells * pass.replication),
    0,
  );
  const updates = servicesOf(machine, flow, 'U');
  const rewritten = updates > 0 && retentionS !== null && totalS / updates <= retentionS;
  const { rows, writeRows } = machine.run.config.crossbar;
  const deepest = placements.reduce(
    (most, { use, layer, pass }) =>
      use === 'gradient' || layer.dynamic !== null
        ? most
        : Math.max(most, Math.min(rows, pass.matrix.rows * pass.matrix.groupsPerArray)),
    0,
  );
  const rowWrites = Math.ceil(deepest / writeRows);
  const energyJ = cells * constants.energy('crossbar', 'write');
  const kept = (seconds: number): number =>
    drift === undefined ? 1 : driftFactor(seconds, drift.exponent.value, drift.reference.value);
  return {
    name,
    kind,
    pulsesPerWrite: constants.pulses.value,
    retentionS,
    placeholder: retention?.placeholder ?? false,
    programming:
      machine.turns === null
        ? { cells, timeS: rowWrites * constants.writeTime.value * 1e-12, energyJ }
        : { cells: 0, timeS: 0, energyJ: 0 },
    refresh: retentionS === null || rewritten ? null : { cells, energyJ, averageW: energyJ / retentionS },
    levels:
      levels === undefined
        ? null
        : { ...levelSpread(levels.value, machine.run.config.crossbar.cellBits), placeholder: levels.placeholder },
    drift:
      drift === undefined
        ? null
        : {
            keptAtEnd: kept(totalS),
            keptAfterDay: kept(DAY),
            keptAfterYear: kept(YEAR),
            lost5PercentS: timeToDrift(0.95, drift.exponent.value, drift.reference.value),
          },
  };
}

/** The converters' resolution beside the one that loses nothing (ISAAC Sec. V), and the current that they may meet. */
export function sensingOf(config: Config): NonNullable<Result['sensing']> {
  const { sensing, crossbar, inputs } = config;
  return {
    kind: sensing.kind,
    bits: sensing.bits ?? null,
    requiredBits: requiredResolution(crossbar.rows, inputs.bitsPerSlot, crossbar.cellBits, sensing.encoding),
    lineCurrentA: worstLineCurrent(config),
    thresholds:
      sensing.kind === 'spin-neuron' && sensing.bits !== undefined ? spinNeuronThresholds(sensing.bits) : null,
  };
}

/** How often cells are written, and when they reach their rated endurance at this rate. */
export function enduranceOf(machine: Machine, flow: FlowResult, totalS: number): Endurance {
  const { constants, run } = machine;
  const { device } = constants;
  const wear = (writesPerCell: number, rated = true): Wear | null => {
    if (writesPerCell === 0) return null;
    const limit = rated ? constants.endurance : undefined;
    return { writesPerCell, lifetimeS: limit === undefined ? null : (limit / writesPerCell) * totalS };
  };
  const updates = servicesOf(machine, flow, 'U');
  // Looked up only where weights are written, so that no other result rests on it.
  const loads = servicesOf(machine, flow, 'W') * (machine.turns?.count ?? 0);
  const pulses = updates + loads === 0 ? 0 : constants.pulses.value;
  // The busiest arrays are written in every turn of every batch.
  const weights = wear((updates + loads) * pulses);
  // Every image of a batch has its own set, so a gradient cell is written once for each image of its place in the
  // batch.
  const gradients = updates === 0 ? null : wear((run.config.pipeline.enabled ? updates : run.workload.images) * pulses);
  // An operand is written once for each image.
  const written = (machine.cells?.placements ?? []).some(({ layer }) => layer.dynamic !== null);
  const operands = written ? wear(run.workload.images * constants.pulses.value) : null;
  const buffers =
    run.config.buffers.kind === 'reram' ? wear(bufferWrites(machine, flow), device.kind === 'reram') : null;
  const rated = device.endurance?.value ?? null;
  const lifetimes = [weights, gradients, operands, buffers].flatMap((w) =>
    w === null || w.lifetimeS === null ? [] : [w.lifetimeS],
  );
  const firstWornS = lifetimes.length === 0 ? null : Math.min(...lifetimes);
  return {
    ratedWrites: rated,
    placeholder: device.endurance?.placeholder ?? false,
    ratedUpdates: rated === null || pulses === 0 ? null : rated / pulses,
    weights,
    gradients,
    operands,
    buffers,
    firstWornS,
    scenarios:
      rated === null || firstWornS === null
        ? []
        : ratingsOf(device.endurance).map((ratedWrites) => ({
            ratedWrites,
            firstWornS: (firstWornS / rated) * ratedWrites,
          })),
  };
}

/** Ratings that an assumed one stands for; none of a published one, and of one that says nothing of its range. */
function ratingsOf(endurance: Sourced<number> | undefined): number[] {
  if (endurance?.placeholder !== true) return [];
  const { value, range, spread } = endurance;
  const [low, high] = range ?? (spread === undefined ? [value, value] : [value / spread, value * spread]);
  if (low === high) return [];
  const middle = value === low || value === high ? Math.sqrt(low * high) : value;
  return [low, middle, high];
}

/** Writes of a cell of the busiest buffer: its entries take turns. */
function bufferWrites({ buffers }: Machine, flow: FlowResult): number {
  return Math.max(
    0,
    ...buffers.map(({ capacityEntries, entriesPerImage, writer, readers }) =>
      readers.length === 0 ? 0 : (Number(flow.stages[writer]!.services) * entriesPerImage) / capacityEntries,
    ),
  );
}
