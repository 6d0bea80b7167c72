// Folders of results: whole or absent, holding what their main document says.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { UserError } from '../../src/config/errors.js';
import { writeResult, type Manifest } from '../../src/config/result-folder.node.js';

const root = mkdtempSync(join(tmpdir(), 'xbarflow-folder-'));
afterAll(() => {
  rmSync(root, { recursive: true });
});
const files = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();

describe('a result folder', () => {
  it('says which files it holds, with their hashes, and what an earlier result left gives way', () => {
    const out = join(root, 'a/b');
    writeResult(out, { 'result.json': '{"n":1}', 'layers.csv': 'x', 'figures/a.svg': '<svg/>' });
    writeFileSync(join(out, 'mine.txt'), 'of the user');
    const { n, files: manifest } = JSON.parse(readFileSync(join(out, 'result.json'), 'utf8')) as {
      n: number;
      files: Manifest;
    };
    expect(n).toBe(1);
    expect(Object.keys(manifest)).toEqual(['layers.csv', 'figures/a.svg']);
    for (const [name, { sha256, bytes }] of Object.entries(manifest)) {
      const content = readFileSync(join(out, name));
      expect([createHash('sha256').update(content).digest('hex'), content.length]).toEqual([sha256, bytes]);
    }
    writeResult(out, { 'result.json': '{"n":2}', 'layers.csv': 'y' });
    expect(files(out)).toEqual(['layers.csv', 'mine.txt', 'result.json']);
    expect(existsSync(join(out, 'figures'))).toBe(false);
    writeResult(out, { 'compare.json': '{}', 'p/result.json': '{}', 'p/layers.csv': 'z' });
    expect(files(out)).toEqual(['compare.json', 'mine.txt', 'p/layers.csv', 'p/result.json']);
  });

  it('a file without main document stands beside others', () => {
    const out = join(root, 'traces');
    writeResult(out, { 'a.csv': '1' });
    writeResult(out, { 'b.csv': '2' });
    expect(files(out)).toEqual(['a.csv', 'b.csv']);
  });

  it('nothing changes where a file cannot take its place', () => {
    const out = join(root, 'blocked');
    writeResult(out, { 'result.json': '{"n":1}', 'layers.csv': 'x' });
    const before = readFileSync(join(out, 'result.json'), 'utf8');
    mkdirSync(join(out, 'report.html'));
    expect(() => writeResult(out, { 'result.json': '{"n":2}', 'layers.csv': 'y', 'report.html': '' })).toThrow(
      /cannot write/,
    );
    expect(readFileSync(join(out, 'result.json'), 'utf8')).toBe(before);
    expect(readdirSync(out).sort()).toEqual(['layers.csv', 'report.html', 'result.json']);
    const absent = join(root, 'file');
    writeFileSync(absent, '');
    expect(() => writeResult(join(absent, 'x', 'y'), { 'a.csv': '' })).toThrow(/cannot write/);
  });

  it('no name leads out of it, also not one that an earlier manifest lists', () => {
    const out = join(root, 'inside');
    for (const name of ['../x', '/x', 'a/../../x', 'a\\x', '..'])
      expect(() => writeResult(out, { [name]: '' })).toThrow(/lead out/);
    expect(existsSync(out)).toBe(false);
    writeFileSync(join(root, 'victim'), '');
    writeResult(out, { 'a.csv': '' });
    writeFileSync(join(out, 'result.json'), JSON.stringify({ files: { '../victim': {}, '/etc/hostname': {} } }));
    writeResult(out, { 'result.json': '{}' });
    expect(existsSync(join(root, 'victim'))).toBe(true);
  });

  it('what a dead writer left is removed', () => {
    const out = join(root, 'dead');
    writeResult(out, { 'result.json': '{}' });
    const host = stageOf(out).split('.')[2]!;
    // Killed before, while and after it wrote what it was about to put in its place.
    for (const list of [undefined, '', '["layers.c', '7', '["gone.csv", "../x", 3]']) {
      const stage = join(out, `.xbarflow.${host}.999999999.abcdef01.tmp`);
      mkdirSync(stage);
      if (list !== undefined) writeFileSync(join(stage, '.owned.json'), list);
      writeResult(out, { 'result.json': '{}' });
      expect(readdirSync(out)).toEqual(['result.json']);
    }
    // Killed between two files, the older result put away: what had come is no result, and goes.
    const stage = join(out, `.xbarflow.${host}.999999999.abcdef01.tmp`);
    mkdirSync(stage);
    writeFileSync(join(stage, '.owned.json'), '["result.json", "half.csv"]');
    writeFileSync(join(out, 'half.csv'), '');
    rmSync(join(out, 'result.json'));
    writeResult(out, { 'result.json': '{}' });
    expect(readdirSync(out)).toEqual(['result.json']);
  });
});

it("a file or a device in the place of the folder is the user's to mend", () => {
  const file = join(root, 'a-file');
  writeFileSync(file, 'x');
  for (const path of [file, '/dev/null', join(file, 'deeper')])
    expect(() => writeResult(path, { 'b.csv': '' })).toThrow(UserError);
  expect(readFileSync(file, 'utf8')).toBe('x');
});

/** The name of a stage of this process: the message of a file that could not take its place has it. */
function stageOf(folder: string): string {
  mkdirSync(join(folder, 'b.csv'));
  try {
    writeResult(folder, { 'b.csv': '' });
    return '';
  } catch (error) {
    return /\.xbarflow\.[^/]*/.exec((error as Error).message)?.[0] ?? '';
  } finally {
    rmSync(join(folder, 'b.csv'), { recursive: true });
  }
}

it('many results written one after the other leave no more than one listener of signals', async () => {
  for (let n = 0; n < 30; n++) {
    writeResult(join(root, 'many', String(n)), { 'result.json': '{}' });
    expect(process.listenerCount('SIGTERM')).toBeLessThanOrEqual(1);
  }
  await new Promise((resolve) => setImmediate(resolve));
  expect(process.listenerCount('SIGTERM')).toBe(0);
});
