// Cases of products, pools, recurrent layers and moves.

import { big, flag, integers, one, type Draw, type Maker } from './draw.js';
import type { CaseInput, OperatorCase } from './model.js';
import type { AttributeValue } from '../../../src/workload/onnx/write-model.js';

type Attributes = Record<string, AttributeValue>;

/** A window over a space that holds it, its padding smaller than its kernel. */
function windowFor(
  draw: Draw,
  rank: number,
  dilates = true,
): { space: number[]; kernel: number[]; window: Attributes } {
  const kernel = draw.sizes(rank, 3);
  const strides = draw.sizes(rank, 3);
  const dilations = dilates && draw.once(3) ? draw.sizes(rank, 2) : kernel.map(() => 1);
  const space = kernel.map((size, i) => dilations[i]! * (size - 1) + 1 + draw.int(0, 4));
  const window: Attributes = { kernel_shape: big(kernel), strides: big(strides) };
  if (dilates) window.dilations = big(dilations);
  if (draw.once(4) && dilations.every((size) => size === 1))
    return { space, kernel, window: { ...window, auto_pad: draw.pick(['SAME_UPPER', 'SAME_LOWER', 'VALID']) } };
  const pads = [...kernel, ...kernel].map((size) => draw.int(0, size - 1));
  return { space, kernel, window: draw.once() ? { ...window, pads: big(pads) } : window };
}

const conv: Maker = (draw, type) => {
  const { space, kernel, window } = windowFor(draw, draw.int(1, 3));
  const groups = draw.pick([1, 1, 2, 3]);
  const [inner, outer] = [draw.int(1, 3), draw.int(1, 3) * groups];
  const x = draw.tensor([draw.int(1, 2), inner * groups, ...space]);
  const inputs = [x, draw.constant([outer, inner, ...kernel])];
  if (draw.once()) inputs.push(draw.constant([outer]));
  return one(type, draw.int(7, 20), inputs, { ...window, group: BigInt(groups) });
};

const convTranspose: Maker = (draw, type) => {
  const rank = draw.int(1, 2);
  const kernel = draw.sizes(rank, 3);
  const strides = draw.sizes(rank, 3);
  const groups = draw.pick([1, 1, 2]);
  const [inner, outer] = [draw.int(1, 3), draw.int(1, 3)];
  const x = draw.tensor([draw.int(1, 2), inner * groups, ...draw.sizes(rank).map((size) => size + 2)]);
  const inputs = [x, draw.constant([inner * groups, outer, ...kernel])];
  if (draw.once()) inputs.push(draw.constant([outer * groups]));
  const attributes: Attributes = { kernel_shape: big(kernel), strides: big(strides), group: BigInt(groups) };
  if (draw.once()) attributes.pads = big([...kernel, ...kernel].map((size) => draw.int(0, size - 1)));
  if (draw.once()) attributes.output_padding = big(strides.map((size) => draw.int(0, size - 1)));
  return one(type, draw.int(7, 20), inputs, attributes);
};

const pool =
  (dilates: number | null): Maker =>
  (draw, type) => {
    const opset = draw.int(10, 20);
    const { space, window } = windowFor(draw, draw.int(1, 3), dilates !== null && opset >= dilates);
    const attributes: Attributes = { ...window };
    // onnxruntime's LpPool, unlike its other pools, starts inside the map where a stride exceeds its kernel.
    if (type === 'LpPool') delete attributes.auto_pad;
    if (draw.once(3) && window.auto_pad === undefined && type !== 'LpPool') attributes.ceil_mode = 1n;
    if (type === 'AveragePool' && draw.once()) attributes.count_include_pad = 1n;
    if (type === 'LpPool') attributes.p = BigInt(draw.int(1, 3));
    return one(type, opset, [draw.tensor([draw.int(1, 2), draw.int(1, 3), ...space])], attributes);
  };

const globalPool: Maker = (draw, type) =>
  one(type, draw.int(7, 20), [draw.tensor([draw.int(1, 2), ...draw.sizes(draw.int(2, 4))])]);

const gemm: Maker = (draw, type) => {
  const [m = 1, k = 1, n = 1] = draw.sizes(3);
  const [transA, transB] = [draw.once(), draw.once()];
  const inputs: CaseInput[] = [
    draw.tensor(transA ? [k, m] : [m, k]),
    draw.tensor(transB ? [n, k] : [k, n], { constant: draw.once() }),
  ];
  const third = draw.pick([[n], [1, n], [1], [], [m, 1], [m, n]]);
  if (draw.once()) inputs.push(draw.constant(third));
  // A third operand that is no bias of the features is added as it is.
  const isBias = third.length < 2 || third[0] === 1;
  const scales = draw.once() ? { alpha: 0.5, ...(isBias && { beta: 1.5 }) } : {};
  return one(type, draw.int(11, 20), inputs, { transA: flag(transA), transB: flag(transB), ...scales });
};

