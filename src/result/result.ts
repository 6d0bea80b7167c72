// The result of a run, as docs/results.md lists it: SI units in the key's suffix.

import { place } from '../config/index.js';
import { mapped } from '../kernel/index.js';
import { arraysOf } from './arrays.js';
import { accountsOf, seconds, type Measured } from './accounts.js';
import type { EnergyEntry } from './activity.js';
import { enduranceOf, sensingOf } from './cell-state.js';
import { STALL_CAUSES, type FlowResult } from '../pipeline/index.js';
import { digestOf, hashOf } from './hash.js';
import type { Config } from '../run-config/index.js';
import type { Machine } from '../machine/machine-types.js';
import { notesOf } from './notes.js';
import { sharesOf } from './operators.js';
import { placesOf } from './places.js';
import { FullLists, exact, plainListsOf, wholeListsOf } from './result-lists.js';
import { checkFinite } from './finite.js';
import type { Figures, Result, ResultConstant } from './result-types.js';
import { utilizationOf } from './utilization.js';
import { verdictOf } from './verdict.js';
import { keysOf, recordOf } from '../config/typed.js';

/** How it was simulated. */
export interface Simulated {
  wallS: number;
  peakRssBytes: number;
  version: string;
}

/**
 * Puts a run's measurements into the published form. Lists of single things are made when they are first read; they
 * are keys of the result like any other. @throws UserError for a figure that is no finite number
 */
export function makeResult(machine: Machine, measured: Measured, { wallS, peakRssBytes, version }: Simulated): Result {
  const { run, constants } = machine;
  const { network, config, label } = run;
  const { flow } = measured;
  const accounts = accountsOf(machine, measured);
  const shares = sharesOf(machine, accounts.entries, flow);
  const figures = figuresOf(machine, measured, accounts, shares);
  const whole = wholeListsOf(machine, flow, accounts);
  const plain = plainListsOf(machine, flow, accounts);
  // After these: a constant is among those used once it was looked up.
  const used = constants.used.map(([key, constant]): ResultConstant => {
    const origin = run.loaded.origins.at(key.split('.'));
    return {
      key,
      value: constant.value,
      source: constant.source ?? null,
      placeholder: constant.placeholder,
      note: constant.note ?? null,
      at: place(origin),
      law: run.laws.get(key) ?? null,
    };
  });
  const head = {
    schema: 'xbarflow/result@1' as const,
    version,
    configHash: hashOf({
      config: { ...config, simulation: undefined, components: digestOf(config.components) },
      network: digestOf(network.graph),
    }),
    seed: config.workload.seed,
    // Cast: a config is plain data; keys without a value fall away.
    config: JSON.parse(JSON.stringify(config)) as Config,
    label,
    ...figures,
  };
  const tail = {
    constants: used,
    placeholders: used.filter(({ placeholder }) => placeholder).map(({ key }) => key),
    places: placesOf(run),
    simulator: {
      events: Number(flow.events),
      wallS,
      eventsPerS: wallS > 0 ? Number(flow.events) / wallS : 0,
      peakRssBytes,
      fastPath: { used: flow.skippedEvents > 0n, skippedEvents: exact(flow.skippedEvents), ...flow.fastPath },
    },
  };
  const judged = checkFinite({ ...head, ...whole, ...plain, ...tail }, label);
  const verdict = checkFinite(verdictOf(judged), label);
  const notes = notesOf(judged, run);
  const lists = new FullLists({ machine, flow, accounts, shares, plain }, (list, name) => {
    checkFinite({ [name]: list }, label);
    return list;
  });
  const { device, chips, rollUp, poweredOn } = whole;
  return {
    ...head,
    get placements() {
      return lists.placements;
    },
    get buffers() {
      return lists.buffers;
    },
    ...{ device, chips, rollUp, poweredOn },
    get instances() {
      return lists.instances;
    },
    get layers() {
      return lists.layers;
    },
    get operators() {
      return lists.operators;
    },
    get stages() {
      return lists.stages;
    },
    get actions() {
      return lists.actions;
    },
    ...tail,
    verdict,
    notes,
  };
}

