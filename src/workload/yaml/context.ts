// How a layer of a network file is added to the graph.

import type { Layout, Operator } from '../graph/index.js';
import type { LayerFile } from './schema.js';

/** What a layer reads. */
export interface Read {
  readonly tensor: number;
  readonly shape: readonly number[];
  readonly layout: Layout;
}

/** How a layer is added: as nodes behind each other, faults at its keys. */
export interface LayerContext {
  readonly inputs: readonly Read[];
  readonly fail: (key: string, message: string) => never;
  /** Adds the layer's own node. `parameters`: shapes by role. @returns what it makes */
  add(operator: Operator, inputs: readonly Read[], parameters?: Record<string, readonly number[]>): Read[];
  /** Adds a node that the file does not name. */
  helper(
    suffix: string,
    operator: Operator,
    inputs: readonly Read[],
    parameters?: Record<string, readonly number[]>,
  ): Read;
  /** Look-up table that has a name of its own. */
  shared(role: string, key: string): void;
}

/** A layer of a network file, of some types. */
export type Of<T extends LayerFile['type'], F = LayerFile> = F extends { type: infer U }
  ? T extends U
    ? F
    : never
  : never;

/** Adds the nodes of a layer of one type. @returns its outputs */
export type Adder<F> = (file: F, x: Read, context: LayerContext) => Read[];

/** Values for each of `rank` axes. */
export function along(value: number | readonly number[], rank: number, key: string, { fail }: LayerContext): number[] {
  if (typeof value === 'number') return new Array<number>(rank).fill(value);
  return value.length === rank ? [...value] : fail(key, `expected a number or ${rank}, found ${value.length}`);
}
