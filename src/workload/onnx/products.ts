// ONNX's products: convolutions, matrix products, their integer forms.

import { elementsOf, showShape, type Arithmetic, type Parameter } from '../graph/index.js';
import { BatchError, type Active, type Importer, type NodeContext } from './context.js';
import { recurrent } from './recurrent.js';
import { checkCounts } from './resolve.js';
import { sized } from './sizes.js';
import { leading } from '../../config/typed.js';
import { windowOf } from './window.js';

/** A map with its batch in front: [C, ...space]. */
export function mapInput(context: NodeContext, index = 0): Active {
  return context.withBatchAt(context.active(index), 0);
}

/** Sizes of a convolution's weight: its own side, the other one, the kernel. @throws ShapeError where it is none */
function kernelOf(
  context: NodeContext,
  x: Active,
  { shape }: Parameter,
): { own: number; other: number; kernel: readonly number[] } {
  const [own, other, ...kernel] = shape;
  const axes = context.full(x).length;
  if (own === undefined || other === undefined || shape.length !== axes)
    return context.fail(`its weight is ${showShape(shape)}, expected ${axes} axes as its input has`);
  return { own, other, kernel };
}

/** Scales and zero points of quantized products, by role. */
type Roles = readonly (readonly [string, number])[];

function convolution(
  context: NodeContext,
  {
    weightIndex,
    biasIndex,
    dtype,
  }: { readonly weightIndex: number; readonly biasIndex: number; readonly dtype?: string },
  arithmetic: Arithmetic,
  roles: Roles,
): Active[] {
  const x = mapInput(context);
  const weight = context.needParameter(weightIndex, 'its weight');
  const { own: channels, other, kernel } = kernelOf(context, x, weight);
  const groups = context.attributes.int('group', 1);
  const [cin, ...space] = context.shape(x);
  if (other * groups !== cin)
    context.fail(`a weight of ${showShape(weight.shape)} with ${groups} groups does not fit ${cin} input channels`);
  const window = windowOf(context, space, kernel);
  return context.add({ kind: 'conv', channels, groups, arithmetic, ...window }, [x], [0], {
    parameters: [
      ['weight', weight],
      ['bias', sized(context, biasIndex, 'its bias', channels)],
      ...roles.map(([role, index]) => [role, context.parameter(index, role)] as const),
    ],
    dtypes: dtype === undefined ? undefined : [dtype],
  });
}

function convTranspose(context: NodeContext): Active[] {
  const x = mapInput(context);
  const weight = context.needParameter(1, 'its weight');
  const { attributes } = context;
  const groups = attributes.int('group', 1);
  const { own: cin, other: perGroup, kernel } = kernelOf(context, x, weight);
  const space = context.shape(x).slice(1);
  if (cin !== context.shape(x)[0]) context.fail(`a weight of ${showShape(weight.shape)} does not fit its input`);
  const window = windowOf(context, space, kernel);
  const extra = [...(attributes.ints('output_padding') ?? kernel.map(() => 0))];
  checkCounts('its output_padding', extra, kernel.length);
  // Some files give the sizes of batch and channels, too.
  const wanted = attributes.ints('output_shape')?.slice(-kernel.length);
  if (wanted !== undefined) checkCounts('its output_shape', wanted, kernel.length);
  const auto = attributes.text('auto_pad', 'NOTSET');
  const same = auto === 'SAME_UPPER' || auto === 'SAME_LOWER';
  let { padBegin, padEnd } = window;
  if (wanted !== undefined || same) {
    const pads = kernel.map((k, i): readonly [before: number, after: number] => {
      const size = wanted?.[i] ?? space[i]! * window.strides[i]!;
      const whole = (space[i]! - 1) * window.strides[i]! + extra[i]! + window.dilations[i]! * (k - 1) + 1;
      // More than the kernel reaches: zeros behind.
      if (size > whole) extra[i]! += size - whole;
      const total = Math.max(0, whole - size);
      const less = Math.floor(total / 2);
      return auto === 'SAME_UPPER' ? [less, total - less] : [total - less, less];
    });
    padBegin = pads.map(([before]) => before);
    padEnd = pads.map(([, after]) => after);
  }
  return context.add(
    { kind: 'convTranspose', channels: perGroup * groups, groups, outputPadding: extra, ...window, padBegin, padEnd },
    [x],
    [0],
    {
      parameters: [
        ['weight', weight],
        ['bias', sized(context, 2, 'its bias', perGroup * groups)],
      ],
    },
  );
}

