// Every table of layers and every graph of ../shared or its slice, against counts made here from its own text.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasShared, sharedPath } from '../shared.js';
import { UserError } from '../../src/config/index.js';
import { foreignNetwork } from '../../src/workload/foreign.js';
import { readForeign } from '../../src/workload/foreign.node.js';

const TABLES = sharedPath('data/networks');
const LIGHT = sharedPath('data/models/onnx_conformance/light');
const ZOO = sharedPath('data/models/zoo');

const filesBelow = (folder: string, end: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(end))
    .map((name) => join(folder, name))
    .sort();

/** Rows of numbers behind their names; null where a cell is a symbol or is missing. */
const numbersOf = (text: string, cells: number): (readonly number[])[] | null => {
  const rows = text
    .split(/\r?\n/)
    .slice(1)
    .map((line) => line.split(',').map((cell) => cell.trim()))
    .filter((row) => row.filter((cell) => cell !== '').length > 1)
    .map((row) => row.slice(1, 1 + cells).map((cell) => (cell === '' ? NaN : Number(cell))));
  return rows.every((row) => row.length === cells && row.every(Number.isInteger)) ? rows : null;
};

/** Multiply-accumulates and weights of a SCALE-Sim topology by its definition; null where it holds none. */
function scaleSim(text: string): { macs: number; parameters: number } | null {
  const [header = ''] = text.split('\n');
  const total = { macs: 0, parameters: 0 };
  if (/^\s*layer[^,]*,\s*m\s*,/i.test(header)) {
    const rows = numbersOf(text, 3);
    for (const [m, n, k] of rows ?? []) {
      total.macs += m! * n! * k!;
      total.parameters += n! * k!;
    }
    return rows === null ? null : total;
  }
  const rows = numbersOf(text, 7);
  for (const [h, w, r, s, c, k, stride] of rows ?? []) {
    const [y, x] = [Math.floor((h! - r!) / stride!) + 1, Math.floor((w! - s!) / stride!) + 1];
    if (y < 1 || x < 1) return null;
    total.macs += y * x * r! * s! * c! * k!;
    total.parameters += r! * s! * c! * k!;
  }
  return rows === null ? null : total;
}

