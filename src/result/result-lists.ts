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
import { operatorsOf, type Shares } from './operators.js';
import { poweredOnOf } from './powered-on.js';
import { rollUpChip } from './roll-up.js';
import { timePartsOf } from './time-parts.js';
import { recordOf } from '../config/typed.js';

/** A stage without what its waves and times are made of. */
export type PlainStage = Omit<Result['stages'][number], 'wavesOf' | 'units'> & {
  units: Omit<Result['stages'][number]['units'][number], 'latency' | 'interval'>[];
};

/** The lists that a verdict asks for, without what their figures are made of. */
export interface PlainLists {
  instances: Accounts['built'];
  layers: Result['layers'];
  stages: PlainStage[];
  actions: Omit<Result['actions'][number], 'factors'>[];
}

/** Lists of a result that are worked out when they are first read: most of a long network's work is in them. */
export type LaterLists = Pick<
  Lists,
  'placements' | 'buffers' | 'instances' | 'layers' | 'operators' | 'stages' | 'actions'
>;

/** What stands for a few things of the machine as a whole. */
export function wholeListsOf(
  machine: Machine,
  flow: FlowResult,
  { totalS, powered }: Accounts,
): Omit<Lists, keyof LaterLists> {
  const {
    cells,
    chips: { chips, tiles, cores },
  } = machine;
  return {
    device: cells === null ? null : deviceOf(machine, cells, flow, totalS),
    chips: { chips, tiles, cores },
    rollUp:
      cells === null
        ? null
        : rollUpChip(machine, [...new Set(machine.instances.map(({ component }) => component))], cells),
    poweredOn: poweredOnOf(machine, powered),
  };
}

/** Layers, stages, instances and actions as a verdict reads them. */
export function plainListsOf(machine: Machine, flow: FlowResult, { entries, built, layerName }: Accounts): PlainLists {
  return {
    instances: built,
    layers: layersOf(machine),
    stages: plainStages(machine, flow, layerName),
    actions: mapped(entries, ({ component, action, pass, layer, count, energyJ, counted }) => ({
      component,
      action,
      pass,
      layer: layerName(layer),
      count: exact(count),
      energyJ,
      one: counted?.one ?? null,
    })),
  };
}

/** Everything of a result that stands for a single buffer, layer, stage, component or action, in full. */
export class FullLists implements LaterLists {
  readonly #machine: Machine;
  readonly #flow: FlowResult;
  readonly #accounts: Accounts;
  readonly #shares: Shares;
  readonly #plain: PlainLists;
  readonly #check: <T>(list: T, name: string) => T;
  readonly #made = new Map<keyof LaterLists, unknown>();

  /** @param check passes a list on, or refuses it by its name */
  constructor(
    of: { machine: Machine; flow: FlowResult; accounts: Accounts; shares: Shares; plain: PlainLists },
    check: <T>(list: T, name: string) => T,
  ) {
    this.#machine = of.machine;
    this.#flow = of.flow;
    this.#accounts = of.accounts;
    this.#shares = of.shares;
    this.#plain = of.plain;
    this.#check = check;
  }

  get placements(): Lists['placements'] {
    return this.#once('placements', () => mapped(this.#machine.cells?.placements ?? [], placementOf));
  }

  get buffers(): Lists['buffers'] {
    return this.#once('buffers', () => buffersOf(this.#machine, this.#flow, this.#accounts));
  }

  get instances(): Lists['instances'] {
    return this.#once('instances', () => {
      const stages = new Map(this.#machine.stages.map((stage) => [`${stage.pass} ${stage.layer}`, stage]));
      return this.#plain.instances.map((instances, i) => ({
        ...instances,
        factors: instanceFactors(this.#machine, stages, i),
      }));
    });
  }

  get layers(): Lists['layers'] {
    return this.#plain.layers;
  }

  get operators(): Lists['operators'] {
    return this.#once('operators', () => operatorsOf(this.#machine, this.#shares, this.#flow));
  }

  get stages(): Lists['stages'] {
    return this.#once('stages', () => fullStages(this.#machine, this.#plain.stages));
  }

  get actions(): Lists['actions'] {
    return this.#once('actions', () => {
      const starts = new Map(this.#machine.stages.map((stage, s) => [stage, Number(this.#flow.stages[s]!.services)]));
      return this.#accounts.entries.map(({ counted }, e) => ({
        ...this.#plain.actions[e]!,
        factors: counted === null ? null : actionFactors(this.#machine, counted, starts.get(counted.stage)!),
      }));
    });
  }

  #once<K extends keyof LaterLists>(name: K, make: () => LaterLists[K]): LaterLists[K] {
    const known = this.#made.get(name);
    // Cast: what stands under a name was made for it.
    if (known !== undefined) return known as LaterLists[K];
    const list = this.#check(make(), name);
    this.#made.set(name, list);
    return list;
  }
}

/** A count as a number where it is exact, else as its decimal digits. */
export const exact = (count: bigint | number): number | string =>
  typeof count === 'number' || count <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(count) : String(count);

function layersOf(machine: Machine): Result['layers'] {
  const { plans, constants } = machine;
  const stages = new Map(machine.stages.flatMap((stage) => (stage.pass === 'F' ? [[stage.layer, stage]] : [])));
  const arrays = arrayCounts(machine);
  return plans.map((plan) => {
    const { layer, forward, backward, gradient } = plan;
    const { logical, physical } = arrays(layer, 'forward');
    const operation = stages.get(layer.index)!.flow.units.reduce((sum, unit) => sum + unit.latency, 0);
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
  });
}

function buffersOf(machine: Machine, flow: FlowResult, { totalS, layerName }: Accounts): Result['buffers'] {
  return machine.buffers.map((buffer, b) => {
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
  });
}

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

function plainStages(machine: Machine, flow: FlowResult, layerName: (layer: number) => string): PlainStage[] {
  const {
    stages,
    flow: { servers },
  } = machine;
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
      waves: chain.waves.value,
      units: chain.units.map(({ component, role, latency, interval }, u) => ({
        component,
        role,
        latencyS: latency.value * TICK,
        intervalS: interval.value * TICK,
        shared: users[units[u]!.server]! > 1,
      })),
      serial: chain.serial,
      serviceS: services === 0n ? 0 : seconds(busy) / Number(services),
      partsS: timePartsOf(machine, stages[s]!, services === 0n ? 0 : seconds(busy) / Number(services)),
      busyS: seconds(busy),
      starts: Number(services),
      stallsS: recordOf(STALL_CAUSES, (cause) => seconds(stalls[cause])),
      restS: seconds(flow.makespan - busy - waited),
      setsCycles: sets && Number(sets.cycles),
      setsS: sets && seconds(sets.ticks),
    };
  });
}

/** Stages with what their waves and times are made of. */
function fullStages(machine: Machine, plain: readonly PlainStage[]): Result['stages'] {
  return machine.stages.map((stage, s) => {
    const { name, pass, layer, waves, units, ...measured } = plain[s]!;
    const { chain } = stage;
    const scope = stageScope(machine, stage);
    return {
      name,
      pass,
      layer,
      waves,
      wavesOf: factorOf('waves', chain.waves, { ...scope, stage: null }),
      units: chain.units.map(({ latency, interval }, u) => ({
        ...units[u]!,
        latency: factorOf('latency', latency, scope),
        interval: interval === latency ? null : factorOf('interval', interval, scope),
      })),
      ...measured,
    };
  });
}
