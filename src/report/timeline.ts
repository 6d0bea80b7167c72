// `timeline.json`: a window of the run in trace-event form, one lane a unit, tracks by stage, counters for buffers. Opens in Perfetto.

import type { Machine, Timeline } from '../simulation/index.js';

const MICROSECOND = 1e6;

/** Trace events as Perfetto reads them: names of tracks (M), occupations of units (X), levels of buffers (C). */
export type TraceEvent =
  | { ph: 'M'; name: 'process_name' | 'thread_name'; pid: number; tid: number; args: { name: string } }
  | { ph: 'X'; name: string; pid: number; tid: number; ts: number; dur: number }
  | { ph: 'C'; name: string; pid: number; tid: number; ts: number; args: { entries: number } };

/** The document of `timeline.json`. */
export interface TimelineDocument {
  displayTimeUnit: 'ns';
  otherData: { timeUnit: string; window: string };
  traceEvents: TraceEvent[];
}

type Level = Timeline['levels'][number];

/** The track that holds the buffers' counters. */
export const BUFFER_TRACK = 'buffers';

/** The trace-event document. `ts` and `dur` are microseconds of simulated time (1 tick = 1 ps = 1e-6 us). */
export function timelineJson(machine: Machine, timeline: Timeline): TimelineDocument {
  const { stages, flow, buffers, run } = machine;
  const homes = flow.servers.map((_, server) => stages.findIndex((stage) => stage.flow.units.some((unit) => unit.server === server)));
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
  stages.forEach((_, s) => events.push({ ph: 'M', name: 'process_name', pid: s + 1, tid: 0, args: { name: layerOf(s) } }));
  flow.servers.forEach((_, server) => events.push({ ph: 'M', name: 'thread_name', pid: homes[server]! + 1, tid: server + 1, args: { name: unitName(server) } }));
  for (const { server, stage, start, end } of timeline.slices) {
    events.push({ ph: 'X', name: layerOf(stage), pid: homes[server]! + 1, tid: server + 1, ts: start / MICROSECOND, dur: (end - start) / MICROSECOND });
  }
  const pid = stages.length + 1;
  events.push({ ph: 'M', name: 'process_name', pid, tid: 0, args: { name: BUFFER_TRACK } });
  for (const { buffer, time, readable } of lasting(timeline.levels)) {
    const { name, positionsPerEntry } = buffers[buffer]!;
    events.push({ ph: 'C', name, pid, tid: 0, ts: time / MICROSECOND, args: { entries: readable * positionsPerEntry } });
  }
  const unit = run.config.pipeline.advance === 'lockstep' ? 'logical cycles' : 'images';
  const { from, to, complete } = timeline.window;
  return {
    displayTimeUnit: 'ns',
    otherData: {
      timeUnit: 'ts and dur are microseconds of simulated time; 1 ps resolution',
      window: complete ? 'the whole run' : `${unit} ${from} to ${to} of the run (simulation.timeline in the config)`,
    },
    traceEvents: events,
  };
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
