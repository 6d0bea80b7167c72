// The lists of a result: what was placed, built, stored and counted, one by one.

import type { PassPlan } from '../mapping/index.js';
import { TICK, seconds, type Accounts } from './accounts.js';
import { deviceOf } from './cells.js';
import { STALL_CAUSES, type FlowResult, type StallCause } from '../pipeline/index.js';
import type { Machine } from '../machine/machine-types.js';
import type { Lists, Placement, Result } from './result-types.js';
import { rollUpChip } from './roll-up.js';
import { ratio } from './utilization.js';

/** Everything of a result that stands for a single buffer, layer, stage, component or action. */
export function listsOf(machine: Machine, flow: FlowResult, { totalS, entries, built, layerName }: Accounts): Lists {
  const {
    run: { config },
    plans,
    constants,
    chips: { chips, tiles, cores },
  } = machine;
  const stageOf = (name: string): number => machine.stages.findIndex((stage) => stage.name === name);
  const crossbars = config.digital === undefined;
  return {
    placements: crossbars ? placementsOf(machine) : [],
    buffers: machine.buffers.map((buffer, b) => {
      const { peak, area: entryTicks, lifetimeCycles } = flow.buffers[b]!;
      const peakEntries = Math.ceil(peak * buffer.positionsPerEntry);
      return {
        name: buffer.name,
        kind: buffer.kind,
        layer: layerName(buffer.layer),
        writer: buffer.writer,
        readers: buffer.readers,
        entryBits: buffer.entryBits,
        capacityEntries: buffer.capacityEntries,
        limitEntries: buffer.limitEntries,
        entriesPerImage: buffer.entriesPerImage,
        peakEntries,
        peakBytes: Math.ceil((peakEntries * buffer.entryBits) / 8),
        meanEntries: totalS === 0 ? 0 : ratio(entryTicks, flow.makespan) * buffer.positionsPerEntry,
        lifetimeCycles,
      };
    }),
    device: crossbars ? deviceOf(machine, flow, totalS) : null,
    chips: { chips, tiles, cores },
    rollUp:
      machine.slotTicks === null
        ? null
        : rollUpChip(
            config,
            constants,
            [...new Set(machine.instances.map(({ component }) => component))],
            machine.slotTicks,
          ),
    instances: built,
    layers: plans.map((plan) => {
      const { layer, forward, backward, gradient } = plan;
      const stage = machine.stages[stageOf(`F${layer.index}`)]!;
      const operation = stage.flow.units.reduce((sum, unit) => sum + unit.latency, 0);
      return {
        name: layer.name,
        type: layer.type,
        rows: forward.matrix.rows,
        columns: layer.columns,
        groups: layer.groups,
        positions: forward.vectors,
        replication: forward.copies,
        steps: forward.steps,
        arrays: forward.matrix.logicalArrays * forward.copies,
        physicalArrays: forward.matrix.physicalArrays * forward.copies,
        backwardSteps: backward?.steps ?? null,
        gradientSteps: gradient?.steps ?? null,
        macs: layer.macs,
        weights: layer.weights,
        neurons: layer.neurons,
        operationS: operation * TICK,
        operationCycles: constants.cycleTicks === null ? null : operation / constants.cycleTicks,
      };
    }),
    stages: stagesOf(machine, flow, layerName),
    actions: entries.map(({ component, action, pass, layer, count, energyJ }) => ({
      component,
      action,
      pass,
      layer: layerName(layer),
      count: exact(count),
      energyJ,
    })),
  };
}

/** A count as a number where it is exact, else as its decimal digits. */
export const exact = (count: bigint | number): number | string =>
  typeof count === 'number' || count <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(count) : String(count);

function placementsOf({ plans }: Machine): Placement[] {
  return plans.flatMap(({ layer, forward, backward, transposed, gradient }) => {
    const of = (use: Placement['use'], { matrix, copies, vectors }: PassPlan, sets: number): Placement => {
      const { rows, columns, groups, rowTiles, columnTiles, arraysPerLogical, cells, weightCells, informativeCells } =
        matrix;
      return {
        layer: layer.name,
        use,
        copies,
        sets,
        vectors,
        rows,
        columns,
        groups,
        rowTiles,
        columnTiles,
        arraysPerLogical,
        cells,
        weightCells,
        informativeCells,
      };
    };
    return [
      of('forward', forward, 1),
      ...(backward !== null && !transposed ? [of('backward', backward, 1)] : []),
      ...(gradient === null ? [] : [of('gradient', gradient.pass, gradient.sets)]),
    ];
  });
}

function stagesOf(
  { stages, flow: { servers } }: Machine,
  flow: FlowResult,
  layerName: (layer: number) => string,
): Result['stages'] {
  const users = new Array<number>(servers.length).fill(0);
  for (const {
    flow: { units },
  } of stages)
    for (const { server } of units) users[server]!++;
  return stages.map(({ name, pass, layer, chain, flow: { units } }, s) => {
    const { services, busy, stalls, sets } = flow.stages[s]!;
    const waited = STALL_CAUSES.reduce((sum, cause) => sum + (cause === 'unit' ? 0n : stalls[cause]), 0n);
    return {
      name,
      pass,
      layer: layerName(layer),
      waves: chain.waves,
      units: chain.units.map(({ component, role, latency, interval }, u) => ({
        component,
        role,
        latencyS: latency * TICK,
        intervalS: interval * TICK,
        shared: users[units[u]!.server]! > 1,
      })),
      serial: chain.serial,
      serviceS: services === 0n ? 0 : seconds(busy) / Number(services),
      busyS: seconds(busy),
      starts: Number(services),
      stallsS: Object.fromEntries(STALL_CAUSES.map((cause) => [cause, seconds(stalls[cause])])) as Record<
        StallCause,
        number
      >,
      restS: seconds(flow.makespan - busy - waited),
      setsCycles: sets && Number(sets.cycles),
      setsS: sets && seconds(sets.ticks),
    };
  });
}
