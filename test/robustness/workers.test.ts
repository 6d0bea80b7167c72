// A worker thread that is killed while it works, or runs out of memory: what comes out equals an undisturbed run's, or
// one line says why there is nothing, and what is finished is kept.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SweepStore } from '../../src/experiment/sweep/index.js';
import { SMALL_RUN, folderWith, rowHashes, withoutClock, writeSmall, xbarflow } from '../experiment/command.js';

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
/** The first `KILLS` worker threads fill their memory when they read a network. */
const EATER = `const threads = require('node:worker_threads');
if (threads.isMainThread) {
  const { Worker } = threads;
  threads.Worker = class extends Worker {
    constructor(file, options) {
      super(file, { ...options, resourceLimits: { maxOldGenerationSizeMb: 128 } });
    }
  };
} else if (threads.threadId <= Number(process.env.KILLS)) {
  const fs = require('node:fs');
  const { openSync } = fs;
  fs.openSync = (path, ...more) => {
    const held = [];
    while (/(small|mnist-c)[.]yaml$/.test(path)) held.push(new Array(100_000).fill(0.5));
    return openSync(path, ...more);
  };
}
require('node:module').syncBuiltinESMExports();
`;
const SWEEP = `name: rows
config: pipelayer
set: { network: mnist-c, workload: { mode: training, images: 16 }, simulation: { exact: true } }
axes:
  - { key: crossbar.rows, values: [64, 128] }
  - { key: crossbar.cellBits, values: [2, 4] }
  - { key: inputs.density, values: [0.3, 0.5] }
`;
const RUN = `${SMALL_RUN}functional: { backend: crossbar, calibration: { count: 50 } }
`;
const folder = folderWith({
  'kill.cjs': KILLER,
  'eat.cjs': EATER,
  'rows.yaml': SWEEP,
  'few.yaml': SWEEP.split('  - ', 2).join('  - '),
  'run.yaml': RUN,
});
const at = (name: string): string => join(folder, name);
writeSmall(folder);
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const threadsWith =
  (preload: string) =>
  (kills: number): NodeJS.ProcessEnv => ({
    ...process.env,
    NODE_OPTIONS: `--require=${at(preload)}`,
    KILLS: String(kills),
  });
const killing = threadsWith('kill.cjs');
const eating = threadsWith('eat.cjs');
const killedIn = (stderr: string): number => stderr.split('killed\n').length - 1;
const TIME = { timeout: 120_000 };

describe('a worker of a sweep', TIME, () => {
  const sweep = (out: string, env?: NodeJS.ProcessEnv) =>
    xbarflow(['sweep', at('rows.yaml'), '--out', at(out), '--workers', '2', '--quiet'], env);
  beforeAll(() => {
    expect(sweep('whole').status).toBe(0);
  });

  it('killed: the rows are those of an undisturbed sweep', async () => {
    const { status, stderr } = sweep('killed', killing(1));
    expect([status, killedIn(stderr)], stderr).toEqual([0, 1]);
    expect(await rowHashes(at('killed'))).toEqual(await rowHashes(at('whole')));
  });

  it('out of memory: the rows are those of an undisturbed sweep', async () => {
    const { status, stderr } = sweep('eaten', eating(1));
    expect([status, stderr]).toEqual([0, '']);
    expect(await rowHashes(at('eaten'))).toEqual(await rowHashes(at('whole')));
  });

  it('out of memory each time: points are recorded with the reason, and run when there is memory', async () => {
    const few = (...more: string[]): string[] => ['sweep', at('few.yaml'), '--out', at('few'), '--quiet', ...more];
    expect(xbarflow([...few('--workers', '2')], eating(100)).status).toBe(0);
    const failed = [...new SweepStore(at('few')).recorded()];
    expect(failed.map(({ status, reason }) => [status, reason])).toEqual(
      failed.map(() => ['failed', expect.stringMatching(/memory/) as string]),
    );
    expect(xbarflow(few('--workers', '1', '--retry-failed')).status).toBe(0);
    const rows = await rowHashes(at('few'));
    expect(rows).toHaveLength(2);
    expect(await rowHashes(at('whole'))).toEqual(expect.arrayContaining(rows));
  });
});

describe('a worker of an evaluation', TIME, () => {
  const evaluate = (env?: NodeJS.ProcessEnv) =>
    xbarflow(['evaluate', at('run.yaml'), '--workers', '2', '--format', 'json'], env);
  let whole: ReturnType<typeof evaluate>;
  beforeAll(() => {
    whole = evaluate();
  });
  const DEATHS = /^xbarflow failed: (samples from \d+: its worker thread died 2 times|worker threads die)[^\n]*\n$/;

  it.each([
    ['killed', killing],
    ['out of memory', eating],
  ])('%s, once: the same result; each time: one line and no result', (_, dying) => {
    const [once, always] = [evaluate(dying(1)), evaluate(dying(100))];
    expect(once.status, once.stderr).toBe(0);
    expect(withoutClock(once.stdout)).toEqual(withoutClock(whole.stdout));
    expect([always.status, always.stdout]).toEqual([1, '']);
    expect(always.stderr.replaceAll('killed\n', '')).toMatch(DEATHS);
    if (dying === killing) expect([killedIn(once.stderr), killedIn(always.stderr) > 1]).toEqual([1, true]);
  });
});