/** The parameter under another shape of as many elements (leading ones dropped). */
const shaped = (parameter: Parameter, shape: readonly number[]): Parameter => ({ ...parameter, shape });

interface Product {
  a: number;
  b: number;
  transposeA: boolean;
  transposeB: boolean;
  alpha: number;
  beta: number;
  arithmetic: Arithmetic;
  bias?: number;
  roles?: Roles;
  /** Inputs that are computed scales or zero points. */
  extra?: readonly number[];
  dtype?: string;
}

/** A matrix product: with a constant operand it is a dense layer, else a product of two activations. */
export function product(context: NodeContext, spec: Product): Active[] {
  const [a, b] = [context.value(spec.a), context.value(spec.b)];
  if (b?.kind === 'constant') return denseRight(context, spec);
  if (a?.kind === 'constant') return denseLeft(context, spec);
  return dynamic(context, spec);
}

function parametersOf(context: NodeContext, spec: Product, weight: Parameter): [string, Parameter | undefined][] {
  const bias = spec.bias === undefined ? undefined : context.parameter(spec.bias, 'its bias');
  return [
    ['weight', weight],
    ['bias', bias],
    ...(spec.roles ?? []).map(([role, index]): [string, Parameter | undefined] => [
      role,
      context.parameter(index, role),
    ]),
  ];
}

const extras = (context: NodeContext, spec: Product): Active[] =>
  (spec.extra ?? []).map((index) => context.active(index));

/** x W: the matrix's rows meet the last axis. */
function denseRight(context: NodeContext, spec: Product): Active[] {
  let x = context.active(spec.a);
  const weight = context.needParameter(spec.b, 'its right operand');
  if (spec.transposeA) {
    // Columns of a stored matrix are its vectors.
    if (x.batch === 1) x = { ...x, batch: 0 };
    else {
      x = context.explicit(x);
      x = context.helper({ kind: 'transpose', permutation: [1, 0] }, [x.tensor], null);
    }
  }
  const full = context.full(x);
  if (x.batch === full.length - 1) throw new BatchError('multiplies along the batch axis');
  const vector = weight.shape.length === 1;
  const ahead = weight.shape.slice(0, -2);
  const groups = elementsOf(ahead);
  const matrix = vector ? [weight.shape[0]!, 1] : weight.shape.slice(-2);
  const [rows, columns] = leading(2, spec.transposeB ? [...matrix].reverse() : matrix);
  if (context.shape(x).at(-1) !== rows)
    context.fail(`a matrix of ${matrix.join('x')} does not fit vectors of ${context.shape(x).at(-1) ?? 1}`);
  if (groups > 1) {
    const shape = context.shape(x).slice(0, -2);
    if (shape.slice(-ahead.length).join() !== ahead.join()) return dynamic(context, spec);
  }
  const operator = {
    kind: 'dense' as const,
    axis: context.shape(x).length - 1,
    features: columns,
    groups,
    weightLayout: spec.transposeB ? ('out-in' as const) : ('in-out' as const),
    alpha: spec.alpha,
    beta: spec.beta,
    arithmetic: spec.arithmetic,
  };
  const parameters = parametersOf(context, spec, shaped(weight, groups > 1 ? [groups, ...matrix] : matrix));
  const bias = parameters.find(([role]) => role === 'bias')?.[1];
  const operands = [x, ...extras(context, spec)];
  const dtypes = spec.dtype === undefined ? undefined : [spec.dtype];
  const out = context.add(operator, operands, [x.batch], {
    parameters: biasOfFeatures(context, parameters, bias, columns),
    dtypes,
  });
  if (vector) return [context.reshape(out[0]!, context.shape(out[0]!).slice(0, -1), x.batch)];
  return behindOnes(context, out, ahead.length - Math.max(0, full.length - 2));
}

