// From a config and a network to a machine: stages in pipeline order, buffers between them, servers, instances of every component.

import { failure, type Config, type LoadedRun } from '../architecture/index.js';
import { Constants } from '../hardware/index.js';
import { ReplicationError, planLayers, type LayerPlan, type PassPlan } from '../mapping/index.js';
import { windowNeeds, windowPositions, type Network, type WeightLayer } from '../workload/index.js';
import { maskBits, storedNeurons, type Chains, type ChainUnit, type PassChain } from './chain-units.js';
import { CrossbarChains } from './chains.js';
import { DigitalChains, tileOnUnits } from './digital-chains.js';
import type { Flow, WindowNeed } from './flow.js';
import { chipsOf, countInstances } from './instances.js';
import { crossbarLayout } from './layout.js';
import { checkStage, checkWindows } from './limits.js';
import type { Machine, MachineBuffer, MachineStage, Pass } from './machine-types.js';

export type { Machine, MachineBuffer, MachineStage, Pass } from './machine-types.js';

/** Builds the machine of a run. @throws ConfigError when the config leaves out what the machine needs. */
export function buildMachine(run: LoadedRun): Machine {
  const { config, network, workload, loaded } = run;
  const fail = failure(loaded);
  const constants = new Constants({ components: config.components, device: config.device, clock: config.chip.clock, fail });
  const plans = plan(run, fail);
  const chips = chipsOf(plans, config);
  const crossings = config.links.chip.used ? chips.crossings : new Set<number>();
  const builder = config.digital === undefined ? new CrossbarChains(config, constants, crossings) : new DigitalChains(config, constants, crossings, config.digital);
  const drafts = draftStages(network, plans, config, builder);
  for (const { name, chain } of drafts) checkStage(name, chain, fail);
  if (config.pipeline.granularity === 'row') checkWindows(plans, fail);
  const buffers = draftBuffers(network, plans, config, drafts);
  const servers = new Map<string, number>();
  const serverNames: { name: string }[] = [];
  const serverOf = (stage: Draft, unit: ChainUnit, position: number): number => {
    const key = unit.shared ?? `${stage.name}:${position}:${unit.component}`;
    let server = servers.get(key);
    if (server === undefined) {
      server = serverNames.length;
      servers.set(key, server);
      serverNames.push({ name: key });
    }
    return server;
  };
  const stages = drafts.map((draft): MachineStage => ({
    name: draft.name,
    pass: draft.pass,
    layer: draft.layer,
    chain: draft.chain,
    flow: {
      name: draft.name,
      serves: draft.pass === 'U' || draft.pass === 'X' ? 'batch' : 'image',
      waves: draft.chain.waves,
      serial: draft.chain.serial,
      units: draft.chain.units.map((unit, u) => ({ server: serverOf(draft, unit, u), latency: unit.latency, interval: unit.interval })),
      inputs: buffers.flatMap((buffer, b) => (buffer.readers.includes(draft.name) ? [b] : [])),
      outputs: buffers.flatMap((buffer, b) => (buffer.writer === draft.name && buffer.readers.length > 0 ? [b] : [])),
      source: draft.pass === 'F' && plans[draft.layer - 1]!.layer.inputs.some(({ producer }) => producer === 0),
      needs: config.pipeline.granularity === 'row' ? windowNeedsOf(plans[draft.layer - 1]!, plans) : [],
    },
  }));
  const flow: Flow = {
    stages: stages.map((stage) => stage.flow),
    buffers: buffers.map(({ name }) => ({ name, capacity: Infinity })),
    servers: serverNames,
    images: workload.images,
    batch: workload.batch,
    batchBarrier: workload.mode !== 'inference',
    pipelined: config.pipeline.enabled,
    advance: config.pipeline.advance,
    cycle: config.pipeline.cycle,
    granularity: config.pipeline.granularity,
  };
  const sized = sizeBuffers(buffers, flow, plans, config);
  return {
    run, constants, plans, stages, flow, chips, buffers: sized, slotTicks: builder instanceof CrossbarChains ? builder.slotTicks : null,
    instances: countInstances(plans, stages, sized, config, constants, chips, fail),
    groups: config.digital !== undefined ? { forward: 0, backward: 0, gradient: 0 } : {
      forward: plans.reduce((sum, { forward }) => sum + forward.copies, 0),
      backward: plans.reduce((sum, { backward, transposed }) => sum + (backward !== null && !transposed ? backward.copies : 0), 0),
      gradient: plans.reduce((sum, { gradient }) => sum + (gradient?.sets ?? 0), 0),
    },
  };
}

