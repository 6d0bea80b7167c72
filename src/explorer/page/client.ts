// Workers of the page: one that has the figures for the sliders, one that works out all else of a step, others for what
// may wait. A question that a newer one overtakes is
// dropped, and its worker replaced where it still computes.

import type { Answers, Ask, PointsFor, Reply } from '../model/protocol.js';

type Kind = Ask['kind'];
type Question<K extends Kind> = Extract<Ask, { kind: K }>;

/** How long an overtaken question may go on before its worker is ended, milliseconds. */
const PATIENCE_MS = 150;

interface Waiting {
  ask: Ask;
  done: (answer: Answers[Kind]) => void;
  failed: (error: Error) => void;
}

/** One worker, asked one thing at a time. */
class Line {
  #worker: Worker | null = null;
  #current: (Waiting & { id: number }) | null = null;
  readonly #queue: Waiting[] = [];
  #id = 0;
  readonly #start: () => Worker | Promise<Worker>;

  constructor(start: () => Worker | Promise<Worker>) {
    this.#start = start;
  }

  /** What is computed now. */
  get current(): Ask | null {
    return this.#current?.ask ?? null;
  }

  ask<K extends Kind>(ask: Question<K>): Promise<Answers[K]> {
    return new Promise((resolve, reject) => {
      this.#queue.push({
        ask,
        done: (answer) => {
          // Cast: the worker answers each kind of question with its kind of answer.
          resolve(answer as Answers[K]);
        },
        failed: reject,
      });
      this.#next();
    });
  }

  /** Drops every question that still waits, or those that fit. */
  clear(fits: (ask: Ask) => boolean = () => true): void {
    for (const waiting of this.#queue.splice(0))
      if (fits(waiting.ask)) waiting.failed(new Overtaken());
      else this.#queue.push(waiting);
  }

  /** Ends what the worker computes, unless it is done soon: a new worker takes longer to start than most questions. */
  stopSoon(): void {
    const older = this.#current;
    if (older === null) return;
    setTimeout(() => {
      if (this.#current === older) this.stop();
    }, PATIENCE_MS);
  }

  /** Ends what the worker computes; the next question gets a new one. */
  stop(): void {
    if (this.#current === null) return;
    this.#worker?.terminate();
    this.#worker = null;
    const { failed } = this.#current;
    this.#current = null;
    failed(new Overtaken());
    this.#next();
  }

  #next(): void {
    if (this.#current !== null) return;
    const next = this.#queue.shift();
    if (next === undefined) return;
    const id = ++this.#id;
    this.#current = { ...next, id };
    if (this.#worker !== null) this.#worker.postMessage({ id, ask: next.ask });
    else void this.#begin(id, next.ask);
  }

  /** Starts a worker with its first question. */
  async #begin(id: number, ask: Ask): Promise<void> {
    try {
      const worker = await this.#start();
      if (this.#current?.id !== id) {
        worker.terminate();
        return;
      }
      this.#hear(worker);
      this.#worker = worker;
      worker.postMessage({ id, ask });
    } catch (error) {
      if (this.#current?.id === id) this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #hear(worker: Worker): void {
    worker.onmessage = ({ data }: MessageEvent<Reply>) => {
      if (this.#current === null || data.id !== this.#current.id) return;
      const { done, failed } = this.#current;
      this.#current = null;
      if ('broken' in data) failed(new Error(data.broken));
      else done(data.answer);
      this.#next();
    };
    worker.onerror = (event) => {
      if (this.#worker === worker) this.#worker = null;
      this.#fail(new Error(event.message));
    };
  }

  #fail(error: Error): void {
    this.#current?.failed(error);
    this.#current = null;
    this.#next();
  }
}

/** A question that a newer one made idle. */
export class Overtaken extends Error {
  override name = 'Overtaken';
}

/** Asks what older questions of its kind give way to. */
function lastOf<K extends Kind>(line: Line, ask: Question<K>): Promise<Answers[K]> {
  line.clear(({ kind }) => kind === ask.kind);
  if (line.current?.kind === ask.kind) line.stopSoon();
  return line.ask(ask);
}

/** The page's workers. */
export class Workers {
  readonly #glance: Line;
  readonly #live: Line;
  readonly #first: Line;
  readonly #late: Line;
  readonly #idle: Line[];

  /** @param late starts a worker that the page loads when it is first asked @param idle workers for points */
  constructor({ start, late, idle }: { start: () => Worker; late: () => Promise<Worker>; idle: number }) {
    this.#glance = new Line(start);
    this.#live = new Line(start);
    this.#first = new Line(start);
    this.#late = new Line(late);
    this.#idle = Array.from({ length: idle }, () => new Line(start));
  }

  /** Asks for figures, on a worker that does nothing else; the last of these wins. */
  glance(ask: Question<'glance'>): Promise<Answers['glance']> {
    return lastOf(this.#glance, ask);
  }

  /** Asks in turn with the slider's steps, on the worker that has their results. */
  ask<K extends Kind>(ask: Question<K>): Promise<Answers[K]> {
    return this.#live.ask(ask);
  }

  /** The last of these wins: what waits is dropped, and what computes too long is ended. */
  last<K extends Kind>(ask: Question<K>): Promise<Answers[K]> {
    return lastOf(this.#live, ask);
  }

  /** Asks the first of the workers at the side; what it was asked before is dropped. */
  recent<K extends Kind>(ask: Question<K>): Promise<Answers[K]> {
    this.#first.clear();
    this.#first.stop();
    return this.#first.ask(ask);
  }

  /** Asks the late worker, which keeps what learned there; older questions of the kind that wait are dropped. */
  late<K extends Kind>(ask: Question<K>): Promise<Answers[K]> {
    this.#late.clear(({ kind }) => kind === ask.kind);
    return this.#late.ask(ask);
  }

  /** Asks one of the workers that the sliders do not use: the one whose turn it is. */
  aside<K extends Kind>(ask: Question<K>, lane = 0): Promise<Answers[K]> {
    return this.#idle[lane % this.#idle.length]!.ask(ask);
  }

  /** Drops the points at the side that wait or are computed for something. */
  dropAside(what: PointsFor): void {
    const fits = (ask: Ask | null): boolean => ask?.kind === 'points' && ask.for === what;
    for (const line of this.#idle) {
      line.clear(fits);
      if (fits(line.current)) line.stopSoon();
    }
  }
}
