// Faults for real: kills, signals, full and read-only disks, little memory. After each, results equal an undisturbed
// run's, or are whole and older, or are absent.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../src/config/result-folder.node.js';
import { SMALL_RUN, ending, folderWith, started, until, writeSmall, xbarflow } from '../experiment/command.js';

const root = mkdtempSync(join(tmpdir(), 'xbarflow-faults-'));
const mounts: string[] = [];
afterAll(() => {
  for (const mount of mounts) spawnSync('umount', [mount]);
  for (const folder of [root, inputs]) rmSync(folder, { recursive: true, force: true });
});

const RUN = ['run', 'isaac', '--set', 'network=matrix-128', '--set', 'workload.images=2', '--quiet'];

/** A file system in memory; undefined where mounting is refused (it needs root). */
function tmpfs(name: string, options: string): string | undefined {
  const folder = join(root, name);
  mkdirSync(folder);
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]).status !== 0) return undefined;
  mounts.push(folder);
  return folder;
}

/** Whether a folder has a result, all of whose files are as it says; null where there is no result. */
function whole(folder: string, main = 'result.json'): boolean | null {
  const path = join(folder, main);
  if (!existsSync(path)) return null;
  const { files } = JSON.parse(readFileSync(path, 'utf8')) as { files: Manifest };
  return Object.entries(files).every(
    ([name, { sha256 }]) =>
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex') === sha256,
  );
}

/** Puts an earlier result there, which is made once. */
function putOlder(out: string): void {
  const made = join(root, 'older');
  if (!existsSync(made)) expect(xbarflow([...RUN, '--out', made]).status).toBe(0);
  cpSync(made, out, { recursive: true });
}

const rootOnly = (name: string, options: string, test: (folder: string) => Promise<void> | void): void => {
  it(name, async (context) => {
    const folder = tmpfs(name.replace(/\W+/g, '-'), options);
    if (folder === undefined) context.skip('mounting a tmpfs is refused here (it needs root)');
    else await test(folder);
  });
};

