// Inputs of an ONNX file: their sizes, symbols that are open, and which of them is a batch.

import { suggestion } from '../../config/index.js';
import type { NodeProto, TensorShapeProto_Dimension, ValueInfoProto } from '../../tensors/generated/onnx_pb.js';
import { dtypeName, isNumeric } from '../../tensors/onnx.js';
import { refuse } from '../../tensors/tensor.js';
import { bodiesOf } from './reads.js';

/** An input as the file has it, every size known. */
export interface InputInfo {
  name: string;
  shape: readonly number[];
  dtype: string;
}

/** Operators that work along steps. */
const RECURRENT: readonly string[] = ['LSTM', 'GRU', 'RNN', 'Scan', 'Loop'];

/** True where nodes work along steps, in graphs inside them too. */
export const areRecurrent = (nodes: readonly NodeProto[]): boolean =>
  nodes.some((one) => RECURRENT.includes(one.opType) || bodiesOf(one).some(({ node }) => areRecurrent(node)));

/** Names of symbolic dimensions: a file's own, and INPUT.AXIS. */
export const symbolsOf = (inputs: readonly ValueInfoProto[]): string[] =>
  inputs.flatMap(({ name, type }) =>
    dimensionsOf(type).flatMap((dim, axis) => {
      const symbol = symbolOf(dim, name, axis);
      return symbol === undefined ? [] : [symbol, `${name}.${axis}`];
    }),
  );

const dimensionsOf = (type: ValueInfoProto['type']): readonly TensorShapeProto_Dimension[] =>
  type?.value.case === 'tensorType' ? (type.value.value.shape?.dim ?? []) : [];

/** Names that exporters give to the batch. */
const BATCH = /^(n|b|bs|.*batch.*)$/i;

/**
 * Symbols of the batch, which is one sample unless `--shape` says more: those of first axes, and those whose name says
 * so of others. Where recurrent layers may read steps first, the name must say so.
 */
export function batchSymbols(inputs: readonly ValueInfoProto[], nodes: readonly NodeProto[]): Set<string> {
  const recurrent = areRecurrent(nodes);
  const symbols = new Set<string>();
  for (const { name, type } of inputs) {
    const dims = dimensionsOf(type);
    if (dims.length < 2) continue;
    dims.forEach((dim, axis) => {
      const symbol = symbolOf(dim, name, axis);
      if (symbol !== undefined && (BATCH.test(symbol) || (axis === 0 && !recurrent))) symbols.add(symbol);
    });
  }
  return symbols;
}

/** The name of a symbolic dimension, INPUT.AXIS where the file has none; undefined for a fixed one. */
function symbolOf({ value }: TensorShapeProto_Dimension, input: string, axis: number): string | undefined {
  if (value.case === 'dimValue' && value.value >= 0n) return undefined;
  return value.case === 'dimParam' && value.value !== '' ? value.value : `${input}.${axis}`;
}

/** @param given names that the caller gives sizes to, among which one may be misspelt */
export function inputOf(
  { name, type }: ValueInfoProto,
  file: string,
  shapes: ReadonlyMap<string, number>,
  given: Iterable<string>,
): InputInfo {
  if (type?.value.case !== 'tensorType') return refuse(file, `input "${name}": a tensor is expected`);
  const { elemType, shape } = type.value.value;
  if (shape === undefined) return refuse(file, `input "${name}": its shape is not given`);
  const dtype = dtypeName(elemType);
  if (!isNumeric(elemType)) return refuse(file, `input "${name}": element type ${dtype}, expected numbers or bool`);
  const sizes = shape.dim.map((dim, axis) => {
    const symbol = symbolOf(dim, name, axis);
    if (symbol === undefined) return Number(dim.value.value);
    const size = shapes.get(symbol) ?? shapes.get(`${name}.${axis}`);
    return (
      size ??
      refuse(
        file,
        `input "${name}": dimension ${axis} is symbolic ("${symbol}"); give it by --shape ${symbol}=N` +
          suggestion(symbol, given),
      )
    );
  });
  return { name, shape: sizes, dtype };
}
