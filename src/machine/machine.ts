// From a config and a network to a machine: stages in pipeline order, buffers between them, servers, instances of every
// component.

import { failure, type Config, type LoadedRun } from '../run-config/index.js';
import { Constants } from '../components/index.js';
import { mapped } from '../kernel/index.js';
import { ReplicationError, planLayers, type LayerPlan, type PassPlan } from '../mapping/index.js';
import type { Network, WeightLayer } from '../workload/index.js';
import type { Chains, ChainUnit, PassChain } from './chain-units.js';
import { CrossbarChains } from './chains.js';
import { DigitalChains, tileOnUnits } from './digital-chains.js';
import type { Flow } from '../pipeline/index.js';
import { chipsOf, countInstances } from './instances.js';
import { crossbarLayout } from './layout.js';
import { checkStage, checkWindows } from './limits.js';
import { draftBuffers, sizeBuffers, windowNeedsOf } from './machine-buffers.js';
import type { Machine, MachineStage, Pass } from './machine-types.js';

export type { Machine, MachineStage, Pass } from './machine-types.js';

/** Builds the machine of a run. @throws ConfigError when the config leaves out what the machine needs. */
export function buildMachine(run: LoadedRun): Machine {
  const { config, network, workload, loaded } = run;
  const fail = failure(loaded);
  const constants = new Constants({
    components: config.components,
    device: config.device,
    clock: config.chip.clock,
    fail,
  });
  const plans = plan(run, fail);
  const chips = chipsOf(plans, config);
  const crossings = config.links.chip.used ? chips.crossings : new Set<number>();
  const builder =
    config.digital === undefined
      ? new CrossbarChains(config, constants, crossings)
      : new DigitalChains(config, constants, crossings, config.digital);
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
  const stages = mapped(drafts, (draft): MachineStage => ({
    name: draft.name,
    pass: draft.pass,
    layer: draft.layer,
    chain: draft.chain,
    flow: {
      name: draft.name,
      serves: draft.pass === 'U' || draft.pass === 'X' ? 'batch' : 'image',
      waves: draft.chain.waves,
      serial: draft.chain.serial,
      units: mapped(draft.chain.units, (unit, u) => ({
        server: serverOf(draft, unit, u),
        latency: unit.latency,
        interval: unit.interval,
      })),
      inputs: buffers.flatMap((buffer, b) => (buffer.readers.includes(draft.name) ? [b] : [])),
      outputs: buffers.flatMap((buffer, b) => (buffer.writer === draft.name && buffer.readers.length > 0 ? [b] : [])),
      source: draft.pass === 'F' && plans[draft.layer - 1]!.layer.inputs.some(({ producer }) => producer === 0),
      needs: config.pipeline.granularity === 'row' ? windowNeedsOf(plans[draft.layer - 1]!, plans) : [],
    },
  }));
  const flow: Flow = {
    stages: mapped(stages, (stage) => stage.flow),
    buffers: mapped(buffers, ({ name }) => ({ name, capacity: Infinity })),
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
    run,
    constants,
    plans,
    stages,
    flow,
    chips,
    buffers: sized,
    slotTicks: builder instanceof CrossbarChains ? builder.slotTicks : null,
    instances: countInstances(plans, stages, sized, config, constants, chips, fail),
    groups:
      config.digital !== undefined
        ? { forward: 0, backward: 0, gradient: 0 }
        : {
            forward: plans.reduce((sum, { forward }) => sum + forward.copies, 0),
            backward: plans.reduce(
              (sum, { backward, transposed }) => sum + (backward !== null && !transposed ? backward.copies : 0),
              0,
            ),
            // Table 2: B sets a layer when images overlap, else as many as its copies.
            gradient: plans.reduce(
              (sum, { forward, gradient }) =>
                sum + (gradient === null ? 0 : config.pipeline.enabled ? gradient.sets : forward.copies),
              0,
            ),
          },
  };
}

function plan({ config, network, workload }: LoadedRun, fail: (path: string[], message: string) => never): LayerPlan[] {
  const { crossbar, weights, mapping, gradient, pipeline, digital } = config;
  const layout = crossbarLayout(config);
  if (weights.sign === 'offset' && weights.referenceColumn === 'inside' && crossbar.columns < 2)
    fail(['crossbar', 'columns'], 'a reference column inside leaves no column for weights, expected at least 2');
  try {
    const plans = planLayers(network.layers, {
      layout,
      copies: weights.copies,
      mode: workload.mode,
      replication: { ...mapping.replication, arrays: mapping.replication.arrays ?? Infinity },
      gradient,
      // Every image of a batch has its own (PipeLayer Table 2).
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
    return {
      ...pass,
      copies: positions,
      steps: waves,
      matrix: { ...pass.matrix, logicalArrays: 0, physicalArrays: 0, cells: 0, weightCells: 0, informativeCells: 0 },
    };
  };
  const forward = place(plan.forward);
  return {
    ...plan,
    forward,
    transposed: false,
    backward: plan.backward && forward,
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
  const drafts: Draft[] = mapped(plans, (p) => ({
    name: `F${p.layer.index}`,
    pass: 'F',
    layer: p.layer.index,
    chain: builder.forward(p),
  }));
  if (workload.mode === 'inference') return drafts;
  drafts.push({ name: 'E', pass: 'E', layer: 0, chain: builder.outputError(network) });
  const producersOf = (layer: WeightLayer): WeightLayer[] =>
    [...new Set(layer.inputs.map(({ producer }) => producer))].filter((p) => p > 0).map((p) => layers[p - 1]!);
  for (const p of [...plans].reverse()) {
    if (p.backward === null) continue;
    drafts.push({
      name: `B${p.layer.index}`,
      pass: 'B',
      layer: p.layer.index,
      chain: builder.backward(p, producersOf(p.layer)),
    });
  }
  if (workload.mode === 'attack') {
    drafts.push({
      name: 'X',
      pass: 'X',
      layer: 0,
      chain: builder.perturb(network.input.c * network.input.h * network.input.w * network.input.steps),
    });
    return drafts;
  }
  for (const p of [...plans].reverse()) {
    if (p.gradient !== null)
      drafts.push({ name: `G${p.layer.index}`, pass: 'G', layer: p.layer.index, chain: builder.gradient(p) });
  }
  drafts.push({ name: 'U', pass: 'U', layer: 0, chain: builder.update(plans) });
  return drafts;
}
