// The stages of a flow at work: services and the tokens that they move through buffers.

import { Simulator, type Observer } from '../kernel/index.js';
import { Chains } from './chains.js';
import { closedSteps } from './closed-steps.js';
import { Contention } from './contention.js';
import { EndQueue } from './end-queue.js';
import type { Flow, FlowResult } from './flow.js';
import { CAUSE, FlowSums, NO_CAUSE, type FlowTotals } from './flow-sums.js';
import { TokenBank } from './token-bank.js';
import { newColumns } from './wave-columns.js';
import { waveQueue } from './wave-queue.js';

/** Ticks after which sums and clock are moved into exact totals; below 2^53 even times a hundred thousand entries. */
const SETTLE_TICKS = 2 ** 36;

/** How a flow is run. */
export interface RunOptions {
  /** Event by event: no folding of chains, no cycle memo, no jumps. */
  exact?: boolean;
  observer?: (Observer & { rebase?(ticks: number): void }) | null;
  /** Called now and then with the share of images that have finished. */
  progress?: (share: number, events: number) => void;
  /** Ends the run early: asked with the logical cycles done (lockstep) or the images started. */
  until?: (progress: number) => boolean;
  /** Lockstep: follows every logical cycle, none is jumped over. */
  cycles?: CycleWatch;
}

/** How a cycle of the same active stages went: ticks, for each of them to its finish, and its wait for shared units. */
export interface CycleMemo {
  duration: number;
  finish: Float64Array;
  unitWait: bigint[];
}

/** A logical cycle as it went; ticks since the start of the run. */
export interface LogicalCycle {
  /** Counted from 0. */
  cycle: number;
  start: number;
  end: number;
  /** The stage that finished last. */
  last: number;
  /** Stages that took part, the image (or batch) that each served, and when it was done. */
  active: readonly number[];
  images: readonly number[];
  finish: readonly number[];
  /** Why a stage did not take part, by stage; -1 for those that did, or have nothing to do. */
  causes: ArrayLike<number>;
}

/** Follows the logical cycles of a run. */
export interface CycleWatch {
  /** Cycles that went before: filled by one run, it spares the next their simulation. */
  memo: Map<string, CycleMemo>;
  /** True for cycles that are simulated wave by wave whether or not they are known. */
  simulated: (cycle: number) => boolean;
  told: (cycle: LogicalCycle) => void;
}

/** State shared by the elastic, lockstep and row-granular runners. Indexes: stage, buffer. */
export class StageBank {
  readonly flow: Flow;
  readonly exact: boolean;
  /** False where the run is to end early. */
  readonly whole: boolean;
  readonly simulator: Simulator;
  readonly waves: Contention;
  readonly #sums: FlowSums;
  readonly #started: Float64Array;
  readonly #finished: Float64Array;
  readonly #busy: Uint8Array;
  readonly #startedAt: Float64Array;
  readonly tokens: TokenBank;
  readonly #jumps: FlowResult['fastPath']['jumps'] = [];
  readonly #observer: NonNullable<RunOptions['observer']> | null;
  readonly #progress: RunOptions['progress'];
  readonly #firstResultStage: number;
  #firstResult: bigint | null = null;
  /** Images that jumps have taken off the run. */
  #skipped = 0;

