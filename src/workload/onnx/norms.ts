// ONNX's normalizations.

import type { Norm } from '../graph/index.js';
import { BatchError, type Importer, type NodeContext } from './context.js';
import { mapInput } from './products.js';

/** BatchNormalization with stored statistics. */
export const batchNorm: Importer = (context) => {
  const x = mapInput(context);
  if ([1, 2, 3, 4].some((output) => context.wants(output)) || context.attributes.int('training_mode', 0) === 1)
    context.fail('it is in training mode; export the network for inference');
  return context.add(norm('batch', context.attributes.float('epsilon', 1e-5)), [x], [0], {
    parameters: [
      ['scale', context.needParameter(1, 'its scale')],
      ['bias', context.needParameter(2, 'its bias')],
      ['mean', context.needParameter(3, 'its mean')],
      ['variance', context.needParameter(4, 'its variance')],
    ],
  });
};

const norm = (
  kind: Norm['norm'],
  epsilon: number,
  { axes = [], groups = 1, perGroup = false }: Partial<Pick<Norm, 'axes' | 'groups' | 'perGroup'>> = {},
): Norm => ({ kind: 'norm', norm: kind, axes, groups, epsilon, perGroup });

const scaleAndBias = (context: NodeContext) =>
  [
    ['scale', context.parameter(1, 'its scale')],
    ['bias', context.parameter(2, 'its bias')],
  ] as const;

/** InstanceNormalization. */
export const instanceNorm: Importer = (context) =>
  context.add(norm('instance', context.attributes.float('epsilon', 1e-5)), [mapInput(context)], [0], {
    parameters: scaleAndBias(context),
  });

/** GroupNormalization; below opset 21 scales and biases stand for groups. */
export const groupNorm: Importer = (context) =>
  context.add(
    norm('group', context.attributes.float('epsilon', 1e-5), {
      groups: context.attributes.int('num_groups', 1),
      perGroup: context.opset < 21,
    }),
    [mapInput(context)],
    [0],
    { parameters: scaleAndBias(context) },
  );

/** Normalizations over the axes from one on. */
export const lastAxesNorm =
  (kind: 'layer' | 'rms'): Importer =>
  (context) => {
    const x = context.active(0);
    if (context.wants(1) || context.wants(2)) context.fail('its mean and deviation as outputs are not supported');
    const first = context.axis(x, context.attributes.int('axis', -1));
    const axes = [...context.shape(x).keys()].filter((axis) => axis >= first);
    if (x.batch !== null && x.batch > first) throw new BatchError('normalizes across the batch');
    return context.add(norm(kind, context.attributes.float('epsilon', 1e-5), { axes }), [x], [x.batch], {
      parameters: kind === 'layer' ? scaleAndBias(context) : scaleAndBias(context).slice(0, 1),
    });
  };

/** LRN, across channels. */
export const lrn: Importer = (context) => {
  const { attributes: given } = context;
  return context.add(
    {
      kind: 'lrn',
      size: given.int('size', 1),
      alpha: given.float('alpha', 1e-4),
      beta: given.float('beta', 0.75),
      bias: given.float('bias', 1),
    },
    [mapInput(context)],
    [0],
  );
};
