// The result of a run, as interface.md lays it down: SI units in the key's suffix.

import { place } from '../config/index.js';
import type { PassPlan } from '../mapping/index.js';
import { accountEnergy, accountLeakage, type Densities, type EnergyEntry } from './activity.js';
import { deviceOf, enduranceOf, sensingOf } from './cells.js';
import { STALL_CAUSES, type FlowResult, type StallCause } from './flow.js';
import { digestOf, hashOf } from './hash.js';
import type { Machine } from './machine-types.js';
import { placesOf } from './places.js';
import type { Figures, Placement, Result, ResultConstant } from './result-types.js';
import { rollUpChip } from './roll-up.js';
import { ratio, utilizationOf } from './utilization.js';

const TICK = 1e-12;

/** What a run of a machine measured. */
export interface Measured {
  flow: FlowResult;
  densities: Densities;
}

/** How it was simulated. */
export interface Simulated {
  wallS: number;
  peakRssBytes: number;
  version: string;
}

/** Puts a run's measurements into the published form. */
export function makeResult(machine: Machine, measured: Measured, { wallS, peakRssBytes, version }: Simulated): Result {
  const { run, constants } = machine;
  const { network, config } = run;
  const { flow } = measured;
  const figures = figuresOf(machine, measured);
  // After the figures: a constant is among those used once it was looked up.
  const used = [...constants.used].map(([key, constant]): ResultConstant => {
    const origin = run.loaded.origins.at(key.split('.'));
    return { key, value: constant.value as ResultConstant['value'], source: constant.source ?? null, placeholder: constant.placeholder, note: constant.note ?? null, at: place(origin), law: run.laws.get(key) ?? null };
  });
  return {
    schema: 'xbarflow/result@1',
    version,
    configHash: hashOf({ config: { ...config, simulation: undefined, components: digestOf(config.components) }, network: digestOf(network) }),
    seed: config.workload.seed,
    config: JSON.parse(JSON.stringify(config)) as Record<string, unknown>,
    label: run.label,
    ...figures,
    constants: used,
    placeholders: used.filter(({ placeholder }) => placeholder).map(({ key }) => key),
    places: placesOf(run),
    simulator: {
      events: Number(flow.events), wallS, eventsPerS: wallS > 0 ? Number(flow.events) / wallS : 0, peakRssBytes,
      fastPath: { used: flow.skippedEvents > 0n, skippedEvents: safe(flow.skippedEvents), ...flow.fastPath },
    },
  };
}