  constructor(flow: Flow, options: RunOptions) {
    const { stages } = flow;
    this.flow = flow;
    this.exact = options.exact ?? false;
    this.whole = options.until === undefined;
    this.#observer = options.observer ?? null;
    this.#progress = options.progress;
    const chains = new Chains(flow, this.exact);
    const pulse = (): void => {
      this.#tell();
    };
    const byImages = flow.granularity === 'image';
    const queue =
      this.exact && this.#observer === null && byImages ? waveQueue(chains, flow.servers.length, pulse) : undefined;
    const watched = this.#progress === undefined || queue !== undefined ? null : pulse;
    const steps =
      !this.exact && byImages && chains.folded.includes(0) ? closedSteps(chains, flow.servers.length) : undefined;
    const closed = steps === undefined ? null : { steps, ends: new EndQueue(stages.length) };
    this.simulator = new Simulator(this.#observer, watched, queue ?? closed?.ends);
    this.#sums = new FlowSums(flow);
    this.tokens = new TokenBank(flow, this.#observer);
    this.waves = new Contention(flow, {
      simulator: this.simulator,
      sums: this.#sums,
      observer: this.#observer,
      exact: this.exact,
      chains,
      columns: queue?.columns ?? newColumns(chains, flow.servers.length),
      closed,
    });
    this.#started = new Float64Array(stages.length);
    this.#finished = new Float64Array(stages.length);
    this.#busy = new Uint8Array(stages.length);
    this.#startedAt = new Float64Array(stages.length);
    this.#firstResultStage = stages.reduce((last, stage, s) => (stage.serves === 'image' ? s : last), 0);
  }

  /** Images of the run as it is still to be simulated: jumps have taken some off. */
  get images(): number {
    return this.flow.images - this.#skipped;
  }

  /** The image that the first stage starts next, jumps included. */
  get image(): number {
    return this.#skipped + this.#started[0]!;
  }

  /** Ticks from the start of the run to the first image's end at the last image stage; null before it. */
  get firstResult(): bigint | null {
    return this.#firstResult;
  }

  /** Its sums, to be read. */
  get sums(): FlowTotals {
    return this.#sums;
  }

  get jumps(): FlowResult['fastPath']['jumps'] {
    return [...this.#jumps];
  }

  /** The image that the stage starts next, and the one that it finishes next; not counting what was jumped over. */
  started(stage: number): number {
    return this.#started[stage]!;
  }

  finished(stage: number): number {
    return this.#finished[stage]!;
  }

  busy(stage: number): boolean {
    return this.#busy[stage] === 1;
  }

  addStall(stage: number, cause: number, ticks: number): void {
    if (cause !== NO_CAUSE) this.#sums.add(this.#sums.stall(stage, cause), ticks);
  }

  /** Adds ticks that waves of a stage waited for shared units. */
  addUnitWait(stage: number, ticks: bigint): void {
    this.#sums.addExact(this.#sums.stall(stage, CAUSE.unit), ticks);
  }

  addBusy(stage: number, ticks: number): void {
    this.#sums.add(this.#sums.busy(stage), ticks);
  }

  /** Counts a logical cycle of `ticks` whose last stage to finish was `last`. */
  countCycle(last: number, ticks: number): void {
    const sums = this.#sums;
    sums.add(sums.cycles, 1);
    sums.add(sums.sets(last), 1);
    sums.add(sums.sets(last) + 1, ticks);
  }

  /** Starts the stage's next service now: its output entries are reserved and its first wave enters. */
  begin(stage: number): void {
    this.#occupy(stage);
    this.waves.serve(stage);
  }

  /** Starts a service whose waves are not simulated, because an equal cycle was. */
  beginKnown(stage: number): void {
    this.#occupy(stage);
    this.waves.countWaves(stage, this.flow.stages[stage]!.waves);
  }

  #occupy(stage: number): void {
    this.tokens.reserve(stage, this.simulator.now);
    this.#started[stage]!++;
    this.#busy[stage] = 1;
    this.#startedAt[stage] = this.simulator.now;
  }

  /** Ends the stage's service as of tick `at`. Its tokens move with `publish` and `tokens.finish`. */
  end(stage: number, at = this.simulator.now): void {
    this.#finished[stage]!++;
    this.#busy[stage] = 0;
    this.#sums.add(this.#sums.services(stage), 1);
    this.addBusy(stage, at - this.#startedAt[stage]!);
  }

  /** The token that the stage has made is there. */
  publish(stage: number): void {
    this.tokens.publish(stage, this.simulator.now);
    this.#noteResult(stage);
  }

  /** By rows: the stage issues the first wave of its next image. */
  beginImage(stage: number): void {
    this.#started[stage]!++;
  }

  /** By rows: the stage has served the whole image; its entries moved wave by wave. */
  endImage(stage: number): void {
    this.#finished[stage]!++;
    this.#sums.add(this.#sums.services(stage), 1);
    this.#noteResult(stage);
  }

  #noteResult(stage: number): void {
    if (stage === this.#firstResultStage) this.#firstResult ??= this.simulator.time;
  }

  /** Moves long sums and the clock into exact totals when they have grown; call it between events. */
  settleIfLong(shift: (ticks: number) => void): void {
    if (this.simulator.now < SETTLE_TICKS) return;
    this.settle();
    const ticks = this.simulator.rebase();
    this.waves.shift(ticks);
    this.tokens.buffers.shift(ticks);
    for (let s = 0; s < this.#startedAt.length; s++) this.#startedAt[s]! -= ticks;
    this.#observer?.rebase?.(ticks);
    shift(ticks);
    this.#tell();
  }

  /** Says how far the run is. */
  #tell(): void {
    const done = this.#skipped + this.#finished[this.#firstResultStage]!;
    this.#progress?.(done / this.flow.images, this.simulator.events);
  }

  /** Brings buffer occupancies up to now and all sums into the exact totals. */
  settle(): void {
    this.waves.settle();
    const { buffers } = this.tokens;
    buffers.settle(this.simulator.now);
    for (let b = 0; b < buffers.count; b++) this.#sums.addExact(this.#sums.area(b), buffers.takeArea(b));
    this.#sums.flush();
  }

  /** Most readable entries of the buffer so far. */
  peak(buffer: number): number {
    return this.tokens.buffers.peak(buffer);
  }

  /** Images that the last image stage has started, not counting what was jumped over. */
  get startedLast(): number {
    return this.#started[this.#firstResultStage]!;
  }

  /** The image that the stage which is furthest ahead starts next; not counting what was jumped over. */
  furthestImage(): number {
    let furthest = 0;
    for (let s = 0; s < this.#started.length; s++)
      if (this.flow.stages[s]!.serves === 'image') furthest = Math.max(furthest, this.#started[s]!);
    return furthest;
  }

  /** Ticks that the services under way have lasted, as one number: in equal states it is the same. */
  glance(): number {
    const { now } = this.simulator;
    let glance = 0;
    for (let s = 0; s < this.#busy.length; s++)
      if (this.#busy[s] === 1 && this.flow.stages[s]!.serves === 'image')
        glance += (s + 1) * (now - this.#startedAt[s]!);
    return glance;
  }

  /** The counters that decide the future, relative to the images started; `extra` are those of the runner. */
  counts(extra: readonly number[]): number[] {
    const image = this.#started[0]!;
    const counts = [...extra];
    for (let s = 0; s < this.#started.length; s++) {
      if (this.flow.stages[s]!.serves !== 'image') continue;
      counts.push(this.#started[s]! - image, this.#finished[s]! - image, this.#busy[s]!);
    }
    const { buffers } = this.tokens;
    for (let b = 0; b < buffers.count; b++) counts.push(buffers.reserved(b), buffers.readable(b));
    this.waves.counts((s) => this.#busy[s] === 1 && this.flow.stages[s]!.serves === 'image', counts);
    return counts;
  }

  /** The times that decide the future, relative to now: equal counts, times and queues, equal futures. */
  times(): number[] {
    const { simulator } = this;
    const times: number[] = [];
    for (let s = 0; s < this.#started.length; s++)
      if (this.#busy[s] === 1 && this.flow.stages[s]!.serves === 'image')
        times.push(this.#startedAt[s]! - simulator.now);
    this.waves.times(times);
    for (const [delay, , code, argument] of simulator.pending()) times.push(delay!, code!, argument!);
    return times;
  }

  /** Times of waves that queue at shared units, relative to now: many, and apart so that they are compared last. */
  queues(): Float64Array {
    return this.waves.queues();
  }

  /**
   * Jumps over `periods` equal periods of `images` images: what came since the sums were `before` and the time was
   * `time` is added as often to the totals, and taken off what is still to be simulated. Where nothing is left to be,
   * the last period is a batch behind which no stage waits for another.
   */
  jump(periods: number, images: number, time: bigint, before: readonly bigint[]): void {
    const sums = this.#sums;
    const ends = this.#started[0]! + periods * images === this.images;
    const batchWaits = this.flow.stages.map((_, s) => sums.stall(s, CAUSE.batch));
    const ticks = ends ? batchWaits.map((sum) => sums.total(sum) - before[sum]!) : [];
    sums.repeatSince(before, BigInt(periods));
    ticks.forEach((waited, s) => {
      sums.addExact(batchWaits[s]!, -waited);
    });
    this.simulator.leap(BigInt(periods) * (this.simulator.time - time));
    this.#jumps.push({ atImage: this.image, images: periods * images, periods });
    this.#skipped += periods * images;
  }
}
