// Nodes with constant matrices: convolutions, dense layers, recurrent layers.

import type { Adder, Conv, ConvTranspose, Recurrent } from '../../workload/graph/index.js';
import { adder, adderBackward } from '../operators/adder.js';
import {
  channelSums,
  conv,
  convInputGradient,
  convInputGradientRotated,
  convTranspose,
  convTransposeInputGradient,
  convTransposeInputGradientScattered,
  convTransposeWeightGradient,
  convWeightGradient,
  type GroupProduct,
  type MapProduct,
} from '../operators/conv.js';
import type { CellProduct, CellProducts } from '../operators/cells/cell.js';
import { recurrent, recurrentBackward } from '../operators/recurrent.js';
import { sizeOf, type Values } from '../operators/values.js';
import { onIntegers } from './integer.js';
import { NO_PARAMETERS, roles, type NodeProducts, type NodeRun, type Step } from './node.js';

const groupProduct = (
  products: NodeProducts | undefined,
  vectorsPerImage: number,
  back: boolean,
): GroupProduct | undefined =>
  products &&
  ((vectors, out, image) => {
    const place = { image, vectorsPerImage, from: 0 };
    if (back) products.transposed(vectors, out, place);
    else products.forward(vectors, out, place);
  });

/** A convolution's product: out of its maps where the backend takes them, else window by window. */
const forwardProduct = (
  products: NodeProducts | undefined,
  vectorsPerImage: number,
): GroupProduct | MapProduct | undefined =>
  products?.maps === undefined ? groupProduct(products, vectorsPerImage, false) : { maps: products.maps };

/** A product with the second copy of the weights: vectors are input positions. */
function rotatedProduct(rotated: NonNullable<NodeProducts['rotated']>, x: Values): GroupProduct {
  const vectorsPerImage = sizeOf(x.shape.slice(2));
  return (vectors, out, image) => {
    rotated(vectors, out, { image, vectorsPerImage, from: 0 });
  };
}

/** Gradients of a matrix and of the bias of each channel, which may be missing. */
const withBias = (weight: Values, bias: Values | undefined, dy: Values): ReturnType<typeof roles> =>
  roles([
    ['weight', weight],
    ['bias', bias && channelSums(dy)],
  ]);

/** A convolution's errors: by transposed reads, or by the second copy where a backend has one. */
function convErrors({ operator, inputs, parameters, products }: NodeRun<Conv>, dy: Values, positions: number): Values {
  const x = inputs[0]!;
  const w = parameters.get('weight')!;
  if (products?.rotated === undefined)
    return convInputGradient(x.shape, { w, dy }, operator, groupProduct(products, positions, true));
  return convInputGradientRotated(
    { xShape: x.shape, wShape: w.shape },
    dy,
    operator,
    rotatedProduct(products.rotated, x),
  );
}

/** Convolution: vectors are output positions. */
function convNode(run: NodeRun<Conv>): Step {
  const { operator, inputs, parameters, products, node, graph } = run;
  const x = inputs[0]!;
  const w = parameters.get('weight')!;
  const b = parameters.get('bias');
  const positions = sizeOf(graph.tensors[node.outputs[0]!]!.shape.slice(1));
  return {
    outputs: [conv({ x, w, b }, operator, forwardProduct(products, positions))],
    back: ([dy], wanted) => ({
      inputs: wanted.inputs ? [convErrors(run, dy!, positions)] : [],
      parameters: wanted.parameters
        ? withBias(convWeightGradient({ x, dy: dy! }, w.shape, operator, products?.gradients), b, dy!)
        : NO_PARAMETERS,
    }),
  };
}

/** A transposed convolution's errors: by transposed reads, or by the second copy where a backend has one. */
function convTransposeErrors(run: NodeRun<ConvTranspose>, dy: Values, positions: number): Values {
  const { operator, inputs, parameters, products } = run;
  const x = inputs[0]!;
  const w = parameters.get('weight')!;
  if (products === undefined) return convTransposeInputGradient(x.shape, { w, dy }, operator);
  if (products.rotated === undefined)
    return convTransposeInputGradientScattered(
      { xShape: x.shape, wShape: w.shape },
      dy,
      operator,
      groupProduct(products, positions, true)!,
    );
  return convTransposeInputGradient(x.shape, { w, dy }, operator, rotatedProduct(products.rotated, x));
}