/** The figures alone, without what they rest on. */
export function figuresOf(machine: Machine, { flow, densities }: Measured): Figures {
  const { run, plans, constants } = machine;
  const { network, workload, config } = run;
  const totalS = seconds(flow.makespan);
  const entries = [...accountEnergy(machine, flow, densities), ...accountLeakage(machine, totalS)];
  const totalJ = sumOf(entries.map(({ energyJ }) => energyJ));
  const leakageJ = sumOf(entries.filter(({ pass }) => pass === 'leakage').map(({ energyJ }) => energyJ));
  const layerName = (layer: number): string => (layer === 0 ? '(network)' : plans[layer - 1]!.layer.name);
  const built = machine.instances.map(({ component, layer, pass, count }) => ({
    component, layer: layerName(layer), pass, count, areaMm2: count * constants.area(component, config.crossbar.rows * config.crossbar.columns), leakageW: count * constants.leakage(component),
  }));
  const area = totals(built, ({ component }) => component, ({ areaMm2 }) => areaMm2);
  const totalMm2 = sumOf(Object.values(area));
  const imagesPerS = workload.images / totalS;
  const gops = (2 * network.macs * imagesPerS) / 1e9;
  const averageW = totalJ / totalS;
  const stageOf = (name: string): number => machine.stages.findIndex((stage) => stage.name === name);
  const utilization = utilizationOf(machine, flow);
  const device = config.digital === undefined ? deviceOf(machine, flow, totalS) : null;
  const rollUp = machine.slotTicks === null ? null : rollUpChip(config, constants, [...new Set(machine.instances.map(({ component }) => component))], machine.slotTicks);
  const endurance = config.digital === undefined ? enduranceOf(machine, flow, totalS) : null;
  return {
    architecture: config.name ?? run.label,
    network: network.name,
    mode: workload.mode,
    images: workload.images,
    batch: workload.batch,
    time: {
      totalS,
      perImageS: totalS / workload.images,
      logicalCycles: flow.logicalCycles === null ? null : Number(flow.logicalCycles),
      logicalCycleS: flow.logicalCycles === null ? null : totalS / Number(flow.logicalCycles),
      firstResultS: seconds(flow.firstResult),
    },
    throughput: { imagesPerS, gops },
    energy: {
      totalJ,
      perImageJ: totalJ / workload.images,
      leakageJ,
      byComponentJ: totals(entries, ({ component }) => component, joules),
      byPassJ: totals(entries, ({ pass }) => pass, joules),
      byLayerJ: Object.entries(totals(entries, ({ layer }) => layerName(layer), joules)).map(([name, energyJ]) => ({ name, energyJ })),
    },
    power: {
      averageW, leakageW: leakageJ / totalS,
      leakageByComponentW: totals(built, ({ component }) => component, ({ leakageW }) => leakageW), leakageByLayerW: totals(built, ({ layer }) => layer, ({ leakageW }) => leakageW),
      byComponentW: scaled(totals(entries, ({ component }) => component, joules), 1 / totalS), byLayerW: scaled(totals(entries, ({ layer }) => layerName(layer), joules), 1 / totalS),
    },
    area: { totalMm2, byComponentMm2: area, byLayerMm2: totals(built, ({ layer }) => layer, ({ areaMm2 }) => areaMm2) },
    efficiency: { gopsPerW: gops / averageW, gopsPerMm2: gops / totalMm2 },
    arrays: arraysOf(machine),
    placements: config.digital === undefined ? placementsOf(machine) : [],
    utilization,
    storage: storageOf(machine, flow),
    buffers: machine.buffers.map((buffer, b) => {
      const { peak, area: entryTicks, lifetimeCycles } = flow.buffers[b]!;
      const peakEntries = Math.ceil(peak * buffer.positionsPerEntry);
      return {
        name: buffer.name, kind: buffer.kind, layer: layerName(buffer.layer), writer: buffer.writer, readers: buffer.readers, entryBits: buffer.entryBits,
        capacityEntries: buffer.capacityEntries, limitEntries: buffer.limitEntries, entriesPerImage: buffer.entriesPerImage, peakEntries, peakBytes: Math.ceil((peakEntries * buffer.entryBits) / 8),
        meanEntries: totalS === 0 ? 0 : (ratio(entryTicks, flow.makespan) * buffer.positionsPerEntry), lifetimeCycles,
      };
    }),
    stalls: Object.fromEntries(STALL_CAUSES.map((cause) => [cause, seconds(flow.stages.reduce((sum, stage) => sum + stage.stalls[cause], 0n))])) as Record<StallCause, number>,
    device,
    sensing: sensingOf(config),
    chips: { chips: machine.chips.chips, tiles: machine.chips.tiles, cores: machine.chips.cores },
    rollUp,
    instances: built,
    endurance,
    layers: plans.map((plan) => {
      const { layer, forward, backward, gradient } = plan;
      const stage = machine.stages[stageOf(`F${layer.index}`)]!;
      const operation = stage.flow.units.reduce((sum, unit) => sum + unit.latency, 0);
      return {
        name: layer.name, type: layer.type, rows: forward.matrix.rows, columns: layer.columns, groups: layer.groups, positions: forward.vectors, replication: forward.copies,
        steps: forward.steps, arrays: forward.matrix.logicalArrays * forward.copies, physicalArrays: forward.matrix.physicalArrays * forward.copies,
        backwardSteps: backward?.steps ?? null, gradientSteps: gradient?.steps ?? null, macs: layer.macs, weights: layer.weights, neurons: layer.neurons,
        operationS: operation * TICK, operationCycles: constants.cycleTicks === null ? null : operation / constants.cycleTicks,
      };
    }),
    stages: stagesOf(machine, flow, layerName),
    actions: entries.map(({ component, action, pass, layer, count, energyJ }) => ({
      component, action, pass, layer: layerName(layer), count: safe(count), energyJ,
    })),
  };
}

const seconds = (ticks: bigint): number => Number(ticks) * TICK;

/** A count as a number where it is exact, else as its decimal digits. */
const safe = (count: bigint | number): number | string => (typeof count === 'number' || count <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(count) : String(count));

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

const joules = ({ energyJ }: EnergyEntry): number => energyJ;

/** Sums by a key, keys in order of first sight. */
function totals<T>(items: readonly T[], key: (item: T) => string, value: (item: T) => number): Record<string, number> {
  const groups: Record<string, number> = {};
  for (const item of items) groups[key(item)] = (groups[key(item)] ?? 0) + value(item);
  return groups;
}

