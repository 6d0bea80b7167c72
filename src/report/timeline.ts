// `timeline.json`: a window of the run in trace-event form: tracks by stage, in each a lane for its images and one for
// each unit, counters for buffers. Opens in Perfetto.

import { formatQuantity } from '../config/index.js';
import type { Machine, Timeline } from '../simulation/index.js';

/** Ticks (1 ps) of a microsecond. */
const MICROSECOND = 1e6;
const TICK_S = 1e-12;

/**
 * Trace events as Perfetto reads them: names of tracks and lanes (M), services of a stage and occupations of units (X),
 * levels of buffers (C).
 */
export type TraceEvent =
  | { ph: 'M'; name: 'process_name' | 'thread_name'; pid: number; tid: number; args: { name: string } }
  | {
      ph: 'M';
      name: 'process_sort_index' | 'thread_sort_index';
      pid: number;
      tid: number;
      args: { sort_index: number };
    }
  | {
      ph: 'X';
      cat: 'service';
      name: string;
      pid: number;
      tid: number;
      ts: number;
      dur: number;
      args: { image: number; whole: boolean };
    }
  | { ph: 'X'; cat: 'wave'; name: string; pid: number; tid: number; ts: number; dur: number }
  | { ph: 'C'; name: string; pid: number; tid: number; ts: number; args: { entries: number } };

/** The document of `timeline.json`. */
export interface TimelineDocument {
  displayTimeUnit: 'ns';
  otherData: { timeUnit: string; window: string; services: string; waves: string; counters: string };
  traceEvents: TraceEvent[];
}

type Level = Timeline['levels'][number];

/** The track that holds the buffers' counters. */
const BUFFER_TRACK = 'buffers';

/** The trace-event document. `ts` and `dur` are microseconds of simulated time (1 tick = 1 ps = 1e-6 us). */
export function timelineJson(machine: Machine, timeline: Timeline): TimelineDocument {
  const { stages, flow, buffers } = machine;
  const homes = flow.servers.map((_, server) =>
    stages.findIndex((stage) => stage.flow.units.some((unit) => unit.server === server)),
  );
  const layerOf = (stage: number): string => {
    const { layer, name } = stages[stage]!;
    return layer === 0 ? name : `${name} ${machine.plans[layer - 1]!.layer.name}`;
  };
  const unitName = (server: number): string => {
    const { chain, flow: own } = stages[homes[server]!]!;
    const { component, role } = chain.units[own.units.findIndex((unit) => unit.server === server)]!;
    return `${component}: ${role}`;
  };
  const events: TraceEvent[] = [];
  const name = (kind: 'process_name' | 'thread_name', pid: number, tid: number, text: string): void => {
    events.push({ ph: 'M', name: kind, pid, tid, args: { name: text } });
    events.push({
      ph: 'M',
      name: kind === 'process_name' ? 'process_sort_index' : 'thread_sort_index',
      pid,
      tid,
      args: { sort_index: kind === 'process_name' ? pid : tid },
    });
  };
  stages.forEach((_, s) => {
    name('process_name', s + 1, 0, layerOf(s));
  });
  const span = ({ start, end }: { start: number; end: number }) => ({
    ts: start / MICROSECOND,
    dur: (end - start) / MICROSECOND,
  });
  const { placed, lanes } = inLanes(timeline.services, stages.length);
  for (const [tid, stage] of lanes.entries())
    name('thread_name', stage + 1, tid + 1, stages[stage]!.flow.serves === 'batch' ? 'batches' : 'images');
  for (const { service, lane } of placed) {
    const serves = stages[service.stage]!.flow.serves;
    events.push({
      ph: 'X',
      cat: 'service',
      name: `${serves} ${service.image + 1}`,
      pid: service.stage + 1,
      tid: lane + 1,
      ...span(service),
      args: { image: service.image + 1, whole: service.whole },
    });
  }
  flow.servers.forEach((_, server) => {
    name('thread_name', homes[server]! + 1, lanes.length + server + 1, unitName(server));
  });
  for (const slice of timeline.slices) {
    events.push({
      ph: 'X',
      cat: 'wave',
      name: layerOf(slice.stage),
      pid: homes[slice.server]! + 1,
      tid: lanes.length + slice.server + 1,
      ...span(slice),
    });
  }
  const pid = stages.length + 1;
  name('process_name', pid, 0, BUFFER_TRACK);
  for (const { buffer, time, readable } of lasting(timeline.levels)) {
    const { name: counter, positionsPerEntry } = buffers[buffer]!;
    events.push({
      ph: 'C',
      name: counter,
      pid,
      tid: 0,
      ts: time / MICROSECOND,
      args: { entries: readable * positionsPerEntry },
    });
  }
  return { displayTimeUnit: 'ns', otherData: words(machine, timeline), traceEvents: events };
}

/** What the window shows, in words. */
function words(
  { run }: Machine,
  { window: { from, to, complete, slicesEnd, levelsEnd } }: Timeline,
): TimelineDocument['otherData'] {
  const unit = run.config.pipeline.advance === 'lockstep' ? 'logical cycles' : 'images';
  const until = (what: string, end: number | null): string =>
    end === null
      ? `${what} in the window`
      : `${what} up to ${formatQuantity(end * TICK_S, 'time')}, then left out because there are too many`;
  return {
    timeUnit: 'ts and dur are microseconds of simulated time; 1 ps resolution',
    window: complete ? 'the whole run' : `${unit} ${from + 1} to ${to} of the run`,
    services:
      'lanes "images" and "batches": first wave in to last wave out; whole is false where the window ends within',
    waves: until('lanes of units: all waves', slicesEnd),
    counters: until('counters: all levels of buffers', levelsEnd),
  };
}

type Placed = { service: Timeline['services'][number]; lane: number };

/** Gives every service a lane of its stage in which nothing overlaps it; `lanes` names the stage of each lane. */
function inLanes(services: Timeline['services'], stages: number): { placed: Placed[]; lanes: number[] } {
  const lanes: number[] = [];
  const freeAt: number[] = [];
  const own: number[][] = Array.from({ length: stages }, () => []);
  const placed = [...services]
    .sort((a, b) => a.start - b.start)
    .map((service): Placed => {
      const stageLanes = own[service.stage]!;
      let lane = stageLanes.find((candidate) => freeAt[candidate]! <= service.start);
      if (lane === undefined) {
        lane = lanes.push(service.stage) - 1;
        stageLanes.push(lane);
      }
      freeAt[lane] = service.end;
      return { service, lane };
    });
  return { placed, lanes };
}

/** Levels that last some time and differ from the one before. */
function lasting(levels: readonly Level[]): Level[] {
  const kept: Level[] = [];
  const shown = new Map<number, number>();
  const pending = new Map<number, Level>();
  const settle = (level: Level): void => {
    if (shown.get(level.buffer) === level.readable) return;
    shown.set(level.buffer, level.readable);
    kept.push(level);
  };
  for (const level of levels) {
    const before = pending.get(level.buffer);
    if (before !== undefined && before.time < level.time) settle(before);
    pending.set(level.buffer, level);
  }
  for (const level of pending.values()) settle(level);
  return kept.sort((a, b) => a.time - b.time);
}