/** Axes of size 1 that only the matrix has stand in front of the result. */
function behindOnes(context: NodeContext, out: Active[], count: number): Active[] {
  const [made] = leading(1, out);
  if (count <= 0) return out;
  const shape = [...new Array<number>(count).fill(1), ...context.shape(made)];
  return [context.reshape(made, shape, made.batch === null ? null : made.batch + count)];
}

/** A bias of one value, or of a value a feature, as [features] or []. */
function biasOfFeatures(
  context: NodeContext,
  parameters: [string, Parameter | undefined][],
  bias: Parameter | undefined,
  features: number,
): [string, Parameter | undefined][] {
  if (bias === undefined) return parameters;
  const size = elementsOf(bias.shape);
  if (size !== 1 && (size !== features || bias.shape.at(-1) !== features))
    context.fail(`a bias of ${bias.shape.join('x')} differs from vector to vector; add it by an Add`);
  const shape = size === features ? [features] : [];
  return parameters.map(([role, one]) => (role === 'bias' ? [role, shaped(bias, shape)] : [role, one]));
}

/** W x: the matrix's columns meet the last axis but one. */
function denseLeft(context: NodeContext, spec: Product): Active[] {
  let x = context.active(spec.b);
  const weight = context.needParameter(spec.a, 'its left operand');
  if (spec.transposeB) {
    x = context.explicit(x);
    x = context.helper({ kind: 'transpose', permutation: [1, 0] }, [x.tensor], null);
  }
  if (spec.bias !== undefined && context.has(spec.bias)) return dynamic(context, spec);
  const rank = context.full(x).length;
  if (rank < 2 || elementsOf(weight.shape.slice(0, -2)) !== 1 || weight.shape.length < 2) return dynamic(context, spec);
  const matrix = weight.shape.slice(-2);
  const axis = context.axis(x, rank - 2);
  const [columns, rows] = leading(2, spec.transposeA ? [...matrix].reverse() : matrix);
  if (context.shape(x)[axis] !== rows) context.fail(`a matrix of ${matrix.join('x')} does not fit its vectors`);
  const out = context.add(
    {
      kind: 'dense',
      axis,
      features: columns,
      groups: 1,
      weightLayout: spec.transposeA ? 'in-out' : 'out-in',
      alpha: spec.alpha,
      beta: spec.beta,
      arithmetic: spec.arithmetic,
    },
    [x, ...extras(context, spec)],
    [x.batch],
    {
      parameters: parametersOf(context, spec, shaped(weight, matrix)),
      dtypes: spec.dtype === undefined ? undefined : [spec.dtype],
    },
  );
  return behindOnes(context, out, weight.shape.length - rank);
}

/** Operands of which one has an axis of its own where the other has its batch: of size 1 it goes, else both show it. */
function withoutBatch(
  context: NodeContext,
  [a, b]: readonly [Active, Active],
  [placeA, placeB]: readonly [number | null, number | null],
): [Active, Active] {
  const [plain, place] = placeA === null ? [a, placeB] : [b, placeA];
  if (place === null || (placeA !== null && placeB !== null)) return [a, b];
  const shape = context.shape(plain);
  const at = shape.length - place;
  if (at < 0) return [a, b];
  if (shape[at] !== 1) return [context.explicit(a), context.explicit(b)];
  const dropped = context.reshape(
    plain,
    shape.filter((_, axis) => axis !== at),
    null,
  );
  return placeA === null ? [dropped, b] : [a, dropped];
}

