// When an image may enter, and what one waits for: batches open one after the other, turns within them, and without
// pipelining images do too.

import type { Flow } from './flow.js';
import { CAUSE, NO_CAUSE } from './flow-sums.js';
import type { StageBank } from './stage-bank.js';

/** Counts what is still to be served before the next batch (or, unpipelined, the next image) may enter. */
export class Gate {
  readonly #flow: Flow;
  readonly #run: { readonly images: number };
  readonly #imageStages: number;
  readonly #batchStages: number;
  #batchEnd = 0;
  #batchStart = 0;
  /** Images that may have entered when they must not overlap. */
  #imageEnd: number;
  /** Of the open batch: images not yet served by all, and services until one more is. */
  #batchImagesLeft = 0;
  #batchServicesLeft = 0;
  #imageServicesLeft: number;
  #updatesLeft = 0;
  /** The turn that has the arrays, services of it and writes before them that are still to come. */
  #turn = 0;
  #turnServicesLeft = 0;
  #loadsLeft = 0;

  /** @param run says how many images there are still to be, jumps taken off. */
  constructor(flow: Flow, run: { readonly images: number }) {
    this.#flow = flow;
    this.#run = run;
    this.#imageStages = flow.stages.filter((stage) => stage.serves === 'image').length;
    this.#batchStages = flow.stages.filter((stage) => stage.serves === 'batch').length;
    this.#imageEnd = flow.pipelined ? run.images : 1;
    this.#imageServicesLeft = this.#imageStages;
    this.#open();
  }

  /** Images that may have entered: those of the open batch and before. */
  get batchEnd(): number {
    return this.#batchEnd;
  }

  /** False while the arrays of a stage hold the weights of others. */
  holds(stage: number): boolean {
    return this.#flow.turns === 1 || (this.#loadsLeft === 0 && this.#flow.stages[stage]!.turn === this.#turn);
  }

  /** Stages that write the weights of the open turn, where they have not all done so. */
  get loading(): readonly number[] {
    if (this.#loadsLeft === 0) return [];
    return this.#flow.stages.flatMap(({ serves, turn }, s) => (serves === 'turn' && turn === this.#turn ? [s] : []));
  }

  /** Notes that weights were written; true when those of the turn all are. */
  turnLoaded(): boolean {
    return --this.#loadsLeft === 0;
  }

  /** Images that sources may start, so far. */
  get limit(): number {
    return Math.min(this.#batchEnd, this.#imageEnd);
  }

  /**
   * Notes that an image stage finished. Returns what that opens: nothing, the next image, the next turn, the batch
   * stages, or (no batch stages) the next batch.
   */
  imageServed(): 'nothing' | 'image' | 'turn' | 'batch-stages' | 'batch' {
    let opened: 'nothing' | 'image' | 'turn' = 'nothing';
    if (!this.#flow.pipelined && --this.#imageServicesLeft === 0) {
      this.#imageEnd++;
      this.#imageServicesLeft = this.#imageStages;
      opened = 'image';
    }
    if (this.#flow.turns > 1 && --this.#turnServicesLeft === 0 && this.#turn + 1 < this.#flow.turns) {
      this.#openTurn(this.#turn + 1);
      opened = 'turn';
    }
    if (!this.#flow.batchBarrier || --this.#batchServicesLeft > 0) return opened;
    this.#batchServicesLeft = this.#imageStages;
    if (--this.#batchImagesLeft > 0) return opened;
    if (this.#batchStages > 0) {
      this.#updatesLeft = this.#batchStages;
      return 'batch-stages';
    }
    return this.#open() ? 'batch' : opened;
  }

  /** Notes that a batch stage finished; true when that opens the next batch. */
  batchServed(): boolean {
    return --this.#updatesLeft === 0 && this.#open();
  }

  /** Takes images that have not entered off the open batch (a jump within it; with turns, before the first of them). */
  shorten(images: number): void {
    this.#batchEnd -= images;
    this.#batchImagesLeft -= images;
    if (this.#flow.turns > 1) this.#openTurn(this.#turn);
  }

  /** The run has become shorter by whole batches: the open one may now be the short last one. */
  fit(): void {
    if (this.#batchEnd > this.#run.images) this.shorten(this.#batchEnd - this.#run.images);
  }

  #open(): boolean {
    const { batch, batchBarrier } = this.#flow;
    const { images } = this.#run;
    if (this.#batchEnd >= images) return false;
    this.#batchStart = this.#batchEnd;
    this.#batchEnd = batchBarrier ? Math.min(images, this.#batchStart + batch) : images;
    this.#batchImagesLeft = this.#batchEnd - this.#batchStart;
    this.#batchServicesLeft = this.#imageStages;
    if (this.#flow.turns > 1) this.#openTurn(0);
    return true;
  }

  #openTurn(turn: number): void {
    const own = this.#flow.stages.filter((stage) => stage.turn === turn);
    this.#turn = turn;
    this.#turnServicesLeft =
      own.filter(({ serves }) => serves === 'image').length * (this.#batchEnd - this.#batchStart);
    this.#loadsLeft = own.filter(({ serves }) => serves === 'turn').length;
  }
}

/** What a stage's next image waits for, where stages serve whole images: it may enter, is readable, has room. */
export function imageWait(bank: StageBank, gate: Gate, stage: number): number {
  const image = bank.started(stage);
  if (image >= bank.images) return NO_CAUSE;
  if (!gate.holds(stage)) return CAUSE.batch;
  const waits = bank.flow.stages[stage]!.source && image >= gate.limit;
  if (waits || !bank.tokens.inputsReady(stage, image)) return image >= gate.batchEnd ? CAUSE.batch : CAUSE.input;
  return bank.tokens.outputsFree(stage) ? NO_CAUSE : CAUSE.output;
}
