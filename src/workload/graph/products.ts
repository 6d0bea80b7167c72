// Products with constant weights: for each kind of operator the shapes it makes, and its matrix.

import { elementsOf, type Layout } from './graph.js';
import type { Adder, Conv, ConvTranspose, Dense, Operator, Recurrent } from './operators.js';
import { directionsOf, fail, gatesOf, showShape, slide, withAxis } from './shapes.js';

/** The operators whose weights stand on crossbars (MAC units in digital designs), by kind. */
interface Products {
  conv: Conv;
  adder: Adder;
  convTranspose: ConvTranspose;
  dense: Dense;
  recurrent: Recurrent;
}
type ProductKind = keyof Products;
type ProductOf<K extends ProductKind = ProductKind> = { [P in K]: Products[P] }[K];
type Shape = readonly number[];

/** The matrix of a product, of one group without bias, and the vectors of a sample that go through each group. */
export interface Matrix {
  rows: number;
  columns: number;
  groups: number;
  positions: number;
  /** Multiply-accumulates where they are not the product of these. */
  macsScatter?: number;
}

/** What is said of a kind of product. `x`: shape of its input; `y`: of its first output. */
interface Product<O> {
  /** Shapes of its outputs. @throws ShapeError where the input does not fit */
  shapes(operator: O, x: Shape): number[][];
  matrix(operator: O, x: Shape, y: Shape): Matrix;
  /** What the axes of its output mean. */
  layout(operator: O, y: Shape): Layout;
}

function channelsIn(shape: Shape, { groups, channels }: { groups: number; channels: number }): number {
  const cin = shape[0] ?? fail('it reads one value, a map of channels is needed');
  if (cin % groups !== 0) fail(`${groups} groups do not divide ${cin} input channels`);
  if (channels % groups !== 0) fail(`${groups} groups do not divide ${channels} output channels`);
  return cin;
}

/** Sliding windows over a map, whatever is done with what they see. */
const sliding: Product<Conv | Adder> = {
  shapes(operator, x) {
    channelsIn(x, operator);
    return [[operator.channels, ...slide(x.slice(1), operator)]];
  },
  matrix: ({ groups, channels, kernel }, x, y) => ({
    rows: (x[0]! / groups) * elementsOf(kernel),
    columns: channels / groups,
    groups,
    positions: elementsOf(y.slice(1)),
  }),
  layout: () => 'map',
};

const PRODUCTS: { readonly [K in ProductKind]: Product<Products[K]> } = {
  conv: sliding,
  adder: sliding,
  convTranspose: {
    shapes(operator, x) {
      channelsIn(x, operator);
      const { kernel, strides, dilations, padBegin, padEnd, outputPadding } = operator;
      if (x.length - 1 !== kernel.length) fail(`a kernel of ${kernel.length} axes over ${showShape(x)}`);
      const space = kernel.map((k, i) => {
        const extent = dilations[i]! * (k - 1) + 1;
        return (x[i + 1]! - 1) * strides[i]! + extent + outputPadding[i]! - padBegin[i]! - padEnd[i]!;
      });
      if (space.some((size) => size < 1)) fail(`its padding leaves nothing of ${showShape(x)}`);
      return [[operator.channels, ...space]];
    },
    matrix({ groups, channels, kernel }, x, y) {
      const cin = x[0]! / groups;
      const columns = channels / groups;
      const taps = elementsOf(kernel);
      return {
        rows: cin * taps,
        columns,
        groups,
        positions: elementsOf(y.slice(1)),
        macsScatter: cin * columns * taps * groups * elementsOf(x.slice(1)),
      };
    },
    layout: () => 'map',
  },
  dense: {
    shapes({ axis, features }, x) {
      if (axis >= x.length) fail(`there is no axis ${axis} in ${showShape(x)}`);
      return [withAxis(x, axis, [features])];
    },
    matrix({ axis, features, groups }, x) {
      const rows = x[axis]!;
      return { rows, columns: features, groups, positions: elementsOf(x) / rows / groups };
    },
    layout: ({ axis }, y) => (axis === y.length - 1 && y.length > 1 ? 'sequence' : 'plain'),
  },
  recurrent: {
    shapes(operator, x) {
      if (x.length !== 2) return fail(`a ${operator.cell} reads steps x features, found ${showShape(x)}`);
      const state = [directionsOf(operator), operator.hidden];
      return operator.results.map((result) => (result === 'sequence' ? [x[0]!, ...state] : state));
    },
    matrix: (operator, x) => ({
      rows: x[1]! + operator.hidden,
      columns: gatesOf(operator.cell) * operator.hidden,
      groups: directionsOf(operator),
      positions: x[0]!,
    }),
    layout: (_, y) => (y.length === 2 ? 'sequence' : 'plain'),
  },
};

/** True for a product with constant weights. */
export const isProduct = (operator: Operator): operator is ProductOf => Object.hasOwn(PRODUCTS, operator.kind);

const productOf = <K extends ProductKind>(operator: ProductOf<K>): Product<ProductOf<K>> =>
  PRODUCTS[operator.kind as K];

/** Shapes of a product's outputs, of one sample. @throws ShapeError where its input does not fit */
export const productShapes = (operator: ProductOf, x: Shape): number[][] => productOf(operator).shapes(operator, x);

/** The matrix of a product. */
export const productMatrix = (operator: ProductOf, x: Shape, y: Shape): Matrix =>
  productOf(operator).matrix(operator, x, y);

/** What the axes of a product's output mean. */
export const productLayout = (operator: ProductOf, y: Shape): Layout => productOf(operator).layout(operator, y);
