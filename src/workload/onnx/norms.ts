// ONNX's normalizations.

import type { Norm } from '../graph/index.js';
import { BatchError, type Importer, type NodeContext } from './context.js';
import { mapInput } from './products.js';
import { broadcastTo, sized } from './sizes.js';

/** BatchNormalization with stored statistics. */
export const batchNorm: Importer = (context) => {
  const x = mapInput(context);
  if ([1, 2, 3, 4].some((output) => context.wants(output)) || context.attributes.int('training_mode', 0) === 1)
    context.fail('it is in training mode; export the network for inference');
  return context.add(norm('batch', context.attributes.float('epsilon', 1e-5)), [x], [0], {
    parameters: (['scale', 'bias', 'mean', 'variance'] as const).map((role, i) => {
      const what = `its ${role}`;
      return [role, sized(context, i + 1, what, context.shape(x)[0]!) ?? context.fail(`${what} is missing`)];
    }),
  });
};

const norm = (
  kind: Norm['norm'],
  epsilon: number,
  { axes = [], groups = 1, perGroup = false }: Partial<Pick<Norm, 'axes' | 'groups' | 'perGroup'>> = {},
): Norm => ({ kind: 'norm', norm: kind, axes, groups, epsilon, perGroup });

const scaleAndBias = (context: NodeContext, size: number) =>
  [
    ['scale', sized(context, 1, 'its scale', size)],
    ['bias', sized(context, 2, 'its bias', size)],
  ] as const;

/** InstanceNormalization. */
export const instanceNorm: Importer = (context) => {
  const x = mapInput(context);
  return context.add(norm('instance', context.attributes.float('epsilon', 1e-5)), [x], [0], {
    parameters: scaleAndBias(context, context.shape(x)[0]!),
  });
};

/** GroupNormalization; below opset 21 scales and biases stand for groups. */
export const groupNorm: Importer = (context) => {
  const x = mapInput(context);
  const channels = context.shape(x)[0]!;
  const groups = context.attributes.int('num_groups', 1);
  const perGroup = context.opset < 21;
  if (groups < 1 || channels % groups !== 0) context.fail(`${groups} groups do not divide ${channels} channels`);
  return context.add(norm('group', context.attributes.float('epsilon', 1e-5), { groups, perGroup }), [x], [0], {
    parameters: scaleAndBias(context, perGroup ? groups : channels),
  });
};

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
      parameters: (kind === 'layer' ? (['scale', 'bias'] as const) : (['scale'] as const)).map((role, i) => [
        role,
        broadcastTo(context, i + 1, `its ${role}`, context.shape(x).slice(first)),
      ]),
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
