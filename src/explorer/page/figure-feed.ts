// What the strip shows: headlines that follow a slider at once, before the rest of the page is worked out.

import { useLayoutEffect, useState } from 'preact/hooks';
import { both } from '../../config/typed.js';
import { designsOf } from '../model/design.js';
import type { Point } from '../model/protocol.js';
import type { State } from '../model/state.js';
import type { Workers } from './client.js';

type Points = readonly [Point | null, Point | null];
const NONE: Points = [null, null];

/** Headlines of both machines. */
interface StripFigures {
  now: Points;
  /** What stood there before the last change. */
  before: Points;
  /** What they are of. */
  work: string;
  /** Counts what was asked: the number of the one that is shown. */
  step: number;
  /** What the worker needed for it, milliseconds. */
  workedMs: number;
}

/** All of a state that a simulation depends on, as text. */
export const workOf = (state: State): string => JSON.stringify([designsOf(state), state.files]);

/** The work of a state: figures of other work are no former ones of these. */
const kindOf = ({ network, mode, machines }: State): string =>
  JSON.stringify([network, mode, network === null ? machines.map(({ base }) => base) : []]);

/** Asks for headlines as soon as a state is there, and tells who listens. */
export class FigureFeed {
  #shown: StripFigures = { now: [null, null], before: [null, null], work: '', step: 0, workedMs: 0 };
  /** Of what is shown. */
  #kind = '';
  #asked = { work: '', kind: '', step: 0 };
  #answered: Promise<void> = Promise.resolve();
  readonly #listeners = new Set<(figures: StripFigures) => void>();
  readonly #workers: Workers;
  readonly #failed: (error: unknown) => void;

  /** @param failed hears of what went wrong, overtaken questions among it */
  constructor(workers: Workers, failed: (error: unknown) => void) {
    this.#workers = workers;
    this.#failed = failed;
  }

  get shown(): StripFigures {
    return this.#shown;
  }

  /** Settles when the last question is answered, or overtaken. */
  get answered(): Promise<void> {
    return this.#answered;
  }

  /** Asks for the headlines of a state; nothing where it runs the same work as the last. */
  ask(state: State): void {
    const work = workOf(state);
    if (work === this.#asked.work) return;
    const step = this.#asked.step + 1;
    const kind = kindOf(state);
    this.#asked = { work, kind, step };
    this.#answered = this.#workers
      .glance({ kind: 'glance', designs: designsOf(state), files: state.files })
      .then(({ points, tookMs }) => {
        // A fault is said by the whole answer; until then the old figure stands.
        const now = both(points, (point, m) => point ?? this.#shown.now[m]);
        this.#show({ work, step, now, workedMs: tookMs }, kind);
      }, this.#failed);
  }

  /**
   * Takes the figures of a whole answer: null where a design has a fault. What is older than the last question is left.
   */
  complete(work: string, points: Points): void {
    const { step, kind } = this.#asked;
    if (work === this.#asked.work) this.#show({ work, step, now: points, workedMs: this.#shown.workedMs }, kind);
  }

  /** Tells of every change. @returns what ends it */
  listen(listener: (figures: StripFigures) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  #show(figures: Omit<StripFigures, 'before'>, kind: string): void {
    if (figures.step < this.#shown.step) return;
    const before = figures.step === this.#shown.step ? this.#shown.before : this.#shown.now;
    this.#shown = { ...figures, before: kind === this.#kind ? before : NONE };
    this.#kind = kind;
    for (const listener of this.#listeners) listener(this.#shown);
  }
}

/** What a feed shows now; the component is drawn again when it changes, and nothing else is. */
export function useFigures(feed: FigureFeed): StripFigures {
  const [figures, setFigures] = useState(feed.shown);
  useLayoutEffect(() => {
    setFigures(feed.shown);
    return feed.listen(setFigures);
  }, [feed]);
  return figures;
}
