// Faults for real: kills, signals, full and read-only disks, little memory. After each, results equal an undisturbed
// run's, or are whole and older, or are absent.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../src/config/result-folder.node.js';
import { started, until, xbarflow } from '../experiment/command.js';

const root = mkdtempSync(join(tmpdir(), 'xbarflow-faults-'));
const mounts: string[] = [];
afterAll(() => {
  for (const mount of mounts) spawnSync('umount', [mount]);
  rmSync(root, { recursive: true, force: true });
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
function whole(folder: string): boolean | null {
  const path = join(folder, 'result.json');
  if (!existsSync(path)) return null;
  const { files } = JSON.parse(readFileSync(path, 'utf8')) as { files: Manifest };
  return Object.entries(files).every(
    ([name, { sha256 }]) =>
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex') === sha256,
  );
}

const rootOnly = (name: string, options: string, test: (folder: string) => void): void => {
  it(name, (context) => {
    const folder = tmpfs(name.replace(/\W+/g, '-'), options);
    if (folder === undefined) context.skip('mounting a tmpfs is refused here (it needs root)');
    else test(folder);
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
    expect(xbarflow([...RUN, '--out', out]).status).toBe(0);
    const before = readFileSync(join(out, 'result.json'), 'utf8');
    spawnSync('dd', ['if=/dev/zero', `of=${join(folder, 'filler')}`, 'bs=1k']);
    expect(xbarflow([...RUN, '--out', out]).status).toBe(1);
    expect(readFileSync(join(out, 'result.json'), 'utf8')).toBe(before);
    expect(whole(out)).toBe(true);
    expect(readdirSync(out).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  rootOnly('read-only: refused with one line and status 2', 'size=1m,ro', (folder) => {
    for (const args of [
      [...RUN, '--out', join(folder, 'x')],
      ['trace', 'isaac', '--set', 'network=matrix-128', '--out', folder],
      ['sweep', 'array-size', '--out', join(folder, 'sweep')],
    ]) {
      const { status, stderr } = xbarflow(args);
      expect([status, stderr.trimEnd().split('\n').length]).toEqual([2, 1]);
    }
  });
});

describe('a run that is ended', () => {
  it.each(['SIGKILL', 'SIGINT', 'SIGTERM'] as const)(
    'by %s leaves the older result, or the new one',
    async (signal) => {
      const out = join(root, `ended-${signal}`);
      expect(xbarflow([...RUN, '--out', out]).status).toBe(0);
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
    expect(xbarflow([...RUN, '--out', out]).status).toBe(0);
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
  const command = `ulimit -v ${limit}; exec "${process.execPath}" dist/cli/xbarflow.js ${RUN.join(' ')} --out "${out}"`;
  const { status } = spawnSync('bash', ['-c', command], { encoding: 'utf8', timeout: 60_000 });
  expect(whole(out)).toBe(status === 0 ? true : null);
});