/** Shapes of a matrix product: leading axes that broadcast, vectors. */
function matmulShapes(draw: Draw): [number[], number[]] {
  const [m = 1, k = 1, n = 1] = draw.sizes(3);
  const ahead = draw.sizes(draw.int(0, 2), 3);
  const some = (): number[] => (draw.once() ? ahead.map((size) => (draw.once(3) ? 1 : size)) : []);
  const a = draw.once(6) ? [k] : [...ahead, m, k];
  const b = draw.once(6) ? [k] : [...some(), k, n];
  return [a, b];
}

const matmul: Maker = (draw, type) => {
  const [a, b] = matmulShapes(draw);
  const which = draw.int(0, 3);
  const inputs = [draw.tensor(a, { constant: which === 1 }), draw.tensor(b, { constant: which > 1 })];
  return one(type, draw.int(9, 20), inputs);
};

/** One to three operands over labels of their own sizes; any order, any labels kept, `...` now and then. */
const einsum: Maker = (draw, type) => {
  const letters = ['a', 'b', 'c', 'd', 'e'];
  const sizes = new Map(letters.map((letter) => [letter, draw.int(1, 4)]));
  const hidden = draw.once(4) ? draw.sizes(draw.int(1, 2), 3) : [];
  const which = draw.int(0, 3);
  const terms = Array.from({ length: draw.pick([1, 2, 2, 2, 3]) }, () => {
    const order = draw.order(letters.length).map((i) => letters[i]!);
    return order.slice(0, draw.int(hidden.length > 0 ? 0 : 1, 4)).join('');
  });
  const inputs = terms.map((term, i) =>
    draw.tensor([...hidden, ...Array.from(term, (letter) => sizes.get(letter)!)], { constant: i === which }),
  );
  const all = [...new Set(terms.join(''))];
  const kept = draw
    .order(all.length)
    .map((i) => all[i]!)
    .slice(0, draw.int(0, all.length));
  const dots = hidden.length > 0 ? '...' : '';
  const written = draw.once(5) ? '' : `->${dots}${kept.join('')}`;
  const equation = `${terms.map((term) => `${dots}${term}`).join(draw.pick([',', ', ']))}${written}`;
  return one(type, draw.int(12, 20), inputs, { equation });
};

const BYTES = { element: 'u8', from: 0, to: 255 } as const;
const zero = (draw: Draw): CaseInput => draw.constant([], { ...BYTES, from: 100, to: 150 });
const scale = (draw: Draw, exponent: number): CaseInput => ({ ...draw.constant([]), data: [2 ** exponent] });

const matmulInteger: Maker = (draw, type) => {
  const [m = 1, k = 1, n = 1] = draw.sizes(3);
  const inputs = [draw.tensor([m, k], BYTES), draw.constant([k, n], BYTES), zero(draw), zero(draw)];
  return one(type, draw.int(10, 20), inputs);
};

const qlinearMatmul: Maker = (draw, type) => {
  const [m = 1, k = 1, n = 1] = draw.sizes(3);
  const inputs = [
    ...[draw.tensor([m, k], BYTES), scale(draw, -4), zero(draw)],
    ...[draw.constant([k, n], BYTES), scale(draw, -5), zero(draw), scale(draw, -1), zero(draw)],
  ];
  return one(type, draw.int(10, 20), inputs);
};

function integerConv(draw: Draw): { x: CaseInput; weight: CaseInput; window: Attributes; outer: number } {
  const { space, kernel, window } = windowFor(draw, 2);
  const [inner, outer] = draw.sizes(2, 3);
  const x = draw.tensor([draw.int(1, 2), inner!, ...space], BYTES);
  return { x, weight: draw.constant([outer!, inner!, ...kernel], BYTES), window, outer: outer! };
}

const convInteger: Maker = (draw, type) => {
  const { x, weight, window } = integerConv(draw);
  return one(type, draw.int(10, 20), [x, weight, zero(draw), zero(draw)], window);
};

const qlinearConv: Maker = (draw, type) => {
  const { x, weight, window, outer } = integerConv(draw);
  const inputs = [x, scale(draw, -4), zero(draw), weight, scale(draw, -5), zero(draw), scale(draw, -1), zero(draw)];
  if (draw.once()) inputs.push(draw.constant([outer], { element: 'i32', from: -1000, to: 1000 }));
  return one(type, draw.int(10, 20), inputs, window);
};

