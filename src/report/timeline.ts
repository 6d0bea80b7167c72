// `timeline.json`: a window of the run in trace-event form. Tracks: logical cycles, each stage with its images, waits
// and units, units that stages share, buffers. Opens in Perfetto.

import { formatQuantity } from '../config/index.js';
import { tokenFlow } from '../pipeline/index.js';
import type { Machine, Timeline } from '../simulation/index.js';
import { lookOf } from './colors.js';
import type { TimelineDocument, TraceEvent } from './trace-events.js';

/** Ticks (1 ps) of a microsecond. */
const MICROSECOND = 1e6;
const TICK_S = 1e-12;
/** Ways of images between stages that are drawn at most. */
const MOST_ARROWS = 5000;
/** Lanes of a stage's track: waits, then images, then units. */
const WAITS = 1;

type Level = Timeline['levels'][number];

/** The trace-event document. `ts` and `dur` are microseconds of simulated time (1 tick = 1 ps = 1e-6 us). */
export function timelineJson(machine: Machine, timeline: Timeline): TimelineDocument {
  const { stages, buffers } = machine;
  const stageName = (s: number): string => {
    const { layer, name } = stages[s]!;
    return layer === 0 ? name : `${name} ${machine.plans[layer - 1]!.layer.name}`;
  };
  const tracks = new Tracks();
  const lanes = unitLanes(machine, stageName);
  const cycleTrack = stages.length + 1;
  const sharedTrack = stages.length + 2;
  const bufferTrack = stages.length + 3;
  stages.forEach((_, s) => {
    tracks.track(s + 1, stageName(s));
  });
  const span = ({ start, end }: { start: number; end: number }) => ({
    ts: start / MICROSECOND,
    dur: (end - start) / MICROSECOND,
  });
  const events: TraceEvent[] = [];
  const { placed, width } = inLanes(timeline.services, stages.length);
  const places = new Map<string, { ts: number; end: number; tid: number }>();
  for (const { service, lane } of placed) {
    const pid = service.stage + 1;
    const tid = WAITS + 1 + lane;
    const { serves } = stages[service.stage]!.flow;
    tracks.lane(pid, tid, serves === 'batch' ? 'batches' : 'images');
    const name = `${serves} ${service.image + 1}`;
    const args = { image: service.image + 1, whole: service.whole };
    events.push({ ph: 'X', cat: 'service', name, pid, tid, ...span(service), args });
    if (serves === 'image' && service.whole)
      places.set(`${service.stage} ${service.image}`, {
        ts: service.start / MICROSECOND,
        end: service.end / MICROSECOND,
        tid,
      });
  }
  for (const { stage, cause, start, end } of waitsOf(timeline)) {
    tracks.lane(stage + 1, WAITS, 'waits');
    const name = lookOf('cause', cause).title;
    events.push({ ph: 'X', cat: 'wait', name, pid: stage + 1, tid: WAITS, ...span({ start, end }), args: { cause } });
  }
  const { batch } = machine.flow;
  for (const { stage, server, step, image, wave, start, end } of timeline.slices) {
    const { shared, name, roles } = lanes[server]!;
    const pid = shared ? sharedTrack : stage + 1;
    if (shared) tracks.track(sharedTrack, 'units that stages share');
    const tid = WAITS + 1 + width + server;
    tracks.lane(pid, tid, name);
    const whole = stages[stage]!.flow.serves === 'batch';
    events.push({
      ph: 'X',
      cat: 'wave',
      name: stageName(stage),
      pid,
      tid,
      ...span({ start, end }),
      args: {
        image: image + 1,
        batch: whole ? image + 1 : Math.floor(image / batch) + 1,
        wave: wave + 1,
        ...(roles > 1 ? { role: stages[stage]!.chain.units[step]!.role } : {}),
      },
    });
  }
  for (const { cycle, start, end, last } of timeline.cycles) {
    tracks.track(cycleTrack, 'logical cycles');
    tracks.lane(cycleTrack, 1, 'cycles');
    const args = { cycle: cycle + 1, setBy: stageName(last) };
    events.push({
      ph: 'X',
      cat: 'cycle',
      name: `T${cycle + 1}`,
      pid: cycleTrack,
      tid: 1,
      ...span({ start, end }),
      args,
    });
  }
  events.push(...arrows(machine, timeline, places));
  tracks.track(bufferTrack, 'buffers');
  for (const { buffer, time, readable } of lasting(timeline.levels)) {
    const { name, positionsPerEntry } = buffers[buffer]!;
    const args = { entries: readable * positionsPerEntry };
    events.push({ ph: 'C', name, pid: bufferTrack, tid: 0, ts: time / MICROSECOND, args });
  }
  return {
    displayTimeUnit: 'ns',
    otherData: words(machine, timeline),
    schedule: scheduleOf(machine, timeline, stageName),
    traceEvents: [...tracks.events, ...events],
  };
}

/** Tracks and lanes, each named once, in the order of their numbers. */
class Tracks {
  readonly events: TraceEvent[] = [];
  readonly #named = new Set<string>();

