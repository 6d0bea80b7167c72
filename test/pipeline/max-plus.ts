// What the engine must say, from the recurrences of docs/model.md ("Pipeline") alone: every time is a maximum of sums.
// Shares no code with src/pipeline but the types of a flow; no queue, no folding, no jumps, everything kept in tables.

import type { Flow, FlowStage, StallCause } from '../../src/pipeline/index.js';

export interface Prediction {
  makespan: number;
  firstResult: number;
  logicalCycles: number | null;
  stages: {
    services: number;
    busy: number;
    stalls: Record<StallCause, number>;
    sets: { cycles: number; ticks: number } | null;
  }[];
  buffers: { peak: number; area: number; lifetimeCycles: number | null }[];
}

/** A wave of a stage on its way: when it reached each unit and when it was taken and done there. */
interface Wave {
  starts: number[];
  ends: number[];
}

/**
 * Requests of waves for units, granted first come, first served; of one tick in stage order, of one stage in the order
 * of its chain: start(u,w) = max(end(u-1,w), start(u,w-1) + interval(u), when the unit's last client lets go).
 */
class Grants {
  readonly waits: number[];
  readonly waves: Wave[][];
  readonly #stages: readonly FlowStage[];
  readonly #free = new Map<number, number>();
  readonly #shared: Set<number>;

  constructor({ stages }: Flow) {
    this.#stages = stages;
    this.waits = stages.map(() => 0);
    this.waves = stages.map(() => []);
    const all = stages.flatMap(({ units }) => units.map(({ server }) => server));
    this.#shared = new Set(all.filter((server, i) => all.indexOf(server) !== i));
  }