const recurrent =
  (gates: number): Maker =>
  (draw, type) => {
    const [steps = 1, features = 1, hidden = 1] = draw.sizes(3, 4);
    const direction = draw.pick(['forward', 'reverse', 'bidirectional']);
    const d = direction === 'bidirectional' ? 2 : 1;
    const batch = draw.int(1, 2);
    const lstm = type === 'LSTM';
    const inputs: (CaseInput | null)[] = [
      draw.tensor([steps, batch, features]),
      draw.constant([d, gates * hidden, features]),
      draw.constant([d, gates * hidden, hidden]),
      draw.once() ? draw.constant([d, 2 * gates * hidden]) : null,
    ];
    const lengths = draw.once(3) ? draw.int(1, steps) : null;
    if (draw.once(3)) {
      inputs.push(null, draw.tensor([d, batch, hidden]));
      if (lstm) inputs.push(draw.tensor([d, batch, hidden]));
      if (lstm && draw.once()) inputs.push(draw.constant([d, 3 * hidden]));
    }
    if (lengths !== null) {
      const each = Array.from({ length: batch }, () => lengths);
      inputs[4] = { dims: [batch], element: 'i32', data: each, constant: true };
    }
    const reset = type === 'GRU' ? { linear_before_reset: flag(draw.once()) } : {};
    const outputs = [draw.once(3) ? '' : 'y', 'h', ...(lstm ? ['c'] : [])];
    const attributes = { hidden_size: BigInt(hidden), direction, ...reset };
    return { type, opset: draw.int(7, 20), attributes, inputs, outputs };
  };

const reshape: Maker = (draw, type) => {
  const dims = draw.sizes(draw.int(1, 4));
  // Two neighbours become one; an axis is copied (0) or left open (-1).
  const at = draw.int(0, dims.length - 1);
  const merged = [...dims];
  if (at + 1 < dims.length) merged.splice(at, 2, dims[at]! * dims[at + 1]!);
  const open = draw.int(-1, merged.length - 1);
  const shape = merged.map((size, axis) => (axis === open ? -1 : axis < at && draw.once() ? 0 : size));
  return one(type, draw.int(7, 20), [draw.tensor(dims), integers(shape)]);
};

const flatten: Maker = (draw, type) => {
  const dims = draw.sizes(draw.int(1, 4));
  return one(type, draw.int(11, 20), [draw.tensor(dims)], { axis: BigInt(draw.int(-dims.length, dims.length)) });
};

/** Squeeze and Unsqueeze: axes of size 1. */
const ones: Maker = (draw, type) => {
  const rank = draw.int(2, 5);
  const axes = draw.axes(rank);
  if (axes.length === rank) axes.pop();
  const dims = draw.sizes(rank).map((size, axis) => (axes.includes(axis) ? 1 : size));
  const opset = draw.int(11, 20);
  const x = draw.tensor(type === 'Squeeze' ? dims : dims.filter((_, axis) => !axes.includes(axis)));
  const named = axes.length > 0 ? axes : [0];
  if (type === 'Squeeze' && axes.length === 0) return one(type, opset, [x]);
  const given = axes.length > 0 ? x : draw.tensor(dims);
  return opset < 13 ? one(type, opset, [given], { axes: big(named) }) : one(type, opset, [given, integers(named)]);
};

const transpose: Maker = (draw, type) => {
  const rank = draw.int(1, 4);
  return one(
    type,
    draw.int(7, 20),
    [draw.tensor(draw.sizes(rank))],
    draw.once(4) ? {} : { perm: big(draw.order(rank)) },
  );
};

const concat: Maker = (draw, type) => {
  const dims = draw.sizes(draw.int(1, 4));
  const axis = draw.axis(dims.length);
  const at = axis < 0 ? axis + dims.length : axis;
  const inputs = Array.from({ length: draw.int(1, 3) }, (_, i) =>
    draw.tensor(
      dims.map((size, k) => (k === at ? draw.int(1, 4) : size)),
      { constant: i > 0 && draw.once(3) },
    ),
  );
  return one(type, draw.int(11, 20), inputs, { axis: BigInt(axis) });
};

const split: Maker = (draw, type) => {
  const dims = draw.sizes(draw.int(1, 4));
  const axis = draw.int(0, dims.length - 1);
  const sizes = draw.sizes(draw.int(1, 3), 3);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const x = draw.tensor(dims.map((size, k) => (k === axis ? total : size)));
  const opset = draw.int(11, 20);
  const made: OperatorCase =
    opset < 13
      ? one(type, opset, [x], { axis: BigInt(axis), split: big(sizes) })
      : one(type, opset, [x, integers(sizes)], { axis: BigInt(axis) });
  return { ...made, outputs: sizes.map((_, i) => `y${i}`) };
};

