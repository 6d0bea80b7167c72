// Disks of every size, from one page to enough, page by page: a result is whole or absent, an older one stays whole.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, type TestContext } from 'vitest';
import { writeResult, type Manifest } from '../../src/config/result-folder.node.js';
import { EXPORTS, collect } from '../../src/experiment/sweep/database.js';
import { SweepStore } from '../../src/experiment/sweep/index.js';
import { rowHashes, xbarflow } from '../experiment/command.js';

const root = mkdtempSync(join(tmpdir(), 'xbarflow-ladder-'));
const disk = join(root, 'disk');
mkdirSync(disk);
const KIB = 1024;
const PAGE = 4 * KIB;
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4k', 'tmpfs', disk]).status === 0;
afterAll(() => {
  if (mounted) spawnSync('umount', [disk]);
  rmSync(root, { recursive: true, force: true });
});

/** Gives the disk another size. */
function resize(bytes: number): void {
  expect(spawnSync('mount', ['-o', `remount,size=${bytes}`, disk]).status).toBe(0);
}
const needsDisk = (context: TestContext): void => {
  if (!mounted) context.skip('mounting a tmpfs is refused here (it needs root)');
};

/** Which result the folder holds: its number where all files are as it says. */
function held(folder: string): number | 'absent' | 'broken' {
  const path = join(folder, 'result.json');
  if (!existsSync(path)) return existsSync(folder) ? 'broken' : 'absent';
  const { n, files } = JSON.parse(readFileSync(path, 'utf8')) as { n: number; files: Manifest };
  const listed = Object.entries(files).every(([name, { sha256 }]) => {
    const content = readFileSync(join(folder, name));
    return createHash('sha256').update(content).digest('hex') === sha256;
  });
  return listed && readdirSync(folder).every((name) => !name.startsWith('.')) ? n : 'broken';
}

/** Files as a run writes them, of some KiB each. */
const resultOf = (n: number): Record<string, string> => ({
  'result.json': JSON.stringify({ n, text: 'x'.repeat(6 * KIB) }),
  'report.html': 'y'.repeat(9 * KIB + n),
  'layers.csv': 'z'.repeat(2 * KIB + n),
  'figures/energy.svg': 'w'.repeat(5 * KIB + n),
});

/** Writes the result; true where it was written, or the disk is said to be full. */
function written(folder: string, n: number): boolean {
  try {
    writeResult(folder, resultOf(n));
    return true;
  } catch (error) {
    expect((error as Error).message).toMatch(/^the disk of .* is full/);
    return false;
  }
}

describe('a disk that is too small by any number of pages', () => {
  it('a new result is whole or absent', (context) => {
    needsDisk(context);
    const folder = join(disk, 'deep', 'run');
    const outcomes = new Set<boolean>();
    for (let size = PAGE; size <= 24 * PAGE; size += PAGE) {
      resize(size);
      const done = written(folder, 1);
      outcomes.add(done);
      expect([size, held(folder)]).toEqual([size, done ? 1 : 'absent']);
      if (!done) expect(readdirSync(disk)).toEqual([]);
      rmSync(join(disk, 'deep'), { recursive: true, force: true });
    }
    expect([...outcomes]).toEqual([false, true]);
  });

  it('over an older result: the new one, or the older one, whole', (context) => {
    needsDisk(context);
    const folder = join(disk, 'run');
    resize(64 * PAGE);
    written(folder, 1);
    const outcomes = new Set<boolean>();
    for (let size = 10 * PAGE; size <= 32 * PAGE; size += PAGE) {
      resize(size);
      const done = written(folder, 2);
      outcomes.add(done);
      expect([size, held(folder)]).toEqual([size, done ? 2 : 1]);
      if (done) break;
    }
    expect([...outcomes]).toEqual([false, true]);
    rmSync(folder, { recursive: true });
  });

  it('tables of a sweep: all exports of all rows, or those of before', { timeout: 120_000 }, async (context) => {
    needsDisk(context);
    resize(8 * KIB * KIB);
    const store = new SweepStore(join(disk, 'sweep'));
    store.create();
    const points = Array.from({ length: 300 }, (_, index) => ({
      index,
      key: `point-${index}`,
      values: { 'crossbar.rows': index },
    }));
    store.describe(
      {
        schema: 'xbarflow/sweep@1',
        name: 's',
        model: '1',
        base: { file: '/s.yaml', config: 'isaac', set: {}, sets: [] },
        columns: ['crossbar.rows'],
        objectives: [],
        constraints: [],
      },
      points,
    );
    const outcome = (key: string) => ({ key, reason: 'x'.repeat(500), attempts: 2, hash: 'h', figures: null });
    store.writePart(
      'a',
      points.slice(0, 100).map(({ key }) => ({ ...outcome(key), status: 'failed' })),
    );
    await collect(store, store.points());
    const names = [EXPORTS.csv, EXPORTS.parquet, 'sweep.duckdb'];
    const before = names.map((name) => readFileSync(store.path(name)));
    store.writePart(
      'b',
      points.slice(100).map(({ key }) => ({ ...outcome(key), status: 'failed' })),
    );
    const used = Number(spawnSync('df', ['--output=used', '-B1', disk], { encoding: 'utf8' }).stdout.split('\n')[1]);
    let whole = false;
    for (let size = used; !whole; size += 96 * PAGE) {
      resize(size);
      try {
        await collect(store, store.points());
        whole = true;
      } catch (error) {
        expect((error as Error).message).toMatch(/^the disk of .* is full/);
        const now = names.map((name) => readFileSync(store.path(name)));
        expect(now.every((bytes, i) => bytes.equals(before[i]!))).toBe(true);
        expect(readdirSync(store.folder).filter((name) => /tmp|wal/.test(name))).toEqual([]);
      }
    }
    expect(await rowHashes(store.folder)).toHaveLength(300);
    expect(readFileSync(store.path(EXPORTS.csv), 'utf8').trim().split('\n')).toHaveLength(301);
  });
});

describe('the whole command `sweep`', { timeout: 120_000 }, () => {
  const file = join(root, 'small.yaml');
  writeFileSync(
    file,
    'name: small\nconfig: isaac\nset: { network: matrix-128, workload: { images: 2 } }\n' +
      'axes: [{ key: inputs.density, values: [0.25, 0.5, 0.75] }]\n',
  );
  const sweep = (out: string) => xbarflow(['sweep', file, '--out', out, '--workers', '1', '--quiet']);

  it('on disks from nothing to enough: all rows, or one line, and all rows once there is room', async (context) => {
    needsDisk(context);
    expect(sweep(join(root, 'whole')).status).toBe(0);
    const whole = await rowHashes(join(root, 'whole'));
    expect(whole).toHaveLength(3);
    const ends = new Set<number | null>();
    for (const left of readdirSync(disk)) rmSync(join(disk, left), { recursive: true });
    for (const size of [PAGE, 128 * PAGE, 4096 * PAGE]) {
      resize(size);
      const out = join(disk, 'out');
      const { status, stderr } = sweep(out);
      ends.add(status);
      if (status !== 0) {
        expect([size, status, stderr]).toEqual([
          size,
          1,
          expect.stringMatching(/^[^\n]*disk of [^\n]* is full[^\n]*\n$/),
        ]);
        resize(4096 * PAGE);
        expect(sweep(out).status).toBe(0);
      }
      expect([size, await rowHashes(out)]).toEqual([size, whole]);
      rmSync(out, { recursive: true });
    }
    expect([...ends]).toEqual([1, 0]);
  });
});
