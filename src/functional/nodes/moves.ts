// Nodes that move numbers, look them up or change how they are written.

import type {
  Cast,
  Concat,
  Expand,
  Gather,
  OneHot,
  Pad,
  Quantize,
  Reshape,
  Shuffle,
  Slice,
  Split,
  Tile,
  Transpose,
} from '../../workload/graph/index.js';
import { expand, sumTo } from '../operators/broadcast.js';
import {
  concat,
  gather,
  gatherBackward,
  inverseAxes,
  pad,
  padBackward,
  slice,
  sliceBackward,
  split,
  transpose,
} from '../operators/moves.js';
import { dequantize, dynamicQuantize, quantize, wholeNumbers } from '../operators/quantize.js';
import { reshaped, sizeOf, zeros, type Values } from '../operators/values.js';
import {
  alignedShape,
  inputTensor,
  NO_PARAMETERS,
  outputTensor,
  roles,
  step,
  type NodeRun,
  type Step,
} from './node.js';
import { leading } from '../../config/typed.js';

const withImages = (x: Values, images: number): Values => expand(x, [images, ...x.shape.slice(1)]);

/** Tensors behind each other; those without a batch are repeated. */
export function concatNode(run: NodeRun<Concat>): Step {
  const { operator, inputs } = run;
  const output = outputTensor(run);
  const images = Math.max(...inputs.map(({ shape }) => shape[0]!));
  const seen = inputs.map((x, i) => reshaped(x, alignedShape(inputTensor(run, i), x, output)));
  const parts = seen.map((x) => withImages(x, images));
  const axis = operator.axis + 1;
  return step(concat(parts, axis), (dy) =>
    split(
      dy,
      axis,
      parts.map(({ shape }) => shape[axis]!),
    ).map((part, i) => reshaped(sumTo(part, seen[i]!.shape), inputs[i]!.shape)),
  );
}

/** Parts of a tensor. */
export function splitNode({ operator, inputs }: NodeRun<Split>): Step {
  const axis = operator.axis + 1;
  const outputs = split(inputs[0]!, axis, operator.sizes);
  return {
    outputs,
    back: (errors) => ({
      inputs: [
        concat(
          outputs.map((y, i) => errors[i] ?? zeros(y.data, y.shape)),
          axis,
        ),
      ],
      parameters: NO_PARAMETERS,
    }),
  };
}

/** A slice of every axis. */
export function sliceNode({ operator, inputs }: NodeRun<Slice>): Step {
  const x = inputs[0]!;
  const parameters = {
    starts: [0, ...operator.starts],
    steps: [1, ...operator.steps],
    lengths: [x.shape[0]!, ...operator.sizes],
  };
  return step(slice(x, parameters), (dy) => [sliceBackward(x.shape, dy, parameters)]);
}

/** Padding of every axis. */
export function padNode({ operator, inputs }: NodeRun<Pad>): Step {
  const x = inputs[0]!;
  const { mode, value } = operator;
  const parameters = { begins: [0, ...operator.begin], ends: [0, ...operator.end], mode, value };
  return step(pad(x, parameters), (dy) => [padBackward(x.shape, dy, parameters)]);
}

/** Another shape over the same numbers. */
export function reshapeNode({ operator, inputs }: NodeRun<Reshape>): Step {
  const x = inputs[0]!;
  return step(reshaped(x, [x.shape[0]!, ...operator.shape]), (dy) => [reshaped(dy, x.shape)]);
}

/** Axes in another order. */
export function transposeNode({ operator, inputs }: NodeRun<Transpose>): Step {
  const axes = [0, ...operator.permutation.map((axis) => axis + 1)];
  return step(transpose(inputs[0]!, axes), (dy) => [transpose(dy, inverseAxes(axes))]);
}

/** Repetition of axes of 1. */
export function expandNode(run: NodeRun<Expand>): Step {
  const x = run.inputs[0]!;
  const output = outputTensor(run);
  const seen = reshaped(x, alignedShape(inputTensor(run), x, output));
  const shape = [x.shape[0]!, ...output.shape];
  return step(expand(seen, shape), (dy) => [reshaped(sumTo(dy, seen.shape), x.shape)]);
}

/** Repetition of whole axes: each axis is split into repeats and length. */
export function tileNode({ operator, inputs }: NodeRun<Tile>): Step {
  const x = inputs[0]!;
  const lengths = x.shape.slice(1);
  const once = [x.shape[0]!, ...lengths.flatMap((length) => [1, length])];
  const all = [x.shape[0]!, ...lengths.flatMap((length, axis) => [operator.repeats[axis]!, length])];
  const shape = [x.shape[0]!, ...lengths.map((length, axis) => length * operator.repeats[axis]!)];
  return step(reshaped(expand(reshaped(x, once), all), shape), (dy) => [
    reshaped(sumTo(reshaped(dy, all), once), x.shape),
  ]);
}