describe('every table of data/networks', () => {
  it("SCALE-Sim's topologies: counts by definition, or refused by file and line", () => {
    const files = ['scalesim', 'scalesim_v2'].flatMap((folder) => filesBelow(`${TABLES}/${folder}`, '.csv'));
    const refused: string[] = [];
    for (const file of files) {
      const text = readFileSync(file, 'utf8');
      const right = scaleSim(text);
      const read = () => foreignNetwork(readFileSync(file), file).report.totals;
      if (right === null) {
        expect(read, file).toThrow(UserError);
        expect(read, file).toThrow(/^[^\n]*\.csv(:\d+)?: [^\n]+$/);
        refused.push(file.slice(TABLES.length + 1));
      } else expect({ file, ...read() }).toMatchObject({ file, ...right });
    }
    expect(files.length).toBe(hasShared ? 30 : 5);
    // Symbols for sizes (B, H, D); a cell without a number in line 29. Everything else has its counts.
    expect(refused).toEqual(['scalesim/CSV/LSTM.csv', 'scalesim_v2/mlperf/Sentimental_seqLSTM.csv']);
  });

  it("NeuroSim's tables: rows x columns over the stride, kernel, channels", () => {
    const files = ['neurosim', 'neurosim_v2.1'].flatMap((folder) => filesBelow(`${TABLES}/${folder}`, '.csv'));
    for (const file of files) {
      const right = { macs: 0, parameters: 0 };
      const lines = readFileSync(file, 'utf8').trim().split(/\r?\n/);
      for (const line of lines) {
        const [h, w, c, r, s, k, , stride] = line.split(',').map(Number);
        right.macs += Math.ceil(h! / stride!) * Math.ceil(w! / stride!) * c! * r! * s! * k!;
        right.parameters += c! * r! * s! * k!;
      }
      expect({ file, ...foreignNetwork(readFileSync(file), file).report.totals }).toMatchObject({ file, ...right });
    }
    expect(files.length).toBe(hasShared ? 4 : 3);
  });

  it("Timeloop's plain layers: C M R S P Q", () => {
    const folders = ['AlexNet', 'VGG01', 'VGG02'];
    let files = 0;
    for (const folder of folders) {
      const right = { macs: 0, parameters: 0 };
      for (const file of filesBelow(`${TABLES}/timeloop/CONV/${folder}`, '.yaml')) {
        files++;
        const text = readFileSync(file, 'utf8');
        const size = (key: string): number =>
          Number(new RegExp(`^\\s*(?:.*[{,]\\s*)?${key}:\\s*(\\d+)`, 'm').exec(text)?.[1] ?? 1);
        const weights = ['C', 'M', 'R', 'S'].map(size).reduce((a, b) => a * b, 1);
        right.parameters += weights;
        right.macs += weights * size('P') * size('Q');
      }
      expect({ folder, ...readForeign(`${TABLES}/timeloop/CONV/${folder}`).report.totals }).toMatchObject({
        folder,
        ...right,
      });
    }
    expect(files).toBe(26);
  });

  // Totals of the reference tables of the same networks; weights are stored elsewhere.
  it.each([
    // Two groups, 54 x 54 places of an unpadded first layer (Caffe's, of 224 instead of 227).
    ['alexnet', 363 * 96 * 54 ** 2 + 1200 * 256 * 26 ** 2 + (2304 * 384 + 1728 * (384 + 256)) * 12 ** 2 + 58_621_952],
    ['resnet18', 1_814_073_344],
    ['mobilenetv2', 300_774_272],
  ])('ZigZag: %s.onnx', (name, macs) => {
    expect(readForeign(`${TABLES}/zigzag/${name}.onnx`).report.totals.macs).toBe(macs);
  });
});

describe('graphs whose weights are constants of shape', () => {
  // VGG-E, ResNet-50, DenseNet-121: the reference tables and torchvision's counts of weights without norms and biases
  // (143,667,240 with biases; 25,557,032 and 7,978,856 with norms); AlexNet as Caffe's (60,965,224 with biases).
  it.each([
    ['vgg19', 19_632_062_464, 143_667_240 - 14_696],
    ['resnet50', 4_089_184_256, 25_557_032 - 2 * 26_560 - 1000],
    ['densenet121', 2_834_161_664, 7_978_856 - 2 * 41_824 - 1000],
    ['bvlc_alexnet', 654_560_384, 60_965_224 - 10_568],
  ])('%s: exactly', (name, macs, parameters) => {
    const file = `${LIGHT}/light_${name}.onnx`;
    expect(foreignNetwork(readFileSync(file), file).report.totals).toMatchObject({ macs, parameters });
  });

  // From the papers' layers: the reference tables' totals, DenseNet-121's sum of its table.
  it('ResNet-50 and all others load', () => {
    const files = filesBelow(LIGHT, '.onnx');
    expect(files.length).toBe(hasShared ? 9 : 4);
    for (const file of files) {
      const { macs, parameters } = foreignNetwork(readFileSync(file), file).report.totals;
      expect(macs, file).toBeGreaterThan(1e8);
      expect(parameters, file).toBeGreaterThan(1e6);
    }
  });
});

describe('the zoo', () => {
  it('every folder with counts is in its index, so that the test of the index sees them all', () => {
    const folders = readdirSync(ZOO).filter((name) => existsSync(`${ZOO}/${name}/counts.json`));
    const index = JSON.parse(readFileSync(`${ZOO}/index.json`, 'utf8')) as { network: string }[];
    expect(index.map(({ network }) => network).sort()).toEqual(folders.sort());
    expect(folders.length).toBe(hasShared ? 18 : 2);
  });
});
