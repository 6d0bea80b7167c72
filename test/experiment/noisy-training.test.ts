// Draws of read noise in training: those of its own images alone, in one run or in two.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { runTraining } from '../../src/experiment/functional/train.js';
import { loaded } from '../helpers.js';

const folder = mkdtempSync(join(tmpdir(), 'xbarflow-noisy-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const train = (sets: string[], options = {}) =>
  runTraining(loaded('train-digits', sets), {
    ...{ folder: undefined, resume: false, progress: () => undefined },
    ...options,
  });

it('reads that are noisy draw the same numbers in training whatever is tested, taken up again or not', async () => {
  const read = 'functional.noise.read={ value: 0.1, source: mine }';
  const noisy = ['data.count=48', 'training.epochs=2', 'training.backend=crossbar', 'training.batch=16', read];
  const whole = await train([...noisy, 'test.count=5']);
  const more = await train([...noisy, 'test.count=9']);
  expect(more.result.iterations).toEqual(whole.result.iterations);
  expect(more.files['model.safetensors']).toEqual(whole.files['model.safetensors']);
  const out = join(folder, 'noisy');
  const stop = new Error('stopped');
  let done = 0;
  const progress = (): void => {
    if (++done === 5) throw stop;
  };
  await expect(train([...noisy, 'test.count=5'], { folder: out, progress })).rejects.toBe(stop);
  const again = await train([...noisy, 'test.count=5'], { folder: out, resume: true });
  expect(again.result.iterations).toEqual(whole.result.iterations);
  expect(again.result.epochs).toEqual(whole.result.epochs);
});
