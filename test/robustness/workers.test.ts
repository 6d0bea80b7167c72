// A worker thread that is killed while it works: what comes out equals an undisturbed run's, or one
// line says why there is nothing.

import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writeSafetensors } from '../../src/tensors/index.js';
import { SMALL_RUN, folderWith, rowHashes, swept, withoutClock, xbarflow } from '../experiment/command.js';

/** Kills the first `KILLS` worker threads soon after they have said that they are ready. */
const KILLER = `const threads = require('node:worker_threads');
if (threads.isMainThread) {
  const { Worker } = threads;
  let left = Number(process.env.KILLS);
  threads.Worker = class extends Worker {
    constructor(...given) {
      super(...given);
      if (left-- <= 0) return;
      const kill = () => { process.stderr.write('killed\\n'); void this.terminate(); };
      this.once('message', () => setTimeout(kill, 20));
    }
  };
  require('node:module').syncBuiltinESMExports();
}
`;
const SWEEP = `name: rows
config: pipelayer
set: { network: mnist-c, workload: { mode: training, images: 16 }, simulation: { exact: true } }
axes:
  - { key: crossbar.rows, values: [64, 128] }
  - { key: crossbar.cellBits, values: [2, 4] }
  - { key: inputs.density, values: [0.3, 0.6] }
`;
const PIXELS = 28 * 28;
const RUN = `${SMALL_RUN}functional: { backend: crossbar, calibration: { count: 50 } }
`;
const folder = folderWith({
  'kill.cjs': KILLER,
  'rows.yaml': SWEEP,
  'run.yaml': RUN,
  'small.yaml':
    'name: small\ninput: { channels: 1, height: 28, width: 28 }\n' +
    'layers: [{ name: flat, type: flatten }, { name: fc1, type: dense, features: 10 }]\n',
});
const at = (name: string): string => join(folder, name);
const values = (length: number): Float32Array => Float32Array.from({ length }, (_, i) => 0.1 * Math.sin(i * i + i));
writeFileSync(
  at('small.safetensors'),
  writeSafetensors([
    { name: 'fc1.weight', dtype: 'f32', shape: [10, PIXELS], data: values(10 * PIXELS) },
    { name: 'fc1.bias', dtype: 'f32', shape: [10], data: values(10) },
  ]),
);
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const killing = (kills: number): NodeJS.ProcessEnv => ({
  ...process.env,
  NODE_OPTIONS: `--require=${at('kill.cjs')}`,
  KILLS: String(kills),
});
const killedIn = (stderr: string): number => stderr.split('killed\n').length - 1;

describe('a worker of a sweep', { timeout: 120_000 }, () => {
  it('killed: the rows are those of an undisturbed sweep', async () => {
    swept([at('rows.yaml'), '--out', at('whole'), '--workers', '2']);
    const { status, stderr } = xbarflow(
      ['sweep', at('rows.yaml'), '--out', at('killed'), '--workers', '2', '--quiet'],
      killing(1),
    );
    expect([status, killedIn(stderr)], stderr).toEqual([0, 1]);
    expect(await rowHashes(at('killed'))).toEqual(await rowHashes(at('whole')));
  });
});

describe('a worker of an evaluation', { timeout: 120_000 }, () => {
  const evaluate = (env?: NodeJS.ProcessEnv) =>
    xbarflow(['evaluate', at('run.yaml'), '--workers', '2', '--format', 'json'], env);

  it('killed once: the same result', () => {
    const whole = evaluate();
    const killed = evaluate(killing(1));
    expect([killed.status, killedIn(killed.stderr)], killed.stderr).toEqual([0, 1]);
    expect(withoutClock(killed.stdout)).toEqual(withoutClock(whole.stdout));
  });

  it('killed again and again: one line and no result', () => {
    const { status, stdout, stderr } = evaluate(killing(100));
    const said = stderr.replaceAll('killed\n', '');
    expect([status, stdout]).toEqual([1, '']);
    expect(said).toMatch(/^xbarflow failed: samples from \d+: its worker thread died 2 times[^\n]*\n$/);
  });
});
