// What a network's functional run counts is what its timing run counts, action by action: random networks on presets.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { initialParameters } from '../../../src/functional/training/initial.js';
import type { ProductStatistics } from '../../../src/functional/backend.js';
import { countsOf, type Parameters } from '../../../src/workload/graph/index.js';
import { loaded, simulated } from '../../helpers.js';
import { onArrays } from './on-arrays.js';

const size = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });

const convolution = fc
  .record({ channels: size(1, 5), kernel: size(1, 3), stride: size(1, 2), padding: size(0, 1), bias: fc.boolean() })
  .map((knobs) => (name: string) => `{ name: ${name}, type: conv2d, ${entries(knobs)} }`);
const grouped = fc
  .record({ groups: fc.constantFrom(2, 4, 8), perGroup: size(1, 3), kernel: size(1, 2), bias: fc.boolean() })
  .map(
    ({ groups, perGroup, kernel, bias }) =>
      (name: string) =>
        `{ name: ${name}, type: conv2d, ${entries({ channels: groups * perGroup, groups, kernel, bias })} }`,
  );
const dense = fc
  .record({ features: size(1, 40), bias: fc.boolean() })
  .map((knobs) => (name: string) => `{ name: ${name}, type: dense, ${entries(knobs)} }`);
const transposed = fc
  .record({ channels: size(1, 5), kernel: size(1, 3), stride: size(1, 2), bias: fc.boolean() })
  .map((knobs) => (name: string) => `{ name: ${name}, type: deconv2d, ${entries(knobs)} }`);
const recurrent = fc
  .record({
    hidden: size(1, 9),
    type: fc.constantFrom('lstm', 'rnn', 'gru', 'gru, linearBeforeReset: true'),
    direction: fc.constantFrom('forward', 'bidirectional'),
  })
  .map((knobs) => (name: string) => `{ name: ${name}, ${entries(knobs)} }`);

const entries = (knobs: object): string =>
  Object.entries(knobs)
    .map(([key, value]) => `${key}: ${value}`)
    .join(', ');

/** Scores and mixtures of heads, from projections of a sequence. */
const attention = ([heads, width]: readonly [number, number]): string => {
  const split = (name: string, from: string, permutation: string): string =>
    `  - { name: ${name}_heads, from: '${from}', type: reshape, shape: [6, ${heads}, ${width}] }\n` +
    `  - { name: ${name}, type: transpose, permutation: ${permutation} }\n`;
  return (
    `input: { features: 11, steps: 6 }\nlayers:\n  - { name: qkv, type: dense, features: ${3 * heads * width} }\n` +
    '  - { name: parts, type: split, parts: 3 }\n' +
    split('q', 'parts', '[1, 0, 2]') +
    split('k', 'parts:1', '[1, 2, 0]') +
    split('v', 'parts:2', '[1, 0, 2]') +
    '  - { name: scores, from: [q, k], type: matmul, alpha: 0.5 }\n' +
    '  - { name: shares, type: softmax, axis: -1 }\n' +
    '  - { name: mixed, from: [shares, v], type: matmul }\n'
  );
};

type Layer = (name: string) => string;
const numbered = (layers: readonly Layer[]): string =>
  layers.map((layer, i) => `  - ${layer(`layer${i}`)}\n  - { name: relu${i}, type: relu }\n`).join('');

const networks = fc.oneof(
  fc
    .tuple(fc.array(convolution, { minLength: 1, maxLength: 2 }), fc.array(dense, { minLength: 1, maxLength: 2 }))
    .map(
      ([convs, denses]) => `input: { channels: 2, height: 8, width: 7 }\nlayers:\n${numbered([...convs, ...denses])}`,
    ),
  fc
    .array(grouped, { minLength: 1, maxLength: 1 })
    .map((convs) => `input: { channels: 8, height: 4, width: 3 }\nlayers:\n${numbered(convs)}`),
  fc
    .array(dense, { minLength: 1, maxLength: 3 })
    .map((layers) => `input: { features: 150 }\nlayers:\n${numbered(layers)}`),
  recurrent.map((layer) => `input: { features: 7, steps: 5 }\nlayers:\n  - ${layer('layer0')}\n`),
  transposed.map((layer) => `input: { channels: 3, height: 5, width: 4 }\nlayers:\n${numbered([layer])}`),
  // Dense layers over the positions of a sequence.
  dense.map((layer) => `input: { features: 30, steps: 6 }\nlayers:\n  - ${layer('layer0')}\n`),
  fc.tuple(size(1, 3), size(2, 5)).map(attention),
  // Products on integers of a file.
  fc
    .record({ channels: size(1, 5), kernel: size(1, 3), stride: size(1, 2), padding: size(0, 1) })
    .map(
      (knobs) =>
        `input: { name: x, shape: [2, 6, 5], dtype: u8 }\nlayers:\n` +
        `  - { name: layer0, type: conv2d, ${entries(knobs)}, bias: false, arithmetic: integer }\n`,
    ),
  size(1, 40).map(
    (features) =>
      `input: { name: x, shape: [50], dtype: u8 }\nlayers:\n` +
      `  - { name: layer0, type: dense, features: ${features}, bias: false, arithmetic: integer }\n`,
  ),
);

