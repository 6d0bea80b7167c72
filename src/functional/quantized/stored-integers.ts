// Products that a file has in integers (QLinearConv, MatMulInteger and the like) in a backend of integers: their codes
// drive the arrays and stand in them, zero points are taken off digitally.

import type { Product } from '../backend.js';
import type { NodeProducts, ProductPlace } from '../nodes/index.js';
import { integerRange } from '../operators/quantize.js';
import type { Numbers, Values } from '../operators/values.js';
import type { Graph, Node } from '../../workload/graph/index.js';
import { matricesOf } from './matrices.js';
import type { QuantizedProducts, StoredProducts } from './node-products.js';

/** Bits of the file's codes. */
const CODE_BITS = 8;

const HALF = 2 ** (CODE_BITS - 1);
const isCode = (value: number): boolean => Number.isInteger(value) && value >= -HALF && value < HALF;

type Stored = Pick<StoredProducts, 'backend' | 'widths' | 'trial' | 'write' | 'first'>;

/**
 * The matrices of a product on integers. With codes x (from 0 on) and s + base (s fits a signed code) and zero points z
 * and w0 of each column, sum (x - z)(s + base - w0) = sum x s - z sum s + (base - w0) sum (x - z): the first sum is the
 * arrays'.
 * @returns null for other nodes, where weights or inputs of the design have fewer bits than codes have, and where a
 * network that was written by hand has no codes there
 */
export function storedIntegers(
  graph: Graph,
  node: Node,
  parameters: ReadonlyMap<string, Values>,
  { backend, widths: { weightBits, activationBits }, trial, write, first }: Stored,
): QuantizedProducts | null {
  const { operator } = node;
  if ((operator.kind !== 'conv' && operator.kind !== 'dense') || operator.arithmetic === 'float') return null;
  if (backend.kind !== 'crossbar' || Math.min(weightBits, activationBits) < CODE_BITS) return null;
  const { dtype } = graph.tensors[node.inputs[0]!]!;
  if (!/^[iu]8$/.test(dtype) || (operator.kind === 'dense' && operator.alpha !== 1)) return null;
  const [least, most] = integerRange(dtype);
  const codes = matricesOf(node, parameters, false);
  const base = codes.some(({ values }) => values.some((code) => code >= HALF)) ? HALF : 0;
  if (!codes.every(({ values }) => values.every((code) => isCode(code - base)))) return null;
  const zeroPoints = parameters.get('wZeroPoint')?.data ?? [0];
  const parts = codes.map(({ rows, columns, values }, part) => {
    const stored = values.map((code) => code - base);
    const sums = new Float64Array(columns);
    for (let i = 0; i < stored.length; i++) sums[i % columns]! += stored[i]!;
    const zeroOf = (c: number): number => zeroPoints[(part * columns + c) % zeroPoints.length]!;
    const name = codes.length === 1 ? node.name : `${node.name}/${part}`;
    const group = codes.length === 1 ? {} : { group: { index: part, of: codes.length } };
    const product = backend.prepare(
      { name, rows, columns, values: stored, ...group },
      { inputs: { bits: activationBits, signed: false }, weightBits, trial, write },
    );
    return { rows, columns, stored, sums, beyond: Float64Array.from(sums, (_, c) => base - zeroOf(c)), product };
  });
  const placeOf = ({ image, vectorsPerImage, from }: ProductPlace): ProductPlace => ({
    ...{ image: first() + image, vectorsPerImage, from },
  });
  const at = (zeros: ArrayLike<number>): NodeProducts => ({
    forward: ({ part, vectors, count }, out, place) => {
      const { rows, columns, sums, beyond, product } = parts[part]!;
      const words = new Int32Array(count * rows);
      const shifts = new Float64Array(count);
      for (let v = 0, i = 0; v < count; v++) {
        const image = place.image + Math.floor((place.from + v) / place.vectorsPerImage);
        const zero = (shifts[v] = zeros[image % zeros.length]! - least);
        for (let r = 0; r < rows; r++, i++) words[i] = Math.min(most - least, Math.max(0, vectors[i]! + zero));
      }
      product.forward(words, count, out, placeOf(place));
      for (let v = 0, i = 0; v < count; v++) {
        let driven = 0;
        for (let r = 0; r < rows; r++) driven += vectors[v * rows + r]!;
        for (let c = 0; c < columns; c++, i++) out[i] = out[i]! - shifts[v]! * sums[c]! + beyond[c]! * driven;
      }
    },
    // In digital units, exactly.
    transposed: ({ part, vectors, count }, out) => {
      const { rows, columns, stored, beyond } = parts[part]!;
      for (let v = 0; v < count; v++)
        for (let r = 0; r < rows; r++) {
          let sum = 0;
          for (let c = 0; c < columns; c++) sum += vectors[v * columns + c]! * (stored[r * columns + c]! + beyond[c]!);
          out[v * rows + r] = sum;
        }
    },
  });
  const products: readonly Product[] = parts.map(({ product }) => product);
  return { products, errorProducts: [], ...at([0]), stored: (zeros: Numbers) => at(zeros) };
}
