// Weights that stand one a device as arrays read them: inputs bit by bit, columns through converters, a dummy column of
// middle conductance taken off (MLP+NeuroSim V3.0).

import { InvariantError } from '../../kernel/index.js';
import { denseMatrices } from '../nodes/dense.js';
import type { NodeProducts } from '../nodes/index.js';
import type { PartVectors } from '../operators/conv.js';
import type { Numbers } from '../operators/values.js';
import type { ParameterStore } from '../parameter-store.js';
import type { Node } from '../../workload/graph/index.js';

/** How columns are read. */
export interface ColumnReadOptions {
  /** Bits of an input from 0 to 1, each driven on its own; null: inputs drive the rows as they are. */
  readonly inputBits: number | null;
  /** Bits of a column's converter over the range of all its rows; null: sums pass as they are. */
  readonly converterBits: number | null;
  /** Lowest conductance in units of the range: 1 / (on/off ratio - 1). */
  readonly floor: number;
  /** Largest weight of an array by key; undefined: the array is not on devices. */
  readonly largest: (key: string) => number | undefined;
}

/** A matrix [columns][rows]. */
interface Columns {
  readonly rows: number;
  readonly columns: number;
  readonly data: Numbers;
}

/**
 * Products of a node whose weights stand on devices (dense layers, convolutions); undefined for others. A column gives
 * floor(255 I / (rows range)) with 8 bits; so does the dummy column, and twice the difference is the result. Errors
 * pass the weights as they are, and gradients take the inputs as they are, straight through both roundings.
 */
export function columnReads(
  store: ParameterStore,
  options: ColumnReadOptions,
): (node: Node) => NodeProducts | undefined {
  return (node) => {
    const { operator } = node;
    const dense = operator.kind === 'dense';
    if ((!dense && operator.kind !== 'conv') || operator.arithmetic !== 'float') return undefined;
    const largest = options.largest(node.parameters.get('weight')!.key);
    if (largest === undefined) return undefined;
    const weight = store.ofNode(node).get('weight')!;
    const { data } = dense ? denseMatrices(operator, weight) : weight;
    const { groups } = operator;
    const columns = dense ? operator.features : weight.shape[0]! / groups;
    const rows = data.length / groups / columns;
    const part = (which: number): Columns => ({
      rows,
      columns,
      data: data.subarray(which * rows * columns, (which + 1) * rows * columns),
    });
    const active = new Int32Array(rows);
    return {
      forward: (vectors, out) => {
        out.fill(0, 0, vectors.count * columns);
        if (options.inputBits === null) readWhole(part(vectors.part), vectors, out, { ...options, largest });
        else readBits(part(vectors.part), vectors, out, { ...options, largest, bits: options.inputBits, active });
      },
      transposed: (vectors, out) => {
        passBack(part(vectors.part), vectors, out);
      },
    };
  };
}

/** What a column's sum of weights counts as: `driven` is the sum of its inputs. */
function converted(
  sum: number,
  driven: number,
  rows: number,
  { converterBits, floor, largest }: Omit<ColumnReadOptions, 'largest'> & { readonly largest: number },
): number {
  if (converterBits === null) return sum;
  const last = 2 ** converterBits - 1;
  const dummy = driven * (0.5 + floor);
  const code = Math.floor(((sum / (2 * largest) + dummy) * last) / rows);
  return (2 * (code - Math.floor((dummy * last) / rows)) * rows * largest) / last;
}

type Reading = Omit<ColumnReadOptions, 'largest'> & { readonly largest: number };

/** Inputs drive the rows as they are. */
function readWhole({ rows, columns, data }: Columns, vectors: PartVectors, out: Numbers, reading: Reading): void {
  for (let v = 0; v < vectors.count; v++) {
    const at = v * rows;
    let driven = 0;
    for (let r = 0; r < rows; r++) driven += vectors.vectors[at + r]!;
    for (let c = 0; c < columns; c++) {
      let sum = 0;
      for (let r = 0, w = c * rows; r < rows; r++, w++) sum += vectors.vectors[at + r]! * data[w]!;
      out[v * columns + c] = converted(sum, driven, rows, reading);
    }
  }
}

/** Inputs bit by bit: the rows that carry a one are summed, and bits joined behind the converters. */
function readBits(
  { rows, columns, data }: Columns,
  vectors: PartVectors,
  out: Numbers,
  { bits, active, ...reading }: Reading & { readonly bits: number; readonly active: Int32Array },
): void {
  const top = 2 ** bits - 1;
  for (let v = 0; v < vectors.count; v++)
    for (let bit = 0; bit < bits; bit++) {
      let driven = 0;
      for (let r = 0; r < rows; r++) {
        const level = Math.floor(Math.min(1, Math.max(0, vectors.vectors[v * rows + r]!)) * top + 0.5);
        if (((level >> bit) & 1) === 1) active[driven++] = r;
      }
      for (let c = 0; c < columns; c++) {
        let sum = 0;
        for (let i = 0, w = c * rows; i < driven; i++) sum += data[w + active[i]!]!;
        out[v * columns + c]! += (converted(sum, driven, rows, reading) * 2 ** bit) / top;
      }
    }
}

/** Errors pass the weights transposed, as they are. */
function passBack({ rows, columns, data }: Columns, { vectors, count }: PartVectors, out: Numbers): void {
  if (out.length < count * rows) throw new InvariantError(`${count} errors take ${count * rows} places`);
  out.fill(0, 0, count * rows);
  for (let v = 0; v < count; v++)
    for (let c = 0; c < columns; c++) {
      const error = vectors[v * columns + c]!;
      if (error !== 0) for (let r = 0, w = c * rows, o = v * rows; r < rows; r++) out[o++]! += error * data[w++]!;
    }
}
