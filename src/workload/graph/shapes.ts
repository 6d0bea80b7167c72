// Arithmetic of shapes: broadcasting, sliding windows, padding, and the fault where shapes do not fit.

/**
 * Axes count the sample's axes from 0 (the batch is aside, see graph.ts), are never negative, and lists of spatial
 * attributes (kernel, strides, ...) have an entry for each axis of space: 1 for sequences, 2 for images, 3 for volumes.
 */
export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Padding before and after each axis, resolved (`auto_pad`, `same` are numbers by now). */
  readonly padBegin: readonly number[];
  readonly padEnd: readonly number[];
}

/** What axes mean: [channels, ...space], [..., steps, features], or nothing in particular. */
export type Layout = 'map' | 'sequence' | 'plain';

/** Elements of a shape: 1 for a scalar. */
export const elementsOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** Row-major strides: elements between neighbours of each axis. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}

/** Strides of a tensor broadcast to a shape: 0 where it repeats. */
export function broadcastStrides(from: readonly number[], to: readonly number[]): number[] {
  const own = stridesOf(from);
  return to.map((_, axis) => {
    const at = axis - to.length + from.length;
    return at < 0 || from[at] === 1 ? 0 : own[at]!;
  });
}

/** Shapes that do not fit an operator; the message says how. The caller names node and file. */
export class ShapeError extends Error {
  override name = 'ShapeError';
}

/** @throws ShapeError with this message */
export const fail = (message: string): never => {
  throw new ShapeError(message);
};

/** `3x32x32`, for messages. */
export const showShape = (shape: readonly number[]): string => (shape.length === 0 ? 'one value' : shape.join('x'));

/** The shape to which shapes broadcast (numpy's rule, as ONNX's). @throws ShapeError where they do not */
export function broadcast(shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    let size = 1;
    for (const shape of shapes) {
      const own = shape[shape.length - rank + axis] ?? 1;
      if (own === size || own === 1) continue;
      if (size !== 1) fail(`the shapes ${shapes.map(showShape).join(' and ')} do not broadcast`);
      size = own;
    }
    return size;
  });
}

/** Sizes of space behind a window that slides over `space`. */
export function slide(space: readonly number[], window: Window, ceil = false): number[] {
  if (space.length !== window.kernel.length)
    fail(`a window of ${window.kernel.length} axes over space of ${space.length} (${showShape(space)})`);
  return space.map((size, axis) => {
    const kernel = window.kernel[axis]!;
    const stride = window.strides[axis]!;
    const before = window.padBegin[axis]!;
    const extent = window.dilations[axis]! * (kernel - 1) + 1;
    const padded = size + before + window.padEnd[axis]!;
    if (!Number.isSafeInteger(padded))
      fail(`a padding of ${showShape(window.padBegin)} cannot be counted exactly (2^53)`);
    const room = padded - extent;
    if (!Number.isSafeInteger(extent) || room < 0)
      fail(
        `the kernel of ${showShape(window.kernel)}${extent > kernel ? `, ${extent} wide with its dilation,` : ''} is ` +
          `larger than its input of ${showShape(space)}${before + window.padEnd[axis]! > 0 ? ' with its padding' : ''}`,
      );
    const steps = ceil ? Math.ceil(room / stride) : Math.floor(room / stride);
    // A window that would start in the padding behind is left out (as PyTorch and ONNX do).
    return ceil && steps * stride >= size + before ? steps : steps + 1;
  });
}

/**
 * Padding of TensorFlow's `same` (ONNX SAME_UPPER): ceil(size / stride) outputs, the odd one behind; SAME_LOWER: the
 * odd one before.
 * @returns before and after, of one axis
 */
export function samePadding(
  size: number,
  {
    kernel,
    stride,
    dilation,
    lower = false,
  }: { readonly kernel: number; readonly stride: number; readonly dilation: number; readonly lower?: boolean },
): [number, number] {
  const extent = dilation * (kernel - 1) + 1;
  const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + extent - size);
  if (!Number.isSafeInteger(total)) fail(`a kernel ${extent} wide with its dilation cannot be padded`);
  const less = Math.floor(total / 2);
  return lower ? [total - less, less] : [less, total - less];
}

/** Axis `axis` of a shape replaced. */
export const withAxis = (shape: readonly number[], axis: number, sizes: readonly number[]): number[] => [
  ...shape.slice(0, axis),
  ...sizes,
  ...shape.slice(axis + 1),
];
