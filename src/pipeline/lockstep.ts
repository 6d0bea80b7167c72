// `advance: lockstep`: all stages advance together, one image each a logical cycle (PipeLayer).

import { ARRIVE } from './events.js';
import type { Flow, FlowResult, FlowStage } from './flow.js';
import { resultOf } from './flow-result.js';
import { CAUSE, NO_CAUSE } from './flow-sums.js';
import { Gate, imageWait } from './gate.js';
import { NOTHING, SteadyState } from './steady-state.js';
import { StageBank, type CycleMemo, type RunOptions } from './stage-bank.js';

/**
 * Runs an image-granular flow in logical cycles. A stage takes part in a cycle when, at the cycle's start, its image is
 * readable and its
 * output has room; tokens move at the cycle's end, releases first. A cycle lasts as long as its slowest active stage
 * (`cycle: active`)
 * or as the slowest cycle there can be (`cycle: fixed`).
 */
export function runLockstep(whole: Flow, options: RunOptions): FlowResult {
  const fixedTicks = whole.cycle === 'fixed' ? slowestCycle(whole) : 0;
  const bank = new StageBank(whole, options);
  const { flow, simulator, tokens, waves } = bank;
  const { stages } = flow;
  const gate = new Gate(flow, bank);
  const images = new SteadyState(bank);
  const batches = new SteadyState(bank, flow.turns === 1 ? flow.batch : 0);
  const lifetimes = new Lifetimes(flow.buffers.length);
  const active: number[] = [];
  const causes = new Int8Array(stages.length).fill(NO_CAUSE);
  const idleSince = new Float64Array(stages.length);
  const sources = indexes(stages, ({ source }) => source);
  const batchStages = indexes(stages, ({ serves }) => serves === 'batch');
  const finishAt = new Float64Array(stages.length);
  const { cycles } = options;
  const remembers = !bank.exact || cycles !== undefined;
  const memo = cycles?.memo ?? new Map<string, CycleMemo>();
  /** Ticks of the run before the present origin of time. */
  let base = 0;
  let batchStagesDue = false;
  let turnDue = flow.turns > 1;
  let cycle = 0;
  let entered = 0;
  let stopped = false;
  /** Cycles that were taken as what they must be. */
  let foreseen = 0;

  /** Adds the time that a stage has been idle for its cause. */
  const settleIdle = (s: number): void => {
    bank.addStall(s, causes[s]!, simulator.now - idleSince[s]!);
    idleSince[s] = simulator.now;
  };
  const settleAll = (): void => {
    for (let s = 0; s < stages.length; s++) settleIdle(s);
  };
  /** All stages are looked at before the next cycle. */
  const wakeAll = (): void => {
    for (let s = stages.length - 1; s >= 0; s--) tokens.wake(s);
  };
  /** Stages of the next cycle: those whose token or room has come, and sources. */
  const choose = (): void => {
    for (const s of sources) tokens.wake(s);
    if (batchStagesDue) for (const s of batchStages) tokens.wake(s);
    const loading = turnDue ? gate.loading : [];
    for (const s of loading) tokens.wake(s);
    active.length = 0;
    for (let s = tokens.nextWoken(); s >= 0; s = tokens.nextWoken()) {
      settleIdle(s);
      causes[s] = NO_CAUSE;
      if (stages[s]!.serves === 'batch') {
        if (batchStagesDue) active.push(s);
      } else if (stages[s]!.serves === 'turn') {
        if (loading.includes(s)) active.push(s);
      } else if (bank.started(s) < bank.images) {
        causes[s] = imageWait(bank, gate, s);
        if (causes[s] === NO_CAUSE) active.push(s);
      }
    }
    batchStagesDue = false;
    turnDue = false;
  };

  const dispatch = (code: number, argument: number): void => {
    if (code === ARRIVE) {
      waves.arrive(argument);
      return;
    }
    finishAt[argument] = simulator.now;
    waves.catchUp();
  };
  const simulate = (): void => {
    for (const s of active) bank.begin(s);
    waves.catchUp();
    simulator.run(dispatch);
  };
  /** Takes a cycle of these active stages as it went before; false when it has not been seen. */
  const replay = (key: string): boolean => {
    const known = memo.get(key);
    if (known === undefined) return false;
    const start = simulator.now;
    active.forEach((s, i) => {
      bank.beginKnown(s);
      finishAt[s] = start + known.finish[i]!;
      bank.addUnitWait(s, known.unitWait[i]!);
    });
    simulator.advance(start + known.duration);
    return true;
  };

  /** Takes a cycle of stages that share no unit as what it must be; false when some do. */
  const serveAlone = (): boolean => {
    if (cycles !== undefined || !active.every((s) => waves.folded(s))) return false;
    const start = simulator.now;
    let longest = 0;
    for (const s of active) {
      const service = waves.service(s);
      bank.beginKnown(s);
      finishAt[s] = start + service;
      longest = Math.max(longest, service);
    }
    simulator.advance(start + longest);
    foreseen++;
    return true;
  };
  const freed = (buffer: number): void => {
    lifetimes.released(buffer, cycle);
  };

  batches.start();
  wakeAll();
  choose();
  while (active.length > 0) {
    const start = simulator.now;
    const alone = remembers && serveAlone();
    const key = remembers && !alone ? active.join() : '';
    if (!alone && (!remembers || cycles?.simulated(cycle) === true || !replay(key))) {
      const before = remembers ? waves.waited(active) : [];
      simulate();
      if (remembers) {
        const after = waves.waited(active);
        memo.set(key, {
          duration: simulator.now - start,
          finish: Float64Array.from(active, (s) => finishAt[s]! - start),
          unitWait: after.map((ticks, i) => ticks - before[i]!),
        });
      }
    }
    simulator.advance(Math.max(simulator.now, start + fixedTicks));
    const end = simulator.now;
    cycle++;
    let opened: 'nothing' | 'image' | 'batch' = 'nothing';
    let last = active[0]!;
    for (const s of active) {
      if (finishAt[s]! > finishAt[last]!) last = s;
      bank.end(s, finishAt[s]);
      bank.addStall(s, CAUSE.lockstep, end - finishAt[s]!);
    }
    bank.countCycle(last, end - start);
    cycles?.told({
      cycle: cycle - 1,
      start: base + start,
      end: base + end,
      last,
      active,
      images: active.map((s) => bank.started(s) - 1),
      finish: active.map((s) => base + finishAt[s]!),
      causes,
    });
    for (const s of active) tokens.finish(s, end, freed);
    for (const s of active) {
      tokens.wake(s);
      bank.publish(s);
      for (const buffer of stages[s]!.outputs) lifetimes.published(buffer, cycle);
      if (stages[s]!.serves === 'turn') {
        if (gate.turnLoaded()) wakeAll();
      } else if (stages[s]!.serves === 'batch') {
        if (gate.batchServed()) opened = 'batch';
      } else {
        const next = gate.imageServed();
        if (next === 'turn') turnDue = true;
        else if (next === 'batch-stages') batchStagesDue = true;
        else if (next !== 'nothing') opened = next;
      }
    }
    // Within a turn the other stages' counts do not come back.
    if (flow.turns === 1 && flow.pipelined && opened === 'nothing' && bank.started(0) > entered) opened = 'image';
    entered = bank.started(0);
    if (opened === 'batch') {
      turnDue = flow.turns > 1;
      wakeAll();
    }
    // Who follows every cycle jumps over none.
    if (cycles !== undefined) opened = 'nothing';
    if (opened === 'batch') {
      if (batches.visit(settleAll, NOTHING, bank.images) > 0) gate.fit();
      images.restart();
    } else if (opened === 'image') {
      const skipped = images.visit(settleAll, NOTHING, gate.batchEnd);
      gate.shorten(skipped);
      if (skipped > 0) wakeAll();
    }
    stopped = options.until?.(cycle) === true;
    if (stopped) break;
    bank.settleIfLong((ticks) => {
      base += ticks;
      for (let s = 0; s < stages.length; s++) idleSince[s]! -= ticks;
    });
    choose();
  }
  settleAll();
  return resultOf(bank, !stopped && foreseen + memo.size > 0, lifetimes.longest);
}

