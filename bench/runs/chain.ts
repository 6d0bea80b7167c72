// `npm run bench:chain [LAYERS]`: whole processes that read a chain of dense layers and rectifiers (3,000 of each) and
// simulate it, as JSON.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { denseChain } from '../../test/helpers.js';

const bin = fileURLToPath(new URL('../../dist/cli/xbarflow.cjs', import.meta.url));
const LAYERS = 3000;
const REPEATS = 3;

const layers = Number(process.argv[2] ?? LAYERS);
const folder = mkdtempSync(join(tmpdir(), 'xbarflow-chain-'));
const network = join(folder, 'chain.yaml');

/** The quickest of some runs, seconds of wall time. */
function quickest(preset: string, mode: string): number {
  let wallS = Infinity;
  for (let i = 0; i < REPEATS; i++) {
    const began = performance.now();
    const sets = ['--set', `network=${network}`, '--set', `workload.mode=${mode}`];
    const { status, stderr } = spawnSync(process.execPath, [bin, 'run', preset, ...sets], { encoding: 'utf8' });
    wallS = Math.min(wallS, (performance.now() - began) / 1000);
    if (status !== 0) throw new Error(`${preset}, ${mode}: ${stderr}`);
  }
  return wallS;
}

try {
  writeFileSync(network, denseChain(layers));
  const figures = [
    ['isaac', 'inference'],
    ['pipelayer', 'inference'],
    ['pipelayer', 'training'],
  ].map(([preset = '', mode = '']) => ({ preset, mode, wallS: quickest(preset, mode) }));
  console.log(JSON.stringify({ layers, repeats: REPEATS, figures }, null, 2));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
