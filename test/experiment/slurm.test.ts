// Sweeps on a real Slurm: a controller and two nodes on this host.

import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SweepStore, type Point } from '../../src/experiment/sweep/index.js';
import { folderWith, recorded, rowHashes, SMALL_RUN, swept, until, writeSmall, xbarflow } from './command.js';

const SWEEP = `name: cluster
config: pipelayer
set: { network: mnist-c, workload: { mode: training, images: 640 }, simulation: { exact: true } }
axes:
  - { key: crossbar.rows, values: [64, 128] }
  - { key: inputs.density, range: { from: 0.1, to: 0.9, count: 10 } }
`;
const POINTS = 20;
const POINTS_PER_TASK = 4;
const EVALUATED = `name: evaluated
config: ./run.yaml
axes: [{ key: sensing.bits, values: [2, 8] }]
evaluate: { images: 20 }
objectives: { accuracy.hardware: maximize }
`;
const RUN = `${SMALL_RUN}functional: { backend: crossbar, calibration: { count: 20 } }
`;
const folder = folderWith({ 'cluster.yaml': SWEEP, 'evaluated.yaml': EVALUATED, 'run.yaml': RUN });
writeSmall(folder);
const at = (name: string): string => join(folder, name);
const script = (name: string): string => fileURLToPath(new URL(`../../scripts/${name}`, import.meta.url));

const cluster = at('slurm');
// Tests of several checkouts may run on one host: each has ports of its own.
const port = 20_000 + (process.pid % 2000) * 10;
const env = { ...process.env, SLURM_CONF: join(cluster, 'slurm.conf') };
const answer = (program: string, ...args: string[]): string =>
  spawnSync(program, args, { encoding: 'utf8', env }).stdout.trim();

const up = spawnSync('bash', [script('slurm-up.sh'), cluster, '2', String(port)], {
  encoding: 'utf8',
  timeout: 60_000,
});
/** Slurm is not here, or may not be started: the tests say so and are skipped. */
const missing = up.status === 3 ? up.stderr.trim() : undefined;
if (missing !== undefined) console.warn(`tests of sweeps on Slurm are skipped: ${missing}`);

interface Task {
  pid: number;
  parent: number;
  node: string;
}

/** Processes of the sweep's tasks, with the node that each believes to be on. */
function tasks(): Task[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8');
        if (
          !command.includes('slurm-task.js') ||
          !command.includes(at('out')) ||
          !readlinkSync(`/proc/${name}/exe`).includes('node')
        )
          return [];
        const node = /SLURMD_NODENAME=(\w+)/.exec(readFileSync(`/proc/${name}/environ`, 'utf8'))?.[1] ?? '';
        const parent = Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${name}/status`, 'utf8'))?.[1]);
        return [{ pid: Number(name), parent, node }];
      } catch {
        return [];
      }
    });
}

const jobs = (): string[] =>
  answer('squeue', '-h', '-o', '%A')
    .split('\n')
    .filter((line) => line !== '');
const arrays = (): Map<string, Point[][]> =>
  new Map(
    readdirSync(at('out/slurm'))
      .filter((name) => /^[0-9a-f]{8}\.json$/.test(name))
      .map((name) => [name, JSON.parse(readFileSync(join(at('out/slurm'), name), 'utf8')) as Point[][]]),
  );

describe.skipIf(missing !== undefined)('sweeps on Slurm', { timeout: 300_000 }, () => {
  beforeAll(async () => {
    expect([up.status, up.stderr]).toEqual([0, '']);
    await until(
      () => answer('sinfo', '-h', '-o', '%A') === '2/0' || answer('sinfo', '-h', '-o', '%A') === '0/2',
      'two nodes',
    );
  });

  afterAll(() => {
    spawnSync('bash', [script('slurm-down.sh'), cluster]);
  });

  const onSlurm = ['--executor', 'slurm', '--points-per-task', String(POINTS_PER_TASK)];

  it('a partition that does not exist is refused at once', () => {
    const { status, stderr } = xbarflow(
      ['sweep', at('cluster.yaml'), '--out', at('out'), ...onSlurm, '--partition', 'sin'],
      env,
    );
    expect([status, stderr.trim()]).toEqual([2, '--partition sin: there is no such partition; did you mean "sim"?']);
  });

  it('points that are evaluated on data have the accuracies of local workers', async () => {
    const own = ['--executor', 'slurm', '--points-per-task', '1', '--wait'];
    const { status, stderr } = xbarflow(['sweep', at('evaluated.yaml'), '--out', at('evaluated'), ...own], env);
    expect(status, stderr).toBe(0);
    swept([at('evaluated.yaml'), '--out', at('evaluated-local'), '--workers', '1']);
    expect(await rowHashes(at('evaluated'))).toEqual(await rowHashes(at('evaluated-local')));
    const [head, ...rows] = readFileSync(join(at('evaluated'), 'results.csv'), 'utf8')
      .trim()
      .split('\n');
    const column = head!.split(',').indexOf('accuracy.hardware');
    expect(rows.map((row) => Number(row.split(',')[column]) >= 0)).toEqual([true, true]);
  });

  it('a task killed, a node lost: --resume submits just what is missing; rows are those of local workers', async () => {
    const first = xbarflow(
      [
        'sweep',
        at('cluster.yaml'),
        '--out',
        at('out'),
        ...onSlurm,
        '--partition',
        'sim',
        '--sbatch-option=--no-requeue',
      ],
      env,
    );
    expect([first.status, first.stderr]).toEqual([
      0,
      expect.stringContaining('come back with the same command and --resume'),
    ]);
    const store = new SweepStore(at('out'));
    // The first task dies with something done and something to do, and so does the second node with its daemons.
    const begun = (): boolean =>
      store.parts().length > 0 && ['n1', 'n2'].every((node) => tasks().some((task) => task.node === node));
    await until(begun, 'a task on each node', 120);
    const [killed, lost] = ['n1', 'n2'].map((node) => tasks().find((task) => task.node === node)!);
    process.kill(killed!.pid, 'SIGKILL');
    const daemon = Number(readFileSync(join(cluster, 'slurmd.n2.pid'), 'utf8'));
    for (const pid of [daemon, lost!.parent, lost!.pid]) process.kill(pid, 'SIGKILL');
    // While jobs are with Slurm, nothing is submitted twice.
    const during = xbarflow(['sweep', at('cluster.yaml'), '--out', at('out'), ...onSlurm, '--resume'], env);
    expect([during.status, during.stderr]).toEqual([0, expect.not.stringContaining('Submitted')]);
    await until(() => jobs().length === 0, 'the end of the first job', 240);
    const before = recorded(at('out'));
    expect(before.length).toBeGreaterThan(0);
    expect(before.length).toBeLessThan(POINTS);
    const submitted = new Set(arrays().keys());
    expect(submitted.size).toBe(1);

    swept([at('cluster.yaml'), '--out', at('out'), ...onSlurm, '--resume', '--wait'], env);
    const again = [...arrays()]
      .filter(([name]) => !submitted.has(name))
      .flatMap(([, points]) => points.flat().map(({ key }) => key));
    const missingKeys = Array.from(store.points(), ({ key }) => key).filter((key) => !before.includes(key));
    expect(again).toEqual(missingKeys);
    expect(recorded(at('out')).sort()).toEqual([...before, ...missingKeys].sort());
    swept([at('cluster.yaml'), '--out', at('local')]);
    expect(await rowHashes(at('out'))).toEqual(await rowHashes(at('local')));
  });
});
