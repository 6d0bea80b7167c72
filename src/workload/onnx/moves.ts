// ONNX's operators that move numbers: reshapes, transposes, parts, joins, look-ups.

import { InvariantError } from '../../kernel/index.js';
import { elementsOf } from '../graph/index.js';
import { parameterOf } from './constants.js';
import { BatchError, type Active, type Importer, type NodeContext } from './context.js';
import { axesOf, axisOf, checkIndices, permutationOf, reshapeTarget, sliceRanges } from './resolve.js';
import { shapeConstant } from './fold.js';

/** The node itself as a reshape to a shape of the file. */
function reshapeTo(context: NodeContext, x: Active, shape: readonly number[]): Active[] {
  const batch = context.batchAfterReshape(x, shape);
  const sample = shape.filter((_, axis) => axis !== batch);
  return context.add({ kind: 'reshape', shape: sample }, [x], [batch]);
}

const reshape: Importer = (context) => {
  const x = context.active(0);
  const wanted = context.numbers(1, 'its shape') ?? context.attributes.ints('shape') ?? [];
  return reshapeTo(context, x, reshapeTarget(context.full(x), wanted, context.attributes));
};

const flatten: Importer = (context) => {
  const x = context.active(0);
  const full = context.full(x);
  const wanted = context.attributes.int('axis', 1);
  const axis = axisOf(wanted < 0 ? wanted + full.length : wanted, full.length + 1);
  return reshapeTo(context, x, [elementsOf(full.slice(0, axis)), elementsOf(full.slice(axis))]);
};

const squeeze: Importer = (context) => {
  const x = context.active(0);
  const full = context.full(x);
  const gone = new Set(
    axesOf(context.attributes, context.constant(1, 'its axes'), full.length) ??
      [...full.keys()].filter((axis) => full[axis] === 1),
  );
  if ([...gone].some((axis) => full[axis] !== 1)) context.fail(`an axis of ${full.join('x')} that it drops is not 1`);
  if (x.batch !== null && gone.has(x.batch) && context.batch !== 1) throw new BatchError('drops the batch axis');
  const at = x.batch === null || gone.has(x.batch) ? null : x.batch;
  const batch = at === null ? null : at - [...gone].filter((axis) => axis < at).length;
  const shape = full.filter((_, axis) => !gone.has(axis) && axis !== x.batch);
  return context.add({ kind: 'reshape', shape }, [x], [batch]);
};

const unsqueeze: Importer = (context) => {
  const x = context.active(0);
  const full = context.full(x);
  const wanted = context.numbers(1, 'its axes') ?? context.attributes.ints('axes') ?? [];
  const rank = full.length + wanted.length;
  const added = new Set(wanted.map((axis) => axisOf(axis, rank)));
  if (added.size !== wanted.length) context.fail(`it adds an axis twice: ${wanted.join(', ')}`);
  const shape: number[] = [];
  let batch: number | null = null;
  let from = 0;
  for (let axis = 0; axis < rank; axis++) {
    if (added.has(axis)) shape.push(1);
    else if (from++ === x.batch) batch = axis;
    else shape.push(full[from - 1]!);
  }
  return context.add({ kind: 'reshape', shape }, [x], [batch]);
};

const identity: Importer = (context) => {
  const x = context.active(0);
  if (context.node.opType === 'Dropout' && context.reads(1))
    context.fail('its mask (its second output) is not supported');
  const training = context.node.opType === 'Dropout' ? context.numbers(2, 'training_mode') : undefined;
  if (training !== undefined && training[0] !== 0)
    context.fail('it is in training mode; export the network for inference');
  return context.add({ kind: 'reshape', shape: context.shape(x) }, [x], [x.batch]);
};

const transpose: Importer = (context) => {
  const x = context.active(0);
  const rank = context.full(x).length;
  const permutation = permutationOf(context.attributes, rank);
  const sample = permutation.filter((axis) => axis !== x.batch).map((axis) => context.axis(x, axis));
  return context.add(
    { kind: 'transpose', permutation: sample },
    [x],
    [x.batch === null ? null : permutation.indexOf(x.batch)],
  );
};

