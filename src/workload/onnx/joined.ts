// Nodes of a file that say more about the product in front of them: its bias, its factor.

import { elementsOf } from '../graph/index.js';
import { parameterOf, type Constant } from './constants.js';
import type { Active, NodeContext, Value } from './context.js';

/** A product's node, its result and the constant that this node adds to it or multiplies it by. */
interface Joint {
  readonly product: Active;
  readonly node: number;
  readonly constant: Constant;
}

/** What a node of a product's result and a constant joins; null where others read the result too. */
function jointOf(context: NodeContext, values: readonly Value[]): Joint | null {
  const product = values.find((value) => value.kind === 'active');
  const constant = values.find((value) => value.kind === 'constant')?.constant;
  if (values.length !== 2 || product === undefined || constant === undefined) return null;
  const { maker } = context.builder.tensor(product.tensor);
  return maker === null || !context.readOnce(product) ? null : { product, node: maker.node, constant };
}

/**
 * An Add of a value for each feature or channel is the bias of the product in front of it, as if the file had given it
 * there: Gemm or MatMul with a constant right operand, Conv, ConvTranspose, without a bias of their own. @returns the
 * product's result with its bias; null where the node stays an addition
 */
export function biasOfProduct(context: NodeContext, values: readonly Value[]): Active[] | null {
  const joint = jointOf(context, values);
  if (joint === null) return null;
  const { product, node, constant } = joint;
  const { operator, parameters } = context.builder.made(node);
  const full = context.full(product);
  const axis = featuresAxis(context, joint);
  if (axis === null || parameters.has('bias')) return null;
  const { shape } = constant;
  const at = axis - (full.length - shape.length);
  if (shape.length > full.length || at < 0 || shape[at] !== full[axis] || elementsOf(shape) !== full[axis]) return null;
  return context.join(product, node, {
    operator: operator.kind === 'dense' ? { ...operator, beta: 1 } : operator,
    parameters: new Map([...parameters, ['bias', parameterOf(constant, [full[axis]])]]),
  });
}

/** The file's axis of what a product has a bias for; null for what takes none. */
function featuresAxis(context: NodeContext, { product, node }: Joint): number | null {
  const { operator } = context.builder.made(node);
  if (operator.kind === 'convTranspose') return 1;
  if (operator.kind === 'conv') return operator.arithmetic === 'float' ? 1 : null;
  if (operator.kind !== 'dense' || operator.arithmetic !== 'float' || operator.groups > 1) return null;
  return operator.axis === context.shape(product).length - 1 ? context.full(product).length - 1 : null;
}

/**
 * A Mul or Div by one number is the factor of the product of two activations in front of it (Gemm's alpha; the
 * 1 / sqrt(d) of attention). @returns the product's result by that factor; null where the node stays one of its own
 */
export function factorOfProduct(context: NodeContext, values: readonly Value[], divides: boolean): Active[] | null {
  const joint = jointOf(context, values);
  if (joint === null || (divides && values[0]?.kind === 'constant')) return null;
  const { product, node, constant } = joint;
  const { operator, inputs, parameters } = context.builder.made(node);
  if (operator.kind !== 'matmul' || operator.arithmetic !== 'float' || inputs.length > 2) return null;
  if (elementsOf(constant.shape) !== 1 || constant.shape.length > context.full(product).length) return null;
  const factor = constant.numbers()[0]!;
  const alpha = divides ? operator.alpha / factor : operator.alpha * factor;
  return Number.isFinite(alpha) ? context.join(product, node, { operator: { ...operator, alpha }, parameters }) : null;
}
