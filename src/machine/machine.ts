// From a config and a network to a machine: parts, stages in pipeline order, buffers between them, servers, instances.

import { failure, kindOfLayer, type LoadedRun } from '../run-config/index.js';
import { Constants } from '../components/index.js';
import { mapped } from '../kernel/index.js';
import type { LayerPlan } from '../mapping/index.js';
import type { Flow, FlowStage } from '../pipeline/index.js';
import type { WeightLayer } from '../workload/index.js';
import type { ChainUnit } from './chain.js';
import { BackwardUnits } from './backward-units.js';
import { turnsOf } from './crossbar/turns.js';
import { settle } from './settle.js';
import { chipsOf, countInstances } from './instances.js';
import { checkBeats, checkQueues, checkStage, checkWindows } from './limits.js';
import { draftBuffers, sizeBuffers, windowNeedsOf, type BufferDraft } from './machine-buffers.js';
import {
  stageName,
  type ChainMeets,
  type LayerPass,
  type Machine,
  type MachineStage,
  type Part,
  type Pass,
  type StageDraft,
  type Turns,
} from './machine-types.js';
import { partsOf } from './parts.js';

/** Builds the machine of a run. @throws ConfigError when the config leaves out what the machine needs. */
export function buildMachine(given: LoadedRun): Machine {
  const fitted = turnsOf(given);
  const run = fitted?.run ?? given;
  const turns = fitted !== null && fitted.count > 1 ? fitted : null;
  const { config, network, workload, loaded } = run;
  const fail = failure(loaded);
  const constants = constantsOf(run);
  const parts = partsOf(run, constants, fitted);
  checkBeats(parts, fail);
  const { plans, partOf } = servedBy(parts);
  const chips = chipsOf(network.layers, parts, config, turns);
  const met = {
    crossings: config.links.chip.used ? chips.crossings : new Map<number, number>(),
    firstReader: network.layers.find(({ inputs }) => inputs.some(({ producer }) => producer === 0))?.index ?? 0,
  };
  const drafts = draftStages(run, plans, chainsOf(run, constants, { parts, partOf }, met), turns);
  for (const draft of drafts) checkStage(stageName(draft), draft.chain, fail);
  checkQueues(
    mapped(drafts, (draft) => ({ name: stageName(draft), chain: draft.chain })),
    fail,
  );
  if (config.pipeline.granularity === 'row') checkWindows(plans, fail);
  const indexes = new Map(drafts.map((draft, s) => [stageName(draft), s]));
  const bufferDrafts = draftBuffers(network, run, drafts, (pass, layer) => indexes.get(stageName({ pass, layer })));
  const servers = new Servers();
  const inRows = config.pipeline.granularity === 'row';
  const links = linksOf(drafts.length, bufferDrafts);
  const stages = mapped(drafts, (draft, s): MachineStage => ({
    name: stageName(draft),
    pass: draft.pass,
    layer: draft.layer,
    chain: draft.chain,
    flow: flowStage(draft, { plans, links: links[s]!, servers }, { inRows, turn: turns?.turnOf.get(draft.layer) ?? 0 }),
  }));
  const buffers = sizeBuffers(bufferDrafts, { config, plans, stages, batch: workload.batch });
  const flow: Flow = {
    stages: mapped(stages, (stage) => stage.flow),
    buffers: mapped(buffers, ({ buffer: { name }, capacity }) => ({ name, capacity })),
    servers: servers.names,
    images: workload.images,
    batch: workload.batch,
    batchBarrier: workload.mode !== 'inference' || turns !== null,
    turns: turns?.count ?? 1,
    pipelined: config.pipeline.enabled,
    advance: config.pipeline.advance,
    cycle: config.pipeline.cycle,
    granularity: config.pipeline.granularity,
  };
  const built = {
    ...{ run, constants, parts, partOf, stages, chips, turns },
    buffers: mapped(buffers, ({ buffer }) => buffer),
  };
  return {
    ...built,
    plans,
    flow,
    cells: parts.find(({ cells }) => cells !== null)?.cells ?? null,
    instances: countInstances(built),
  };
}

/** The constants of a run, none looked up yet. */
export const constantsOf = ({ config, loaded }: LoadedRun): Constants =>
  new Constants({
    components: config.components,
    device: config.device,
    clock: config.chip.clock,
    fail: failure(loaded),
  });

/** The part that serves a layer; undefined for 0, the network as a whole. */
type PartOf = (layer: number) => Part | undefined;

/** The layers' plans in the network's order, and who serves each. */
function servedBy(parts: readonly Part[]): { plans: LayerPlan[]; partOf: PartOf } {
  const serving = new Map<number, Part>();
  for (const part of parts) for (const { layer } of part.plans) serving.set(layer.index, part);
  return {
    plans: parts.flatMap((part) => part.plans).sort((a, b) => a.layer.index - b.layer.index),
    partOf: (layer) => serving.get(layer),
  };
}