/** The figures alone, without lists and what they rest on. */
export function figuresOf(
  machine: Machine,
  measured: Measured,
  accounts = accountsOf(machine, measured),
  shares = sharesOf(machine, accounts.entries, measured.flow),
): Figures {
  const { network, workload, config, label } = machine.run;
  const { flow } = measured;
  const { totalS, entries, powered, built, layerName } = accounts;
  const totalJ = sumOf(mapped(entries, ({ energyJ }) => energyJ));
  const leakageJ = sumOf(entries.filter(({ pass }) => pass === 'leakage').map(({ energyJ }) => energyJ));
  const area = totals(
    built,
    ({ component }) => component,
    ({ areaMm2 }) => areaMm2,
  );
  const totalMm2 = sumOf(Object.values(area));
  const imagesPerS = workload.images / totalS;
  const gops = (2 * network.macs * imagesPerS) / 1e9;
  const averageW = totalJ / totalS;
  const utilization = utilizationOf(machine, flow);
  const endurance = machine.cells === null ? null : enduranceOf(machine, flow, totalS);
  return {
    architecture: config.name ?? label,
    network: network.name,
    networkTotals: {
      macs: network.macs,
      dynamicMacs: network.layers.reduce((sum, { dynamic, macs }) => sum + (dynamic === null ? 0 : macs), 0),
      parameters: network.weights,
      biases: network.biases,
    },
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
      activityJ: sumOf(powered.map(({ activityJ }) => activityJ)),
      poweredOnJ: sumOf(powered.map(({ energyJ }) => energyJ)),
      leakageJ,
      byComponentJ: totals(entries, ({ component }) => component, joules),
      byPassJ: totals(entries, ({ pass }) => pass, joules),
      byLayerJ: [...sums(entries, ({ layer }) => layerName(layer), joules)].map(([name, energyJ]) => ({
        name,
        energyJ,
      })),
      byOperatorJ: [...shares].map(([name, own]) => ({
        name,
        energyJ: sumOf(mapped(own, joules)),
      })),
    },
    power: {
      averageW,
      leakageW: leakageJ / totalS,
      leakageByComponentW: totals(
        built,
        ({ component }) => component,
        ({ leakageW }) => leakageW,
      ),
      leakageByLayerW: totals(
        built,
        ({ layer }) => layer,
        ({ leakageW }) => leakageW,
      ),
      byComponentW: scaled(
        totals(entries, ({ component }) => component, joules),
        1 / totalS,
      ),
      byLayerW: scaled(
        totals(entries, ({ layer }) => layerName(layer), joules),
        1 / totalS,
      ),
    },
    area: {
      totalMm2,
      byComponentMm2: area,
      byLayerMm2: totals(
        built,
        ({ layer }) => layer,
        ({ areaMm2 }) => areaMm2,
      ),
    },
    efficiency: { gopsPerW: gops / averageW, gopsPerMm2: gops / totalMm2 },
    arrays: arraysOf(machine),
    utilization,
    storage: storageOf(machine, flow),
    stalls: recordOf(STALL_CAUSES, (cause) =>
      seconds(flow.stages.reduce((sum, stage) => sum + stage.stalls[cause], 0n)),
    ),
    sensing: machine.cells === null ? null : sensingOf(config),
    endurance,
  };
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

const joules = ({ energyJ }: Pick<EnergyEntry, 'energyJ'>): number => energyJ;

/** Sums by a key, keys in order of first sight. */
function sums<T, K extends string>(
  items: readonly T[],
  key: (item: T) => K,
  value: (item: T) => number,
): Map<K, number> {
  const groups = new Map<K, number>();
  for (const item of items) groups.set(key(item), (groups.get(key(item)) ?? 0) + value(item));
  return groups;
}

const totals = <T, K extends string>(
  items: readonly T[],
  key: (item: T) => K,
  value: (item: T) => number,
): Record<K, number> => {
  const own = sums(items, key, value);
  return recordOf([...own.keys()], (name) => own.get(name) ?? 0);
};

const scaled = <K extends string>(values: Record<K, number>, factor: number): Record<K, number> =>
  recordOf(keysOf(values), (key) => values[key] * factor);

/**
 * What must be stored between the passes: neurons x logical cycles that they live (lockstep), and the bits of all
 * buffers as built.
 */
function storageOf({ buffers }: Machine, flow: FlowResult): Result['storage'] {
  const known = flow.logicalCycles !== null;
  const bits = { neurons: 0, masks: 0, errors: 0 };
  let neuronCycles = 0;
  let maskBitCycles = 0;
  buffers.forEach(({ kind, neurons, entryBits, capacityEntries }, b) => {
    const cycles = flow.buffers[b]!.lifetimeCycles ?? 0;
    bits[kind] += capacityEntries * entryBits;
    neuronCycles += neurons * cycles;
    if (kind === 'masks') maskBitCycles += entryBits * cycles;
  });
  return {
    neuronCycles: known ? neuronCycles : null,
    maskBitCycles: known ? maskBitCycles : null,
    neuronBits: bits.neurons,
    maskBits: bits.masks,
    errorBits: bits.errors,
  };
}