function plan({ config, network, workload }: LoadedRun, fail: (path: string[], message: string) => never): LayerPlan[] {
  const { crossbar, weights, mapping, gradient, pipeline, digital } = config;
  const layout = crossbarLayout(config);
  if (weights.sign === 'offset' && weights.referenceColumn === 'inside' && crossbar.columns < 2) fail(['crossbar', 'columns'], 'a reference column inside leaves no column for weights, expected at least 2');
  try {
    const plans = planLayers(network.layers, {
      layout, copies: weights.copies, mode: workload.mode,
      replication: { ...mapping.replication, arrays: mapping.replication.arrays ?? Infinity },
      gradient,
      // PipeLayer Table 2: B sets a layer when images overlap, else one set with the layer's copies.
      gradientSets: pipeline.enabled ? workload.batch : 1,
    });
    return digital === undefined ? plans : plans.map((p) => onUnits(p, digital.units));
  } catch (error) {
    if (error instanceof ReplicationError) return fail(['mapping', 'replication', 'arrays'], error.message);
    throw error;
  }
}

/** A layer on digital units: no arrays, positions that go at once in place of copies. */
function onUnits(plan: LayerPlan, units: number): LayerPlan {
  const place = (pass: PassPlan): PassPlan => {
    const { positions, waves } = tileOnUnits(plan.layer.macs / pass.vectors, pass.vectors, pass.serial, units);
    return { ...pass, copies: positions, steps: waves, matrix: { ...pass.matrix, logicalArrays: 0, physicalArrays: 0, cells: 0, weightCells: 0, informativeCells: 0 } };
  };
  const forward = place(plan.forward);
  return {
    ...plan, forward, transposed: false, backward: plan.backward && forward,
    gradient: plan.gradient && { ...plan.gradient, pass: forward, steps: forward.steps, copies: forward.copies },
  };
}

interface Draft {
  name: string;
  pass: Pass;
  layer: number;
  chain: PassChain;
}

/** Stages in pipeline order: F_1..F_L, E, B_L.., G_L..G_1, then U or X (model.md section 2). */
function draftStages(network: Network, plans: readonly LayerPlan[], { workload }: Config, builder: Chains): Draft[] {
  const { layers } = network;
  const drafts: Draft[] = plans.map((p) => ({ name: `F${p.layer.index}`, pass: 'F', layer: p.layer.index, chain: builder.forward(p) }));
  if (workload.mode === 'inference') return drafts;
  drafts.push({ name: 'E', pass: 'E', layer: 0, chain: builder.outputError(layers.find(({ isOutput }) => isOutput)!) });
  const producersOf = (layer: WeightLayer): WeightLayer[] => [...new Set(layer.inputs.map(({ producer }) => producer))].filter((p) => p > 0).map((p) => layers[p - 1]!);
  for (const p of [...plans].reverse()) {
    if (p.backward === null) continue;
    drafts.push({ name: `B${p.layer.index}`, pass: 'B', layer: p.layer.index, chain: builder.backward(p, producersOf(p.layer)) });
  }
  if (workload.mode === 'attack') {
    drafts.push({ name: 'X', pass: 'X', layer: 0, chain: builder.perturb(network.input.c * network.input.h * network.input.w * network.input.steps) });
    return drafts;
  }
  for (const p of [...plans].reverse()) {
    if (p.gradient !== null) drafts.push({ name: `G${p.layer.index}`, pass: 'G', layer: p.layer.index, chain: builder.gradient(p) });
  }
  drafts.push({ name: 'U', pass: 'U', layer: 0, chain: builder.update(plans) });
  return drafts;
}

type BufferDraft = Omit<MachineBuffer, 'capacityEntries' | 'positionsPerEntry'>;

/** d_l, m_l (masks and indices) and e_l with who writes and who reads them. */
function draftBuffers(network: Network, plans: readonly LayerPlan[], config: Config, drafts: readonly Draft[]): BufferDraft[] {
  const exists = new Set(drafts.map(({ name }) => name));
  const only = (names: string[]): string[] => [...new Set(names)].filter((name) => exists.has(name));
  const { bits } = config.inputs;
  const masks = config.neurons === 'masks' && config.workload.mode === 'attack';
  const buffers: BufferDraft[] = [];
  for (const { layer } of plans) {
    const l = layer.index;
    const forward = layer.consumers.map((c) => `F${c}`);
    const backward = layer.consumers.map((c) => `B${c}`);
    const gradients = layer.consumers.map((c) => `G${c}`);
    const error = layer.isOutput ? ['E'] : [];
    const neurons = only([...forward, ...error, ...gradients, ...(masks ? [] : backward)]);
    buffers.push({ name: `d${l}`, layer: l, kind: 'neurons', entryBits: storedNeurons(layer, config) * bits, neurons: layer.neurons, writer: `F${l}`, readers: neurons });
    if (masks && only(backward).length > 0) {
      buffers.push({ name: `m${l}`, layer: l, kind: 'masks', entryBits: maskBits(layer, bits), neurons: 0, writer: `F${l}`, readers: only(backward) });
    }
  }
  if (config.workload.mode === 'inference') return buffers;
  for (const { layer } of plans) {
    const l = layer.index;
    const readers = only([`B${l}`, `G${l}`]);
    const writers = layer.isOutput ? ['E'] : only(layer.consumers.map((c) => `B${c}`));
    for (const writer of writers) {
      const name = writers.length === 1 ? `e${l}` : `e${l}.${network.layers[Number(writer.slice(1)) - 1]!.name}`;
      buffers.push({ name, layer: l, kind: 'errors', entryBits: layer.pooledNeurons * bits, neurons: 0, writer, readers });
    }
  }
  return buffers;
}

