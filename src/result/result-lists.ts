// The lists of a result: what was placed, built, stored and counted, one by one.

import { mapped } from '../kernel/index.js';
import { TICK, seconds, type Accounts } from './accounts.js';
import { arrayCounts } from './arrays.js';
import { deviceOf } from './cell-state.js';
import { actionFactors, factorOf, factorsOf, stageScope, type Factor } from './factors.js';
import { STALL_CAUSES, type FlowResult } from '../pipeline/index.js';
import type { ArrayPlacement, Machine, MachineStage } from '../machine/machine-types.js';
import { ratio } from '../machine/shares.js';
import type { Lists, Placement, Result } from './result-types.js';
import { operatorsOf, sharesOf } from './operators.js';
import { poweredOnOf } from './powered-on.js';
import { rollUpChip } from './roll-up.js';
import { recordOf } from '../config/typed.js';

/** Everything of a result that stands for a single buffer, layer, stage, component or action. */
export function listsOf(
  machine: Machine,
  flow: FlowResult,
  { totalS, entries, powered, built, layerName }: Accounts,
): Lists {
  const {
    plans,
    cells,
    constants,
    chips: { chips, tiles, cores },
  } = machine;
  const stagesBy = new Map(machine.stages.map((stage) => [`${stage.pass} ${stage.layer}`, stage]));
  const arrays = arrayCounts(machine);
  const starts = new Map(machine.stages.map((stage, s) => [stage, Number(flow.stages[s]!.services)]));
  const servicesOf = (stage: MachineStage): number => starts.get(stage)!;
  return {
    placements: mapped(cells?.placements ?? [], placementOf),
    buffers: machine.buffers.map((buffer, b) => {
      const { peak, area: entryTicks, lifetimeCycles } = flow.buffers[b]!;
      const peakEntries = Math.ceil(peak * buffer.positionsPerEntry);
      return {
        name: buffer.name,
        kind: buffer.kind,
        layer: layerName(buffer.layer),
        writer: machine.stages[buffer.writer]!.name,
        readers: mapped(buffer.readers, (reader) => machine.stages[reader]!.name),
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
    device: cells === null ? null : deviceOf(machine, cells, flow, totalS),
    chips: { chips, tiles, cores },
    rollUp:
      cells === null
        ? null
        : rollUpChip(machine, [...new Set(machine.instances.map(({ component }) => component))], cells),
    poweredOn: poweredOnOf(machine, powered),
    instances: built.map((instances, i) => ({ ...instances, factors: instanceFactors(machine, stagesBy, i) })),
    layers: plans.map((plan) => {
      const { layer, forward, backward, gradient } = plan;
      const stage = stagesBy.get(`F ${layer.index}`)!;
      const { logical, physical } = arrays(layer, 'forward');
      const operation = stage.flow.units.reduce((sum, unit) => sum + unit.latency, 0);
      return {
        name: layer.name,
        type: layer.type,
        rows: forward.matrix.rows,
        columns: layer.columns,
        groups: layer.groups,
        positions: forward.vectors,
        replication: forward.replication,
        steps: forward.waves,
        arrays: logical,
        physicalArrays: physical,
        backwardSteps: backward?.waves ?? null,
        gradientSteps: gradient?.pass.waves ?? null,
        macs: layer.macs,
        weights: layer.weights,
        biases: layer.biases,
        neurons: layer.neurons,
        operationS: operation * TICK,
        operationCycles:
          constants.cycleTicks === null ? null : Math.round((operation / constants.cycleTicks) * 1e6) / 1e6,
      };
    }),
    operators: operatorsOf(machine, sharesOf(machine, entries, flow), flow),
    stages: stagesOf(machine, flow, layerName),
    actions: entries.map(({ component, action, pass, layer, count, energyJ, counted }) => ({
      component,
      action,
      pass,
      layer: layerName(layer),
      count: exact(count),
      energyJ,
      factors: counted === null ? null : actionFactors(machine, counted, servicesOf(counted.stage)),
    })),
  };
}

/** A count as a number where it is exact, else as its decimal digits. */
export const exact = (count: bigint | number): number | string =>
  typeof count === 'number' || count <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(count) : String(count);

const placementOf = ({ layer, use, pass, images }: ArrayPlacement): Placement => {
  const { rows, columns, groups, rowTiles, columnTiles, groupsPerArray, groupSets, arraysPerLogical } = pass.matrix;
  const { cells, weightCells, informativeCells, programmedCells } = pass.matrix;
  return {
    layer: layer.name,
    use,
    copies: pass.replication,
    sets: images,
    vectors: pass.vectors,
    rows,
    columns,
    groups,
    rowTiles,
    columnTiles,
    groupsPerArray,
    groupSets,
    arraysPerLogical,
    cells,
    weightCells,
    informativeCells,
    programmedCells,
  };
};

/**
 * What the count of the machine's instances with index `i` is made of.
 * @param stages by pass and layer
 */
function instanceFactors(machine: Machine, stages: ReadonlyMap<string, MachineStage>, i: number): Factor[] {
  const { layer, pass, count, buffer } = machine.instances[i]!;
  const stage = stages.get(`${pass} ${layer}`);
  const scope =
    stage === undefined ? { machine, layer, use: 'forward' as const, stage: null } : stageScope(machine, stage);
  return factorsOf(count, { ...scope, buffer });
}

function stagesOf(machine: Machine, flow: FlowResult, layerName: (layer: number) => string): Result['stages'] {
  const {
    stages,
    flow: { servers },
  } = machine;
  const users = new Array<number>(servers.length).fill(0);
  for (const {
    flow: { units },
  } of stages)
    for (const { server } of units) users[server]!++;
  return stages.map((stage, s) => {
    const {
      name,
      pass,
      layer,
      chain,
      flow: { units },
    } = stage;
    const { services, busy, stalls, sets } = flow.stages[s]!;
    const waited = STALL_CAUSES.reduce((sum, cause) => sum + (cause === 'unit' ? 0n : stalls[cause]), 0n);
    return {
      name,
      pass,
      layer: layerName(layer),
      waves: chain.waves.value,
      wavesOf: factorOf('waves', chain.waves, { ...stageScope(machine, stage), stage: null }),
      units: chain.units.map(({ component, role, latency, interval }, u) => ({
        component,
        role,
        latencyS: latency.value * TICK,
        intervalS: interval.value * TICK,
        shared: users[units[u]!.server]! > 1,
        latency: factorOf('latency', latency, stageScope(machine, stage)),
        interval: interval === latency ? null : factorOf('interval', interval, stageScope(machine, stage)),
      })),
      serial: chain.serial,
      serviceS: services === 0n ? 0 : seconds(busy) / Number(services),
      busyS: seconds(busy),
      starts: Number(services),
      stallsS: recordOf(STALL_CAUSES, (cause) => seconds(stalls[cause])),
      restS: seconds(flow.makespan - busy - waited),
      setsCycles: sets && Number(sets.cycles),
      setsS: sets && seconds(sets.ticks),
    };
  });
}
