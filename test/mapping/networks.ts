// Weight layers of small networks, for tests of mappings.

import type { WeightLayer } from '../../src/workload/index.js';
import { loaded } from '../helpers.js';

/** Weight layers of a network whose input and layers are given as YAML. */
export const layersOf = (input: string, ...layers: string[]): WeightLayer[] =>
  loaded('isaac', ['network=/n.yaml', 'workload.mode=inference'], {
    '/n.yaml': `name: n\ninput: { ${input} }\nlayers:\n${layers.map((layer) => `  - { ${layer} }\n`).join('')}`,
  }).network.layers;

/** Convolution 3 x 3 of 4 to 8 channels in 2 groups on 6 x 10 with stride 2 (3 x 5 places), then dense 120 to 10. */
export const CONV_DENSE = layersOf(
  'channels: 4, height: 6, width: 10',
  'name: conv, type: conv2d, channels: 8, kernel: 3, stride: 2, padding: 1, groups: 2',
  'name: fc, type: dense, features: 10',
);

/** LSTM of 6 features and 4 hidden values over 5 steps. */
export const LSTM = layersOf('features: 6, steps: 5', 'name: lstm, type: lstm, hidden: 4')[0]!;