/** All inputs with one batch axis; where the join goes along it, it becomes an axis of the sample. */
const concat: Importer = (context) => {
  const all = Array.from(
    { length: context.inputCount },
    (_, i) => context.value(i) ?? context.fail(`input ${i} is missing`),
  );
  const actives = all.filter((value): value is Active => value.kind === 'active');
  const [first] = actives;
  if (first === undefined) throw new InvariantError('a concatenation of constants is folded');
  const axis = axisOf(context.attributes.int('axis', 1), context.full(first).length);
  const batch = actives.find((value) => value.batch !== null)?.batch ?? null;
  const shared =
    batch !== null &&
    batch !== axis &&
    actives.every((value) => value.batch === batch || context.full(value)[batch] === 1);
  const common = shared ? batch : null;
  const operands = all.map((value) => {
    if (value.kind === 'active') return common === null ? context.explicit(value) : context.withBatchAt(value, common);
    const { shape } = value.constant;
    if (common === null) return context.constantTensor(value.constant, shape);
    if (shape[common] !== 1 || context.batch !== 1)
      throw new BatchError('joins a constant that differs from sample to sample');
    return context.constantTensor(
      value.constant,
      shape.filter((_, i) => i !== common),
    );
  });
  return context.add({ kind: 'concat', axis: common !== null && axis > common ? axis - 1 : axis }, operands, [common]);
};

const split: Importer = (context) => {
  let x = context.active(0);
  const full = context.full(x);
  const at = axisOf(context.attributes.int('axis', 0), full.length);
  if (at === x.batch) x = context.explicit(x);
  const axis = context.axis(x, at);
  const total = full[at]!;
  const parts = context.attributes.int('num_outputs', context.node.output.length);
  const each = Math.ceil(total / parts);
  const sizes =
    context.numbers(1, 'its parts') ??
    context.attributes.ints('split') ??
    Array.from({ length: parts }, (_, i) => Math.max(0, Math.min(each, total - i * each)));
  return context.add(
    { kind: 'split', axis, sizes },
    [x],
    sizes.map(() => x.batch),
  );
};

const slice: Importer = (context) => {
  let x = context.active(0);
  const given = [1, 2, 3, 4].map((index) => context.numbers(index, 'its range'));
  const full = context.full(x);
  const ranges = sliceRanges(full, given, context.attributes);
  const b = x.batch;
  if (b !== null && (ranges.sizes[b] !== full[b] || ranges.steps[b] !== 1)) x = context.explicit(x);
  const sample = (values: readonly number[]): number[] => values.filter((_, axis) => axis !== x.batch);
  return context.add(
    { kind: 'slice', starts: sample(ranges.starts), sizes: sample(ranges.sizes), steps: sample(ranges.steps) },
    [x],
    [x.batch],
  );
};

const pad: Importer = (context) => {
  let x = context.active(0);
  const rank = context.full(x).length;
  const { attributes } = context;
  const given = context.numbers(1, 'its padding') ?? attributes.ints('pads') ?? attributes.ints('paddings') ?? [];
  const axes =
    context.numbers(3, 'its axes')?.map((axis) => axisOf(axis, rank)) ?? Array.from({ length: rank }, (_, i) => i);
  if (given.length !== 2 * axes.length)
    context.fail(`its padding is [${given.join(', ')}], expected ${2 * axes.length} whole numbers`);
  const begin = new Array<number>(rank).fill(0);
  const end = new Array<number>(rank).fill(0);
  axes.forEach((axis, i) => {
    begin[axis] = given[i] ?? 0;
    end[axis] = given[i + axes.length] ?? 0;
  });
  if (x.batch !== null && (begin[x.batch] !== 0 || end[x.batch] !== 0)) x = context.explicit(x);
  const sample = (values: readonly number[]): number[] => values.filter((_, axis) => axis !== x.batch);
  const mode = attributes.text('mode', 'constant');
  if (mode !== 'constant' && mode !== 'reflect' && mode !== 'edge' && mode !== 'wrap')
    return context.fail(`padding "${mode}" is not known`);
  const value = context.value(2);
  const filler =
    context.has(2) && value?.kind !== 'constant'
      ? { value: NaN, parameter: context.needParameter(2, 'its value') }
      : { value: context.numbers(2, 'its value')?.[0] ?? attributes.float('value', 0), parameter: undefined };
  return context.add(
    {
      kind: 'pad',
      begin: sample(begin),
      end: sample(end),
      mode,
      value: filler.value,
    },
    [x],
    [x.batch],
    { parameters: [['value', filler.parameter]] },
  );
};

