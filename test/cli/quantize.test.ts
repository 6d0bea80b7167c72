import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { QuantizedLayer } from '../../src/experiment/quantize.js';
import { readTensors, writeSafetensors } from '../../src/tensors/index.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bin = join(root, 'dist/cli/xbarflow.cjs');
const folder = mkdtempSync(join(tmpdir(), 'xbarflow-quantize-'));
const model = join(folder, 'model.safetensors');
const weight = Float32Array.from({ length: 64 }, (_, i) => Math.sin(i * i) * (i < 32 ? 1 : 0.1));

function quantize(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [bin, 'quantize', ...args], { encoding: 'utf8', cwd: root });
}

describe('xbarflow quantize', () => {
  beforeAll(() => {
    expect(existsSync(bin), 'npm run build comes first').toBe(true);
    writeFileSync(
      model,
      writeSafetensors([
        { name: 'fc.weight', shape: [2, 32], dtype: 'f32', data: weight },
        { name: 'fc.bias', shape: [2], dtype: 'f32', data: Float32Array.of(0.1, -0.2) },
        { name: 'steps', shape: [1], dtype: 'i32', data: Int32Array.of(7) },
      ]),
    );
  });

  it('writes the model, its codes and the table in every form', async () => {
    const out = join(folder, 'out');
    const { status, stdout, stderr } = quantize(
      model,
      '--method',
      'k-means',
      '--bits',
      '3',
      '--per',
      'channel',
      '--zero',
      '--out',
      out,
      '--format',
      'csv',
    );
    expect([status, stderr.split('\n').filter((line) => !/^wrote |^$/.test(line))]).toEqual([0, []]);
    expect(readdirSync(out).sort()).toEqual([
      'codes.npz',
      'layers.csv',
      'model.npz',
      'model.safetensors',
      'quantize.json',
    ]);
    expect(readFileSync(join(out, 'layers.csv'), 'utf8')).toBe(stdout);
    const read = async (file: string): Promise<Map<string, ArrayLike<number | bigint>>> =>
      new Map(
        (await readTensors(new Uint8Array(readFileSync(join(out, file))), file)).map(({ name, data }) => [name, data]),
      );
    const [quantized, npz, codes] = [await read('model.safetensors'), await read('model.npz'), await read('codes.npz')];
    expect([...quantized.keys()]).toEqual(['fc.weight', 'fc.bias', 'steps']);
    expect(npz).toEqual(quantized);
    expect(quantized.get('fc.bias')).toEqual(Float32Array.of(0.1, -0.2));
    const { layers } = JSON.parse(readFileSync(join(out, 'quantize.json'), 'utf8')) as { layers: QuantizedLayer[] };
    const [layer] = layers;
    expect(layers).toHaveLength(1);
    expect(layer!.codebooks!.map((levels) => [levels.length, levels.includes(0)])).toEqual([
      [8, true],
      [8, true],
    ]);
    // Codes and codebooks give the values back.
    const values = Float32Array.from(
      codes.get('fc.weight')!,
      (code, i) => layer!.codebooks![Math.floor(i / 32)]![Number(code)]!,
    );
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
    const stochastic = (seed: string): string =>
      quantize(model, '--method', 'dfp', '--bits', '4', '--rounding', 'stochastic', '--seed', seed, '--format', 'json')
        .stdout;
    expect(stochastic('1')).toBe(stochastic('1'));
    expect(stochastic('1')).not.toBe(stochastic('2'));
  });

  it.each([
    [['--method', 'k-mean'], '--method: found "k-mean", expected one of min-max,'],
    [['--method', 'dfp', '--bits', '99'], '--bits: found 99, expected a whole number from 1 to 16'],
    [['--method', 'log', '--bits', '1'], 'logarithmic codebook of 1 bits; expected an integer from 2 to 16'],
    [
      ['--method', 'k-means', '--only', 'conv'],
      'no tensor to quantize has a name with conv (there are fc.weight, fc.bias, steps)',
    ],
    [['--method', 'k-means', '--importance', model, '--only', 'nothing'], 'no tensor to quantize'],
    [['--method', 'dfp', '--start', 'linear'], '--start: has no effect with --method dfp; expected k-means'],
    [
      ['--method', 'k-means', '--rounding', 'up'],
      '--rounding: has no effect with --method k-means; expected a number format',
    ],
    [['--method', 'mxfp4_e2m1', '--bits', '8'], '--bits: found 8, but mxfp4_e2m1 has 4'],
    [['--method', 'dfp', '--overflow-rate', '0.1'], '--overflow-rate: needs --exponent-rule overflow-rate'],
    [['--method', 'dfp', '--cells', 'words'], '--cells: has no effect with --method dfp; expected a codebook method'],
    [['--method', 'k-means', '--cells', 'conductances'], '--cells conductances: needs --device'],
    [['--method', 'k-means', '--cells', 'conductances', '--device', 'none'], '--device: none has no resistance.on'],
    [
      ['--method', 'k-means', '--cells', 'words', '--cell-bits', '9'],
      '--cell-bits: found 9, expected a whole number from 1 to 8',
    ],
  ])('%j: one line, status 2', (args, message) => {
    const { status, stdout, stderr } = quantize(model, ...args);
    expect([status, stdout, stderr.split('\n').length]).toEqual([2, '', 2]);
    expect(stderr).toContain(message);
  });

  it('cells of a codebook: conductances of a device, or words in slices, give the weights back', async () => {
    const codesOf = async (...args: string[]): Promise<Map<string, number[]>> => {
      const out = mkdtempSync(join(folder, 'cells-'));
      expect(quantize(model, '--method', 'k-means', '--bits', '4', '--out', out, ...args).status).toBe(0);
      return new Map(
        (await readTensors(new Uint8Array(readFileSync(join(out, 'codes.npz'))), 'codes.npz')).map(({ name, data }) => [
          name.replace('fc.weight', 'w'),
          Array.from(data, Number),
        ]),
      );
    };
    const analog = await codesOf('--cells', 'conductances', '--device', 'stt-multilevel');
    analog.get('w.codebook')!.forEach((level, i) => {
      const [positive, negative] = [
        analog.get('w.conductance_positive')![i]!,
        analog.get('w.conductance_negative')![i]!,
      ];
      expect((positive - negative) * analog.get('w.value_per_siemens')![0]!).toBeCloseTo(level, 12);
      // configs/devices/stt-multilevel.yaml: 3.5 to 8.05 kohm.
      for (const g of [positive, negative]) expect(g > 0.9999 / 8050 && g < 1.0001 / 3500).toBe(true);
    });
    const words = await codesOf('--cells', 'words', '--word-bits', '8', '--cell-bits', '3', '--sign', 'offset');
    const unit = 2 ** -words.get('w.word_fraction_bits')![0]!;
    words.get('w.codebook')!.forEach((level, i) => {
      const word = [0, 1, 2].reduce(
        (sum, slice) => sum + words.get(`w.word_positive_${slice}`)![i]! * 8 ** slice,
        -128,
      );
      expect(words.get('w.word')![i]).toBe(word);
      expect(Math.abs(word * unit - level)).toBeLessThanOrEqual(unit / 2);
    });
    expect(words.has('w.word_negative_0')).toBe(false);
  });

  it('dynamic fixed point by overflow rate', () => {
    const bits = (...args: string[]): number =>
      (
        JSON.parse(quantize(model, '--method', 'dfp', '--bits', '4', '--format', 'json', ...args).stdout) as {
          layers: QuantizedLayer[];
        }
      ).layers[0]!.fractionBits![0]!;
    expect(bits('--exponent-rule', 'overflow-rate', '--overflow-rate', '0.6')).toBeGreaterThan(
      bits('--exponent-rule', 'no-saturation'),
    );
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
