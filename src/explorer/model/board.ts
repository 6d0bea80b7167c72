// The cycle board as data: which stage served which image in which logical cycle, from the events of a timeline.
// Nothing here knows how a pipeline ought to behave.

import type { ComponentName } from '../../components/index.js';
import type { Machine, Result, Timeline } from '../../index.js';

/** A service of the board: a stage works on an image (or batch, from 0). */
export interface BoardService {
  stage: number;
  image: number;
  /** Logical cycle (elastic, rows: how many images were through when it began), from 0. */
  cycle: number;
  startS: number;
  endS: number;
  /** False where the window ends within it. */
  whole: boolean;
}

type Stage = Result['stages'][number];
type MachineStage = Machine['stages'][number];

/** What multiplies: stages that share it take turns. */
export type TurnsOn = Extract<ComponentName, 'crossbar' | 'mac'>;

/** A stage of the board. */
export interface BoardStage {
  name: Stage['name'];
  pass: Stage['pass'];
  /** The layer's name; empty for stages of the whole network. */
  layer: string;
  serves: 'image' | 'batch' | 'turn';
  waves: number;
  /** Stages that take turns with it on one set of arrays or multiply-accumulate units, and which of both. */
  turns: number[];
  turnsOn: TurnsOn | null;
}

/** A buffer's content over time. */
export interface BoardBuffer {
  name: string;
  kind: Result['buffers'][number]['kind'];
  layer: string;
  entryBits: number;
  /** Entries at which its producer is held up; with a row pipeline whole waves, so more than are built. */
  limitEntries: number;
  capacityEntries: number;
  writer: number;
  readers: number[];
  /** Seconds and entries readable from then on. */
  levels: [atS: number, entries: number][];
}

/** Waves that entered a stage, by the unit that multiplies or its first: a row a wave. */
export interface BoardWave {
  stage: number;
  startS: number;
  endS: number;
}

/** A window of a run, event by event. */
export interface Board {
  lockstep: boolean;
  stages: BoardStage[];
  services: BoardService[];
  buffers: BoardBuffer[];
  /** Occupations of each stage's pacing unit in order of time; cut at `wavesEndS` where there are too many. */
  waves: BoardWave[];
  wavesEndS: number | null;
  /** Start of each cycle of the window and the end of the last, seconds; empty where there are no logical cycles. */
  cycleStartsS: number[];
  from: number;
  to: number;
  complete: boolean;
  batch: number;
}

const TICK_S = 1e-12;

/** The board of a recorded window. */
export function boardOf(machine: Machine, timeline: Timeline): Board {
  const { stages, flow, plans, buffers } = machine;
  const lockstep = flow.granularity === 'image' && flow.advance === 'lockstep';
  const multiplying = stages.map(multiplierOf);
  const users = multiplying.map((own, s) =>
    own === null
      ? []
      : stages.flatMap((_, other) => (other !== s && multiplying[other]?.server === own.server ? [other] : [])),
  );
  /** The unit whose occupations stand for the stage's waves: its place in the chain. */
  const pacing = flow.stages.map((_, s) => multiplying[s]?.step ?? 0);
  /** A service that the window cuts goes on to the window's end. */
  const last = timeline.services.reduce((most, { end }) => Math.max(most, end), 0);
  const services = timeline.services.map(({ stage, image, cycle, start, end, whole }) => ({
    stage,
    image,
    cycle,
    startS: start * TICK_S,
    endS: (whole ? end : Math.max(end, last)) * TICK_S,
    whole,
  }));
  const levels = buffers.map((): [number, number][] => []);
  for (const { buffer, time, readable } of timeline.levels) {
    const own = levels[buffer]!;
    const entries = readable * buffers[buffer]!.positionsPerEntry;
    if (own.at(-1)?.[0] === time * TICK_S) own.pop();
    if (own.at(-1)?.[1] !== entries) own.push([time * TICK_S, entries]);
  }
  return {
    lockstep,
    stages: stages.map(({ name, pass, layer, flow: own }, s) => ({
      name,
      pass,
      layer: plans[layer - 1]?.layer.name ?? '',
      serves: own.serves,
      waves: own.waves,
      turns: users[s]!,
      turnsOn: users[s]!.length > 0 ? multiplying[s]!.component : null,
    })),
    services,
    buffers: buffers.map((buffer, b) => ({
      name: buffer.name,
      kind: buffer.kind,
      layer: plans[buffer.layer - 1]?.layer.name ?? '',
      entryBits: buffer.entryBits,
      limitEntries: buffer.limitEntries,
      capacityEntries: buffer.capacityEntries,
      writer: buffer.writer,
      readers: [...buffer.readers],
      levels: levels[b]!,
    })),
    waves: timeline.slices
      .filter(({ step, stage }) => pacing[stage] === step)
      .map(({ stage, start, end }) => ({ stage, startS: start * TICK_S, endS: end * TICK_S })),
    wavesEndS: timeline.window.slicesEnd === null ? null : timeline.window.slicesEnd * TICK_S,
    cycleStartsS: lockstep ? cycleStarts(services, timeline.window) : [],
    from: timeline.window.from,
    to: timeline.window.to,
    complete: timeline.window.complete,
    batch: flow.batch,
  };
}

/** The arrays or multiply-accumulate units of a stage; null where it has neither. */
function multiplierOf({ chain, flow }: MachineStage): { component: TurnsOn; server: number; step: number } | null {
  for (const [step, { component }] of chain.units.entries())
    if (component === 'crossbar' || component === 'mac') return { component, server: flow.units[step]!.server, step };
  return null;
}

/** When each cycle of the window began: with its first service; the last ends with its last. */
function cycleStarts(services: readonly BoardService[], { from, to }: Timeline['window']): number[] {
  const starts = new Array<number>(to - from + 1).fill(Infinity);
  for (const { cycle, startS, endS } of services) {
    const at = cycle - from;
    if (at < 0 || at >= to - from) continue;
    starts[at] = Math.min(starts[at]!, startS);
    if (at === to - from - 1)
      starts[to - from] = starts[to - from] === Infinity ? endS : Math.max(starts[to - from]!, endS);
  }
  return starts.map((start) => (start === Infinity ? 0 : start));
}