const scaled = (values: Record<string, number>, factor: number): Record<string, number> => Object.fromEntries(Object.entries(values).map(([key, value]) => [key, value * factor]));

function arraysOf({ plans, groups }: Machine): Result['arrays'] {
  const count = (pass: PassPlan | null | undefined, sets = 1): { logical: number; physical: number } => ({
    logical: pass ? pass.matrix.logicalArrays * pass.copies * sets : 0,
    physical: pass ? pass.matrix.physicalArrays * pass.copies * sets : 0,
  });
  const byLayer = plans.map(({ layer, forward, backward, transposed, gradient }) => ({
    name: layer.name, forward: count(forward), backward: count(transposed ? null : backward), gradient: count(gradient?.pass, gradient?.sets),
  }));
  const total = (key: 'logical' | 'physical'): number => byLayer.reduce((sum, layer) => sum + layer.forward[key] + layer.backward[key] + layer.gradient[key], 0);
  return {
    logical: total('logical'), physical: total('physical'),
    physicalByUse: { forward: byLayer.reduce((s, l) => s + l.forward.physical, 0), backward: byLayer.reduce((s, l) => s + l.backward.physical, 0), gradient: byLayer.reduce((s, l) => s + l.gradient.physical, 0) },
    groups: { ...groups, total: groups.forward + groups.backward + groups.gradient }, byLayer,
  };
}

function placementsOf({ plans }: Machine): Placement[] {
  return plans.flatMap(({ layer, forward, backward, transposed, gradient }) => {
    const of = (use: Placement['use'], { matrix, copies, vectors }: PassPlan, sets: number): Placement => {
      const { rows, columns, groups, rowTiles, columnTiles, arraysPerLogical, cells, weightCells, informativeCells } = matrix;
      return { layer: layer.name, use, copies, sets, vectors, rows, columns, groups, rowTiles, columnTiles, arraysPerLogical, cells, weightCells, informativeCells };
    };
    return [
      of('forward', forward, 1),
      ...(backward !== null && !transposed ? [of('backward', backward, 1)] : []),
      ...(gradient === null ? [] : [of('gradient', gradient.pass, gradient.sets)]),
    ];
  });
}

function stagesOf({ stages, flow: { servers } }: Machine, flow: FlowResult, layerName: (layer: number) => string): Result['stages'] {
  const users = new Array<number>(servers.length).fill(0);
  for (const { flow: { units } } of stages) for (const { server } of units) users[server]!++;
  return stages.map(({ name, pass, layer, chain, flow: { units } }, s) => {
    const { services, busy, stalls, sets } = flow.stages[s]!;
    const waited = STALL_CAUSES.reduce((sum, cause) => sum + (cause === 'unit' ? 0n : stalls[cause]), 0n);
    return {
      name, pass, layer: layerName(layer), waves: chain.waves,
      units: chain.units.map(({ component, role, latency, interval }, u) => ({ component, role, latencyS: latency * TICK, intervalS: interval * TICK, shared: users[units[u]!.server]! > 1 })),
      serial: chain.serial,
      serviceS: services === 0n ? 0 : seconds(busy) / Number(services), busyS: seconds(busy), starts: Number(services),
      stallsS: Object.fromEntries(STALL_CAUSES.map((cause) => [cause, seconds(stalls[cause])])) as Record<StallCause, number>,
      restS: seconds(flow.makespan - busy - waited),
      setsCycles: sets && Number(sets.cycles), setsS: sets && seconds(sets.ticks),
    };
  });
}

/** What must be stored between the passes: neurons x logical cycles that they live (lockstep), and the bits of all buffers as built. */
function storageOf({ buffers }: Machine, flow: FlowResult): Result['storage'] {
  const lived = buffers.map((buffer, b) => ({ ...buffer, cycles: flow.buffers[b]!.lifetimeCycles }));
  const known = flow.logicalCycles !== null;
  const bits = (kind: string): number => lived.filter((buffer) => buffer.kind === kind).reduce((sum, buffer) => sum + buffer.capacityEntries * buffer.entryBits, 0);
  return {
    neuronCycles: known ? lived.reduce((sum, { neurons, cycles }) => sum + neurons * (cycles ?? 0), 0) : null,
    maskBitCycles: known ? lived.reduce((sum, { kind, entryBits, cycles }) => sum + (kind === 'masks' ? entryBits * (cycles ?? 0) : 0), 0) : null,
    neuronBits: bits('neurons'), maskBits: bits('masks'), errorBits: bits('errors'),
  };
}