const slice: Maker = (draw, type) => {
  const dims = draw.sizes(draw.int(1, 4), 6);
  const axes = draw.axes(dims.length);
  if (axes.length === 0) axes.push(0);
  const steps = axes.map(() => draw.pick([1, 1, 2, -1, -2]));
  const starts = axes.map((axis, i) => (steps[i]! > 0 ? draw.int(-dims[axis]!, dims[axis]! - 1) : dims[axis]! - 1));
  const ends = axes.map((axis, i) => (steps[i]! > 0 ? 2 ** 31 - 1 : -dims[axis]! - 1));
  return one(type, draw.int(10, 20), [draw.tensor(dims), ...[starts, ends, axes, steps].map((list) => integers(list))]);
};

const pad: Maker = (draw, type) => {
  const dims = draw.sizes(draw.int(1, 4)).map((size) => size + 2);
  const mode = draw.pick(['constant', 'reflect', 'edge']);
  const pads = [...dims, ...dims].map(() => draw.int(mode === 'constant' ? -1 : 0, 2));
  const value = mode === 'constant' && draw.once() ? [draw.constant([])] : [];
  return one(type, draw.int(11, 20), [draw.tensor(dims), integers(pads), ...value], { mode });
};

const expand: Maker = (draw, type) => {
  const full = draw.sizes(draw.int(1, 4));
  const dims = full.map((size) => (draw.once() ? 1 : size)).slice(draw.int(0, full.length - 1));
  return one(type, draw.int(8, 20), [draw.tensor(dims), integers(full)]);
};

const tile: Maker = (draw, type) => {
  const dims = draw.sizes(draw.int(1, 4));
  return one(type, draw.int(7, 20), [draw.tensor(dims), integers(draw.sizes(dims.length, 3))]);
};

const gather: Maker = (draw, type) => {
  const dims = draw.sizes(draw.int(1, 4));
  const axis = draw.axis(dims.length);
  const size = dims[axis < 0 ? axis + dims.length : axis]!;
  // Of the two one may be constant, or none.
  const which = draw.int(0, 3);
  const of = { element: 'i64', from: -size, to: size - 1, constant: which > 1 } as const;
  const indices = draw.tensor(draw.sizes(draw.int(0, 2), 3), of);
  return one(type, draw.int(11, 20), [draw.tensor(dims, { constant: which === 1 }), indices], { axis: BigInt(axis) });
};

const shuffle: Maker = (draw, type) => {
  const block = draw.int(1, 3);
  const [n = 1, c = 1, h = 1, w = 1] = draw.sizes(4, 3);
  if (type === 'SpaceToDepth')
    return one(type, draw.int(7, 20), [draw.tensor([n, c, h * block, w * block])], { blocksize: BigInt(block) });
  const mode = draw.pick(['DCR', 'CRD']);
  return one(type, draw.int(11, 20), [draw.tensor([n, c * block * block, h, w])], { blocksize: BigInt(block), mode });
};

const plain: Maker = (draw, type) => one(type, draw.int(13, 20), [draw.tensor(draw.sizes(draw.int(1, 4)))]);

/** Makers by operator. */
export const PRODUCT_CASES: readonly (readonly [string, Maker])[] = [
  ['Conv', conv],
  ['ConvTranspose', convTranspose],
  ['Gemm', gemm],
  ['MatMul', matmul],
  ['Einsum', einsum],
  ['ConvInteger', convInteger],
  ['MatMulInteger', matmulInteger],
  ['QLinearConv', qlinearConv],
  ['QLinearMatMul', qlinearMatmul],
  ['LSTM', recurrent(4)],
  ['GRU', recurrent(3)],
  ['RNN', recurrent(1)],
  ['MaxPool', pool(10)],
  ['AveragePool', pool(null)],
  ['LpPool', pool(null)],
  ['GlobalMaxPool', globalPool],
  ['GlobalAveragePool', globalPool],
  ['GlobalLpPool', globalPool],
  ['Reshape', reshape],
  ['Flatten', flatten],
  ['Squeeze', ones],
  ['Unsqueeze', ones],
  ['Identity', plain],
  ['Dropout', plain],
  ['Shape', plain],
  ['Size', plain],
  ['Transpose', transpose],
  ['Concat', concat],
  ['Split', split],
  ['Slice', slice],
  ['Pad', pad],
  ['Expand', expand],
  ['Tile', tile],
  ['Gather', gather],
  ['DepthToSpace', shuffle],
  ['SpaceToDepth', shuffle],
];
