// The buffers of a machine: who writes and reads each, how many entries it has, and what row-granular waves need of it.

import type { Config, LoadedRun } from '../run-config/index.js';
import { mapped } from '../kernel/index.js';
import type { LayerPlan } from '../mapping/index.js';
import { windowNeeds, windowPositions, type Network, type WeightLayer } from '../workload/index.js';
import { batchNormsOf, foundIn, keptValues, maskBits, outputBits, storedActivations } from './stored.js';
import type { FlowStage, WindowNeed } from '../pipeline/index.js';
import type { MachineBuffer, Pass, StageId } from './machine-types.js';

/** A buffer before its size is known: who writes it and who reads it. */
export type BufferDraft = Omit<
  MachineBuffer,
  'capacityEntries' | 'limitEntries' | 'entriesPerImage' | 'positionsPerEntry'
>;

/** The index of the stage of a pass and layer; undefined where there is none. */
export type StageIndex = (pass: Pass, layer: number) => number | undefined;

/** d_l, m_l (masks and indices) and e_l with who writes and who reads them. */
export function draftBuffers(
  { layers, graph }: Network,
  { config, workload }: LoadedRun,
  stages: readonly StageId[],
  stageOf: StageIndex,
): BufferDraft[] {
  const only = (...wanted: (number | undefined)[]): number[] => [...new Set(wanted)].filter((s) => s !== undefined);
  const of = (pass: Pass, consumers: readonly number[]): (number | undefined)[] =>
    mapped(consumers, (layer) => stageOf(pass, layer));
  const { bits } = config.inputs;
  const masks = config.neurons === 'masks' && workload.mode === 'attack';
  const buffers: BufferDraft[] = [];
  for (const layer of layers) {
    const l = layer.index;
    const writer = stageOf('F', l)!;
    const backward = of('B', layer.consumers);
    const norms = workload.mode === 'training' ? batchNormsOf(graph, layer).elements : 0;
    const findsAgain = foundIn(layer, config).own || norms > 0;
    const own = findsAgain ? [stageOf('B', l) ?? stageOf('G', l)] : [];
    buffers.push({
      name: `d${l}`,
      layer: l,
      kind: 'neurons',
      entryBits: (storedActivations(layer, config) + (masks ? 0 : keptValues(layer, config, graph))) * bits,
      neurons: layer.neurons,
      writer,
      readers: only(
        ...of('F', layer.consumers),
        layer.isOutput ? stageOf('E', 0) : undefined,
        ...of('G', layer.consumers),
        ...(masks ? [] : [...backward, ...own]),
      ),
    });
    const readers = only(outputBits(layer, config) > 0 ? stageOf('E', 0) : undefined, ...backward, ...own);
    if (masks && readers.length > 0)
      buffers.push({
        name: `m${l}`,
        layer: l,
        kind: 'masks',
        entryBits: maskBits(layer, config),
        neurons: 0,
        writer,
        readers,
      });
  }
  if (workload.mode === 'inference') return buffers;
  for (const layer of layers) {
    const l = layer.index;
    const readers = only(stageOf('B', l), stageOf('G', l));
    const writers = only(layer.isOutput ? stageOf('E', 0) : undefined, ...of('B', layer.consumers));
    for (const writer of writers) {
      const name = writers.length === 1 ? `e${l}` : `e${l}.${layers[stages[writer]!.layer - 1]?.name ?? '(network)'}`;
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

/** What the sizes of buffers follow from. */
export interface Schedule {
  readonly config: Config;
  readonly batch: number;
  readonly plans: readonly LayerPlan[];
  readonly stages: readonly (StageId & { readonly flow: FlowStage })[];
}

/** A buffer with its size, and the entries of the flow at which its producer is held up. */
export interface SizedBuffer {
  readonly buffer: MachineBuffer;
  readonly capacity: number;
}

/** Entries of each buffer: what the schedule needs, or what the config gives. */
export function sizeBuffers(drafts: readonly BufferDraft[], schedule: Schedule): SizedBuffer[] {
  const { config, stages, batch } = schedule;
  if (config.pipeline.granularity === 'row') return mapped(drafts, (draft) => rowSized(draft, schedule));
  const depth = stageDepths(drafts, stages.length);
  const { enabled, advance } = config.pipeline;
  return mapped(drafts, (draft) => {
    const lifetime = Math.max(0, ...mapped(draft.readers, (reader) => depth[reader]!)) - depth[draft.writer]!;
    const { entries } = config.buffers;
    // Read and written in one cycle: doubled (PipeLayer Sec. 3.3).
    const turnOf = (stage: number): number => stages[stage]!.flow.turn;
    const across = draft.readers.some((reader) => turnOf(reader) !== turnOf(draft.writer));
    // A later turn reads it when this one has served the whole batch.
    const scheduled = across
      ? batch + 1
      : !enabled
        ? 1
        : advance === 'elastic'
          ? lifetime + 1
          : lifetime === 1
            ? 2
            : lifetime;
    const capacityEntries = entries ?? Math.max(1, scheduled);
    const buffer = sized(draft, {
      entryBits: draft.entryBits,
      capacityEntries,
      limitEntries: capacityEntries,
      entriesPerImage: 1,
      positionsPerEntry: 1,
    });
    // In lockstep an entry is read for the last time in the cycle in which it is written anew, so the schedule itself
    // keeps the bound.
    return { buffer, capacity: entries ?? (advance === 'elastic' ? capacityEntries : Infinity) };
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
function stageDepths(buffers: readonly BufferDraft[], stages: number): number[] {
  const inputs: number[][] = mapped(Array.from({ length: stages }), () => []);
  for (const { writer, readers } of buffers) for (const reader of readers) inputs[reader]!.push(writer);
  const depth = new Map<number, number>();
  const depthOf = (s: number): number => {
    const known = depth.get(s);
    if (known !== undefined) return known;
    const d = 1 + Math.max(0, ...mapped(inputs[s]!, depthOf));
    depth.set(s, d);
    return d;
  };
  return mapped(inputs, (_, s) => depthOf(s));
}

/**
 * Row granularity: ISAAC's window of ((N_x (K_y - 1)) + K_x) positions of the map that its reader sees (a whole map
 * where several layers read it). The producer is held up at whole waves: those that a window touches, and those in
 * flight.
 */
function rowSized(draft: BufferDraft, { config, plans, stages }: Schedule): SizedBuffer {
  const producer = plans[draft.layer - 1]!;
  const { flow } = stages[draft.writer]!;
  const { replication } = producer.forward;
  const map = producer.layer.positions * producer.layer.steps;
  const pooled = config.pooling.kind === 'buffered' || config.buffers.pooling === 'after';
  const stored = pooled ? producer.layer.pooledNeurons / producer.layer.cout : map;
  const readers = mapped(draft.readers, (reader) => stages[reader]!);
  const [reader] = readers.length === 1 ? readers : [];
  const positions = reader === undefined ? stored : windowOf(plans[reader.layer - 1]!.layer, producer.layer, pooled);
  const latency = flow.units.reduce((sum, unit) => sum + unit.latency, 0);
  const interval = Math.max(...flow.units.map((unit) => unit.interval));
  const windowWaves =
    reader === undefined
      ? flow.waves
      : reader.flow.needs
          .filter((need) => need.producer === draft.writer)
          .reduce((most, need) => Math.max(most, ...need.waves.map((w, i) => w - need.first[i]!)), 1);
  const capacity = windowWaves + Math.ceil(latency / interval) + 1;
  const positionsPerEntry = (replication * stored) / map;
  const buffer = sized(draft, {
    capacityEntries: positions,
    limitEntries: Math.ceil(capacity * positionsPerEntry),
    entriesPerImage: stored,
    positionsPerEntry,
    entryBits: producer.layer.cout * config.inputs.bits,
  });
  return { buffer, capacity };
}

/** Positions that a reader's window needs of what a producer makes. */
const windowOf = (reader: WeightLayer, producer: WeightLayer, pooled: boolean): number =>
  windowPositions(
    reader,
    reader.inputs.find((input) => input.producer === producer.index)!,
    producer,
    pooled,
  );

/** What each wave of a row-granular stage needs of its producers' waves. */
export function windowNeedsOf({ layer, forward }: LayerPlan, plans: readonly LayerPlan[]): WindowNeed[] {
  return mapped(
    layer.inputs.filter(({ producer }) => producer > 0),
    (input) => {
      const producer = plans[input.producer - 1]!;
      const { replication } = producer.forward;
      const last = windowNeeds(layer, input, producer.layer);
      const window = windowPositions(layer, input, producer.layer);
      const all = producer.forward.waves;
      const waves = new Int32Array(forward.waves);
      const first = new Int32Array(forward.waves);
      for (let w = 0; w < forward.waves; w++) {
        // The positions of a wave may run over a row's end: the most that any of them needs, and the least.
        let [most, least] = [0, all * replication];
        const end = Math.min(last.length, (w + 1) * forward.replication);
        for (let p = Math.min(last.length - 1, w * forward.replication); p < end; p++) {
          if (last[p]! > most) most = last[p]!;
          if (last[p]! < least) least = last[p]!;
        }
        waves[w] = Math.min(all, Math.ceil(most / replication));
        first[w] = Math.max(0, Math.floor((least - window) / replication));
      }
      if (producer.layer.serial) waves.fill(all);
      return { producer: input.producer - 1, waves, first };
    },
  );
}