/** Makes the chain of a stage. */
type ChainOf = (pass: Pass, layer: number) => StageDraft['chain'];

/** Chains of layers come from the part that serves the layer; the update from the one that holds the weights. */
function chainsOf(
  { config, network, workload }: LoadedRun,
  constants: Constants,
  { parts, partOf }: { readonly parts: readonly Part[]; readonly partOf: PartOf },
  met: ChainMeets,
): ChainOf {
  const chains = new Map(parts.map((part) => [part, part.chains(met)]));
  const whole = new BackwardUnits({ config, constants, graph: network.graph, ...met });
  const { layers } = network;
  const producersOf = (layer: WeightLayer): WeightLayer[] =>
    [...new Set(layer.inputs.map(({ producer }) => producer))].filter((p) => p > 0).map((p) => layers[p - 1]!);
  return (pass, layer) => {
    const own = chains.get(partOf(layer) ?? parts[0]!)!;
    switch (pass) {
      case 'W':
        return own.load(layer);
      case 'F':
        return own.forward(layer);
      case 'B':
        return own.backward(layer, producersOf(layers[layer - 1]!));
      case 'G':
        return own.gradient(layer);
      case 'U':
        return own.update();
      case 'E':
        return whole.outputError(network);
      case 'X':
        return whole.perturb(network, workload.batch);
    }
  };
}

/** Stages in pipeline order: F_1..F_L, E, B_L.., G_L..G_1, then U or X (docs/model.md section 2). */
function draftStages(
  { config, workload: { mode } }: LoadedRun,
  plans: readonly LayerPlan[],
  chainOf: ChainOf,
  turns: Turns | null,
): StageDraft[] {
  const draft = (pass: Pass, layer: number): StageDraft => ({ pass, layer, chain: settle(chainOf(pass, layer)) });
  const ofLayers = (pass: LayerPass, those: readonly LayerPlan[]): StageDraft[] =>
    mapped(those, ({ layer }) => draft(pass, layer.index));
  const back = [...plans].reverse();
  const loads =
    turns === null
      ? []
      : ofLayers(
          'W',
          plans.filter(({ layer }) => layer.dynamic === null && kindOfLayer(config, layer) === 'crossbar'),
        );
  const forward = [...ofLayers('F', plans), ...loads];
  if (mode === 'inference') return forward;
  const error = draft('E', 0);
  const backward = ofLayers(
    'B',
    back.filter((plan) => plan.backward !== null),
  );
  if (mode === 'attack') return [...forward, error, ...backward, draft('X', 0)];
  const gradient = ofLayers(
    'G',
    back.filter((plan) => plan.gradient !== null),
  );
  return [...forward, error, ...backward, ...gradient, draft('U', 0)];
}

/** Numbers servers in the order in which units first ask for them. */
class Servers {
  readonly names: { name: string }[] = [];
  readonly #numbers = new Map<string, number>();

  /** The server of a unit; units with the same `shared` key have the same. */
  of({ shared, component }: ChainUnit, stage: string, position: number): number {
    const known = shared === null ? undefined : this.#numbers.get(shared);
    if (known !== undefined) return known;
    const server = this.names.push({ name: shared ?? `${stage}:${position}:${component}` }) - 1;
    if (shared !== null) this.#numbers.set(shared, server);
    return server;
  }
}

/** Buffers that a stage reads and writes, ascending. */
interface Links {
  inputs: number[];
  outputs: number[];
}

/** Buffers of each of these many stages; those that nobody reads are left out. */
function linksOf(stages: number, buffers: readonly BufferDraft[]): Links[] {
  const links = Array.from({ length: stages }, (): Links => ({ inputs: [], outputs: [] }));
  buffers.forEach(({ writer, readers }, b) => {
    for (const reader of new Set(readers)) links[reader]!.inputs.push(b);
    if (readers.length > 0) links[writer]?.outputs.push(b);
  });
  return links;
}

/** A stage as the engine sees it. */
function flowStage(
  { pass, layer, chain }: StageDraft,
  {
    plans,
    links: { inputs, outputs },
    servers,
  }: { readonly plans: readonly LayerPlan[]; readonly links: Links; readonly servers: Servers },
  { inRows, turn }: { inRows: boolean; turn: number },
): FlowStage {
  const name = stageName({ pass, layer });
  const plan = plans[layer - 1];
  return {
    name,
    serves: pass === 'U' || pass === 'X' ? 'batch' : pass === 'W' ? 'turn' : 'image',
    turn,
    waves: chain.waves.value,
    serial: chain.serial,
    units: mapped(chain.units, (unit, u) => ({
      server: servers.of(unit, name, u),
      latency: unit.latency.value,
      interval: unit.interval.value,
    })),
    inputs,
    outputs,
    source: pass === 'F' && plan !== undefined && plan.layer.inputs.some(({ producer }) => producer === 0),
    needs: inRows && plan !== undefined ? windowNeedsOf(plan, plans) : [],
  };
}
