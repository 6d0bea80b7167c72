// A sweep whose points are evaluated on data: accuracy against energy against area as one front.

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { diskPresets } from '../../src/config/files.node.js';
import { loadSweep } from '../../src/experiment/sweep/index.js';
import { xbarflow } from './command.js';
import { writeSafetensors, type Tensor } from '../../src/tensors/index.js';

const folder = mkdtempSync(join(tmpdir(), 'xbarflow-accuracy-'));
/** A template a class: the mean of nothing, yet some pictures of digits are nearer to one than to others. */
const weight: Tensor = {
  name: 'fc.weight',
  shape: [10, 784],
  dtype: 'f32',
  data: Float32Array.from({ length: 7840 }, (_, i) => 0.05 * Math.sin(i * i)),
};
const bias: Tensor = { name: 'fc.bias', shape: [10], dtype: 'f32', data: new Float32Array(10) };
writeFileSync(join(folder, 'net.safetensors'), writeSafetensors([weight, bias]));
writeFileSync(
  join(folder, 'net.yaml'),
  `name: net
input: { channels: 1, height: 28, width: 28 }
layers:
  - { name: flat, type: flatten }
  - { name: fc, type: dense, features: 10 }
`,
);
writeFileSync(
  join(folder, 'run.yaml'),
  `extends: isaac
network: ./net.yaml
workload: { images: 1 }
model: { weights: ./net.safetensors }
weights: { bits: 8 }
inputs: { bits: 8 }
data: { kind: digits, count: 64 }
functional: { backend: crossbar, adcRange: full, calibration: { count: 32 } }
`,
);
const sweep = (more: string): string => `config: ./run.yaml
axes:
  - { key: sensing.bits, values: [2, 4, 8] }
objectives: { accuracy.hardware: maximize, energy.perImageJ: minimize, area.totalMm2: minimize }
${more}`;
writeFileSync(join(folder, 'sweep.yaml'), sweep('evaluate: { images: 48 }\n'));
writeFileSync(join(folder, 'unevaluated.yaml'), sweep(''));

it('accuracy is a figure of the points and an objective of the front', () => {
  const out = join(folder, 'out');
  const done = xbarflow(['sweep', join(folder, 'sweep.yaml'), '--out', out, '--quiet', '--workers', '1']);
  expect(done.status, done.stderr).toBe(0);
  const [head, ...rows] = readFileSync(join(out, 'results.csv'), 'utf8').trim().split('\n');
  const columns = head!.split(',');
  const figures = (key: string): number[] => rows.map((row) => Number(row.split(',')[columns.indexOf(key)]));
  const [two, , eight] = figures('accuracy.hardware');
  const [float] = figures('accuracy.float');
  expect(new Set(figures('accuracy.float')).size).toBe(1);
  expect(Math.abs(eight! - float!)).toBeLessThanOrEqual(2 / 48);
  expect(two).not.toBe(eight);
  const front = readFileSync(join(out, 'front.csv'), 'utf8');
  for (const key of ['accuracy.hardware', 'energy.perImageJ', 'area.totalMm2']) expect(front).toContain(key);
});

it('an accuracy that no point has is refused', () => {
  expect(() => loadSweep(diskPresets, join(folder, 'unevaluated.yaml'))).toThrow(
    /unevaluated\.yaml:4.*objectives\.accuracy\.hardware.*needs evaluate/,
  );
});
