// `xbarflow evaluate` as a user types it: workers, recorded activity, and input that is wrong.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { gunzipSync } from 'node:zlib';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Evaluation } from '../../src/functional/evaluate/result.js';
import type { Result } from '../../src/simulation/index.js';
import { writeSafetensors, type Tensor } from '../../src/tensors/index.js';
import { SMALL_RUN, withoutClock } from '../experiment/command.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bin = join(root, 'dist/cli/xbarflow.cjs');
const folder = mkdtempSync(join(tmpdir(), 'xbarflow-evaluate-'));

const xbarflow = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8', cwd: folder, maxBuffer: 1 << 26 });

const PIXELS = 28 * 28;
const tensor = (name: string, shape: readonly number[], scale: number): Tensor => {
  const length = shape.reduce((product, size) => product * size, 1);
  return { name, shape, dtype: 'f32', data: Float32Array.from({ length }, (_, i) => scale * Math.sin(i * i + i)) };
};
const WEIGHTS = [
  tensor('fc1.weight', [24, PIXELS], 0.08),
  tensor('fc1.bias', [24], 0.1),
  tensor('fc2.weight', [10, 24], 0.3),
  tensor('fc2.bias', [10], 0.1),
];
const NETWORK = `name: small
input: { channels: 1, height: 28, width: 28 }
layers:
  - { name: flat, type: flatten }
  - { name: fc1, type: dense, features: 24 }
  - { name: relu1, type: relu }
  - { name: fc2, type: dense, features: 10 }
`;
const RUN = `${SMALL_RUN}functional:
  backend: crossbar
  calibration: { count: 50 }
  noise: { read: { value: 0.02, source: test } }
`;

beforeAll(() => {
  expect(existsSync(bin), 'npm run build comes first').toBe(true);
  writeFileSync(join(folder, 'small.yaml'), NETWORK);
  writeFileSync(join(folder, 'run.yaml'), RUN);
  writeFileSync(join(folder, 'small.safetensors'), writeSafetensors(WEIGHTS));
});

