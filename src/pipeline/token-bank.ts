// Tokens on their way through the buffers between stages, and which stage waits for which: a stage is asked whether it
// may start when what it waits for has come, however many others read or fill the same buffers.

import { Buffers, mapped, type Observer } from '../kernel/index.js';
import type { Flow } from './flow.js';
import { tokenFlow } from './token-flow.js';

/** A stage waits for nothing. */
const NOTHING = -1;
/** What a stage waits for, as one number with the buffer: its next token, or room in it. */
const TOKEN = 0;
const ROOM = 1;

/** Buffers of a flow and the stages at them. Indexes: stage, buffer. */
export class TokenBank {
  readonly buffers: Buffers;
  readonly #inputs: readonly (readonly number[])[];
  readonly #outputs: readonly (readonly number[])[];
  readonly #readers: readonly (readonly number[])[];
  /** Images that each stage has finished, and entries of each buffer that are free again. */
  readonly #finished: Float64Array;
  readonly #released: Float64Array;
  /** Readers of a buffer that have not finished its oldest entry. */
  readonly #awaited: Int32Array;
  /** Inputs of a stage that are there for its next image: the first so many. */
  readonly #there: Int32Array;
  /** What a stage waits for: twice the buffer and TOKEN or ROOM. Those that wait for the same stand in a list. */
  readonly #waitsFor: Int32Array;
  readonly #firstWaiter: Int32Array;
  readonly #nextWaiter: Int32Array;
  /** Stages that are to be asked, each once, descending. */
  readonly #woken: Int32Array;
  readonly #isWoken: Uint8Array;
  #wokenCount = 0;

  constructor(flow: Pick<Flow, 'stages' | 'buffers'>, observer: Observer | null) {
    const { stages, buffers } = flow;
    this.buffers = new Buffers(
      mapped(buffers, ({ capacity }) => capacity),
      observer,
    );
    this.#inputs = mapped(stages, ({ inputs }) => [...new Set(inputs)]);
    this.#outputs = mapped(stages, ({ outputs }) => outputs);
    this.#readers = tokenFlow(flow).readers;
    this.#finished = new Float64Array(stages.length);
    this.#released = new Float64Array(buffers.length);
    this.#awaited = Int32Array.from(this.#readers, ({ length }) => length);
    this.#there = new Int32Array(stages.length);
    this.#waitsFor = new Int32Array(stages.length).fill(NOTHING);
    this.#firstWaiter = new Int32Array(2 * buffers.length).fill(NOTHING);
    this.#nextWaiter = new Int32Array(stages.length);
    this.#woken = new Int32Array(stages.length);
    this.#isWoken = new Uint8Array(stages.length);
  }

  /** Whether all inputs of a stage hold its next image, `image`; where one does not, the stage waits for it. */
  inputsReady(stage: number, image: number): boolean {
    const waitsFor = this.#waitsFor[stage]!;
    if (waitsFor !== NOTHING) return (waitsFor & 1) === ROOM;
    const inputs = this.#inputs[stage]!;
    let there = this.#there[stage]!;
    for (; there < inputs.length; there++) {
      const buffer = inputs[there]!;
      if (this.buffers.readable(buffer) + this.#released[buffer]! > image) continue;
      this.#wait(stage, 2 * buffer + TOKEN);
      break;
    }
    this.#there[stage] = there;
    return there === inputs.length;
  }

  /** Whether a stage may make a token for each of its outputs; where one has no room, the stage waits for it. */
  outputsFree(stage: number): boolean {
    if (this.#waitsFor[stage] !== NOTHING) return false;
    for (const buffer of this.#outputs[stage]!) {
      if (this.buffers.hasRoom(buffer)) continue;
      this.#wait(stage, 2 * buffer + ROOM);
      return false;
    }
    return true;
  }

  /** A stage starts: takes an entry of each output for a token that is being made. */
  reserve(stage: number, now: number): void {
    this.#there[stage] = 0;
    for (const buffer of this.#outputs[stage]!) this.buffers.reserve(buffer, now);
  }

  /** The oldest token that a stage is making is there. */
  publish(stage: number, now: number): void {
    for (const buffer of this.#outputs[stage]!) {
      this.buffers.publish(buffer, now);
      this.#wakeAll(2 * buffer + TOKEN);
    }
  }

  /** Frees an entry of each output of a stage. */
  free(stage: number, now: number): void {
    for (const buffer of this.#outputs[stage]!) this.#free(buffer, now);
  }

  /**
   * A stage has finished one more: frees the entries of its inputs that all their readers have finished; `freed` hears
   * of each.
   */
  finish(stage: number, now: number, freed?: (buffer: number) => void): void {
    const finished = ++this.#finished[stage]!;
    for (const buffer of this.#inputs[stage]!) {
      // Where it was ahead of another reader, that one's end frees the entry.
      if (finished !== this.#released[buffer]! + 1 || --this.#awaited[buffer]! > 0) continue;
      do {
        this.#free(buffer, now);
        freed?.(buffer);
        this.#released[buffer]!++;
        this.#awaited[buffer] = this.#behind(buffer);
      } while (this.#awaited[buffer] === 0);
    }
  }

  /** A stage is to be asked whether it may start. */
  wake(stage: number): void {
    if (this.#isWoken[stage] === 1) return;
    this.#isWoken[stage] = 1;
    let place = this.#wokenCount++;
    for (; place > 0 && this.#woken[place - 1]! < stage; place--) this.#woken[place] = this.#woken[place - 1]!;
    this.#woken[place] = stage;
  }

  /** The lowest stage that is to be asked, which it is no more then; negative where there is none. */
  nextWoken(): number {
    if (this.#wokenCount === 0) return NOTHING;
    const stage = this.#woken[--this.#wokenCount]!;
    this.#isWoken[stage] = 0;
    return stage;
  }

  /** How many readers of a buffer have not finished its oldest entry. */
  #behind(buffer: number): number {
    const released = this.#released[buffer]!;
    let behind = 0;
    for (const reader of this.#readers[buffer]!) if (this.#finished[reader]! <= released) behind++;
    return behind;
  }

  #free(buffer: number, now: number): void {
    this.buffers.release(buffer, now);
    this.#wakeAll(2 * buffer + ROOM);
  }

  #wait(stage: number, what: number): void {
    this.#waitsFor[stage] = what;
    this.#nextWaiter[stage] = this.#firstWaiter[what]!;
    this.#firstWaiter[what] = stage;
  }

  #wakeAll(what: number): void {
    let stage = this.#firstWaiter[what]!;
    this.#firstWaiter[what] = NOTHING;
    for (; stage !== NOTHING; stage = this.#nextWaiter[stage]!) {
      this.#waitsFor[stage] = NOTHING;
      this.wake(stage);
    }
  }
}
