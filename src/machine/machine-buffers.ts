// The buffers of a machine: who writes and reads each, how many entries it has, and what row-granular waves need of it.

import type { Config } from '../run-config/index.js';
import { mapped } from '../kernel/index.js';
import type { LayerPlan } from '../mapping/index.js';
import { windowNeeds, windowPositions, type Network } from '../workload/index.js';
import { maskBits, storedNeurons } from './chain-units.js';
import type { Flow, WindowNeed } from '../pipeline/index.js';
import type { MachineBuffer } from './machine-types.js';

/** A buffer before its size is known: who writes it and who reads it. */
export type BufferDraft = Omit<
  MachineBuffer,
  'capacityEntries' | 'limitEntries' | 'entriesPerImage' | 'positionsPerEntry'
>;

/** d_l, m_l (masks and indices) and e_l with who writes and who reads them. */
export function draftBuffers(
  network: Network,
  plans: readonly LayerPlan[],
  config: Config,
  drafts: readonly { name: string }[],
): BufferDraft[] {
  const exists = new Set(drafts.map(({ name }) => name));
  const only = (names: string[]): string[] => [...new Set(names)].filter((name) => exists.has(name));
  const { bits } = config.inputs;
  const masks = config.neurons === 'masks' && config.workload.mode === 'attack';
  const buffers: BufferDraft[] = [];
  for (const { layer } of plans) {
    const l = layer.index;
    const forward = mapped(layer.consumers, (c) => `F${c}`);
    const backward = mapped(layer.consumers, (c) => `B${c}`);
    const gradients = mapped(layer.consumers, (c) => `G${c}`);
    const error = layer.isOutput ? ['E'] : [];
    const neurons = only([...forward, ...error, ...gradients, ...(masks ? [] : backward)]);
    buffers.push({
      name: `d${l}`,
      layer: l,
      kind: 'neurons',
      entryBits: storedNeurons(layer, config) * bits,
      neurons: layer.neurons,
      writer: `F${l}`,
      readers: neurons,
    });
    if (masks && only(backward).length > 0) {
      buffers.push({
        name: `m${l}`,
        layer: l,
        kind: 'masks',
        entryBits: maskBits(layer, bits),
        neurons: 0,
        writer: `F${l}`,
        readers: only(backward),
      });
    }
  }
  if (config.workload.mode === 'inference') return buffers;
  for (const { layer } of plans) {
    const l = layer.index;
    const readers = only([`B${l}`, `G${l}`]);
    const writers = layer.isOutput ? ['E'] : only(mapped(layer.consumers, (c) => `B${c}`));
    for (const writer of writers) {
      const name = writers.length === 1 ? `e${l}` : `e${l}.${network.layers[Number(writer.slice(1)) - 1]!.name}`;
      buffers.push({
        name,
        layer: l,
        kind: 'errors',
        entryBits: layer.pooledNeurons * bits,
        neurons: 0,
        writer,
        readers,
      });
    }
  }
  return buffers;
}

/** Entries of each buffer: what the schedule needs, or what the config gives; writes the flow's capacities. */
export function sizeBuffers(
  drafts: readonly BufferDraft[],
  flow: Flow,
  plans: readonly LayerPlan[],
  config: Config,
): MachineBuffer[] {
  const row = config.pipeline.granularity === 'row';
  const depth = stageDepths(flow);
  const stageOf = new Map(flow.stages.map((stage, s) => [stage.name, s]));
  return mapped(drafts, (draft, b) => {
    if (row) return sized(draft, rowCapacity(draft, flow, b, plans, config));
    const written = depth[stageOf.get(draft.writer)!]!;
    const lifetime = Math.max(0, ...mapped(draft.readers, (reader) => depth[stageOf.get(reader)!]!)) - written;
    const { entries } = config.buffers;
    // Read and written in one cycle: doubled (PipeLayer Sec. 3.3).
    const scheduled = !flow.pipelined ? 1 : flow.advance === 'elastic' ? lifetime + 1 : lifetime === 1 ? 2 : lifetime;
    const capacityEntries = entries ?? Math.max(1, scheduled);
    // In lockstep an entry is read for the last time in the cycle in which it is written anew, so the schedule itself
    // keeps the bound.
    flow.buffers[b]!.capacity = entries ?? (flow.advance === 'elastic' ? capacityEntries : Infinity);
    return sized(draft, {
      entryBits: draft.entryBits,
      capacityEntries,
      limitEntries: capacityEntries,
      entriesPerImage: 1,
      positionsPerEntry: 1,
    });
  });
}

