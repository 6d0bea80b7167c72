// A result as the page draws it: headlines, rows by layer with their boxes and buffers, knobs with their places. Small,
// so that a slider's step does not carry a whole result from worker to page.

import type { Result } from '../../index.js';

/** A headline of the strip. */
export interface Headline {
  value: number;
  /** Share of it that rests on placeholders. */
  assumed: number;
}

type Stage = Result['stages'][number];

/** One pass of a layer. */
export interface StageBox {
  name: Stage['name'];
  pass: Stage['pass'];
  /** Waves of an image. */
  waves: number;
  serviceS: number;
  /** Busy time / run. */
  busy: number;
  /** Components of it that another stage uses too. */
  shared: readonly string[];
  /** It sets the pace: it is behind the largest part of the run. */
  limiting: boolean;
}

/** A buffer that a layer fills. */
export interface BufferBar {
  name: string;
  kind: Result['buffers'][number]['kind'];
  /** All of it. */
  bits: number;
  entryBits: number;
  entries: number;
  peakEntries: number;
}

/** A layer of the machine; `stages` are its passes. */
export interface LayerRow {
  name: string;
  type: string;
  rows: number;
  columns: number;
  replication: number;
  /** Physical arrays by use. */
  arrays: { forward: number; backward: number; gradient: number };
  /** Multiply-accumulate units that compute it, with the other layers; 0 where arrays do. */
  macUnits: number;
  stages: StageBox[];
  buffers: BufferBar[];
}

/** What the knobs of the page show: they stand also where a design has a fault. */
export interface KnobsView {
  /** Resolved knobs of the rail by dotted key, as text; those that the config leaves out are not there. */
  knobs: Readonly<Record<string, string>>;
  /** The same of the base without the page's sets: the ghost ticks. */
  standard: Readonly<Record<string, string>>;
  /** Why knobs of the rail, and others that were set, have no effect. */
  unused: Readonly<Record<string, string>>;
  /** It is a result that was given: its figures stand. */
  frozen: boolean;
}

/** All that the page shows of a machine at once. */
export interface MachineView extends KnobsView {
  name: string;
  label: string;
  network: string;
  mode: string;
  configHash: string;
  work: string;
  time: Headline;
  energy: Headline;
  area: Headline;
  utilization: Headline;
  logicalCycles: number | null;
  logicalCycleS: number | null;
  images: number;
  batch: number;
  /** A page can teach its network digits: an accuracy can be known. */
  learns: boolean;
  timeSetBy: string;
  energyGoesTo: string;
  areaIs: string;
  notes: string[];
  layers: LayerRow[];
  /** Stages of the whole network: output error, update, perturbation. */
  whole: StageBox[];
  energyByComponent: [string, number][];
}

/** The stage that sets the pace: of most of the run in lockstep, else the busiest. */
export function limitingStage(stages: readonly Stage[]): string {
  const weight = ({ setsS, busyS }: Stage): number => setsS ?? busyS;
  return stages.reduce((most, stage) => (weight(stage) > weight(most) ? stage : most), stages[0]!).name;
}

/** The rows by layer, and the stages of the whole network. */
export function rowsOf(result: Result): Pick<MachineView, 'layers' | 'whole'> {
  const { layers, stages, arrays, buffers, time, instances } = result;
  const limiting = limitingStage(stages);
  const box = (stage: Stage): StageBox => ({
    name: stage.name,
    pass: stage.pass,
    waves: stage.waves,
    serviceS: stage.serviceS,
    busy: time.totalS === 0 ? 0 : stage.busyS / time.totalS,
    shared: [...new Set(stage.units.flatMap(({ shared, component }) => (shared ? [component] : [])))],
    limiting: stage.name === limiting,
  });
  const counts = new Map(arrays.byLayer.map((one) => [one.name, one]));
  const names = new Set(layers.map(({ name }) => name));
  const macUnits = instances.reduce((sum, { component, count }) => (component === 'mac' ? sum + count : sum), 0);
  const onUnits = new Set(
    stages.flatMap(({ layer, units }) => (units.some(({ component }) => component === 'mac') ? [layer] : [])),
  );
  return {
    layers: layers.map(({ name, type, rows, columns, replication }): LayerRow => {
      const own = counts.get(name);
      return {
        name,
        type,
        rows,
        columns,
        replication,
        arrays: {
          forward: own?.forward.physical ?? 0,
          backward: own?.backward.physical ?? 0,
          gradient: own?.gradient.physical ?? 0,
        },
        macUnits: onUnits.has(name) ? macUnits : 0,
        stages: stages.filter(({ layer }) => layer === name).map(box),
        buffers: buffers
          .filter(({ layer }) => layer === name)
          .map((buffer) => ({
            name: buffer.name,
            kind: buffer.kind,
            bits: buffer.entryBits * buffer.capacityEntries,
            entryBits: buffer.entryBits,
            entries: buffer.capacityEntries,
            peakEntries: buffer.peakEntries,
          })),
      };
    }),
    whole: stages.filter(({ layer }) => !names.has(layer)).map(box),
  };
}

/** Parts of a figure, the largest first. */
export const largestFirst = (parts: Readonly<Record<string, number>>): [string, number][] =>
  Object.entries(parts)
    .filter(([, value]) => value > 0)
    .sort((a, b) => b[1] - a[1]);
