// What the engine must say, from the recurrences of docs/model.md ("Pipeline") alone: every time is a maximum of sums.
// Shares no code with src/pipeline but the types of a flow; no queue, no folding, no jumps, everything kept in tables.

import type { Flow, FlowStage, StallCause } from '../../src/pipeline/index.js';

export interface Prediction {
  makespan: number;
  firstResult: number;
  logicalCycles: number | null;
  stages: { busy: number; stalls: Record<StallCause, number> }[];
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
    let best: { stage: number; unit: number; wave: number; at: number } | null = null;
    this.#stages.forEach(({ units }, stage) => {
      units.forEach((_, unit) => {
        const known = this.waves[stage]!;
        const wave = unit === 0 ? known.length : known.findIndex(({ starts }) => starts.length === unit);
        const at = unit === 0 ? entry(stage, wave) : wave < 0 ? null : known[wave]!.ends[unit - 1]!;
        if (at !== null && (best === null || at < best.at)) best = { stage, unit, wave, at };
      });
    });
    if (best === null) return false;
    const { stage, unit, wave, at } = best as { stage: number; unit: number; wave: number; at: number };
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

/** Times, stalls and cycles of the flow. */
export function predict(flow: Flow): Prediction {
  if (flow.granularity === 'row') return predictRows(flow);
  return flow.advance === 'lockstep' ? predictLockstep(flow) : predictElastic(flow);
}

/** start(j,i) = max(end of the inputs' makers on i, end(j,i-1), end of the outputs' readers on i-capacity, gates). */
function predictElastic(flow: Flow): Prediction {
  const { stages, images, batch, batchBarrier, pipelined } = flow;
  const grants = new Grants(flow);
  const served = imageStages(flow);
  const updates = batchStages(flow);
  const end = (s: number, n: number): number | null => grants.left(s, (n + 1) * stages[s]!.waves - 1);
  const lastOf = (b: number): number => Math.min(images, (b + 1) * batch) - 1;
  /** When image stages are done with a batch, and when the next one opens. */
  const batchDone = (b: number): number | null => latest(served.map((s) => end(s, lastOf(b))));
  const opens = (b: number): number | null =>
    !batchBarrier || b === 0 ? 0 : updates.length === 0 ? batchDone(b - 1) : latest(updates.map((s) => end(s, b - 1)));
  const batchOf = (i: number): number => (batchBarrier ? Math.floor(i / batch) : 0);
  const inputs = (s: number, i: number): number | null =>
    latest([
      ...stages[s]!.inputs.map((b) => end(writerOf(flow, b), i)),
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
    if (stages[s]!.serves === 'image') return n < images ? latest([before, inputs(s, n), room(s, n)]) : null;
    return batchBarrier && n < Math.ceil(images / batch) ? latest([before, batchDone(n)]) : null;
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
  const result = stages.map((_, s) => ({ busy: 0, stalls: { ...noStalls(), unit: grants.waits[s]! } }));
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
      const open = Math.min(ready, Math.max(idle, opens(batchOf(i))!));
      stalls.batch += open - idle;
      stalls.input += ready - open;
      stalls.output += starts[s]![i]! - ready;
    }
  }
  return {
    makespan: Math.max(...stages.map((_, s) => grants.left(s, grants.waves[s]!.length - 1) ?? 0)),
    firstResult: end(served.at(-1)!, 0)!,
    logicalCycles: null,
    stages: result,
  };
}

/** Each cycle's stages start together and their tokens move together; a cycle lasts as long as its slowest. */
function predictLockstep(flow: Flow): Prediction {
  const { stages, images, batch, batchBarrier, pipelined } = flow;
  const served = imageStages(flow);
  const updates = batchStages(flow);
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
      ? Math.max(0, ...[...together(served).ends.values(), ...together(updates).ends.values()])
      : 0;
  const done = stages.map(() => 0);
  const result = stages.map(() => ({ busy: 0, stalls: noStalls() }));
  let time = 0;
  let cycles = 0;
  let firstResult = 0;
  let opened = batchBarrier ? Math.min(batch, images) : images;
  let due = false;
  for (;;) {
    const whole = Math.min(...served.map((s) => done[s]!));
    const causes = new Map<number, StallCause>();
    const active = stages.flatMap(({ serves, inputs, outputs, source }, s) => {
      if (serves === 'batch') return due ? [s] : [];
      const i = done[s]!;
      if (i === images) return [];
      const gated = source && (i >= opened || (!pipelined && i > whole));
      const cause =
        gated || inputs.some((b) => done[writerOf(flow, b)]! <= i)
          ? i >= opened
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
    const { ends, waits } = together(active);
    const length = Math.max(slowest, ...ends.values());
    time += length;
    cycles++;
    for (const [s, at] of ends) {
      result[s]!.busy += at;
      result[s]!.stalls.lockstep += length - at;
      result[s]!.stalls.unit += waits[s]!;
      done[s]!++;
      if (s === served.at(-1) && done[s] === 1) firstResult = time;
    }
    for (const [s, cause] of causes) result[s]!.stalls[cause] += length;
    const batchIsOver = due || (updates.length === 0 && served.every((s) => done[s] === opened));
    if (batchBarrier && batchIsOver) opened = Math.min(images, opened + batch);
    due = batchBarrier && !due && updates.length > 0 && served.every((s) => done[s] === opened);
  }
  return { makespan: time, firstResult, logicalCycles: cycles, stages: result };
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
    return { busy: pace[s]! * images * stage.waves, stalls };
  });
  return {
    makespan: Math.max(...stages.map((stage, s) => left(s, images * stage.waves - 1)!)),
    firstResult: left(stages.length - 1, stages.at(-1)!.waves - 1)!,
    logicalCycles: null,
    stages: result,
  };
}
