// When an image may enter, and what one waits for: batches open one after the other, and without pipelining images do
// too.

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
  /** Images that may have entered when they must not overlap. */
  #imageEnd: number;
  /** Of the open batch: images not yet served by all, and services until one more is. */
  #batchImagesLeft = 0;
  #batchServicesLeft = 0;
  #imageServicesLeft: number;
  #updatesLeft = 0;

  /** @param run says how many images there are still to be, jumps taken off. */
  constructor(flow: Flow, run: { readonly images: number }) {
    this.#flow = flow;
    this.#run = run;
    this.#imageStages = flow.stages.filter((stage) => stage.serves === 'image').length;
    this.#batchStages = flow.stages.length - this.#imageStages;
    this.#imageEnd = flow.pipelined ? run.images : 1;
    this.#imageServicesLeft = this.#imageStages;
    this.#open();
  }

  /** Images that may have entered: those of the open batch and before. */
  get batchEnd(): number {
    return this.#batchEnd;
  }

  /** Images that sources may start, so far. */
  get limit(): number {
    return Math.min(this.#batchEnd, this.#imageEnd);
  }

  /**
   * Notes that an image stage finished. Returns what that opens: nothing, the next image, the batch stages, or (no
   * batch stages) the next batch.
   */
  imageServed(): 'nothing' | 'image' | 'batch-stages' | 'batch' {
    let opened: 'nothing' | 'image' = 'nothing';
    if (!this.#flow.pipelined && --this.#imageServicesLeft === 0) {
      this.#imageEnd++;
      this.#imageServicesLeft = this.#imageStages;
      opened = 'image';
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

  /** Takes images that have not entered off the open batch (a jump within it). */
  shorten(images: number): void {
    this.#batchEnd -= images;
    this.#batchImagesLeft -= images;
  }

  /** The run has become shorter by whole batches: the open one may now be the short last one. */
  fit(): void {
    if (this.#batchEnd > this.#run.images) this.shorten(this.#batchEnd - this.#run.images);
  }

  #open(): boolean {
    const { batch, batchBarrier } = this.#flow;
    const { images } = this.#run;
    if (this.#batchEnd >= images) return false;
    const start = this.#batchEnd;
    this.#batchEnd = batchBarrier ? Math.min(images, start + batch) : images;
    this.#batchImagesLeft = this.#batchEnd - start;
    this.#batchServicesLeft = this.#imageStages;
    return true;
  }
}

/** What a stage's next image waits for, where stages serve whole images: it may enter, is readable, has room. */
export function imageWait(bank: StageBank, gate: Gate, stage: number): number {
  const image = bank.started(stage);
  if (image >= bank.images) return NO_CAUSE;
  const waits = bank.flow.stages[stage]!.source && image >= gate.limit;
  if (waits || !bank.inputsReady(stage, image)) return image >= gate.batchEnd ? CAUSE.batch : CAUSE.input;
  return bank.outputsFree(stage) ? NO_CAUSE : CAUSE.output;
}