describe('a disk in memory', () => {
  for (const size of ['4k', '64k', '256k', '1m'])
    rootOnly(`of ${size}: a run is absent, or whole`, `size=${size}`, (folder) => {
      const out = join(folder, 'run');
      const { status, stderr } = xbarflow([...RUN, '--out', out]);
      expect(whole(out)).toBe(status === 0 ? true : null);
      if (status === 0) return;
      expect([status, stderr.trimEnd().split('\n').length]).toEqual([1, 1]);
      expect(stderr).toMatch(/the disk of .* is full/);
      expect(readdirSync(folder)).toEqual([]);
    });

  rootOnly('filled later: the older result stays whole', 'size=16m', (folder) => {
    const out = join(folder, 'run');
    putOlder(out);
    const before = readFileSync(join(out, 'result.json'), 'utf8');
    spawnSync('dd', ['if=/dev/zero', `of=${join(folder, 'filler')}`, 'bs=1k']);
    expect(xbarflow([...RUN, '--out', out]).status).toBe(1);
    expect(readFileSync(join(out, 'result.json'), 'utf8')).toBe(before);
    expect(whole(out)).toBe(true);
    expect(readdirSync(out).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  rootOnly('read-only: refused with one line and status 2', 'size=1m,ro', async (folder) => {
    const ends = [
      [...RUN, '--out', join(folder, 'x')],
      ['trace', 'isaac', '--set', 'network=matrix-128', '--out', folder],
      ['sweep', 'array-size', '--out', join(folder, 'sweep')],
    ].map(ending);
    for (const { status, stderr } of await Promise.all(ends))
      expect([status, stderr.trimEnd().split('\n').length]).toEqual([2, 1]);
  });
});

const inputs = folderWith({
  'run.yaml': SMALL_RUN,
  'attack.yaml':
    'extends: a3\nnetwork: ./small.yaml\nmodel: { weights: ./small.safetensors }\ndata: { kind: digits, count: 4 }\n' +
    'attack: { method: fgsm, epsilon: 0.1, backend: float64 }\nworkload: { mode: attack, batch: 4, iterations: 1 }\n',
  'train.yaml':
    'extends: pipelayer\nnetwork: ./small.yaml\ndata: { kind: digits, count: 64 }\n' +
    'workload: { mode: training, batch: 32, images: 32 }\n' +
    'training: { epochs: 1, batch: 32, optimizer: adam, learningRate: 0.003 }\n',
  'validation.yaml':
    'groups: [{ title: t, source: s, run: isaac, set: [network=matrix-128, workload.images=2], figures: [\n' +
    '  { name: n, source: s, published: 2, key: images, tolerance: 0 }] }]\n',
});
writeSmall(inputs);
const attack = join(inputs, 'attack.yaml');
const onnx = resolve('test/golden/data/models/lenet5_mnist/lenet5_mnist.onnx');
const evaluated = join(inputs, 'run.yaml');

/** Commands that write a folder, and the document that lists its files. */
const COMMANDS: [string, string, string[]][] = [
  ['attack', 'result.json', [attack]],
  ['attack', 'attack.json', [attack, attack]],
  ['train', 'result.json', [join(inputs, 'train.yaml')]],
  ['import', 'import.json', [onnx]],
  ['study', 'study.json', [evaluated, '--bits', '4', '--methods', 'symmetric', '--images', '20']],
  ['evaluate', 'evaluation.json', [evaluated, '--images', '20', '--workers', '1']],
  ['quantize', 'quantize.json', [join(inputs, 'small.safetensors'), '--method', 'symmetric', '--bits', '4']],
  ['validate', 'validation.json', [join(inputs, 'validation.yaml')]],
  ['compare', 'compare.json', ['isaac', 'pipelayer', '--set', 'network=matrix-128']],
];
const FULL = /^xbarflow failed: the disk of [^\n]* is full[^\n]*\n$/;
/** Of a training or attack on the way: it may stay where there is no result yet. */
const CHECKPOINT = 'checkpoint/checkpoint.npz';
const namesIn = (folder: string): string[] => readdirSync(folder, { recursive: true, encoding: 'utf8' });
const filesIn = (folder: string): string[] =>
  namesIn(folder).filter((name) => name !== CHECKPOINT && statSync(join(folder, name)).isFile());

describe('on a disk that is filled, or read-only', { timeout: 60_000 }, () => {
  for (const [i, [name, main, args]] of COMMANDS.entries())
    rootOnly(`${i + 1}, ${name} ${main}: whole, absent, or whole and older`, 'size=4m', async (folder) => {
      const into = (out: string) => ending([name, ...args, '--out', join(folder, out), '--quiet']);
      /** Over the older result and as a new one, side by side. */
      const both = () => Promise.all(['old', 'new'].map(into));
      const read = (): string => readFileSync(join(folder, 'old', main), 'utf8');
      const first = await into('old');
      expect([first.status, first.stderr]).toEqual([0, '']);
      expect(whole(join(folder, 'old'), main)).toBe(true);
      const { files } = JSON.parse(read()) as { files: Manifest };
      const before = [read(), ...filesIn(join(folder, 'old')).sort()];
      expect(before.slice(1)).toEqual([...Object.keys(files), main].sort());

      spawnSync('dd', ['if=/dev/zero', `of=${join(folder, 'filler')}`, 'bs=1k']);
      for (const { status, stdout, stderr } of await both())
        expect([status, stdout, stderr]).toEqual([1, '', expect.stringMatching(FULL)]);
      expect(readdirSync(folder).sort()).toEqual(['filler', 'old']);

      expect(spawnSync('mount', ['-o', 'remount,ro', folder]).status).toBe(0);
      for (const { status, stdout, stderr } of await both())
        expect([status, stdout, stderr]).toEqual([2, '', expect.stringMatching(/^--out [^\n]*read-only[^\n]*\n$/)]);
      expect([read(), ...filesIn(join(folder, 'old')).sort()]).toEqual(before);
      expect(whole(join(folder, 'old'), main)).toBe(true);
    });

  rootOnly('files beside a result: whole, absent, or the older one', 'size=64k', (folder) => {
    const [logits, record] = [join(folder, 'l.npz'), join(folder, 'r.csv')];
    const evaluate = (flag: string, path: string) =>
      xbarflow(['evaluate', evaluated, '--images', '20', '--workers', '1', flag, path, '--quiet']);
    expect(evaluate('--logits', logits).status).toBe(0);
    const before = readFileSync(logits);
    spawnSync('dd', ['if=/dev/zero', `of=${join(folder, 'filler')}`, 'bs=1k']);
    for (const [flag, path] of [
      ['--logits', logits],
      ['--record', record],
    ] as const)
      expect(evaluate(flag, path)).toMatchObject({ status: 1, stderr: expect.stringMatching(FULL) as string });
    expect(spawnSync('mount', ['-o', 'remount,ro', folder]).status).toBe(0);
    for (const [flag, path] of [
      ['--logits', logits],
      ['--record', record],
    ] as const)
      expect(evaluate(flag, path)).toMatchObject({
        status: 2,
        stderr: expect.stringMatching(new RegExp(`^${flag}: [^\\n]*read-only[^\\n]*\\n$`)) as string,
      });
    expect(readFileSync(logits).equals(before)).toBe(true);
    expect(readdirSync(folder).sort()).toEqual(['filler', 'l.npz']);
  });
});

describe('a run that is ended', () => {
  it.each(['SIGKILL', 'SIGINT', 'SIGTERM'] as const)(
    'by %s leaves the older result, or the new one',
    async (signal) => {
      const out = join(root, `ended-${signal}`);
      putOlder(out);
      const child = started([...RUN, '--out', out]);
      const ended = new Promise((resolve) => child.on('exit', resolve));
      await until(
        () => readdirSync(out).some((name) => name.startsWith('.xbarflow')) || child.exitCode !== null,
        'a stage',
      );
      child.kill(signal);
      await ended;
      expect(whole(out)).not.toBe(false);
      // What it left is cleaned up by the next.
      expect(xbarflow([...RUN, '--out', out]).status).toBe(0);
      expect(whole(out)).toBe(true);
      expect(readdirSync(out).filter((name) => name.startsWith('.'))).toEqual([]);
    },
  );

  it('on its way to the lock leaves a file that the next run removes', () => {
    const out = join(root, 'remains');
    putOlder(out);
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    writeFileSync(join(out, `.xbarflow.lock.${dead}@${hostname()}.tmp`), '');
    expect(xbarflow([...RUN, '--out', out]).status).toBe(0);
    expect(readdirSync(out).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('beside another in the same folder: the last one is there whole', async () => {
    const out = join(root, 'both');
    const children = [0, 1].map(() => started([...RUN, '--out', out]));
    const codes = await Promise.all(children.map((child) => new Promise((resolve) => child.on('exit', resolve))));
    expect(codes).toEqual([0, 0]);
    expect(whole(out)).toBe(true);
    expect(readdirSync(out).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});

it.each([600_000, 1_500_000])('with %i KiB of memory it ends whole or without a result', (limit) => {
  const out = join(root, `ulimit-${limit}`);
  const program = `"${process.execPath}" dist/cli/xbarflow.cjs`;
  const command = `ulimit -v ${limit}; exec ${program} ${RUN.join(' ')} --out "${out}"`;
  const { status } = spawnSync('bash', ['-c', command], { encoding: 'utf8', timeout: 60_000 });
  expect(whole(out)).toBe(status === 0 ? true : null);
});

it('under a clock that stands still an evaluation has a result, and no rate', () => {
  const still = `--import=data:text/javascript,${encodeURIComponent('performance.now=()=>0')}`;
  const { status, stdout, stderr } = xbarflow(['evaluate', evaluated, '--images', '4', '--format', 'json'], {
    ...process.env,
    NODE_OPTIONS: still,
  });
  expect([status, stderr]).toEqual([0, '']);
  expect(JSON.parse(stdout)).toMatchObject({ images: 4, simulator: { wallS: 0, macsPerS: 0 } });
});
