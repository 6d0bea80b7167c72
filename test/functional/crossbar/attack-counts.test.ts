// What an iteration of an attack, or of training, counts forward and back is what its timing run counts, action by
// action: random networks on PipeLayer and the A3 presets.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { diskPresets } from '../../../src/config/files.node.js';
import { initialParameters } from '../../../src/functional/training/initial.js';
import type { ProductStatistics } from '../../../src/functional/backend.js';
import { crossbarBackend } from '../../../src/functional/backends/crossbar.js';
import { crossbarOptions } from '../../../src/functional/crossbar/hardware.js';
import { FoldedNetwork, QuantizedNetwork } from '../../../src/functional/quantized/network.js';
import { integerWidths } from '../../../src/functional/quantized/widths.js';
import { loaded, simulated } from '../../helpers.js';

const size = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });

const convolution = fc.record({ channels: size(1, 5), kernel: size(1, 3), stride: size(1, 2), padding: size(0, 1) });
const networks = fc
  .record({
    convolutions: fc.array(convolution, { minLength: 0, maxLength: 2 }),
    dense: fc.array(size(1, 20), { minLength: 1, maxLength: 2 }),
  })
  .map(({ convolutions, dense }) =>
    [
      'name: small\ninput: { channels: 2, height: 7, width: 6 }\nlayers:',
      ...convolutions.flatMap(({ channels, kernel, stride, padding }, i) => [
        `  - { name: conv${i}, type: conv2d, channels: ${channels}, kernel: ${kernel}, stride: ${stride}, ` +
          `padding: ${padding} }`,
        `  - { name: reluc${i}, type: relu }`,
      ]),
      ...dense.flatMap((features, i) => [
        `  - { name: fc${i}, type: dense, features: ${features} }`,
        `  - { name: reluf${i}, type: relu }`,
      ]),
      '',
    ].join('\n'),
  );

const IMAGES = 2;
const MODES = {
  attack: ['workload.mode=attack', `workload.batch=${IMAGES}`, 'workload.iterations=1'],
  training: ['workload.mode=training', `workload.batch=${IMAGES}`, `workload.images=${IMAGES}`],
} as const;

test('an iteration counts forward and back as its timing run does', () => {
  fc.assert(
    fc.property(
      networks,
      fc.constantFrom('pipelayer', 'a3-buffer', 'a3-single', 'a3', 'a3-shared'),
      fc.constantFrom('attack' as const, 'training' as const),
      fc.constantFrom('unrolled' as const, 'plain' as const),
      (network, preset, mode, gradients) => {
        fc.pre(mode === 'attack' || preset === 'pipelayer');
        const files = { 'small.yaml': network };
        const sets = [
          ...['network=small.yaml', ...MODES[mode], 'functional.backend=crossbar'],
          ...['crossbar.rows=32', 'crossbar.columns=32', `gradient.mapping=${gradients}`],
        ];
        const run = loaded(preset, sets, files);
        const { result } = simulated(preset, sets, files);
        const { graph } = run.network;
        const folded = new FoldedNetwork(graph, initialParameters(graph, 1));
        const [input, output] = [graph.tensors[graph.inputs[0]!]!, graph.tensors[graph.outputs[0]!]!];
        const drawn = (shape: readonly number[]) => ({
          shape: [IMAGES, ...shape],
          data: Float64Array.from({ length: shape.reduce((p, n) => p * n, IMAGES) }, (_, i) => Math.sin(i + 1)),
        });
        const inputs = new Map([[input.name, drawn(input.shape)]]);
        const ranges = new Map<number, number>();
        folded.calibrate(inputs, ranges);
        const computed = new QuantizedNetwork(folded, {
          ...{ widths: integerWidths(run, true), ranges, copies: run.config.weights.copies, gradients },
          backend: crossbarBackend(crossbarOptions(run, diskPresets)),
        });
        computed.forward(inputs, { record: true });
        computed.backward(new Map([[output.name, drawn(output.shape)]]), {
          inputs: mode === 'attack',
          parameters: mode === 'training',
        });
        if (mode === 'attack')
          expect(result.actions.some(({ pass, action }) => pass === 'B' && action === 'integrate')).toBe(true);
        for (const [node, { forward, errors, gradients: written }] of computed.statistics()) {
          expect(forward.some(({ conversions }) => conversions > 0)).toBe(true);
          const counted = (component: string, action: string, passes: readonly string[]): number =>
            result.actions
              .filter((entry) => passes.includes(entry.pass) && entry.layer === node.name)
              .filter((entry) => entry.component === component && entry.action === action)
              .reduce((sum, { count }) => sum + Number(count), 0);
          const figures = (of: readonly ProductStatistics[]): object => {
            const total = (key: keyof ProductStatistics): number => of.reduce((sum, one) => sum + one[key], 0);
            const [conversions, shiftAdds, verticalAdds] = [
              total('conversions'),
              total('shiftAdds'),
              total('verticalAdds'),
            ];
            return { conversions, shiftAdds, verticalAdds };
          };
          const timed = (passes: readonly string[]): object => ({
            conversions: counted('integrateFire', 'integrate', passes),
            shiftAdds: counted('shiftAdd', 'shift-add', passes),
            verticalAdds: counted('verticalAdder', 'add', passes),
          });
          if (mode === 'training') {
            expect(written.some(({ conversions }) => conversions > 0)).toBe(true);
            expect(figures(written)).toEqual(timed(['G']));
          }
          // Transposed reads are reads of the forward arrays.
          if (run.config.weights.copies === 'shared') expect(figures(forward)).toEqual(timed(['F', 'B']));
          else expect([figures(forward), figures(errors)]).toEqual([timed(['F']), timed(['B'])]);
        }
      },
    ),
    { numRuns: 25, seed: 5 },
  );
});
