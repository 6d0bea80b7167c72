// Evaluations from configs: the golden converter sweep of LeNet-5 on crossbars, logits bit by bit.

import { relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../src/experiment/evaluate/evaluate.js';
import { diskPresets } from '../../src/config/files.node.js';
import { loaded, presetsWith } from '../helpers.js';
import { npz } from './graphs.js';
import { hasShared, sharedPath } from '../shared.js';

const NETWORK = `name: lenet5
input: { channels: 1, height: 28, width: 28 }
layers:
  - { name: conv1, type: conv2d, channels: 6, kernel: 5, padding: 2 }
  - { name: relu1, type: relu }
  - { name: pool1, type: maxpool, kernel: 2 }
  - { name: conv2, type: conv2d, channels: 16, kernel: 5, padding: valid }
  - { name: relu2, type: relu }
  - { name: pool2, type: maxpool, kernel: 2 }
  - { name: flat, type: flatten }
  - { name: fc1, type: dense, features: 120 }
  - { name: relu3, type: relu }
  - { name: fc2, type: dense, features: 84 }
  - { name: relu4, type: relu }
  - { name: fc3, type: dense, features: 10 }
`;
/** Paths from the configs to the data. */
const DATA = relative(process.cwd(), sharedPath('data'));
const MNIST = `${DATA}/datasets/mnist`;
/** Pictures of the golden sweep. */
const IMAGES = hasShared ? 20 : 6;
const RUN = `extends: isaac
network: ./lenet.yaml
weights: { bits: 8, sign: differential }
inputs: { bits: 8 }
crossbar: { rows: 128, columns: 128, cellBits: 2 }
sensing: { kind: adc, bits: 7 }
model: { weights: ${DATA}/models/lenet5_mnist/lenet5_mnist.safetensors }
data:
  kind: idx
  inputs: ${MNIST}/t10k-images-idx3-ubyte.gz
  labels: ${MNIST}/t10k-labels-idx1-ubyte.gz
functional: { backend: crossbar, adcRange: unit, calibration: { count: 200 } }
`;
const FILES = { 'lenet.yaml': NETWORK, './lenet.yaml': NETWORK, './run.yaml': RUN };

describe('evaluate', () => {
  it.each([7, 5, 4])('%s-bit converters: golden logits of the crossbar sweep', async (bits) => {
    const run = loaded('./run.yaml', [`sensing.bits=${bits}`], FILES);
    const flags = { images: IMAGES, keepsLogits: true, keepsActivity: true };
    const done = await evaluate(run, { ...diskPresets, files: presetsWith(FILES).files }, flags);
    const arrays = npz('data/golden/crossbar/lenet5_adc_sweep_logits200.npz');
    const golden = arrays.get(`logits_int_R128_C2_A${bits}`)!;
    const [logits] = [...done.outputs.values()];
    // Fraction bits of the golden outputs of MNIST: 2 (lenet5_dynamic_fixed_point.json, fc3).
    const unit = 2 ** (arrays.get('fraction_bits')?.data[0] ?? 2);
    expect(Array.from(logits!.data, (value) => value * unit)).toEqual(Array.from(golden.data.subarray(0, 10 * IMAGES)));
    expect(done.evaluation.layers.map(({ name }) => name)).toEqual(['conv1', 'conv2', 'fc1', 'fc2', 'fc3']);
    for (const density of done.densities.values()) expect(density).toBeGreaterThan(0);
  });

  it('arrays whose converters hold every sum give integers, which then run once', async () => {
    const flags = { images: 100, keepsLogits: true, keepsActivity: false };
    const presets = { ...diskPresets, files: presetsWith(FILES).files };
    const evaluated = (sets: string[]) => evaluate(loaded('./run.yaml', sets, FILES), presets, flags);
    const exact = await evaluated(['sensing.bits=8']);
    const integers = await evaluated(['functional.backend=integer']);
    const coarse = await evaluated(['sensing.bits=3']);
    const logits = ({ outputs }: typeof exact): number[] => Array.from([...outputs.values()][0]!.data);
    expect(logits(exact)).toEqual(logits(integers));
    const { accuracy } = integers.evaluation;
    expect(exact.evaluation.accuracy!.integer).toEqual(accuracy!.integer);
    expect(coarse.evaluation.accuracy!.integer).toEqual(accuracy!.integer);
    expect(coarse.evaluation.accuracy!.hardware.mean).toBeLessThan(accuracy!.integer);
    // Converters whose ranges calibration sets are coarse from then on.
    const calibrated = await evaluated(['sensing.bits=3', 'functional.adcRange=calibrated']);
    expect(calibrated.evaluation.accuracy!.integer).toEqual(accuracy!.integer);
    expect(calibrated.evaluation.accuracy!.hardware.mean).toBeLessThan(accuracy!.integer);
  });
});
