// Windows of convolutions and pools: kernel, strides, dilations, padding.

import { samePadding, showShape, type Window } from '../graph/index.js';
import type { NodeContext } from './context.js';

/**
 * Kernel, strides, dilations and padding as numbers (auto_pad resolved).
 * @throws ShapeError where they do not fit the kernel
 */
export function windowOf(context: NodeContext, space: readonly number[], kernel: readonly number[]): Window {
  const { attributes } = context;
  if (kernel.length === 0)
    context.fail('it has no axes to slide along, expected an input [N, C, ...] with one or more');
  const ones = kernel.map(() => 1);
  const strides = attributes.ints('strides') ?? ones;
  const dilations = attributes.ints('dilations') ?? ones;
  const given = attributes.ints('pads') ?? [...ones, ...ones].fill(0);
  for (const [name, steps] of [
    ['strides', strides],
    ['dilations', dilations],
  ] as const)
    if (steps.length !== kernel.length || steps.some((step) => step < 1))
      context.fail(`its ${name} are [${steps.join(', ')}], expected ${kernel.length} whole numbers of 1 or more`);
  if (given.length !== 2 * kernel.length)
    context.fail(`its pads are [${given.join(', ')}], expected ${2 * kernel.length} whole numbers`);
  const stated = attributes.ints('kernel_shape') ?? kernel;
  if (stated.join() !== kernel.join())
    context.fail(`its kernel_shape is ${showShape(stated)}, its weight has a kernel of ${showShape(kernel)}`);
  const auto = attributes.text('auto_pad', 'NOTSET');
  const pads: readonly (readonly [before: number, after: number])[] =
    auto === 'SAME_UPPER' || auto === 'SAME_LOWER'
      ? kernel.map((k, i) =>
          samePadding(space[i]!, {
            kernel: k,
            stride: strides[i]!,
            dilation: dilations[i]!,
            lower: auto === 'SAME_LOWER',
          }),
        )
      : kernel.map((_, i) => (auto === 'VALID' ? [0, 0] : [given[i]!, given[i + kernel.length]!]));
  return {
    kernel,
    strides,
    dilations,
    padBegin: pads.map(([before]) => before),
    padEnd: pads.map(([, after]) => after),
  };
}