/** Entries of each buffer: what the schedule needs, or what the config gives; writes the flow's capacities. */
function sizeBuffers(drafts: readonly BufferDraft[], flow: Flow, plans: readonly LayerPlan[], config: Config): MachineBuffer[] {
  const row = config.pipeline.granularity === 'row';
  const depth = stageDepths(flow);
  const stageOf = new Map(flow.stages.map((stage, s) => [stage.name, s]));
  return drafts.map((draft, b) => {
    if (row) return { ...draft, ...rowCapacity(draft, flow, b, plans, config) };
    const written = depth[stageOf.get(draft.writer)!]!;
    const lifetime = Math.max(0, ...draft.readers.map((reader) => depth[stageOf.get(reader)!]!)) - written;
    const { entries } = config.buffers;
    // Read and written in one cycle: doubled (PipeLayer Sec. 3.3).
    const scheduled = !flow.pipelined ? 1 : flow.advance === 'elastic' ? lifetime + 1 : lifetime === 1 ? 2 : lifetime;
    const capacityEntries = entries ?? Math.max(1, scheduled);
    // In lockstep an entry is read for the last time in the cycle in which it is written anew, so the schedule itself keeps the bound.
    flow.buffers[b]!.capacity = entries ?? (flow.advance === 'elastic' ? capacityEntries : Infinity);
    return { ...draft, capacityEntries, positionsPerEntry: 1 };
  });
}

/** Logical cycle in which each stage serves the first image: one more than the latest of its inputs. */
function stageDepths(flow: Flow): number[] {
  const writer = flow.buffers.map((_, b) => flow.stages.findIndex((stage) => stage.outputs.includes(b)));
  const depth = new Map<number, number>();
  const depthOf = (s: number): number => {
    const known = depth.get(s);
    if (known !== undefined) return known;
    const d = 1 + Math.max(0, ...flow.stages[s]!.inputs.map((b) => depthOf(writer[b]!)));
    depth.set(s, d);
    return d;
  };
  return flow.stages.map((_, s) => depthOf(s));
}

/** Row granularity: ISAAC's window of ((N_x (K_y - 1)) + K_x) positions (a whole map where several layers read it), and the waves in flight. */
function rowCapacity({ layer, readers }: BufferDraft, flow: Flow, b: number, plans: readonly LayerPlan[], config: Config): { capacityEntries: number; positionsPerEntry: number; entryBits: number } {
  const producer = plans[layer - 1]!;
  const stage = flow.stages[layer - 1]!;
  const { copies } = producer.forward;
  const map = producer.layer.positions * producer.layer.steps;
  const consumers = readers.map((reader) => plans[Number(reader.slice(1)) - 1]!);
  const positions = consumers.length === 1
    ? windowPositions(consumers[0]!.layer, consumers[0]!.layer.inputs.find((input) => input.producer === layer)!, producer.layer)
    : map;
  const latency = stage.units.reduce((sum, unit) => sum + unit.latency, 0);
  const interval = Math.max(...stage.units.map((unit) => unit.interval));
  const windowWaves = consumers.length === 1
    ? flow.stages[consumers[0]!.layer.index - 1]!.needs.filter((need) => need.producer === layer - 1).reduce((most, need) => Math.max(most, ...need.waves.map((w, i) => w - need.first[i]!)), 1)
    : stage.waves;
  flow.buffers[b]!.capacity = windowWaves + Math.ceil(latency / interval) + 1;
  return { capacityEntries: positions, positionsPerEntry: copies, entryBits: producer.layer.cout * config.inputs.bits };
}

/** What each wave of a row-granular stage needs of its producers' waves. */
function windowNeedsOf({ layer, forward }: LayerPlan, plans: readonly LayerPlan[]): WindowNeed[] {
  return layer.inputs.filter(({ producer }) => producer > 0).map((input) => {
    const producer = plans[input.producer - 1]!;
    const { copies } = producer.forward;
    const last = windowNeeds(layer, input, producer.layer);
    const window = windowPositions(layer, input, producer.layer);
    const all = producer.forward.steps;
    const waves = new Int32Array(forward.steps);
    const first = new Int32Array(forward.steps);
    for (let w = 0; w < forward.steps; w++) {
      const lastPosition = Math.min(last.length, (w + 1) * forward.copies) - 1;
      waves[w] = Math.min(all, Math.ceil(last[lastPosition]! / copies));
      first[w] = Math.max(0, Math.floor((last[Math.min(last.length - 1, w * forward.copies)]! - window) / copies));
    }
    if (producer.layer.type === 'lstm') waves.fill(all);
    return { producer: input.producer - 1, waves, first };
  });
}