/** Stages of which this is true, ascending. */
function indexes(stages: readonly FlowStage[], is: (stage: FlowStage) => boolean): number[] {
  return stages.flatMap((stage, s) => (is(stage) ? [s] : []));
}

/** Ticks of the slowest cycle: all image stages at once, all batch stages, or all writes of turns. */
function slowestCycle(flow: Flow): number {
  let slowest = 0;
  for (const serves of ['image', 'batch', 'turn'] as const) {
    const bank = new StageBank(flow, {});
    flow.stages.forEach((stage, s) => {
      if (stage.serves === serves) bank.begin(s);
    });
    bank.waves.catchUp();
    bank.simulator.run((code, argument) => {
      if (code === ARRIVE) {
        bank.waves.arrive(argument);
        return;
      }
      bank.waves.catchUp();
    });
    slowest = Math.max(slowest, bank.simulator.now);
    bank.waves.release();
  }
  return slowest;
}

/** Logical cycles between an entry's production and its release, longest for each buffer. */
class Lifetimes {
  readonly longest: number[];
  readonly #publishedAt: number[][];
  readonly #oldest: number[];

  constructor(buffers: number) {
    this.longest = new Array<number>(buffers).fill(0);
    this.#publishedAt = Array.from({ length: buffers }, () => []);
    this.#oldest = new Array<number>(buffers).fill(0);
  }

  published(buffer: number, cycle: number): void {
    this.#publishedAt[buffer]!.push(cycle);
  }

  released(buffer: number, cycle: number): void {
    const entries = this.#publishedAt[buffer]!;
    const oldest = this.#oldest[buffer]!++;
    this.longest[buffer] = Math.max(this.longest[buffer]!, cycle - entries[oldest]!);
    if (this.#oldest[buffer]! > 1024) {
      entries.splice(0, this.#oldest[buffer]);
      this.#oldest[buffer] = 0;
    }
  }
}