/** Blocks of channels to space or back. */
export function shuffleNode({ operator, inputs }: NodeRun<Shuffle>): Step {
  const x = inputs[0]!;
  const { to, block, order } = operator;
  const [images, channels, height, width] = leading(4, x.shape);
  const [view, axes, shape] =
    to === 'space'
      ? [
          order === 'DCR'
            ? [images, block, block, channels / block ** 2, height, width]
            : [images, channels / block ** 2, block, block, height, width],
          order === 'DCR' ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3],
          [images, channels / block ** 2, height * block, width * block],
        ]
      : [
          [images, channels, height / block, block, width / block, block],
          [0, 3, 5, 1, 2, 4],
          [images, channels * block ** 2, height / block, width / block],
        ];
  const moved = transpose(reshaped(x, view), axes);
  return step(reshaped(moved, shape), (dy) => [
    reshaped(transpose(reshaped(dy, moved.shape), inverseAxes(axes)), x.shape),
  ]);
}

/** Slices by index; an embedding looks its table up. */
export function gatherNode({ operator, inputs, parameters }: NodeRun<Gather>): Step {
  if (operator.lookup) {
    const table = parameters.get('table')!;
    const indices = inputs[0]!;
    return {
      outputs: [gather(table, indices, operator.axis)],
      back: ([dy]) => ({
        inputs: [undefined],
        parameters: roles([['table', gatherBackward(table.shape, indices, dy!, operator.axis)]]),
      }),
    };
  }
  const [x, indices] = leading(2, inputs);
  const axis = operator.axis + 1;
  if (indices.shape[0] !== 1) return gatherByImage(x, indices, axis);
  const flat = reshaped(indices, indices.shape.slice(1));
  return step(gather(x, flat, axis), (dy) => [gatherBackward(x.shape, flat, dy, axis)]);
}

/** Indices of their own for each image. */
function gatherByImage(x: Values, indices: Values, axis: number): Step {
  const images = indices.shape[0]!;
  const image = (values: Values, n: number): Values => {
    const size = sizeOf(values.shape.slice(1));
    const at = values.shape[0] === 1 ? 0 : n;
    return { shape: values.shape.slice(1), data: values.data.subarray(at * size, (at + 1) * size) };
  };
  const parts = Array.from({ length: images }, (_, n) => gather(image(x, n), image(indices, n), axis - 1));
  const y = concat(
    parts.map((part) => reshaped(part, [1, ...part.shape])),
    0,
  );
  return step(y, (dy) => {
    const dx = zeros(dy.data, x.shape);
    for (let n = 0; n < images; n++) {
      const part = gatherBackward(x.shape.slice(1), image(indices, n), image(dy, n), axis - 1);
      const to = image(dx, n);
      for (let i = 0; i < part.data.length; i++) to.data[i]! += part.data[i]!;
    }
    return [dx, undefined];
  });
}

/** Indices as vectors. */
export function oneHotNode({ operator, inputs }: NodeRun<OneHot>): Step {
  const x = inputs[0]!;
  const { depth, on, off } = operator;
  const axis = operator.axis + 1;
  const inner = sizeOf(x.shape.slice(axis));
  const y = zeros(x.data, [...x.shape.slice(0, axis), depth, ...x.shape.slice(axis)]);
  y.data.fill(off);
  for (let i = 0; i < x.data.length; i++) {
    const index = Math.trunc(x.data[i]!);
    const place = index < 0 ? index + depth : index;
    if (place >= 0 && place < depth) y.data[(Math.floor(i / inner) * depth + place) * inner + (i % inner)] = on;
  }
  return step(y, () => [undefined]);
}

/** Another element type: whole numbers are cut, booleans are 0 or 1. */
export function castNode({ operator, inputs }: NodeRun<Cast>): Step {
  return step(wholeNumbers(inputs[0]!, operator.to), (dy) => [dy]);
}

/**
 * Quantization and back; errors pass as if nothing were rounded or cut (straight through): divided by the scale on
 * their way out of the integers, times it on their way in.
 */
export function quantizeNode({ operator, inputs, parameters, graph }: NodeRun<Quantize>): Step {
  const x = inputs[0]!;
  if (operator.direction === 'dynamic') {
    const outputs = dynamicQuantize(x, graph.batch > 1 ? 1 : x.shape[0]!);
    return {
      outputs,
      back: ([dy]) => ({
        inputs: [dy && errorOutOfIntegers(dy, outputs[1], outputs[1].data.length === 1 ? null : 0)],
        parameters: NO_PARAMETERS,
      }),
    };
  }
  const scale = parameters.get('scale') ?? inputs[1]!;
  const zero = parameters.get('zeroPoint') ?? inputs[2];
  const axis = operator.axis === null ? null : operator.axis + 1;
  const y =
    operator.direction === 'quantize'
      ? quantize(x, { scale, zero, axis }, operator.to)
      : dequantize(x, scale, zero, axis);
  return step(y, (dy) => [
    operator.direction === 'dequantize' ? dequantize(dy, scale, undefined, axis) : errorOutOfIntegers(dy, scale, axis),
  ]);
}

const errorOutOfIntegers = (dy: Values, scale: Values, axis: number | null): Values =>
  dequantize(dy, { shape: scale.shape, data: scale.data.map((value) => 1 / value) }, undefined, axis);
