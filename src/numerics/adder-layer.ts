// AdderNet's convolution without multiplications (Chen et al., CVPR 2020): outputs are negative L1 distances between
// window and filter.

import { requireInteger } from './formats/format.js';

/**
 * Sizes of a layer; square kernel. Arrays are row-major: inputs [n][channelsIn][height][width], filters
 * [channelsOut][channelsIn][kernel][kernel], outputs [n][channelsOut][..][..].
 */
export interface AdderShape {
  readonly n: number;
  readonly channelsIn: number;
  readonly height: number;
  readonly width: number;
  readonly channelsOut: number;
  readonly kernel: number;
  readonly stride: number;
  readonly pad: number;
}

/** Rows and columns of the output map. */
export const adderOutputSize = ({
  height,
  width,
  kernel,
  stride,
  pad,
}: AdderShape): [height: number, width: number] => [
  Math.floor((height + 2 * pad - kernel) / stride) + 1,
  Math.floor((width + 2 * pad - kernel) / stride) + 1,
];

/**
 * Calls `visit` for every term of the layer: number of the output, of the filter weight, and of the input (-1 in the
 * padding).
 */
function eachTerm(shape: AdderShape, visit: (output: number, weight: number, input: number) => void): void {
  const { n, channelsIn, height, width, channelsOut, kernel, stride, pad } = shape;
  const [rows, columns] = adderOutputSize(shape);
  let output = 0;
  for (let image = 0; image < n; image++) {
    for (let out = 0; out < channelsOut; out++) {
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++, output++) {
          let weight = out * channelsIn * kernel * kernel;
          for (let channel = 0; channel < channelsIn; channel++) {
            for (let i = 0; i < kernel; i++) {
              for (let j = 0; j < kernel; j++, weight++) {
                const y = row * stride + i - pad;
                const x = column * stride + j - pad;
                const inside = y >= 0 && y < height && x >= 0 && x < width;
                visit(output, weight, inside ? ((image * channelsIn + channel) * height + y) * width + x : -1);
              }
            }
          }
        }
      }
    }
  }
}

/** @throws RangeError for sizes that are no layer */
function requireShape(shape: AdderShape): void {
  for (const name of ['n', 'channelsIn', 'height', 'width', 'channelsOut', 'kernel', 'stride'] as const)
    requireInteger(`adder layer: ${name}`, shape[name], 1, Number.MAX_SAFE_INTEGER);
  requireInteger('adder layer: pad', shape.pad, 0, Number.MAX_SAFE_INTEGER);
  if (adderOutputSize(shape).some((size) => size < 1))
    throw new RangeError(
      `adder layer: a kernel of ${shape.kernel} does not fit into ${shape.height} x ${shape.width} padded by ` +
        `${shape.pad}`,
    );
}

function requireLength(what: string, array: ArrayLike<number>, length: number): void {
  if (array.length !== length)
    throw new RangeError(`adder layer: ${what} has ${array.length} elements, its shape ${length}`);
}

const inputLength = ({ n, channelsIn, height, width }: AdderShape): number => n * channelsIn * height * width;
const filterLength = ({ channelsOut, channelsIn, kernel }: AdderShape): number =>
  channelsOut * channelsIn * kernel * kernel;
const outputLength = (shape: AdderShape): number =>
  shape.n * shape.channelsOut * adderOutputSize(shape).reduce((a, b) => a * b);

/**
 * Y = - sum |X - F|. Zero padding is not neutral: it adds -|F|. @throws RangeError for arrays that do not fit the shape
 */
export function adderForward(shape: AdderShape, input: ArrayLike<number>, filters: ArrayLike<number>): Float64Array {
  requireShape(shape);
  requireLength('the input', input, inputLength(shape));
  requireLength('the filter', filters, filterLength(shape));
  const result = new Float64Array(outputLength(shape));
  eachTerm(shape, (output, weight, place) => {
    result[output]! -= Math.abs((place < 0 ? 0 : input[place]!) - filters[weight]!);
  });
  return result;
}

/** Gradients of an AdderNet layer, flat, in the shapes of input and filters. */
export interface AdderGradients {
  /** sum HardTanh(F - X) dL/dY: clipped to [-1, 1] (section 3.2 there). */
  readonly input: Float64Array;
  /** sum (X - F) dL/dY: the full-precision gradient, not the sign (section 3.2 there). */
  readonly filter: Float64Array;
}

/** Gradients for dL/dY. @throws RangeError for arrays that do not fit the shape */
export function adderBackward(
  shape: AdderShape,
  input: ArrayLike<number>,
  filters: ArrayLike<number>,
  outputGradient: ArrayLike<number>,
): AdderGradients {
  requireShape(shape);
  requireLength('the input', input, inputLength(shape));
  requireLength('the filter', filters, filterLength(shape));
  requireLength('the gradient', outputGradient, outputLength(shape));
  const gradients = { input: new Float64Array(input.length), filter: new Float64Array(filters.length) };
  eachTerm(shape, (output, weight, place) => {
    const distance = (place < 0 ? 0 : input[place]!) - filters[weight]!;
    gradients.filter[weight]! += distance * outputGradient[output]!;
    if (place >= 0) gradients.input[place]! += Math.max(-1, Math.min(1, -distance)) * outputGradient[output]!;
  });
  return gradients;
}

/** Smallest norm that a gradient is divided by. */
const LEAST_NORM = 1e-12;

/**
 * The layer's own rate alpha_l = eta sqrt(k) / ||dL/dF||, k elements (section 3.3 there; eta = 0.2 in the authors'
 * code), which multiplies the global rate.
 */
export function adaptiveRate(filterGradient: ArrayLike<number>, eta = 0.2): number {
  let square = 0;
  for (let i = 0; i < filterGradient.length; i++) square += filterGradient[i]! ** 2;
  return (eta * Math.sqrt(filterGradient.length)) / Math.max(Math.sqrt(square), LEAST_NORM);
}