function dynamic(context: NodeContext, spec: Product): Active[] {
  let [a, b] = [context.active(spec.a), context.active(spec.b)];
  const place = (value: Active): number | null =>
    value.batch === null ? null : context.full(value).length - value.batch;
  const [placeA, placeB] = [place(a), place(b)];
  // Before axes where the other has its batch are taken away.
  const rank = Math.max(context.full(a).length, context.full(b).length);
  // The batch may stand before the matrices, at the same place, or be the rows of a left operand alone.
  const leading = (at: number | null): boolean => at === null || at > 2;
  const rowsAlone = placeB === null && placeA === 2 && !spec.transposeA && context.full(b).length <= 2;
  if (!rowsAlone && (!leading(placeA) || !leading(placeB) || (placeA !== null && placeB !== null && placeA !== placeB)))
    [a, b] = [context.explicit(a), context.explicit(b)];
  if (!rowsAlone) [a, b] = withoutBatch(context, [a, b], [place(a), place(b)]);
  const batch = Math.max(place(a) ?? 0, place(b) ?? 0);
  const c = spec.bias !== undefined && context.has(spec.bias) ? [context.active(spec.bias)] : [];
  const { transposeA, transposeB, alpha, beta, arithmetic } = spec;
  return context.add(
    { kind: 'matmul', transposeA, transposeB, alpha, beta, arithmetic },
    [a, b, ...c.map((one) => context.explicit(one)), ...extras(context, spec)],
    [batch === 0 ? null : rank - batch],
    {
      parameters: (spec.roles ?? []).map(([role, index]) => [role, context.parameter(index, role)] as const),
      dtypes: spec.dtype === undefined ? undefined : [spec.dtype],
    },
  );
}

const PLAIN = { a: 0, b: 1, transposeA: false, transposeB: false, alpha: 1, beta: 1 };

/** A zero point that DynamicQuantizeLinear computes is an input of the graph's node. */
function zeroPoints(context: NodeContext): { roles: Roles; extra: number[] } {
  const computed = context.value(2)?.kind === 'active';
  return {
    roles: [...(computed ? [] : ([['xZeroPoint', 2]] as const)), ['wZeroPoint', 3]],
    extra: computed ? [2] : [],
  };
}

function convInteger(context: NodeContext): Active[] {
  const { roles, extra } = zeroPoints(context);
  if (extra.length === 0)
    return convolution(context, { weightIndex: 1, biasIndex: 99, dtype: 'i32' }, 'integer', roles);
  const x = mapInput(context);
  const weight = context.needParameter(1, 'its weight');
  const window = windowOf(context, context.shape(x).slice(1), weight.shape.slice(2));
  const groups = context.attributes.int('group', 1);
  return context.add(
    { kind: 'conv', channels: weight.shape[0]!, groups, arithmetic: 'integer', ...window },
    [x, context.active(2)],
    [0],
    {
      parameters: [
        ['weight', weight],
        ...roles.map(([role, index]) => [role, context.parameter(index, role)] as const),
      ],
      dtypes: ['i32'],
    },
  );
}

/** Inputs of QLinearConv and QLinearMatMul that scale. */
const QLINEAR: Roles = [
  ['xScale', 1],
  ['xZeroPoint', 2],
  ['wScale', 4],
  ['wZeroPoint', 5],
  ['yScale', 6],
  ['yZeroPoint', 7],
];
/** Importers of products by ONNX operator. */
export const PRODUCTS: readonly (readonly [string, Importer])[] = [
  ['Conv', (context) => convolution(context, { weightIndex: 1, biasIndex: 2 }, 'float', [])],
  ['ConvInteger', convInteger],
  [
    'QLinearConv',
    (context) =>
      convolution(context, { weightIndex: 3, biasIndex: 8, dtype: quantizedType(context) }, 'requantized', QLINEAR),
  ],
  ['ConvTranspose', convTranspose],
  ['MatMul', (context) => product(context, { ...PLAIN, arithmetic: 'float' })],
  [
    'MatMulInteger',
    (context) => product(context, { ...PLAIN, arithmetic: 'integer', dtype: 'i32', ...zeroPoints(context) }),
  ],
  [
    'QLinearMatMul',
    (context) =>
      product(context, {
        ...PLAIN,
        b: 3,
        arithmetic: 'requantized',
        roles: QLINEAR,
        dtype: quantizedType(context),
      }),
  ],
  ['LSTM', recurrent('lstm')],
  ['GRU', recurrent('gru')],
  ['RNN', recurrent('rnn')],
];

function quantizedType(context: NodeContext): string {
  const value = context.value(7);
  return value?.kind === 'constant' ? value.constant.dtype : 'u8';
}
