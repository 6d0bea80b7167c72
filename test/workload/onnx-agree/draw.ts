// Draws of a case's parts: sizes, axes, windows, numbers.

import fc from 'fast-check';
import type { CaseInput, Element, OperatorCase } from './model.js';

/** Draws values of an arbitrary (`fc.gen()`). */
export type Gen = fc.GeneratorValue;

/** What draws the parts of a case. */
export class Draw {
  constructor(readonly gen: Gen) {}

  int(min: number, max: number): number {
    return this.gen(fc.integer, { min, max });
  }

  /** True once in `of` times. */
  once(of = 2): boolean {
    return this.int(1, of) === 1;
  }

  pick<V>(values: readonly V[]): V {
    return values[this.int(0, values.length - 1)]!;
  }

  sizes(rank: number, max = 5): number[] {
    return Array.from({ length: rank }, () => this.int(1, max));
  }

  order(length: number): number[] {
    const rest = Array.from({ length }, (_, i) => i);
    return rest.map((_, i) => rest.splice(this.int(0, length - i - 1), 1)[0]!).slice(0, length);
  }

  /** An axis of a tensor of this rank, counted from either end. */
  axis(rank: number): number {
    return this.int(-rank, rank - 1);
  }

  /** Different axes, counted from the front. */
  axes(rank: number): number[] {
    return Array.from({ length: rank }, (_, axis) => axis).filter(() => this.once());
  }

  /** Numbers of a seed: multiples of 1/64 from `from` to `to` (whole ones for integers). */
  tensor(
    dims: readonly number[],
    { element = 'f32', constant = false, from = -2, to = 2 }: Partial<Range> = {},
  ): CaseInput {
    let state = this.int(0, 0x7fffffff);
    const count = dims.reduce((product, size) => product * size, 1);
    const step = element === 'f32' ? 64 : 1;
    const data = Array.from({ length: count }, () => {
      // Numerical Recipes' linear congruence: which numbers they are does not matter.
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.round((from + (to - from) * (state / 2 ** 32)) * step) / step;
    });
    return { dims, element, data, constant };
  }

  constant(dims: readonly number[], range: Partial<Range> = {}): CaseInput {
    return this.tensor(dims, { ...range, constant: true });
  }
}

interface Range {
  element: Element;
  constant: boolean;
  from: number;
  to: number;
}

/** Whole numbers as a constant input. */
export const integers = (values: readonly number[], dims: readonly number[] = [values.length]): CaseInput => ({
  dims,
  element: 'i64',
  data: values,
  constant: true,
});

/** Real numbers as a constant input. */
export const reals = (values: readonly number[], dims: readonly number[] = [values.length]): CaseInput => ({
  dims,
  element: 'f32',
  data: values,
  constant: true,
});

export const big = (values: readonly number[]): bigint[] => values.map(BigInt);
export const flag = (value: boolean): bigint => (value ? 1n : 0n);

/** Makes a case of an operator. */
export type Maker = (draw: Draw, type: string) => OperatorCase;

/** A case of one output. */
export const one = (
  type: string,
  opset: number,
  inputs: OperatorCase['inputs'],
  attributes: OperatorCase['attributes'] = {},
): OperatorCase => ({ type, opset, attributes, inputs, outputs: ['y'] });