/** Transposed convolution: vectors are output positions of a backend's matrices. */
function convTransposeNode(run: NodeRun<ConvTranspose>): Step {
  const { operator, inputs, parameters, products, node, graph } = run;
  const x = inputs[0]!;
  const w = parameters.get('weight')!;
  const b = parameters.get('bias');
  const positions = sizeOf(graph.tensors[node.outputs[0]!]!.shape.slice(1));
  return {
    outputs: [convTranspose({ x, w, b }, operator, groupProduct(products, positions, false))],
    back: ([dy], wanted) => ({
      inputs: wanted.inputs ? [convTransposeErrors(run, dy!, positions)] : [],
      parameters: wanted.parameters
        ? withBias(convTransposeWeightGradient({ x, dy: dy! }, w.shape, operator, products?.gradients), b, dy!)
        : NO_PARAMETERS,
    }),
  };
}

/** AdderNet's layer, with the gradients of its paper. */
function adderNode({ operator, inputs, parameters }: NodeRun<Adder>): Step {
  const x = inputs[0]!;
  const w = parameters.get('weight')!;
  const b = parameters.get('bias');
  return {
    outputs: [adder(x, w, b, operator)],
    back: ([dy]) => {
      const gradients = adderBackward(x, w, dy!, operator);
      return {
        inputs: [gradients.input],
        parameters: withBias(gradients.weight, b, dy!),
      };
    },
  };
}

/** Recurrent layer: vectors are steps; input and state stand side by side, or in matrices apart. */
function recurrentNode({ operator, inputs, parameters, products, signals }: NodeRun<Recurrent>): Step {
  const x = inputs[0]!;
  const weights = {
    weight: parameters.get('weight')!,
    recurrent: parameters.get('recurrent')!,
    bias: parameters.get('bias'),
    peephole: parameters.get('peephole'),
  };
  const state = (name: 'hidden' | 'cell'): Values | undefined => {
    const at = operator.states.indexOf(name);
    return at < 0 ? undefined : inputs[1 + at];
  };
  const result = recurrent(
    operator,
    x,
    { weights, states: { hidden: state('hidden'), cell: state('cell') } },
    {
      products: products && ((direction) => cellProducts(operator, direction, products, 'forward')),
      signals,
    },
  );
  return {
    outputs: operator.results.map((name) => result[name]),
    back: (errors) => {
      const error = (name: Recurrent['results'][number]): Values | undefined => {
        const at = operator.results.indexOf(name);
        return at < 0 ? undefined : errors[at];
      };
      const gradients = recurrentBackward(
        operator,
        x,
        { weights, result, errors: { sequence: error('sequence'), hidden: error('hidden'), cell: error('cell') } },
        products && ((direction) => cellProducts(operator, direction, products, 'transposed')),
      );
      return {
        inputs: [gradients.input, ...operator.states.map((name) => gradients[name])],
        parameters: roles([
          ['weight', gradients.weight],
          ['recurrent', gradients.recurrent],
          ['bias', gradients.bias],
          ['peephole', gradients.peephole],
        ]),
      };
    },
  };
}

/** A direction's matrices, forward or with errors of gate sums; every image has vectors of its own. */
function cellProducts(
  layer: Recurrent,
  direction: number,
  products: NodeProducts,
  way: 'forward' | 'transposed',
): CellProducts {
  const reads = layer.cell === 'gru' ? 2 : 1;
  const call =
    (part: number): CellProduct =>
    ({ vectors, count }, out, step, read = 0) => {
      products[way]({ part, vectors, count }, out, { image: 0, vectorsPerImage: 1, from: reads * step + read });
    };
  return products.halves === true
    ? { input: call(2 * direction), state: call(2 * direction + 1) }
    : { gates: call(direction), gradient: products.gradients && { part: direction, arrays: products.gradients } };
}

/** How products over maps and recurrent layers run, by kind of operator. */
export const PRODUCT_NODES = {
  conv: (run: NodeRun<Conv>) => onIntegers(run, convNode),
  adder: adderNode,
  convTranspose: convTransposeNode,
  recurrent: recurrentNode,
};
