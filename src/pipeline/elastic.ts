// `advance: elastic`: a stage starts an image as soon as its input, its output space and the stage itself are there.

import { ARRIVE } from './events.js';
import type { Flow, FlowResult } from './flow.js';
import { resultOf } from './flow-result.js';
import { NO_CAUSE } from './flow-sums.js';
import { Gate, imageWait } from './gate.js';
import { NOTHING, SteadyState } from './steady-state.js';
import { StageBank, type RunOptions } from './stage-bank.js';

/**
 * Runs an image-granular flow to its end:
 * start(j,i) = max(finish(j-1,i), finish(j,i-1), finish(j+1,i-capacity(j))), docs/model.md section 5, over a graph of
 * stages.
 */
export function runElastic(whole: Flow, options: RunOptions): FlowResult {
  const bank = new StageBank(whole, options);
  const { flow, simulator, tokens, waves } = bank;
  const gate = new Gate(flow, bank);
  const images = new SteadyState(bank);
  const batches = new SteadyState(bank, flow.turns === 1 ? flow.batch : 0);
  const { stages } = flow;
  const servesImages = Uint8Array.from(stages, ({ serves }) => (serves === 'image' ? 1 : 0));
  const idleCause = new Int8Array(stages.length).fill(NO_CAUSE);
  const idleSince = new Float64Array(stages.length);

  const settleIdle = (stage: number): void => {
    if (!bank.busy(stage)) bank.addStall(stage, idleCause[stage]!, simulator.now - idleSince[stage]!);
    idleSince[stage] = simulator.now;
  };
  const settleAll = (): void => {
    for (let s = 0; s < stages.length; s++) settleIdle(s);
  };
  const attempt = (stage: number): void => {
    if (bank.busy(stage) || servesImages[stage] === 0) return;
    settleIdle(stage);
    const cause = imageWait(bank, gate, stage);
    idleCause[stage] = cause;
    if (cause === NO_CAUSE && bank.started(stage) < bank.images) bank.begin(stage);
  };
  const attemptWoken = (): void => {
    for (let s = tokens.nextWoken(); s >= 0; s = tokens.nextWoken()) attempt(s);
  };
  const attemptAll = (): void => {
    for (let s = stages.length - 1; s >= 0; s--) tokens.wake(s);
    attemptWoken();
  };
  const enterBatch = (): void => {
    if (batches.visit(settleAll, NOTHING, bank.images) > 0) gate.fit();
    images.restart();
    openTurn();
  };
  const openTurn = (): void => {
    for (const s of gate.loading) bank.begin(s);
    attemptAll();
  };
  const lookAtImages = (): void => {
    // Within a turn the other stages' counts do not come back.
    if (flow.turns > 1) return;
    gate.shorten(images.visit(settleAll, () => [...idleCause], gate.batchEnd));
  };

  const startBatchStages = (): void => {
    stages.forEach((stage, s) => {
      if (stage.serves === 'batch') bank.begin(s);
    });
  };

  const finish = (stage: number): void => {
    if (options.until?.(bank.started(0)) === true) {
      simulator.stop();
      return;
    }
    bank.end(stage);
    bank.publish(stage);
    tokens.finish(stage, simulator.now);
    idleCause[stage] = NO_CAUSE;
    idleSince[stage] = simulator.now;
    if (servesImages[stage] === 0) {
      if (stages[stage]!.serves === 'turn') {
        if (gate.turnLoaded()) attemptAll();
      } else if (gate.batchServed()) enterBatch();
      return;
    }
    const opened = gate.imageServed();
    if (opened === 'batch') {
      enterBatch();
      return;
    }
    if (opened === 'turn') openTurn();
    if (opened === 'batch-stages') startBatchStages();
    if (opened === 'image') {
      lookAtImages();
      attemptAll();
      return;
    }
    tokens.wake(stage);
    attemptWoken();
    if (stage === 0 && flow.pipelined) lookAtImages();
  };

  const shiftIdle = (ticks: number): void => {
    for (let s = 0; s < stages.length; s++) idleSince[s]! -= ticks;
  };

  batches.start();
  openTurn();
  waves.catchUp();
  simulator.run((code, argument) => {
    if (code === ARRIVE) {
      waves.arrive(argument);
      return;
    }
    finish(argument);
    bank.settleIfLong(shiftIdle);
    waves.catchUp();
  });
  return resultOf(bank, false, null);
}
