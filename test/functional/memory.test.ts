// What an evaluation holds at once does not depend on the number of pictures.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import { afterAll, expect, it, vi } from 'vitest';
import { diskPresets } from '../../src/config/files.node.js';
import { evaluationOptions } from '../../src/experiment/evaluate/setup.js';
import { Evaluator, samplesTogether, type PartResult } from '../../src/functional/evaluate/evaluator.js';
import { writeSafetensors } from '../../src/tensors/index.js';
import { loaded } from '../helpers.js';

const folder = mkdtempSync(join(tmpdir(), 'xbarflow-memory-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
const waves = (name: string, shape: number[], scale: number) => {
  const length = shape.reduce((product, size) => product * size, 1);
  const data = Float32Array.from({ length }, (_, i) => scale * Math.sin(i * i));
  return { name, shape, dtype: 'f32', data } as const;
};
const NETWORK = `name: net
input: { channels: 1, height: 28, width: 28 }
layers:
  - { name: conv, type: conv2d, channels: 2, kernel: 5, stride: 4 }
  - { name: flat, type: flatten }
  - { name: fc, type: dense, features: 10 }
`;

it('batches are of one size, their results small, and the kernels take no more memory after the first', async () => {
  const weights = join(folder, 'net.safetensors');
  const size = 2 * 6 * 6;
  const own = [waves('conv.weight', [2, 1, 5, 5], 0.2), waves('conv.bias', [2], 0.1)];
  writeFileSync(weights, writeSafetensors([...own, waves('fc.weight', [10, size], 0.1), waves('fc.bias', [10], 0.1)]));
  const pictures = 192;
  const run = loaded(
    'isaac',
    [
      'network=net.yaml',
      `model.weights=${weights}`,
      `data={ kind: digits, count: ${pictures} }`,
      'functional={ backend: crossbar, calibration: { count: 48 }, noise: { read: { value: 0.02, source: test } } }',
    ],
    { 'net.yaml': NETWORK },
  );
  const options = await evaluationOptions(run, diskPresets, {
    images: undefined,
    keepsLogits: false,
    keepsActivity: true,
  });
  const asked: number[] = [];
  const watched = (data: typeof options.data): typeof options.data => ({
    ...data,
    batch: (from, count) => {
      asked.push(count);
      return data.batch(from, count);
    },
  });
  const together = samplesTogether(options.graph);
  expect(together).toBeLessThan(pictures / 3);
  const evaluator = new Evaluator({
    ...options,
    data: watched(options.data),
    calibration: watched(options.calibration),
  });
  const parts: PartResult[] = [evaluator.part(0, together)];
  const grow = vi.spyOn(WebAssembly.Memory.prototype, 'grow');
  for (let from = together; from + together <= pictures; from += together) parts.push(evaluator.part(from, together));
  expect(grow).not.toHaveBeenCalled();
  grow.mockRestore();
  expect(Math.max(...asked)).toBe(together);
  // A prediction takes a few bytes; a picture of doubles would take 6,272.
  for (const part of parts) expect(serialize(part).length).toBeLessThan(2000 + 20 * together);
});
