// Presets written as ONNX (long arrays left out, as files of graphs do) give the preset's results.

import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { diskPresets } from '../../src/config/files.node.js';
import { loadConfig } from '../../src/config/index.js';
import { withAnyNetwork } from '../../src/run-config/any-network.node.js';
import { loadRun } from '../../src/run-config/index.js';
import { simulate, type Result } from '../../src/simulation/index.js';
import { networkOf } from '../../src/workload/index.js';
import { resultOf } from '../helpers.js';
import { modelOf } from '../onnx-models.js';

/** Numbers of a larger array play no part in a result: it stays outside the file. */
const LARGEST = 65_536;

const folder = mkdtempSync(join(tmpdir(), 'xbarflow-presets-'));

/** Results of a preset and of its model. */
async function both(architecture: string, network: string, sets: readonly string[]): Promise<[Result, Result]> {
  const file = join(folder, `${network}.onnx`);
  writeFileSync(file, modelOf(networkOf(loadConfig(diskPresets, ['networks'], network)).graph, LARGEST));
  const run = await withAnyNetwork((presets) => loadRun(presets, architecture, [...sets, `network=${file}`]));
  return [resultOf(architecture, [...sets, `network=${network}`]), simulate(run).result];
}

/** A result as text without file, speed and hash, and without operators that are no work of their own. */
function figures(result: Result, name: string): string {
  const { byOperatorJ, ...energy } = result.energy;
  const operators = result.operators
    .filter(({ place }) => place !== 'folded')
    // A network file of a recurrent layer of a model makes all its results, read or not.
    .map((one) => ({ ...one, name: '', type: '', elements: one.kind === 'recurrent' ? 0 : one.elements }));
  const joules = byOperatorJ.map(({ energyJ }) => energyJ).filter((energyJ) => energyJ > 0);
  return JSON.stringify({
    ...{ ...result, operators, energy: { ...energy, joules } },
    ...{ simulator: null, configHash: null, places: null },
  }).replaceAll(join(folder, `${name}.onnx`), name);
}

const PRESETS = readdirSync('configs/networks').map((file) => file.replace(/\.yaml$/, ''));

describe('a preset and its ONNX model: byte-equal but for names', () => {
  it.each<readonly [string, string, string]>([
    ...PRESETS.map((network) => ['isaac', 'inference', network] as const),
    ['digital-int8', 'inference', 'squeezenet-1.1'],
    ['pipelayer', 'training', 'vgg-d'],
    ['pipelayer', 'training', 'resnet-18'],
    ['a3-shared', 'attack', 'vgg-8'],
  ])('%s, %s of %s', async (architecture, mode, network) => {
    const images = mode === 'attack' ? ['workload.iterations=1', 'workload.batch=2'] : ['workload.images=2'];
    const [own, read] = await both(architecture, network, [`workload.mode=${mode}`, ...images]);
    expect(figures(read, network)).toBe(figures(own, network));
  });
});