  /** Grants the earliest request there is; `entry` tells when a stage's next wave enters. False where there is none. */
  grant(entry: (stage: number, wave: number) => number | null): boolean {
    interface Request {
      stage: number;
      unit: number;
      wave: number;
      at: number;
    }
    const earliest: { request: Request | null } = { request: null };
    this.#stages.forEach(({ units }, stage) => {
      units.forEach((_, unit) => {
        const known = this.waves[stage]!;
        const wave = unit === 0 ? known.length : known.findIndex(({ starts }) => starts.length === unit);
        const at = unit === 0 ? entry(stage, wave) : wave < 0 ? null : known[wave]!.ends[unit - 1]!;
        const { request } = earliest;
        if (at !== null && (request === null || at < request.at)) earliest.request = { stage, unit, wave, at };
      });
    });
    const best = earliest.request;
    if (best === null) return false;
    const { stage, unit, wave, at } = best;
    const { server, latency, interval } = this.#stages[stage]!.units[unit]!;
    const own = wave > 0 ? this.waves[stage]![wave - 1]!.starts[unit]! + interval : 0;
    const start = Math.max(at, own, this.#free.get(server) ?? 0);
    this.#free.set(server, start + interval);
    if (this.#shared.has(server)) this.waits[stage]! += start - Math.max(at, own);
    if (unit === 0) this.waves[stage]!.push({ starts: [start], ends: [start + latency] });
    else {
      this.waves[stage]![wave]!.starts.push(start);
      this.waves[stage]![wave]!.ends.push(start + latency);
    }
    return true;
  }

  /** When the stage's wave (counted from the start of the run) has left its chain; null where that is not known yet. */
  left(stage: number, wave: number): number | null {
    return this.waves[stage]![wave]?.ends[this.#stages[stage]!.units.length - 1] ?? null;
  }

  /** When a wave within a service may enter behind the one before it. */
  behind(stage: number, wave: number): number | null {
    const { serial, units } = this.#stages[stage]!;
    return serial ? this.left(stage, wave - 1) : this.waves[stage]![wave - 1]!.starts[0]! + units[0]!.interval;
  }
}

const noStalls = (): Record<StallCause, number> => ({ input: 0, output: 0, unit: 0, lockstep: 0, batch: 0 });

/** The latest of `times`; null where one is not known yet. */
function latest(times: (number | null)[]): number | null {
  let most = 0;
  for (const time of times) {
    if (time === null) return null;
    most = Math.max(most, time);
  }
  return most;
}

const imageStages = ({ stages }: Flow): number[] => stages.flatMap(({ serves }, s) => (serves === 'image' ? [s] : []));
const batchStages = ({ stages }: Flow): number[] => stages.flatMap(({ serves }, s) => (serves === 'batch' ? [s] : []));
const writerOf = ({ stages }: Flow, buffer: number): number =>
  stages.findIndex(({ outputs }) => outputs.includes(buffer));
const readersOf = ({ stages }: Flow, buffer: number): number[] =>
  stages.flatMap(({ inputs }, s) => (inputs.includes(buffer) ? [s] : []));

const stagesOfTurn = ({ stages }: Flow, kind: FlowStage['serves'], turn: number): number[] =>
  stages.flatMap((stage, s) => (stage.serves === kind && stage.turn === turn ? [s] : []));
const batchesOf = ({ images, batch, batchBarrier }: Flow): number => (batchBarrier ? Math.ceil(images / batch) : 1);
const servicesOf = (flow: Flow): number[] =>
  flow.stages.map(({ serves }) => (serves === 'image' ? flow.images : batchesOf(flow)));

/** How many entries a buffer holds at most for any time, and entries x ticks; each is there from a time to a time. */
function held(entries: readonly (readonly [from: number, to: number])[]): { peak: number; area: number } {
  const lasting = entries.filter(([from, to]) => to > from);
  const at = (time: number): number => lasting.filter(([from, to]) => from <= time && time < to).length;
  return {
    peak: Math.max(0, ...lasting.map(([from]) => at(from))),
    area: lasting.reduce((sum, [from, to]) => sum + to - from, 0),
  };
}

/** Times, stalls and cycles of the flow. */
export function predict(flow: Flow): Prediction {
  if (flow.granularity === 'row') return predictRows(flow);
  return flow.advance === 'lockstep' ? predictLockstep(flow) : predictElastic(flow);
}

/** start(j,i) = max(end of the inputs' makers on i, end(j,i-1), end of the outputs' readers on i-capacity, gates). */
function predictElastic(flow: Flow): Prediction {
  const { stages, images, batch, batchBarrier, pipelined, turns } = flow;
  const grants = new Grants(flow);
  const served = imageStages(flow);
  const updates = batchStages(flow);
  const services = servicesOf(flow);
  const end = (s: number, n: number): number | null => grants.left(s, (n + 1) * stages[s]!.waves - 1);
  const lastOf = (b: number): number => (batchBarrier ? Math.min(images, (b + 1) * batch) : images) - 1;
  /** When image stages are done with a batch, and when the next one opens. */
  const batchDone = (b: number): number | null => latest(served.map((s) => end(s, lastOf(b))));
  const opens = (b: number): number | null =>
    !batchBarrier || b === 0 ? 0 : updates.length === 0 ? batchDone(b - 1) : latest(updates.map((s) => end(s, b - 1)));
  const batchOf = (i: number): number => (batchBarrier ? Math.floor(i / batch) : 0);
  /** When a turn of a batch opens: with the batch, or once the turn before is done; and its weights are written. */
  const turnOpens = (b: number, turn: number): number | null =>
    turn === 0 ? opens(b) : latest(stagesOfTurn(flow, 'image', turn - 1).map((s) => end(s, lastOf(b))));
  const written = (b: number, turn: number): number | null =>
    latest([turnOpens(b, turn), ...stagesOfTurn(flow, 'turn', turn).map((s) => end(s, b))]);
  /** When a stage may serve an image of the batch, whatever the image waits for. */
  const may = (s: number, b: number): number | null => (turns > 1 ? written(b, stages[s]!.turn) : opens(b));
  const inputs = (s: number, i: number): number | null =>
    latest([
      ...stages[s]!.inputs.map((b) => end(writerOf(flow, b), i)),
      ...(turns > 1 ? [may(s, batchOf(i))] : []),
      ...(stages[s]!.source ? [opens(batchOf(i))] : []),
      ...(stages[s]!.source && !pipelined && i > 0 ? served.map((other) => end(other, i - 1)) : []),
    ]);
  const room = (s: number, i: number): number | null =>
    latest(
      stages[s]!.outputs.flatMap((b) => {
        const before = i - flow.buffers[b]!.capacity;
        return before >= 0 ? readersOf(flow, b).map((reader) => end(reader, before)) : [];
      }),
    );
  const start = (s: number, n: number): number | null => {
    const before = n > 0 ? end(s, n - 1) : 0;
    if (n >= services[s]!) return null;
    if (stages[s]!.serves === 'image') return latest([before, inputs(s, n), room(s, n)]);
    return latest([before, stages[s]!.serves === 'turn' ? turnOpens(n, stages[s]!.turn) : batchDone(n)]);
  };
  const starts = stages.map((): number[] => []);
  while (
    grants.grant((s, wave) => {
      const { waves } = stages[s]!;
      if (wave % waves !== 0) return grants.behind(s, wave);
      const at = start(s, wave / waves);
      if (at !== null) starts[s]![wave / waves] = at;
      return at;
    })
  );
  const result = stages.map((_, s) => ({
    ...{ services: services[s]!, busy: 0, stalls: { ...noStalls(), unit: grants.waits[s]! }, sets: null },
  }));
  stages.forEach((_, s) => {
    starts[s]!.forEach((at, n) => {
      result[s]!.busy += end(s, n)! - at;
    });
  });
  for (const s of served) {
    const { stalls } = result[s]!;
    for (let i = 0; i < images; i++) {
      const idle = i > 0 ? end(s, i - 1)! : 0;
      const ready = Math.max(idle, inputs(s, i)!);
      const open = Math.min(ready, Math.max(idle, may(s, batchOf(i))!));
      stalls.batch += open - idle;
      stalls.input += ready - open;
      stalls.output += starts[s]![i]! - ready;
    }
  }
  const makespan = Math.max(...stages.map((_, s) => grants.left(s, grants.waves[s]!.length - 1) ?? 0));
  const entriesOf = (b: number): [number, number][] => {
    const readers = readersOf(flow, b);
    const gone = (i: number): number => (readers.length === 0 ? makespan : latest(readers.map((r) => end(r, i)))!);
    const writer = writerOf(flow, b);
    return writer < 0 ? [] : Array.from({ length: images }, (_, i) => [end(writer, i)!, gone(i)]);
  };
  return {
    makespan,
    firstResult: end(served.at(-1)!, 0)!,
    logicalCycles: null,
    stages: result,
    buffers: flow.buffers.map((_, b) => ({ ...held(entriesOf(b)), lifetimeCycles: null })),
  };
}

/** Each cycle's stages start together and their tokens move together; a cycle lasts as long as its slowest. */
function predictLockstep(flow: Flow): Prediction {
  const { stages, images, batch, batchBarrier, pipelined, turns } = flow;
  const served = imageStages(flow);
  const updates = batchStages(flow);
  const writes = stages.flatMap(({ serves }, s) => (serves === 'turn' ? [s] : []));
  const together = (active: readonly number[]): { ends: Map<number, number>; waits: number[] } => {
    const grants = new Grants(flow);
    while (
      grants.grant((s, wave) => {
        if (!active.includes(s) || wave === stages[s]!.waves) return null;
        return wave === 0 ? 0 : grants.behind(s, wave);
      })
    );
    return { ends: new Map(active.map((s) => [s, grants.left(s, stages[s]!.waves - 1)!])), waits: grants.waits };
  };
  const slowest =
    flow.cycle === 'fixed'
      ? Math.max(0, ...[served, updates, writes].flatMap((all) => [...together(all).ends.values()]))
      : 0;
  const done = stages.map(() => 0);
  const result = stages.map(() => ({ services: 0, busy: 0, stalls: noStalls(), sets: { cycles: 0, ticks: 0 } }));
  /** Ends of each stage's services, in ticks and in cycles. */
  const ends = stages.map((): { tick: number; cycle: number }[] => []);
  let time = 0;
  let cycles = 0;
  let firstResult = 0;
  let opened = batchBarrier ? Math.min(batch, images) : images;
  let due = false;
  let turn = 0;
  let writing = turns > 1;
  for (;;) {
    const whole = Math.min(...served.map((s) => done[s]!));
    const causes = new Map<number, StallCause>();
    const active = stages.flatMap(({ serves, inputs, outputs, source }, s) => {
      if (serves === 'batch') return due ? [s] : [];
      if (serves === 'turn') return writing && stages[s]!.turn === turn ? [s] : [];
      const i = done[s]!;
      if (i === images) return [];
      const away = turns > 1 && (writing || stages[s]!.turn !== turn);
      const gated = source && (i >= opened || (!pipelined && i > whole));
      const cause =
        away || gated || inputs.some((b) => done[writerOf(flow, b)]! <= i)
          ? away || i >= opened
            ? 'batch'
            : 'input'
          : outputs.some((b) => i - Math.min(...readersOf(flow, b).map((r) => done[r]!)) >= flow.buffers[b]!.capacity)
            ? 'output'
            : null;
      if (cause === null) return [s];
      causes.set(s, cause);
      return [];
    });
    if (active.length === 0) break;
    const { ends: ofCycle, waits } = together(active);
    const longest = Math.max(...ofCycle.values());
    const length = Math.max(slowest, longest);
    time += length;
    cycles++;
    const last = active.find((s) => ofCycle.get(s) === longest)!;
    result[last]!.sets.cycles++;
    result[last]!.sets.ticks += length;
    for (const [s, at] of ofCycle) {
      result[s]!.services++;
      ends[s]!.push({ tick: time, cycle: cycles });
      result[s]!.busy += at;
      result[s]!.stalls.lockstep += length - at;
      result[s]!.stalls.unit += waits[s]!;
      done[s]!++;
      if (s === served.at(-1) && done[s] === 1) firstResult = time;
    }
    for (const [s, cause] of causes) result[s]!.stalls[cause] += length;
    const turnIsOver = stagesOfTurn(flow, 'image', turn).every((s) => done[s] === opened);
    const batchIsOver = due || (updates.length === 0 && served.every((s) => done[s] === opened));
    if (batchBarrier && batchIsOver) opened = Math.min(images, opened + batch);
    if (turns > 1) {
      if (batchIsOver) turn = 0;
      else if (turnIsOver && turn + 1 < turns) turn++;
      writing = batchIsOver
        ? served.some((s) => done[s]! < images)
        : turnIsOver && active.every((s) => stages[s]!.turn < turn);
    }
    due = batchBarrier && !due && updates.length > 0 && served.every((s) => done[s] === opened);
  }
  const buffers = flow.buffers.map((_, b) => {
    const writer = writerOf(flow, b);
    const readers = readersOf(flow, b);
    const entries = (writer < 0 ? [] : ends[writer]!).map((made, i) => ({
      made,
      gone:
        readers.length === 0 ? null : readers.map((r) => ends[r]![i]!).reduce((a, b) => (b.cycle > a.cycle ? b : a)),
    }));
    return {
      ...held(entries.map(({ made, gone }) => [made.tick, gone?.tick ?? time])),
      lifetimeCycles: Math.max(
        0,
        ...entries.flatMap(({ made, gone }) => (gone === null ? [] : [gone.cycle - made.cycle])),
      ),
    };
  });
  return { makespan: time, firstResult, logicalCycles: cycles, stages: result, buffers };
}

/** A wave is issued when the rows of its window are there, its entry is free and the slowest unit takes another. */
function predictRows(flow: Flow): Prediction {
  const { stages, images, pipelined } = flow;
  const grants = new Grants(flow);
  const left = (s: number, wave: number): number | null => (wave < 0 ? 0 : grants.left(s, wave));
  const pace = stages.map(({ serial, units }) =>
    serial ? units.reduce((sum, { latency }) => sum + latency, 0) : Math.max(...units.map(({ interval }) => interval)),
  );
  const issues = stages.map((): number[] => []);
  const inputs = (s: number, wave: number): number | null => {
    const image = Math.floor(wave / stages[s]!.waves);
    return latest([
      ...stages[s]!.needs.map(({ producer, waves }) =>
        left(producer, image * stages[producer]!.waves + waves[wave % stages[s]!.waves]! - 1),
      ),
      ...(pipelined ? [] : stages.map((stage, other) => left(other, image * stage.waves - 1))),
    ]);
  };
  /** When `count` entries of the stage's output have come free: made, and needed by no wave to come of any reader. */
  const freed = (s: number, count: number): number | null =>
    latest([
      left(s, count - 1),
      ...stages.flatMap((reader, r) =>
        reader.needs
          .filter(({ producer }) => producer === s)
          .map(({ first }) => {
            let gone = 0;
            while (Math.floor(gone / reader.waves) * stages[s]!.waves + first[gone % reader.waves]! < count) gone++;
            return left(r, gone - 1);
          }),
      ),
    ]);
  const room = (s: number, wave: number): number | null =>
    latest(
      stages[s]!.outputs.flatMap((b) => {
        const before = wave + 1 - flow.buffers[b]!.capacity;
        return before > 0 ? [freed(s, before)] : [];
      }),
    );
  while (
    grants.grant((s, wave) => {
      if (wave === images * stages[s]!.waves) return null;
      const before = wave > 0 ? issues[s]![wave - 1]! + pace[s]! : 0;
      const at = latest([before, inputs(s, wave), room(s, wave)]);
      if (at !== null) issues[s]![wave] = at;
      return at;
    })
  );
  const result = stages.map((stage, s) => {
    const stalls = { ...noStalls(), unit: grants.waits[s]! };
    issues[s]!.forEach((at, wave) => {
      const idle = wave > 0 ? issues[s]![wave - 1]! + pace[s]! : 0;
      const ready = Math.max(idle, inputs(s, wave)!);
      stalls.input += ready - idle;
      stalls.output += at - ready;
    });
    return { services: images, busy: pace[s]! * images * stage.waves, stalls, sets: null };
  });
  const entriesOf = (s: number): [number, number][] =>
    s < 0 ? [] : issues[s]!.map((_, wave) => [left(s, wave)!, freed(s, wave + 1)!]);
  return {
    makespan: Math.max(...stages.map((stage, s) => left(s, images * stage.waves - 1)!)),
    firstResult: left(stages.length - 1, stages.at(-1)!.waves - 1)!,
    logicalCycles: null,
    stages: result,
    buffers: flow.buffers.map((_, b) => ({ ...held(entriesOf(writerOf(flow, b))), lifetimeCycles: null })),
  };
}
