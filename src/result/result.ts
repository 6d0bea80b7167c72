// The result of a run, as docs/results.md lists it: SI units in the key's suffix.

import { place } from '../config/index.js';
import { mapped } from '../kernel/index.js';
import { accountsOf, type Measured } from './accounts.js';
import { digestOf, hashOf } from './hash.js';
import { sumsOfBill } from './energy-sums.js';
import { headlinesOf } from './headlines.js';
import type { Config } from '../run-config/index.js';
import type { Machine } from '../machine/machine-types.js';
import { notesOf } from './notes.js';
import { sharesOf } from './operators.js';
import { placesOf } from './places.js';
import { FullLists, exact, plainListsOf, wholeListsOf } from './result-lists.js';
import { checkFinite } from './finite.js';
import type { Figures, Result, ResultConstant } from './result-types.js';
import { joules, sumOf, sums, totals } from './sums.js';
import { verdictOf } from './verdict.js';
import { pairsOf, recordOf } from '../config/typed.js';

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
  const verdict = checkFinite(verdictOf(judged, run.shapes), label);
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
  const { totalS, entries, powered, built, layerName } = accounts;
  const { time, throughput, energy, power, area, efficiency, arrays, utilization, ...last } = headlinesOf(
    machine,
    measured.flow,
    sumsOfBill(accounts),
  );
  const { byComponentJ, ...ofAll } = energy;
  const idleJ = sumOf(entries.filter(({ pass }) => pass === 'idle').map(joules));
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
    time,
    throughput,
    energy: {
      totalJ: ofAll.totalJ,
      perImageJ: ofAll.perImageJ,
      activityJ: sumOf(powered.map(({ activityJ }) => activityJ)),
      poweredOnJ: sumOf(powered.map(({ energyJ }) => energyJ)),
      leakageJ: ofAll.leakageJ,
      byComponentJ,
      byPassJ: totals(entries, ({ pass }) => pass, joules),
      byLayerJ: [...sums(entries, ({ layer }) => layerName(layer), joules)].map(([name, energyJ]) => ({
        name,
        energyJ,
      })),
      byOperatorJ: [...shares].map(([name, own], i) => ({
        name,
        // The last is what belongs to no operator: what idles, too.
        energyJ: sumOf(mapped(own, joules)) + (i === shares.size - 1 ? idleJ : 0),
      })),
    },
    power: {
      ...power,
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
      byComponentW: scaled(byComponentJ, 1 / totalS),
      byLayerW: scaled(
        totals(entries, ({ layer }) => layerName(layer), joules),
        1 / totalS,
      ),
    },
    area: {
      ...area,
      byLayerMm2: totals(
        built,
        ({ layer }) => layer,
        ({ areaMm2 }) => areaMm2,
      ),
    },
    efficiency,
    arrays,
    utilization,
    ...last,
  };
}

const scaled = <K extends string>(values: Partial<Record<K, number>>, factor: number): Record<K, number> => {
  const pairs = pairsOf(values);
  return recordOf(
    pairs.map(([key]) => key),
    (_, i) => pairs[i]![1] * factor,
  );
};
