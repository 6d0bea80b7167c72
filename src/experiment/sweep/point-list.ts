// Points of a sweep as columns: objects of a million points would take gigabytes.

import type { TreeValue } from '../../config/index.js';
import type { Assignment, Axis, Choice } from './axes.js';

/** Values of a point, axis by axis. */
export type Values = readonly Assignment[];

/** A point of the store: its place in the sweep, its key, and the values of its axes. */
export interface Point {
  index: number;
  key: string;
  values: Record<string, TreeValue>;
}

/** Values of a point as assignments again. */
export const valuesOf = ({ values }: Point): Values => Object.entries(values).map(([key, value]) => ({ key, value }));

/** What a place on an axis is: the number of a choice, or a share from 0 to 1 of the way. */
export type Placing = 'choice' | 'share';

/** Some points as they go to a thread: on each axis its choices, each once, and which of them a point has. */
export interface PackedPoints {
  /** None of points that are not checked yet. */
  readonly keys: readonly string[];
  readonly axes: readonly { readonly choices: readonly Choice[]; readonly at: Uint32Array }[];
}

/** Values of packed points, in their order. */
export const unpacked = ({ axes }: PackedPoints): Values[] =>
  Array.from(axes[0]?.at ?? [], (_, i) => axes.flatMap(({ choices, at }) => choices[at[i]!]!));

/** Points in their order: a place on each axis, and a key once they are checked. */
export class PointList implements Iterable<Point> {
  /** Keys of the first points, which are checked. */
  readonly keys: string[] = [];
  readonly #axes: readonly Axis[];
  readonly #placing: Placing;
  /** Places of all points, axis by axis. */
  readonly #places: number[][];
  #length = 0;

  constructor(axes: readonly Axis[], placing: Placing) {
    this.#axes = axes;
    this.#placing = placing;
    this.#places = axes.map(() => []);
  }

  get length(): number {
    return this.#length;
  }

  /** Takes one more point; a place for each axis. */
  add(places: readonly number[]): void {
    for (let a = 0; a < places.length; a++) this.#places[a]!.push(places[a]!);
    this.#length++;
  }

  /** Leaves out all but the first points. */
  cut(length: number): void {
    this.#length = Math.min(this.#length, length);
    for (const column of [this.keys, ...this.#places]) column.length = Math.min(column.length, length);
  }

  /** Values at places, which need be no point's. */
  valuesAt(places: readonly number[]): Values {
    return this.#axes.flatMap((axis, a) => this.#choice(axis, places[a]!));
  }

  /** Values of a point. */
  values(index: number): Values {
    return this.#axes.flatMap((axis, a) => this.#choice(axis, this.#places[a]![index]!));
  }

  /** Values of a point by their keys. */
  record(index: number): Record<string, TreeValue> {
    const values: Record<string, TreeValue> = {};
    for (let a = 0; a < this.#axes.length; a++)
      for (const { key, value } of this.#choice(this.#axes[a]!, this.#places[a]![index]!)) values[key] = value;
    return values;
  }

  /** A point that is checked. */
  point(index: number): Point {
    return { index, key: this.keys[index]!, values: this.record(index) };
  }

  *[Symbol.iterator](): Generator<Point> {
    for (let i = 0; i < this.#length; i++) yield this.point(i);
  }

  /** Some of the points for a thread. */
  packed(indices: readonly number[]): PackedPoints {
    const axes = this.#axes.map((axis, a) => {
      const numbers = new Map<number, number>();
      const choices: Choice[] = [];
      const at = new Uint32Array(indices.length);
      for (let i = 0; i < indices.length; i++) {
        const place = this.#places[a]![indices[i]!]!;
        let number = numbers.get(place);
        if (number === undefined) {
          numbers.set(place, (number = choices.length));
          choices.push(this.#choice(axis, place));
        }
        at[i] = number;
      }
      return { choices, at };
    });
    return { keys: indices.flatMap((index) => this.keys[index] ?? []), axes };
  }

  #choice(axis: Axis, place: number): Choice {
    return this.#placing === 'share' ? axis.at(place) : (axis.choices?.[place] ?? []);
  }
}
