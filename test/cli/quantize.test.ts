import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { QuantizedLayer } from '../../src/experiment/quantize.js';
import { readTensors, writeSafetensors } from '../../src/workload/tensors/index.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bin = join(root, 'dist/cli/xbarflow.js');
const folder = mkdtempSync(join(tmpdir(), 'xbarflow-quantize-'));
const model = join(folder, 'model.safetensors');
const weight = Float32Array.from({ length: 64 }, (_, i) => Math.sin(i * i) * (i < 32 ? 1 : 0.1));

function quantize(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [bin, 'quantize', ...args], { encoding: 'utf8', cwd: root });
}

describe('xbarflow quantize', () => {
  beforeAll(() => {
    expect(existsSync(bin), 'npm run build comes first').toBe(true);
    writeFileSync(model, writeSafetensors([
      { name: 'fc.weight', shape: [2, 32], dtype: 'f32', data: weight },
      { name: 'fc.bias', shape: [2], dtype: 'f32', data: Float32Array.of(0.1, -0.2) },
      { name: 'steps', shape: [1], dtype: 'i32', data: Int32Array.of(7) },
    ]));
  });

  it('writes the model, its codes and the table in every form', async () => {
    const out = join(folder, 'out');
    const { status, stdout, stderr } = quantize(model, '--method', 'k-means', '--bits', '3', '--per', 'channel', '--zero', '--out', out, '--format', 'csv');
    expect([status, stderr.split('\n').filter((line) => !/^wrote |^$/.test(line))]).toEqual([0, []]);
    expect(readdirSync(out).sort()).toEqual(['codes.npz', 'layers.csv', 'model.npz', 'model.safetensors', 'quantize.json']);
    expect(readFileSync(join(out, 'layers.csv'), 'utf8')).toBe(stdout);
    const read = async (file: string): Promise<Map<string, ArrayLike<number | bigint>>> => new Map((await readTensors(new Uint8Array(readFileSync(join(out, file))), file)).map(({ name, data }) => [name, data]));
    const [quantized, npz, codes] = [await read('model.safetensors'), await read('model.npz'), await read('codes.npz')];
    expect([...quantized.keys()]).toEqual(['fc.weight', 'fc.bias', 'steps']);
    expect(npz).toEqual(quantized);
    expect(quantized.get('fc.bias')).toEqual(Float32Array.of(0.1, -0.2));
    const { layers } = JSON.parse(readFileSync(join(out, 'quantize.json'), 'utf8')) as { layers: QuantizedLayer[] };
    const [layer] = layers;
    expect(layers).toHaveLength(1);
    expect(layer!.codebooks!.map((levels) => [levels.length, levels.includes(0)])).toEqual([[8, true], [8, true]]);
    // Codes and codebooks give the values back.
    const values = Float32Array.from(codes.get('fc.weight')!, (code, i) => layer!.codebooks![Math.floor(i / 32)]![Number(code)]!);
    expect(quantized.get('fc.weight')).toEqual(values);
    const noise = values.reduce((sum, value, i) => sum + (value - weight[i]!) ** 2, 0);
    expect(layer!.snrDb).toBeCloseTo(10 * Math.log10(weight.reduce((sum, x) => sum + x * x, 0) / noise), 9);
    expect(layer!.maxError).toBe(Math.max(...values.map((value, i) => Math.abs(value - weight[i]!))));
  });

  it('prints a table; dynamic fixed point by layer with biases', () => {
    const { status, stdout } = quantize(model, '--method', 'dfp', '--bits', '8', '--biases');
    expect(status).toBe(0);
    expect(stdout).toContain('fraction bits 7');
    expect(stdout).toContain('fc.bias');
    const stochastic = (seed: string): string => quantize(model, '--method', 'dfp', '--bits', '4', '--rounding', 'stochastic', '--seed', seed, '--format', 'json').stdout;
    expect(stochastic('1')).toBe(stochastic('1'));
    expect(stochastic('1')).not.toBe(stochastic('2'));
  });

  it.each([
    [['--method', 'k-mean'], '--method: found "k-mean", expected one of min-max,'],
    [['--method', 'dfp', '--bits', '99'], '--bits: found 99, expected a whole number from 1 to 16'],
    [['--method', 'log', '--bits', '1'], 'logarithmic codebook of 1 bits; expected an integer from 2 to 16'],
    [['--method', 'k-means', '--only', 'conv'], 'no tensor to quantize has a name with conv (there are fc.weight, fc.bias, steps)'],
    [['--method', 'k-means', '--importance', model, '--only', 'nothing'], 'no tensor to quantize'],
  ])('%j: one line, status 2', (args, message) => {
    const { status, stdout, stderr } = quantize(model, ...args);
    expect([status, stdout, stderr.split('\n').length]).toEqual([2, '', 2]);
    expect(stderr).toContain(message);
  });

  it('a file that is not there or lies: its name, status 2, nothing written', () => {
    const out = join(folder, 'never');
    expect(quantize(join(folder, 'none.pt'), '--method', 'dfp')).toMatchObject({ status: 2 });
    const bad = join(folder, 'bad.safetensors');
    writeFileSync(bad, readFileSync(model).subarray(0, -1));
    const { status, stderr } = quantize(bad, '--method', 'dfp', '--out', out);
    expect(status).toBe(2);
    expect(stderr).toContain(`${bad}: tensors take`);
    expect(existsSync(out)).toBe(false);
  });
});
