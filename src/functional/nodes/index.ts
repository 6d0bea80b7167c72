// Runs a node of any kind.

import type { Operator } from '../../workload/graph/index.js';
import { denseNode, matmulNode } from './dense.js';
import { onIntegers } from './integer.js';
import {
  castNode,
  concatNode,
  expandNode,
  gatherNode,
  oneHotNode,
  padNode,
  quantizeNode,
  reshapeNode,
  shuffleNode,
  sliceNode,
  splitNode,
  tileNode,
  transposeNode,
} from './moves.js';
import type { NodeRun, Step } from './node.js';
import { PRODUCT_NODES } from './products.js';
import {
  adaptivePoolNode,
  elementwiseNode,
  lrnNode,
  normNode,
  poolNode,
  preluNode,
  reduceNode,
  resizeNode,
  softmaxNode,
  unaryNode,
  whereNode,
} from './vector.js';

export type { MaybeValues, NodeProducts, NodeRun, ProductPlace, Step } from './node.js';

type Runners = { readonly [Kind in Operator['kind']]: (run: NodeRun<Extract<Operator, { kind: Kind }>>) => Step };

const RUNNERS: Runners = {
  ...PRODUCT_NODES,
  dense: (run) => onIntegers(run, denseNode),
  matmul: (run) => onIntegers(run, matmulNode),
  pool: poolNode,
  adaptivePool: adaptivePoolNode,
  resize: resizeNode,
  elementwise: elementwiseNode,
  where: whereNode,
  unary: unaryNode,
  prelu: preluNode,
  softmax: softmaxNode,
  norm: normNode,
  lrn: lrnNode,
  reduce: reduceNode,
  concat: concatNode,
  split: splitNode,
  slice: sliceNode,
  pad: padNode,
  reshape: reshapeNode,
  transpose: transposeNode,
  expand: expandNode,
  tile: tileNode,
  shuffle: shuffleNode,
  gather: gatherNode,
  oneHot: oneHotNode,
  cast: castNode,
  quantize: quantizeNode,
};

/** Runs a node forward; the result knows how errors go back. */
export function runNode<Kind extends Operator['kind']>(
  run: NodeRun<Extract<Operator, { kind: Kind }>> & { readonly operator: { readonly kind: Kind } },
): Step {
  const runner: Runners[Kind] = RUNNERS[run.operator.kind];
  return runner(run);
}
