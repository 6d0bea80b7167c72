// `granularity: row`: a stage issues a wave as soon as the rows of its window are there (ISAAC's inference pipeline).

import { mapped } from '../kernel/index.js';
import { ARRIVE, FINISH, ISSUE, PRIORITY_FINISH, PRIORITY_ISSUE } from './events.js';
import type { Flow, FlowResult } from './flow.js';
import { resultOf } from './flow-result.js';
import { CAUSE, NO_CAUSE } from './flow-sums.js';
import { SteadyState } from './steady-state.js';
import { StageBank, type RunOptions } from './stage-bank.js';

/**
 * Runs an inference flow wave by wave. Buffer entries are waves of the producing stage; an entry is free once no later
 * wave of any
 * reader needs it. A stage issues at most one wave each initiation interval of its slowest unit, so nothing queues
 * inside a chain.
 */
export function runRows(whole: Flow, options: RunOptions): FlowResult {
  const bank = new StageBank(whole, options);
  const { flow, simulator } = bank;
  const { stages } = flow;
  const recurrence = new SteadyState(bank);
  const interval = Float64Array.from(stages, (stage) =>
    stage.serial
      ? stage.units.reduce((sum, unit) => sum + unit.latency, 0)
      : Math.max(...stage.units.map((unit) => unit.interval)),
  );
  const latency = Float64Array.from(stages, (stage) => stage.units.reduce((sum, unit) => sum + unit.latency, 0));
  // Waves over all images, as counts since the start.
  const issued = new Float64Array(stages.length);
  const left = new Float64Array(stages.length);
  const freed = new Float64Array(stages.length);
  const issueAt = new Float64Array(stages.length);
  const issueDue = new Uint8Array(stages.length);
  const idleCause = new Int8Array(stages.length).fill(NO_CAUSE);
  const idleSince = new Float64Array(stages.length);
  const readers = mapped(stages, (): number[] => []);
  // Every way on which a stage reads a producer: a residual block reads one over two.
  const reads = mapped(stages, (): { reader: number; first: Int32Array }[] => []);
  stages.forEach(({ needs }, reader) => {
    for (const { producer, first } of needs) {
      if (readers[producer]!.at(-1) !== reader) readers[producer]!.push(reader);
      reads[producer]!.push({ reader, first });
    }
  });
  let imagesLeft = 0;

  /** What the stage's next wave waits for: the waves of its window, then room. */
  const waveWait = (s: number): number => {
    const { waves, needs } = stages[s]!;
    const image = Math.floor(issued[s]! / waves);
    if (image >= bank.images) return NO_CAUSE;
    if (!flow.pipelined && image > imagesLeft) return CAUSE.input;
    const wave = issued[s]! - image * waves;
    for (const need of needs)
      if (left[need.producer]! < image * stages[need.producer]!.waves + need.waves[wave]!) return CAUSE.input;
    return bank.tokens.outputsFree(s) ? NO_CAUSE : CAUSE.output;
  };
  const settleIdle = (s: number): void => {
    const since = Math.max(idleSince[s]!, issueAt[s]!);
    if (simulator.now > since) bank.addStall(s, idleCause[s]!, simulator.now - since);
    idleSince[s] = simulator.now;
  };
  const attempt = (s: number): void => {
    if (issueDue[s] === 1) return;
    settleIdle(s);
    const cause = waveWait(s);
    idleCause[s] = cause;
    if (cause !== NO_CAUSE || issued[s]! >= bank.images * stages[s]!.waves) return;
    issueDue[s] = 1;
    simulator.schedule(Math.max(0, issueAt[s]! - simulator.now), PRIORITY_ISSUE, ISSUE, s);
  };
  const issue = (s: number): void => {
    issueDue[s] = 0;
    if (issued[s]! % stages[s]!.waves === 0) bank.beginImage(s);
    issued[s]!++;
    bank.tokens.reserve(s, simulator.now);
    bank.addBusy(s, interval[s]!);
    issueAt[s] = simulator.now + interval[s]!;
    idleSince[s] = issueAt[s]!;
    if (bank.waves.folded(s)) {
      bank.waves.countWaves(s, 1);
      simulator.schedule(latency[s]!, PRIORITY_FINISH, FINISH, s);
    } else {
      bank.waves.startWave(s);
    }
    attempt(s);
  };
  /** Frees the entries of a producer that none of its readers' coming waves needs. */
  const free = (p: number): void => {
    let unneeded = Infinity;
    for (const { reader, first } of reads[p]!) {
      const { waves } = stages[reader]!;
      const image = Math.floor(left[reader]! / waves);
      unneeded = Math.min(unneeded, image * stages[p]!.waves + first[left[reader]! - image * waves]!);
    }
    unneeded = Math.min(unneeded, left[p]!);
    while (freed[p]! < unneeded) {
      freed[p]!++;
      bank.tokens.free(p, simulator.now);
    }
  };
  const finish = (s: number): void => {
    if (options.until?.(bank.started(0)) === true) {
      simulator.stop();
      return;
    }
    const { waves, needs } = stages[s]!;
    left[s]!++;
    bank.tokens.publish(s, simulator.now);
    const imageDone = left[s]! % waves === 0;
    if (imageDone) bank.endImage(s);
    for (const need of needs) free(need.producer);
    // Also its own: a stride may leave out what has just come.
    free(s);
    const opened = imageDone && !flow.pipelined && stages.every((_, other) => bank.finished(other) > imagesLeft);
    if (opened) imagesLeft++;
    for (const need of needs) attempt(need.producer);
    attempt(s);
    for (const reader of readers[s]!) attempt(reader);
    if (opened) for (let other = 0; other < stages.length; other++) attempt(other);
    if (imageDone && s === 0) jump();
  };
  const settleAll = (): void => {
    for (let s = 0; s < stages.length; s++) settleIdle(s);
  };
  const ownState = (): number[] => {
    const state: number[] = [...idleCause, ...issueDue];
    const image = bank.started(0);
    for (let s = 0; s < stages.length; s++) {
      const base = image * stages[s]!.waves;
      state.push(issued[s]! - base, left[s]! - base, freed[s]! - base, Math.max(0, issueAt[s]! - simulator.now));
    }
    return state;
  };
  const jump = (): void => {
    recurrence.visit(settleAll, ownState, bank.images);
    bank.settleIfLong((ticks) => {
      for (let s = 0; s < stages.length; s++) {
        idleSince[s]! -= ticks;
        issueAt[s]! -= ticks;
      }
    });
  };

  for (let s = 0; s < stages.length; s++) attempt(s);
  simulator.run((code, argument) => {
    if (code === ARRIVE) bank.waves.arriveAlone(argument);
    else if (code === ISSUE) issue(argument);
    else finish(argument);
  });
  return resultOf(bank, false, null);
}