  track(pid: number, name: string): void {
    if (this.#named.has(`${pid}`)) return;
    this.#named.add(`${pid}`);
    this.events.push(
      { ph: 'M', name: 'process_name', pid, tid: 0, args: { name } },
      { ph: 'M', name: 'process_sort_index', pid, tid: 0, args: { sort_index: pid } },
    );
  }

  lane(pid: number, tid: number, name: string): void {
    if (this.#named.has(`${pid}/${tid}`)) return;
    this.#named.add(`${pid}/${tid}`);
    this.events.push(
      { ph: 'M', name: 'thread_name', pid, tid, args: { name } },
      { ph: 'M', name: 'thread_sort_index', pid, tid, args: { sort_index: tid } },
    );
  }
}

/** The lane of a server; `roles`: in how many a wave passes it. */
interface Lane {
  name: string;
  shared: boolean;
  roles: number;
}

/** Each server's lane: what it is, and which stages meet at it. */
function unitLanes({ stages, flow }: Machine, stageName: (s: number) => string): Lane[] {
  const usersOf: number[][] = flow.servers.map(() => []);
  stages.forEach((stage, s) => {
    for (const server of new Set(stage.flow.units.map((unit) => unit.server))) usersOf[server]!.push(s);
  });
  return usersOf.map((users, server) => {
    const home = stages[users[0] ?? 0]!;
    const units = home.chain.units.filter((_, u) => home.flow.units[u]!.server === server);
    const roles = units.map(({ role }) => role);
    const name = units[0] === undefined ? `server ${server}` : `${units[0].component}: ${roles.join(', ')}`;
    return users.length > 1
      ? { name: `${name} (${users.map(stageName).join(', ')})`, shared: true, roles: roles.length }
      : { name, shared: false, roles: roles.length };
  });
}

/** Stages of lockstep that take no part in a cycle, or are done before it ends. */
function waitsOf({ cycles }: Timeline) {
  return cycles.flatMap(({ start, end, served, waits }) => [
    ...waits.map(({ stage, cause }) => ({ stage, cause, start, end })),
    ...served
      .filter(({ finish }) => finish < end)
      .map(({ stage, finish }) => ({ stage, cause: 'lockstep' as const, start: finish, end })),
  ]);
}

/** From each service to those that read what it wrote, for the same image. */
function arrows(
  { flow }: Machine,
  { services }: Timeline,
  places: ReadonlyMap<string, { ts: number; end: number; tid: number }>,
): TraceEvent[] {
  const { readersOf } = tokenFlow(flow);
  const events: TraceEvent[] = [];
  let id = 0;
  for (const { stage, image } of services) {
    const from = places.get(`${stage} ${image}`);
    if (from === undefined) continue;
    for (const reader of readersOf[stage]!) {
      const to = places.get(`${reader} ${image}`);
      if (to === undefined || to.ts < from.end || id >= MOST_ARROWS) continue;
      const arrow = { cat: 'image' as const, name: `image ${image + 1}`, id: ++id };
      events.push(
        { ph: 's', ...arrow, pid: stage + 1, tid: from.tid, ts: from.end },
        { ph: 'f', bp: 'e', ...arrow, pid: reader + 1, tid: to.tid, ts: to.ts },
      );
    }
  }
  return events;
}

function scheduleOf(
  { stages }: Machine,
  { schedule }: Timeline,
  stageName: (s: number) => string,
): TimelineDocument['schedule'] {
  if (schedule === null) return null;
  const { cycles, complete, parts } = schedule;
  return {
    cycles,
    complete,
    parts: parts.map(({ title, cycles: own }) => ({
      title,
      cycles: own.map(({ cycle, start, end, last, served, waits }) => {
        const images = new Map(served.map(({ stage, image }) => [stage, image + 1]));
        const causes = new Map(waits.map(({ stage, cause }) => [stage, cause]));
        return {
          cycle: cycle + 1,
          startS: start * TICK_S,
          lengthS: (end - start) * TICK_S,
          setBy: stageName(last),
          images: stages.map((_, s) => images.get(s) ?? null),
          waits: stages.map((_, s) => causes.get(s) ?? null),
        };
      }),
    })),
  };
}

/** What the window shows, in words. */
function words(
  { run }: Machine,
  { window: { from, to, complete, wavesFrom, slicesEnd, levelsEnd } }: Timeline,
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
    waves:
      (wavesFrom === from
        ? 'lanes of units: all waves in the window'
        : `lanes of units: the waves of ${unit} ${wavesFrom + 1} to ${to}`) +
      (slicesEnd === null
        ? ''
        : `; of stages with many the first, from ${formatQuantity(slicesEnd * TICK_S, 'time')} on some are left out`),
    counters: until('counters: all levels of buffers', levelsEnd),
  };
}

type Placed = { service: Timeline['services'][number]; lane: number };

/** Gives every service a lane of its stage in which nothing overlaps it; `width`: lanes that a stage has at most. */
function inLanes(services: Timeline['services'], stages: number): { placed: Placed[]; width: number } {
  const freeAt: number[][] = Array.from({ length: stages }, () => []);
  const placed = [...services]
    .sort((a, b) => a.start - b.start)
    .map((service): Placed => {
      const own = freeAt[service.stage]!;
      const free = own.findIndex((end) => end <= service.start);
      const lane = free < 0 ? own.length : free;
      own[lane] = service.end;
      return { service, lane };
    });
  return { placed, width: Math.max(1, ...freeAt.map(({ length }) => length)) };
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