type BufferSize = Pick<
  MachineBuffer,
  'entryBits' | 'capacityEntries' | 'limitEntries' | 'entriesPerImage' | 'positionsPerEntry'
>;

/**
 * Written out: of copies made by spreading, each has a hidden class of its own, and code that reads them is compiled
 * again and again.
 */
const sized = (
  { name, layer, kind, neurons, writer, readers }: BufferDraft,
  { entryBits, capacityEntries, limitEntries, entriesPerImage, positionsPerEntry }: BufferSize,
): MachineBuffer => ({
  name,
  layer,
  kind,
  entryBits,
  neurons,
  writer,
  readers,
  capacityEntries,
  limitEntries,
  entriesPerImage,
  positionsPerEntry,
});

/** Logical cycle in which each stage serves the first image: one more than the latest of its inputs. */
function stageDepths(flow: Flow): number[] {
  const writer = mapped(flow.buffers, (_, b) => flow.stages.findIndex((stage) => stage.outputs.includes(b)));
  const depth = new Map<number, number>();
  const depthOf = (s: number): number => {
    const known = depth.get(s);
    if (known !== undefined) return known;
    const d = 1 + Math.max(0, ...mapped(flow.stages[s]!.inputs, (b) => depthOf(writer[b]!)));
    depth.set(s, d);
    return d;
  };
  return mapped(flow.stages, (_, s) => depthOf(s));
}

/**
 * Row granularity: ISAAC's window of ((N_x (K_y - 1)) + K_x) positions of the map that its reader sees (a whole map
 * where several layers read it). The producer is
 * held up at whole waves: those that a window touches, and those in flight.
 */
function rowCapacity(
  { layer, readers }: BufferDraft,
  flow: Flow,
  b: number,
  plans: readonly LayerPlan[],
  config: Config,
): BufferSize {
  const producer = plans[layer - 1]!;
  const stage = flow.stages[layer - 1]!;
  const { copies } = producer.forward;
  const map = producer.layer.positions * producer.layer.steps;
  const pooled = config.pooling.kind === 'buffered' || config.buffers.pooling === 'after';
  const stored = pooled ? producer.layer.pooledNeurons / producer.layer.cout : map;
  const consumers = mapped(readers, (reader) => plans[Number(reader.slice(1)) - 1]!);
  const positions =
    consumers.length === 1
      ? windowPositions(
          consumers[0]!.layer,
          consumers[0]!.layer.inputs.find((input) => input.producer === layer)!,
          producer.layer,
          pooled,
        )
      : stored;
  const latency = stage.units.reduce((sum, unit) => sum + unit.latency, 0);
  const interval = Math.max(...stage.units.map((unit) => unit.interval));
  const windowWaves =
    consumers.length === 1
      ? flow.stages[consumers[0]!.layer.index - 1]!.needs.filter((need) => need.producer === layer - 1).reduce(
          (most, need) => Math.max(most, ...need.waves.map((w, i) => w - need.first[i]!)),
          1,
        )
      : stage.waves;
  const waves = windowWaves + Math.ceil(latency / interval) + 1;
  flow.buffers[b]!.capacity = waves;
  const positionsPerEntry = (copies * stored) / map;
  return {
    capacityEntries: positions,
    limitEntries: Math.ceil(waves * positionsPerEntry),
    entriesPerImage: stored,
    positionsPerEntry,
    entryBits: producer.layer.cout * config.inputs.bits,
  };
}

/** What each wave of a row-granular stage needs of its producers' waves. */
export function windowNeedsOf({ layer, forward }: LayerPlan, plans: readonly LayerPlan[]): WindowNeed[] {
  return mapped(
    layer.inputs.filter(({ producer }) => producer > 0),
    (input) => {
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
    },
  );
}
