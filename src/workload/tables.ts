// Tables of layers: NeuroSim's NetWork_*.csv and SCALE-Sim's topologies (convolutions, matrix products).

import { decimalOf } from './csv.js';
import { UserError, type Loaded } from '../config/index.js';
import { leading } from '../config/typed.js';
import { FreshNames } from './fresh-names.js';

/** A layer of a table: a convolution of [cin, h, w], or a matrix product of m vectors of k values. */
export type TableLayer =
  | {
      readonly kind: 'conv';
      readonly name: string;
      readonly h: number;
      readonly w: number;
      readonly cin: number;
      readonly cout: number;
      readonly kernel: readonly [number, number];
      readonly stride: number;
      readonly padding: 'same' | 'valid';
      /** A 2 x 2 maximum follows. */
      readonly pooled: boolean;
    }
  | { readonly kind: 'gemm'; readonly name: string; readonly m: number; readonly n: number; readonly k: number };

/**
 * Reads a table. NeuroSim (DNN+NeuroSim manual): eight numbers a row, no header: input rows, columns, channels, kernel
 * rows, columns, output channels, followed by pooling, stride; padded so that the stride alone divides. SCALE-Sim: a
 * header; name, input rows and columns, kernel rows and columns, channels, filters, stride, unpadded; or name, M, N, K;
 * rows of one cell are headings between layers (SCALE-Sim skips them).
 * @throws UserError with the row
 */
export function tableLayers(text: string, file: string): TableLayer[] {
  const rows = text
    .split(/\r?\n/)
    .map((line, i) => ({
      line: i + 1,
      cells: line
        .replace(/,\s*$/, '')
        .split(',')
        .map((cell) => cell.trim()),
    }))
    .filter(({ cells }) => cells.some((cell) => cell !== ''));
  const [head] = rows;
  if (head === undefined) throw new UserError(`${file}: an empty table`);
  const number = (cell: string | undefined, line: number, least = 1): number => {
    const value = decimalOf(cell ?? '');
    if (!Number.isSafeInteger(value) || value < least)
      throw new UserError(`${file}:${line}: found "${cell ?? ''}", expected a whole number of at least ${least}`);
    return value;
  };
  const checkCells = ({ length }: readonly string[], line: number): void => {
    if (length < 8) throw new UserError(`${file}:${line}: found ${length} cells, expected 8`);
  };
  if (head.cells.every((cell) => /^\d+$/.test(cell)) && head.cells.length === 8)
    return rows.map(({ cells, line }, i) => {
      checkCells(cells, line);
      const [h, w, cin, kh, kw, cout, pooled, stride] = leading(
        8,
        // Whether pooling follows may be 0.
        cells.map((cell, at) => number(cell, line, at === 6 ? 0 : 1)),
      );
      const kernel = [kh, kw] as const;
      const padding = 'same';
      return {
        kind: 'conv',
        name: `layer${i + 1}`,
        h,
        w,
        cin,
        cout,
        kernel,
        stride,
        padding,
        pooled: pooled === 1,
      };
    });
  const header = head.cells.map((cell) => cell.toLowerCase());
  const gemm = header.length === 4 && header[1] === 'm';
  if (!gemm && !(header[0]!.includes('layer') && header.length >= 8))
    throw new UserError(
      `${file}:${head.line}: no table of layers: expected NeuroSim's eight numbers a row, or SCALE-Sim's header ` +
        '(Layer name, IFMAP Height, ... or Layer, M, N, K)',
    );
  const order = gemm ? (['m', 'n', 'k'] as const).map((key) => header.indexOf(key)) : [];
  const layers = rows.slice(1).filter(({ cells }) => cells.filter((cell) => cell !== '').length > 1);
  if (layers.length === 0) throw new UserError(`${file}:${head.line}: a table without layers`);
  return layers.map(({ cells, line }): TableLayer => {
    const name = cells[0] === undefined || cells[0] === '' ? `layer${line - 1}` : cells[0];
    if (gemm) {
      const [m, n, k] = leading(
        3,
        order.map((at) => number(cells[at], line)),
      );
      return { kind: 'gemm', name, m, n, k };
    }
    checkCells(cells, line);
    const [h, w, kh, kw, cin, cout, stride] = leading(
      7,
      cells.slice(1, 8).map((cell) => number(cell, line)),
    );
    const kernel = [kh, kw] as const;
    return {
      kind: 'conv',
      name,
      h,
      w,
      cin,
      cout,
      kernel,
      stride,
      padding: 'valid',
      pooled: false,
    };
  });
}

/**
 * A table as a network: a layer reads the last output before it whose size is its input's; where there is none it has
 * an input of its own (tables leave out padding and joins), so that its counts are the table's.
 */
export function tableTree(layers: readonly TableLayer[], file: string): Loaded['tree'] {
  const inputs: Loaded['tree'][] = [];
  const written: Loaded['tree'][] = [];
  /** The last output, and the last one of each size. */
  let last: { name: string; shape: readonly number[] } | undefined;
  const lastOf = new Map<string, string>();
  const make = (name: string, shape: readonly number[]): void => {
    last = { name, shape };
    lastOf.set(shape.join(), name);
  };
  const read = new Set<string>();
  const names = new FreshNames('_');
  const source = (shape: readonly number[], layer: string): string => {
    const found = lastOf.get(shape.join());
    if (found !== undefined) {
      read.add(found);
      return found;
    }
    const name = names.take(`${layer}_input`);
    inputs.push({ name, shape: [...shape] });
    make(name, shape);
    read.add(name);
    return name;
  };
  for (const layer of layers) {
    const name = names.take(layer.name);
    if (layer.kind === 'gemm') {
      const { m, n, k } = layer;
      written.push({ name, from: source([m, k], name), type: 'dense', features: n, axis: 1, bias: false });
      make(name, [m, n]);
      continue;
    }
    const { h, w, cin, cout, kernel, stride, padding, pooled } = layer;
    let from: string;
    const flat = last;
    if (
      h === 1 &&
      w === 1 &&
      flat !== undefined &&
      flat.shape.length === 3 &&
      product(flat.shape) === cin &&
      flat.shape[0] !== cin
    ) {
      from = names.take(`${name}_flat`);
      read.add(from);
      read.add(flat.name);
      written.push({ name: from, from: flat.name, type: 'reshape', shape: [cin, 1, 1] });
    } else from = source([cin, h, w], name);
    written.push({ name, from, type: 'conv2d', channels: cout, kernel: [...kernel], stride, padding, bias: false });
    const along = (size: number, taps: number): number =>
      padding === 'same' ? Math.ceil(size / stride) : Math.floor((size - taps) / stride) + 1;
    let shape = [cout, along(h, kernel[0]), along(w, kernel[1])];
    make(name, shape);
    if (pooled) {
      const pool = names.take(`${name}_pool`);
      read.add(name);
      shape = [cout, Math.floor(shape[1]! / 2), Math.floor(shape[2]! / 2)];
      written.push({ name: pool, from: name, type: 'maxpool', kernel: 2 });
      make(pool, shape);
    }
  }
  const outputs = written.map(({ name }) => (typeof name === 'string' ? name : '')).filter((name) => !read.has(name));
  const title = file.replace(/^.*[/\\]/, '').replace(/\.[^.]*$/, '');
  return { name: title, inputs, outputs, layers: written };
}

const product = (values: readonly number[]): number => values.reduce((all, value) => all * value, 1);