describe('xbarflow evaluate', () => {
  it('gives the same with one and with three workers, noise included', () => {
    const [one, three] = [1, 3].map((workers) => {
      const files = ['--logits', `logits-${workers}.npz`, '--record', `trace-${workers}.csv`];
      const done = xbarflow('evaluate', 'run.yaml', '--workers', String(workers), '--format', 'json', ...files);
      expect(done.status, done.stderr).toBe(0);
      const read = (name: string): string => readFileSync(join(folder, name)).toString('base64');
      return {
        result: withoutClock(done.stdout),
        files: [read(`logits-${workers}.npz`), read(`trace-${workers}.csv`)],
      };
    });
    expect(three).toEqual(one);
  });

  it('says the interval of the trials, shares in percent, time and energy in their units', () => {
    const sets = ['functional.trials=3', 'functional.noise.read.value=0.3'];
    const args = ['run.yaml', '--images', '40', ...sets.flatMap((set) => ['--set', set])];
    const { accuracy } = JSON.parse(xbarflow('evaluate', ...args, '--format', 'json').stdout) as Evaluation;
    const { confidence95, trials } = accuracy!.hardware;
    const mean = trials.reduce((sum, share) => sum + share / 3, 0);
    // Student's 97.5 % quantile of two degrees of freedom is 4.303.
    const half = (4.303 * Math.sqrt(trials.reduce((sum, share) => sum + (share - mean) ** 2 / 2, 0))) / Math.sqrt(3);
    expect(half).toBeGreaterThan(0);
    expect(confidence95).toBeCloseTo(half, 4);
    const { stdout } = xbarflow('evaluate', ...args);
    expect(stdout).toContain(`${(100 * mean).toFixed(2)} % +- ${(100 * confidence95).toFixed(2)} % (95 % of 3 trials)`);
    expect(stdout).toMatch(/fc1 .* 0 % │ +0 % │/);
    expect(stdout).toMatch(/[0-9.]+ [un]s and [0-9.]+ [mun]J an image/);
  });

  it('gives time and energy of inference whatever mode the config runs, with its forward densities', () => {
    writeFileSync(
      join(folder, 'trains.yaml'),
      'extends: pipelayer\nnetwork: ./small.yaml\nmodel: { weights: ./small.safetensors }\n' +
        'data: { kind: digits, count: 20 }\nworkload: { mode: training }\n',
    );
    interface Costs {
      mode: string;
      time: { perImageS: number };
      energy: { perImageJ: number };
    }
    const costs = (command: string, ...sets: string[]): Costs => {
      const flags = sets.flatMap((set) => ['--set', set]);
      const done = xbarflow(command, 'trains.yaml', ...flags, '--format', 'json', '--quiet');
      expect(done.status, done.stderr).toBe(0);
      const { mode, time, energy } = JSON.parse(done.stdout) as Costs;
      return { mode, time: { perImageS: time.perImageS }, energy: { perImageJ: energy.perImageJ } };
    };
    const inference = costs('run', 'workload.mode=inference');
    expect(costs('run').time.perImageS).toBeGreaterThan(inference.time.perImageS);
    expect(costs('evaluate')).toEqual(inference);
    expect(costs('evaluate', 'workload.mode=attack', 'workload.iterations=3')).toEqual(inference);
    writeFileSync(join(folder, 'all.csv'), xbarflow('trace', 'trains.yaml', '--synthetic', '--quiet').stdout);
    const forward = readFileSync(join(folder, 'all.csv'), 'utf8').replaceAll(/^[BG],.*\n/gm, '');
    writeFileSync(join(folder, 'forward.csv'), forward);
    const replayed = costs('run', 'workload.mode=inference', 'workload.trace=./forward.csv');
    expect(replayed.energy.perImageJ).not.toBe(inference.energy.perImageJ);
    expect(costs('evaluate', 'workload.trace=./all.csv')).toEqual(replayed);
    const recorded = xbarflow('evaluate', 'trains.yaml', '--record', 'recorded.csv', '--out', 'trains');
    expect(recorded.stdout).toMatch(/ an image, inference$/m);
    expect(readFileSync(join(folder, 'trains/report.html'), 'utf8')).toContain('energy and area: inference');
    // What --record writes is for `run` of the same config.
    costs('run', 'workload.trace=./recorded.csv');
  });

  it('names a line that another command reads once, by its file', () => {
    const { stderr } = xbarflow('run', 'run.yaml');
    expect(stderr).toMatch(/^note: run\.yaml:\d+:\d+: functional\.backend has no effect/m);
  });

  it('writes a page: accuracy, errors, sums, cells, confusion, wrong pictures', () => {
    const done = xbarflow('evaluate', 'run.yaml', '--images', '20', '--out', 'page', '--quiet');
    expect(done.status, done.stderr).toBe(0);
    const page = readFileSync(join(folder, 'page/report.html'), 'utf8');
    for (const id of ['accuracy-by-configuration', 'snr-by-layer', 'sums-0', 'confusion-matrix', 'wrong-pictures'])
      expect(page).toContain(`"${id}"`);
    const packed = Buffer.from(/id="packed">(.*?)<\/script>/s.exec(page)![1]!, 'base64');
    const { specs } = JSON.parse(gunzipSync(packed).toString()) as {
      specs: Record<string, { layer: { data?: { values: { count?: number }[] } }[] }>;
    };
    // Every conversion of the pictures that sums are of stands in a bin: lines x slots x pictures.
    const bins = specs['sums-1']!.layer[0]!.data!.values;
    const conversions = bins.reduce((sum, { count }) => sum + count!, 0);
    const { layers } = JSON.parse(readFileSync(join(folder, 'page/evaluation.json'), 'utf8')) as {
      layers: { name: string; conversions: number }[];
    };
    expect(conversions).toBe((layers.find(({ name }) => name === 'fc2')!.conversions * 8) / 20);
    expect(page).toMatch(/<image [^>]*href="data:image\/png;base64,/);
  });

  it('quantize --data: accuracy beside the errors, of each tensor alone and of all', () => {
    const bits = (n: number, ...more: string[]): ReturnType<typeof xbarflow> =>
      xbarflow('quantize', 'small.safetensors', '--method', 'dfp', '--bits', String(n), '--format', 'json', ...more);
    interface Quantized {
      images: number;
      float: { accuracy: number; nats: number };
      quantized: { accuracy: number; nats: number };
      layers: { name: string; accuracy: number; nats: number }[];
    }
    const of = (n: number): Quantized => {
      const done = bits(n, '--data', 'run.yaml', '--images', '40');
      expect(done.status, done.stderr).toBe(0);
      return JSON.parse(done.stdout) as Quantized;
    };
    const [fine, coarse] = [of(16), of(2)];
    expect(fine.images).toBe(40);
    expect(fine.quantized.nats).toBeCloseTo(fine.float.nats, 3);
    expect(fine.layers.map(({ name }) => name)).toEqual(['fc1.weight', 'fc2.weight']);
    expect(Math.abs(coarse.quantized.nats - fine.float.nats)).toBeGreaterThan(0.01);
    const plain = bits(8);
    expect(Object.keys(JSON.parse(plain.stdout) as object)).not.toContain('quantized');
    const useless = bits(8, '--images', '3');
    expect([useless.status, useless.stderr]).toEqual([2, '--images: has no effect without --data\n']);
  });

  it('study: accuracy against bits; with many bits as in floating point', () => {
    const done = xbarflow(
      'study',
      'run.yaml',
      '--images',
      '30',
      '--bits',
      '2,12',
      '--format',
      'json',
      '--out',
      'study',
    );
    expect(done.status, done.stderr).toBe(0);
    const { networks } = JSON.parse(done.stdout) as {
      networks: { float: { nats: number }; points: { method: string; bits: number; nats: number }[] }[];
    };
    const { float, points } = networks[0]!;
    expect(points).toHaveLength(14);
    for (const { method, bits, nats } of points)
      if (bits === 12) expect(Math.abs(nats - float.nats), method).toBeLessThan(0.02);
      else expect(Math.abs(nats - float.nats), method).toBeGreaterThan(0.001);
    for (const file of ['study.csv', 'study.json', 'report.html'])
      expect(existsSync(join(folder, 'study', file))).toBe(true);
    const wrong = xbarflow('study', 'run.yaml', '--methods', 'guess');
    expect([wrong.status, wrong.stderr.trim().split('\n').length]).toEqual([2, 1]);
  });

  it('records activity that run replays: energy of the drivers follows the data', () => {
    const spikes = RUN.replace('isaac', 'pipelayer').replace(
      /sensing.*\n/,
      'workload: { mode: inference, images: 20 }\n',
    );
    writeFileSync(join(folder, 'spikes.yaml'), spikes);
    expect(xbarflow('evaluate', 'spikes.yaml', '--record', 'own.csv', '--images', '20').status).toBe(0);
    const lines = readFileSync(join(folder, 'own.csv'), 'utf8')
      .split('\n')
      .filter((line) => !line.startsWith('#'));
    const columns = lines[0]!.split(',');
    const cell = (layer: string, column: string): number =>
      Number(lines.find((line) => line.startsWith(`F,${layer},`))!.split(',')[columns.indexOf(column)]);
    const run = (...sets: string[]): Result =>
      JSON.parse(xbarflow('run', 'spikes.yaml', '--format', 'json', '--quiet', ...sets).stdout) as Result;
    const [replayed, half] = [run('--set', 'workload.trace=own.csv'), run()];
    const spiked = ({ actions }: Result, name: string): number =>
      Number(actions.find(({ layer, action }) => layer === name && action === 'spike')!.count);
    for (const layer of ['fc1', 'fc2']) {
      expect(cell(layer, 'density')).toBeGreaterThan(0);
      expect(cell(layer, 'density')).toBeLessThan(0.4);
      // Whole ones an image: the count is that of the density within one an image.
      const bits = 2 * spiked(half, layer);
      expect(Math.abs(spiked(replayed, layer) - cell(layer, 'density') * bits)).toBeLessThanOrEqual(20 * 8);
    }
    expect(replayed.energy.totalJ).toBeLessThan(half.energy.totalJ);
  });

  it.each([
    ['lenet-5', 'recorded-lenet-5-mnist'],
    ['digits-cnn', 'recorded-digits-cnn'],
  ])('run replays the shipped trace of %s', (network, trace) => {
    const sets = ['network', 'workload.trace'].flatMap((key, i) => ['--set', `${key}=${[network, trace][i]}`]);
    const inference = ['--set', 'workload.mode=inference', '--set', 'workload.images=10', '--set', 'inputs.bits=8'];
    const done = xbarflow('run', 'pipelayer', ...sets, ...inference, '--format', 'json', '--quiet');
    expect(done.stderr).toBe('');
    expect(done.status).toBe(0);
  });

  const idx = (type: number, shape: readonly number[], data: Uint8Array): Uint8Array => {
    const header = new Uint8Array(4 + 4 * shape.length);
    header.set([0, 0, type, shape.length]);
    const view = new DataView(header.buffer);
    shape.forEach((size, axis) => {
      view.setUint32(4 + 4 * axis, size);
    });
    return Uint8Array.of(...header, ...data);
  };
  const changed = (name: string, data: Float32Array, shape?: readonly number[]): Uint8Array =>
    writeSafetensors(WEIGHTS.map((own) => (own.name === name ? { ...own, data, shape: shape ?? own.shape } : own)));
  const pictures = idx(8, [3, 28, 28], new Uint8Array(3 * PIXELS));
  const data = 'data={ kind: idx, inputs: ./pictures.idx, labels: ./labels.idx, count: 3 }';

  it.each([
    [
      'a truncated model',
      { 'bad.safetensors': writeSafetensors(WEIGHTS).slice(0, 3000) },
      ['model.weights=./bad.safetensors'],
      /bad\.safetensors/,
    ],
    ['a truncated ONNX file', { 'bad.onnx': Uint8Array.of(8, 7, 58, 200, 1, 10) }, ['network=./bad.onnx'], /bad\.onnx/],
    [
      'a matrix of another shape',
      { 'bad.safetensors': changed('fc2.weight', new Float32Array(250), [10, 25]) },
      ['model.weights=./bad.safetensors'],
      /fc2\.weight.*\[10, 25\]/,
    ],
    [
      'a weight that is NaN',
      { 'bad.safetensors': changed('fc2.bias', new Float32Array(10).fill(NaN)) },
      ['model.weights=./bad.safetensors'],
      /fc2\.bias.*NaN/,
    ],
    [
      'a label that the network has no class for',
      { 'pictures.idx': pictures, 'labels.idx': idx(8, [3], Uint8Array.of(1, 10, 2)) },
      [data],
      /labels\.idx: label 1 is 10/,
    ],
    [
      'labels of another number of samples',
      { 'pictures.idx': pictures, 'labels.idx': idx(8, [2], Uint8Array.of(1, 2)) },
      [data],
      /labels/,
    ],
    [
      'pictures of another size',
      { 'pictures.idx': idx(8, [3, 9, 9], new Uint8Array(243)), 'labels.idx': idx(8, [3], Uint8Array.of(1, 2, 3)) },
      [data],
      /pictures\.idx|inputs/,
    ],
    [
      'a data file that lies about its size',
      { 'pictures.idx': pictures.slice(0, 900), 'labels.idx': idx(8, [3], Uint8Array.of(1, 2, 3)) },
      [data],
      /pictures\.idx.*header says/,
    ],
    [
      'a trace of another network',
      { 'other.csv': new TextEncoder().encode('pass,layer,image,vectors,rows,columns,density\nF,conv9,,1,2,3,0.5\n') },
      ['workload.trace=./other.csv'],
      /other\.csv/,
    ],
  ] as const)('%s: exit 2 with the place, nothing written', (_, files, sets, place) => {
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
    const writes = ['--out', 'refused', '--record', 'refused.csv', '--logits', 'refused.npz'];
    const done = xbarflow('evaluate', 'run.yaml', ...sets.flatMap((set) => ['--set', set]), ...writes);
    expect(done.stderr).toMatch(place);
    expect(done.stderr.trim().split('\n')).toHaveLength(1);
    expect(done.status).toBe(2);
    for (const name of ['refused', 'refused.csv', 'refused.npz']) expect(existsSync(join(folder, name))).toBe(false);
  });
});