const expand: Importer = (context) => {
  let x = context.active(0);
  const shape = context.numbers(1, 'its shape') ?? [];
  const rank = Math.max(context.full(x).length, shape.length);
  const place = x.batch === null ? null : rank - context.full(x).length + x.batch;
  const at = place === null ? -1 : place - (rank - shape.length);
  if (place !== null && at >= 0 && shape[at] !== 1 && shape[at] !== context.batch) x = context.explicit(x);
  return context.add(
    { kind: 'expand', shape: x.batch === null ? shape : shape.filter((_, axis) => axis !== at) },
    [x],
    [x.batch === null ? null : place],
  );
};

const tile: Importer = (context) => {
  let x = context.active(0);
  const repeats = context.counts(1, 'its repeats', context.full(x).length);
  if (x.batch !== null && repeats[x.batch] !== 1) x = context.explicit(x);
  return context.add({ kind: 'tile', repeats: repeats.filter((_, axis) => axis !== x.batch) }, [x], [x.batch]);
};

const gather: Importer = (context) => {
  const data = context.value(0) ?? context.fail('input 0 is missing');
  const indices = context.value(1) ?? context.fail('input 1 is missing');
  const given = context.attributes.int('axis', 0);
  if (data.kind === 'constant') {
    const table = parameterOf(data.constant);
    const axis = axisOf(given, table.shape.length);
    const x = context.active(1);
    const batch = [x.batch === null ? null : axis + x.batch];
    const dtypes = [data.constant.dtype];
    // Rows of a table are looked up; parts along another axis are taken of a constant tensor.
    if (axis > 0)
      return context.add({ kind: 'gather', axis, lookup: false }, [context.active(0), x], batch, { dtypes });
    const parameters = [['table', table]] as const;
    return context.add({ kind: 'gather', axis, lookup: true }, [x], batch, { parameters, dtypes });
  }
  let x: Active = data;
  const at = axisOf(given, context.full(x).length);
  if (indices.kind === 'constant') checkIndices(indices.constant.numbers(), context.full(x)[at]!);
  if (at === x.batch) x = context.explicit(x);
  const picks = indices.kind === 'active' ? context.explicit(indices) : context.active(1);
  const grown = context.shape(picks).length - 1;
  return context.add(
    { kind: 'gather', axis: context.axis(x, at), lookup: false },
    [x, picks],
    [x.batch === null ? null : at < x.batch ? x.batch + grown : x.batch],
  );
};

const shuffle =
  (to: 'space' | 'depth'): Importer =>
  (context) => {
    const order = context.attributes.text('mode', 'DCR');
    return context.add(
      { kind: 'shuffle', to, block: context.attributes.int('blocksize', 1), order: order === 'CRD' ? 'CRD' : 'DCR' },
      [context.withBatchAt(context.active(0), 0)],
      [0],
    );
  };

/** The shape of a tensor of the network is known: a constant. */
const shapeOf: Importer = (context) => {
  const full = context.full(context.active(0));
  const name = context.node.output[0]!;
  return [{ kind: 'constant', constant: shapeConstant(full, context.attributes, name) }];
};

const size: Importer = (context) => {
  const count = elementsOf(context.full(context.active(0)));
  const constant = shapeConstant([count], context.attributes, context.node.output[0]!);
  return [{ kind: 'constant', constant: { ...constant, shape: [] } }];
};

/** Importers of moves by ONNX operator. */
export const MOVES: readonly (readonly [string, Importer])[] = [
  ['Reshape', reshape],
  ['Flatten', flatten],
  ['Squeeze', squeeze],
  ['Unsqueeze', unsqueeze],
  ['Identity', identity],
  ['Dropout', identity],
  ['Transpose', transpose],
  ['Concat', concat],
  ['Split', split],
  ['Slice', slice],
  ['Pad', pad],
  ['Expand', expand],
  ['Tile', tile],
  ['Gather', gather],
  ['DepthToSpace', shuffle('space')],
  ['SpaceToDepth', shuffle('depth')],
  ['Shape', shapeOf],
  ['Size', size],
];
