// Configs whose network is an ONNX model: run, evaluate, sweeps and searches; figures equal to those of the same
// network as a network file.

import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { withAnyNetwork } from '../../src/run-config/any-network.node.js';
import { loadRun } from '../../src/run-config/index.js';
import { simulate, type Result } from '../../src/simulation/index.js';
import { readForeign } from '../../src/workload/foreign.node.js';
import { resultOf } from '../helpers.js';
import { sharedUrl } from '../shared.js';
import { folderWith, rowHashes, swept, xbarflow } from './command.js';

const here = process.cwd();
const modelAt = (path: string): string => relative(here, fileURLToPath(sharedUrl(`data/models/${path}`)));
const LENET = modelAt('lenet5_mnist/lenet5_mnist.onnx');
const zoo = (name: string): string => `zoo/${name}/${name}.onnx`;
const ZOO = ['residual_post', 'resnet_bottleneck_bn', 'mobilenetv2_like', 'inception_like'];

/**
 * A result as text, without what tells runs apart: hash, speed, file of the network and places in it, names of
 * operators, and those that are no work of their own.
 */
const figures = (result: Result, file: string): string => {
  const { byOperatorJ, ...energy } = result.energy;
  const operators = result.operators.filter(({ place }) => place !== 'folded').map((one) => ({ ...one, name: '' }));
  const joules = byOperatorJ.map(({ energyJ }) => energyJ).filter((energyJ) => energyJ > 0);
  return JSON.stringify({
    ...{ ...result, operators, energy: { ...energy, joules } },
    ...{ simulator: null, configHash: null, places: null },
  }).replaceAll(file, 'the-network');
};

describe('a network from an ONNX model', () => {
  it.each([
    ['isaac', 'inference'],
    ['pipelayer', 'training'],
    ['a3-shared', 'attack'],
    ['digital-int8', 'training'],
  ])('LeNet-5 on %s, %s: byte-equal to the preset without its softmax, but for names', async (preset, mode) => {
    const sets = [`workload.mode=${mode}`];
    const run = await withAnyNetwork((presets) => loadRun(presets, preset, [...sets, `network=${LENET}`]));
    const names = ['/conv1/Conv', '/conv2/Conv', '/fc1/Gemm', '/fc2/Gemm', '/fc3/Gemm'];
    const ours = ['conv1', 'conv2', 'fc3', 'fc4', 'fc5'];
    const text = readFileSync('configs/networks/lenet-5.yaml', 'utf8').replace(/^.*softmax }\n/m, '');
    const expected = figures(resultOf(preset, [...sets, 'network=plain.yaml'], { 'plain.yaml': text }), 'plain.yaml');
    const found = names.reduce((all, name, i) => all.replaceAll(name, ours[i]!), figures(simulate(run).result, LENET));
    expect(found.replaceAll('torch_jit', 'lenet-5')).toBe(expected);
  });

  it.each(ZOO)('%s of the zoo: equal to the network file that import writes of it', async (name) => {
    const path = modelAt(zoo(name));
    const run = await withAnyNetwork((presets) => loadRun(presets, 'isaac', [`network=${path}`]));
    const text = stringify(readForeign(path).loaded.tree);
    const again = resultOf('isaac', ['network=net.yaml'], { 'net.yaml': text });
    expect(figures(simulate(run).result, path)).toBe(figures(again, 'net.yaml'));
  });

  it('sweeps and searches: rows equal to those of the network file', { timeout: 120_000 }, async () => {
    const sweep = (network: string): string => `name: onnx
config: isaac
set: { network: ${network}, workload: { mode: inference, images: 8 } }
axes:
  - { key: crossbar.rows, values: [64, 128] }
  - { key: crossbar.cellBits, values: [1, 2] }
objectives: { energy.totalJ: minimize, time.totalS: minimize }
optimize: { population: 4, generations: 2, seed: 1 }
`;
    const tree = readForeign(LENET).loaded.tree;
    const folder = folderWith({
      'net.yaml': stringify(tree),
      'onnx.yaml': sweep(`${here}/${LENET}`),
      'yaml.yaml': sweep('net.yaml'),
    });
    const hashes = async (out: string): Promise<string[]> =>
      (await rowHashes(`${folder}/${out}`)).map((row) => row.replace(/^.* /, ''));
    expect(swept([`${folder}/onnx.yaml`, '--out', `${folder}/b`, '--workers', '2']).done).toBe(4);
    expect(swept([`${folder}/yaml.yaml`, '--out', `${folder}/c`, '--workers', '1']).done).toBe(4);
    expect(await hashes('b')).toEqual(await hashes('c'));
    expect(
      swept([`${folder}/onnx.yaml`, '--out', `${folder}/d`, '--workers', '1', '--optimize']).points,
    ).toBeGreaterThan(0);
  });

  it('evaluate reads network and weights from it', { timeout: 60_000 }, () => {
    const folder = folderWith({
      'run.yaml': `extends: isaac
network: ${here}/${LENET}
functional: { backend: float32 }
data: { kind: digits, count: 8 }
`,
    });
    const { status, stdout, stderr } = xbarflow(['evaluate', `${folder}/run.yaml`, '--format', 'json']);
    expect([status, stderr]).toEqual([0, '']);
    expect((JSON.parse(stdout) as { images: number }).images).toBe(8);
  });
});
