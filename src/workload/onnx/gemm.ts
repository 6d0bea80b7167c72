// ONNX's Gemm.

import { leading } from '../../config/typed.js';
import { elementsOf, showShape } from '../graph/index.js';
import type { Importer, NodeContext } from './context.js';
import { product } from './products.js';

/** Importer of Gemm: a dense layer where its matrix is constant, and an addition where its third operand is no bias. */
export const gemm: Importer = (context) => {
  const weight = context.value(1);
  if (weight?.kind === 'constant' && weight.constant.shape.length !== 2)
    context.fail(`its weight is ${showShape(weight.constant.shape)}, expected a matrix`);
  const beta = context.attributes.float('beta', 1);
  const apart = beta !== 0 && weight?.kind === 'constant' && !isOfFeatures(context, weight.constant.shape);
  if (apart && beta !== 1)
    context.fail(`beta ${beta} of a third operand that is no bias of its features is not supported; expected 1`);
  const made = product(context, {
    a: 0,
    b: 1,
    transposeA: context.attributes.int('transA', 0) === 1,
    transposeB: context.attributes.int('transB', 0) === 1,
    alpha: context.attributes.float('alpha', 1),
    beta,
    arithmetic: 'float',
    ...(!apart && beta !== 0 && { bias: 2 }),
  });
  if (!apart) return made;
  const [sum] = leading(1, made);
  const { operands, batch } = context.aligned([sum, context.value(2)!]);
  return [context.behind(sum, { kind: 'elementwise', function: 'add' }, [operands, batch])];
};

/** Whether the third operand of a Gemm is left out, or a constant of one value or of a value a feature. */
function isOfFeatures(context: NodeContext, matrix: readonly number[]): boolean {
  const bias = context.value(2);
  if (!context.has(2)) return true;
  const features = matrix[context.attributes.int('transB', 0) === 1 ? 0 : 1];
  if (bias?.kind !== 'constant') return bias === undefined;
  const { shape } = bias.constant;
  return elementsOf(shape) === 1 || (elementsOf(shape) === features && shape.at(-1) === features);
}
