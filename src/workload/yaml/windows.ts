// Layers whose windows slide over maps: convolutions, pools, resampling.

import { samePadding, showShape, type Operator, type Window } from '../graph/index.js';
import { along, type Adder, type LayerContext, type Of, type Read } from './context.js';

/** A vector as a map of one place; others as they are. */
function mapOf(x: Read, rank: number, context: LayerContext): Read {
  if (x.shape.length === rank + 1) return x;
  if (x.shape.length > rank + 1) return context.fail('from', `${rank} axes of space over ${showShape(x.shape)}`);
  if (x.layout === 'sequence' && x.shape.length === 2 && rank > 1)
    context.fail('from', `a map is expected, found a sequence of ${showShape(x.shape)}`);
  const shape = [...x.shape, ...new Array<number>(rank + 1 - x.shape.length).fill(1)];
  return context.helper('map', { kind: 'reshape', shape }, [x]);
}

interface WindowFile {
  kernel: number | readonly number[];
  stride: number | readonly number[];
  padding: 'same' | 'same-lower' | 'valid' | number | readonly number[];
  dilation: number | readonly number[];
}

function windowOf(file: WindowFile, space: readonly number[], context: LayerContext): Window {
  const rank = space.length;
  const kernel = along(file.kernel, rank, 'kernel', context);
  const strides = along(file.stride, rank, 'stride', context);
  const dilations = along(file.dilation, rank, 'dilation', context);
  const { padding } = file;
  const pads = (): [number, number][] => {
    if (padding === 'same' || padding === 'same-lower')
      return space.map((size, i) =>
        samePadding(size, {
          kernel: kernel[i]!,
          stride: strides[i]!,
          dilation: dilations[i]!,
          lower: padding === 'same-lower',
        }),
      );
    if (typeof padding === 'object' && padding.length === 2 * rank && rank > 0)
      return space.map((_, i) => [padding[i]!, padding[i + rank]!]);
    return along(padding === 'valid' ? 0 : padding, rank, 'padding', context).map((size) => [size, size]);
  };
  const resolved = pads();
  return {
    kernel,
    strides,
    dilations,
    padBegin: resolved.map(([before]) => before),
    padEnd: resolved.map(([, after]) => after),
  };
}

const rankOfType = (type: string): number => Number(/\d/.exec(type)?.[0] ?? 2);

/** Adds a convolution: plain, transposed, or of L1 distances. */
export const conv: Adder<Of<'conv2d'> | Of<'adder2d'> | Of<'deconv2d'>> = (file, given, context) => {
  const rank = rankOfType(file.type);
  const x = mapOf(given, rank, context);
  const { channels, groups } = file;
  const cin = x.shape[0]!;
  if (cin % groups !== 0) context.fail('groups', `${groups} groups do not divide ${cin} input channels`);
  if (channels % groups !== 0) context.fail('groups', `${groups} groups do not divide ${channels} output channels`);
  const window = windowOf(file, x.shape.slice(1), context);
  const bias = file.bias ? { bias: [channels] } : {};
  if ('outputPadding' in file) {
    const outputPadding = along(file.outputPadding, rank, 'outputPadding', context);
    return context.add({ kind: 'convTranspose', channels, groups, outputPadding, ...window }, [x], {
      weight: [cin, channels / groups, ...window.kernel],
      ...bias,
      ...file.parameters,
    });
  }
  const parameters = { weight: [channels, cin / groups, ...window.kernel], ...bias, ...file.parameters };
  const operator: Operator =
    'arithmetic' in file
      ? { kind: 'conv', channels, groups, arithmetic: file.arithmetic, ...window }
      : { kind: 'adder', channels, groups, ...window };
  return context.add(operator, [x, ...context.inputs.slice(1)], parameters);
};

/** Adds a pool over the axes of space. */
export const pool: Adder<Of<'maxpool'>> = (file, given, context) => {
  const x = given.shape.length < 2 ? mapOf(given, 2, context) : given;
  const space = x.shape.slice(1);
  if (!file.global && file.kernel === undefined) context.fail('', 'a pool needs a kernel, or global: true');
  const kernel = file.global ? space : file.kernel!;
  const window = windowOf({ ...file, kernel, stride: file.global ? space : (file.stride ?? kernel) }, space, context);
  if (window.kernel.some((size, i) => window.padBegin[i]! >= size))
    context.fail(
      'padding',
      `a padding of ${showShape(window.padBegin)} leaves windows of ${showShape(window.kernel)} without any input`,
    );
  const reduce = ({ maxpool: 'max', avgpool: 'average', lppool: 'lp' } as const)[file.type];
  const { ceil, countPadding, global, p } = file;
  return context.add({ kind: 'pool', reduce, ceil, countPadding, global, p, ...window }, [x]);
};

/** Adds a pool to a size. */
export const adaptive: Adder<Of<'adaptivemaxpool'>> = (file, x, context) => {
  const wanted = along(file.size, x.shape.length - 1, 'size', context);
  return context.add(
    { kind: 'adaptivePool', reduce: file.type === 'adaptivemaxpool' ? 'max' : 'average', sizes: wanted },
    [x],
  );
};

/** Adds a resampling of space. */
export const upsample: Adder<Of<'upsample'>> = (file, x, context) => {
  const space = x.shape.slice(1);
  const { scale } = file;
  const scales =
    file.scales ??
    (scale === undefined ? undefined : [1, ...(typeof scale === 'number' ? space.map(() => scale) : scale)]);
  const wanted =
    file.sizes ??
    (file.size === undefined ? undefined : [x.shape[0]!, ...along(file.size, space.length, 'size', context)]);
  if (scales === undefined && wanted === undefined) context.fail('', 'it needs a scale or a size');
  const made = wanted ?? x.shape.map((size, i) => Math.floor(size * (scales![i] ?? 1)));
  return context.add(
    {
      kind: 'resize',
      mode: file.mode === 'bilinear' ? 'linear' : file.mode,
      sizes: made,
      scales: scales ?? x.shape.map((size, i) => made[i]! / size),
      coordinates: file.coordinates,
      rounding: file.rounding,
      cubicCoefficient: file.cubicCoefficient,
    },
    [x],
  );
};