const SENSORS = {
  adc: ['adc', 'convert'],
  'integrate-fire': ['integrateFire', 'integrate'],
  'spin-neuron': ['spinNeuron', 'fire'],
} as const;

/** Weights as codes of 8 bits. */
const codesOf = ({ shape, data }: ReturnType<Parameters['get']>): ReturnType<Parameters['get']> => ({
  shape,
  data: Float64Array.from({ length: data.length }, (_, i) => Math.round(100 * Number(data[i]))),
});
const valueOf = (i: number, whole: boolean): number => (whole ? Math.round(128 + 127 * Math.sin(i)) : Math.sin(i));

const IMAGES = 2;
const presets = fc.constantFrom('isaac', 'pipelayer', 'puma', 'a3', 'a3-shared');

test('forward counts of random networks on isaac, pipelayer, puma, a3 and a3-shared', () => {
  fc.assert(
    fc.property(
      networks,
      presets,
      fc.constantFrom('separate', 'packed'),
      fc.constantFrom('digital', 'crossbar'),
      (layers, preset, groups, on) => {
        const files = { 'small.yaml': `name: small\n${layers}` };
        const sets = [
          ...['network=small.yaml', 'workload.mode=inference', `workload.images=${IMAGES}`],
          `mapping.groups=${groups}`,
          `dynamic.on=${on}`,
          ...[
            'crossbar.rows=32',
            'crossbar.columns=32',
            'sensing.columnsPerConverter=4',
            'functional.backend=crossbar',
          ],
        ];
        const run = loaded(preset, sets, files);
        const { result } = simulated(preset, sets, files);
        const { graph } = run.network;
        const whole = layers.includes('arithmetic: integer');
        const drawn = initialParameters(graph, 1);
        const parameters = whole ? { ...drawn, get: (key: string) => codesOf(drawn.get(key)) } : drawn;
        const { name, shape } = graph.tensors[graph.inputs[0]!]!;
        const length = shape.reduce((product, axis) => product * axis, IMAGES);
        const inputs = new Map([
          [name, { shape: [IMAGES, ...shape], data: Float64Array.from({ length }, (_, i) => valueOf(i, whole)) }],
        ]);
        const network = onArrays(run, { graph, parameters }, inputs);
        network.forward(inputs);
        const [sensor, sense] = SENSORS[run.config.sensing.kind];
        for (const [node, { forward }] of network.statistics()) {
          const counted = (component: string, action: string): number =>
            result.actions
              .filter((entry) => entry.pass === 'F' && entry.layer === node.name)
              .filter((entry) => entry.component === component && entry.action === action)
              .reduce((sum, { count }) => sum + Number(count), 0);
          if (node.operator.kind === 'matmul' && on === 'digital') {
            const { rows, columns } = countsOf(graph, node);
            const done = forward.reduce((sum, { vectors }) => sum + vectors * rows * columns, 0);
            expect(done).toBeGreaterThan(0);
            expect(counted('mac', 'multiply-accumulate')).toBe(done);
            continue;
          }
          const total = (of: keyof ProductStatistics): number => forward.reduce((sum, one) => sum + one[of], 0);
          const found = {
            conversions: total('conversions'),
            shiftAdds: total('shiftAdds'),
            offsetSubtractions: total('offsetSubtractions'),
            verticalAdds: total('verticalAdds'),
            reads: run.config.device.read.per === 'array' ? total('reads') : 0,
            driven: run.config.driver.kind === 'dac' ? total('drivenSettings') : 0,
          };
          expect(found.conversions).toBeGreaterThan(0);
          expect(found).toEqual({
            conversions: counted(sensor, sense),
            shiftAdds: counted('shiftAdd', 'shift-add'),
            offsetSubtractions: counted('shiftAdd', 'subtract-offset'),
            verticalAdds: counted('verticalAdder', 'add'),
            reads: run.config.device.read.per === 'array' ? counted('crossbar', 'read') : 0,
            driven: run.config.driver.kind === 'dac' ? counted('dac', 'convert') : 0,
          });
        }
      },
    ),
    { numRuns: 60, seed: 11 },
  );
});
