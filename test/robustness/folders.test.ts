// Folders and files that commands write: links never lead out of them, what cannot be written is said before the work,
// and one training or attack works in a folder.

import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { UserError } from '../../src/config/index.js';
import { writeResult } from '../../src/config/result-folder.node.js';
import { checkFile, checkFolder, holdFolder } from '../../src/config/work-folder.node.js';
import { writeCheckpoint } from '../../src/experiment/functional/checkpoint.js';
import { SweepStore } from '../../src/experiment/sweep/index.js';
import { xbarflow } from '../experiment/command.js';

const root = mkdtempSync(join(tmpdir(), 'xbarflow-folders-'));
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

/** A folder of somebody else with a file in it, and a folder for results. */
function folders(name: string): { out: string; other: string; thesis: string } {
  const [out, other] = [join(root, name, 'out'), join(root, name, 'other')];
  for (const folder of [out, other]) mkdirSync(folder, { recursive: true });
  const thesis = join(other, 'thesis.txt');
  writeFileSync(thesis, 'precious');
  return { out, other, thesis };
}
const files = { 'result.json': '{}', 'figures/energy.svg': '<svg/>' };

describe('links in a folder of results', () => {
  it('are not written through', () => {
    const { out, other } = folders('written');
    symlinkSync(other, join(out, 'figures'));
    expect(() => writeResult(out, files)).toThrow(/^--out .*: figures is a symbolic link, which may lead out/);
    expect([readdirSync(other), readdirSync(out)]).toEqual([['thesis.txt'], ['figures']]);
  });

  it('what an older result lists behind them is not removed', () => {
    const { out, other, thesis } = folders('listed');
    symlinkSync(other, join(out, 'd'));
    writeFileSync(join(out, 'result.json'), JSON.stringify({ files: { 'd/thesis.txt': {} } }));
    writeResult(out, files);
    expect(readFileSync(thesis, 'utf8')).toBe('precious');
    expect(existsSync(join(out, 'figures/energy.svg'))).toBe(true);
  });

  it('nor what a writer that died lists', () => {
    const { out, other, thesis } = folders('died');
    symlinkSync(other, join(out, 'd'));
    const stage = join(out, readFileSync('/proc/sys/kernel/hostname', 'utf8').trim());
    const dead = stage.replace(/([^/]+)$/, (host) => `.xbarflow.${host.replaceAll('.', '-')}.4194304.00000000.tmp`);
    mkdirSync(dead);
    writeFileSync(join(dead, '.owned.json'), JSON.stringify(['d/thesis.txt']));
    writeResult(out, files);
    expect([existsSync(dead), readFileSync(thesis, 'utf8')]).toEqual([false, 'precious']);
  });

  it('a link in place of a file is replaced, and what it leads to stays', () => {
    const { out, thesis } = folders('replaced');
    symlinkSync(thesis, join(out, 'result.json'));
    writeResult(out, files);
    expect([readFileSync(thesis, 'utf8'), lstatSync(join(out, 'result.json')).isFile()]).toEqual(['precious', true]);
  });

  it('are refused as folders of a sweep or a design', () => {
    const { out, other } = folders('sweep');
    symlinkSync(other, join(out, 'parts'));
    expect(() => {
      new SweepStore(out).create();
    }).toThrow(/parts is a symbolic link/);
    expect(() => {
      checkFolder(out, ['new', 'parts']);
    }).toThrow(/parts is a symbolic link/);
    expect(readdirSync(other)).toEqual(['thesis.txt']);
  });
});

describe('what cannot be written is said before the work', () => {
  const file = join(root, 'file');
  writeFileSync(file, '');
  symlinkSync('/nowhere/x', join(root, 'nothing'));
  symlinkSync('loop', join(root, 'loop'));

  it.each(['file', 'file/below', 'nothing', 'loop', 'x'.repeat(300)])('--out %s', (name) => {
    let error: unknown;
    try {
      checkFolder(join(root, name));
    } catch (fault) {
      error = fault;
    }
    expect(error).toBeInstanceOf(UserError);
    expect((error as Error).message).toMatch(/^--out [^\n]+$/);
  });

  it('by a command, before it computes anything', () => {
    const { status, stderr } = xbarflow(['train', 'train-digits', '--set', 'data.count=300000', '--out', file]);
    expect([status, stderr]).toEqual([2, `--out ${file}: ${file} is a file, expected a folder\n`]);
  });

  it('files beside a result', () => {
    const refused = (path: string, out?: string) => () => {
      checkFile('--logits', path, out, ['evaluation.json']);
    };
    // What is written takes the place of what stands there.
    expect(refused('/dev/null')).toThrow('--logits: /dev/null is a device, expected a file');
    expect(refused('/dev/stdout')).toThrow(/\/dev\/stdout is a symbolic link, expected a file$/);
    expect(refused(join(root, 'new/evaluation.json'), join(root, 'new'))).toThrow(/a file of the result in --out/);
    expect(refused(join(root, 'evaluation.json'), join(root, 'new'))).not.toThrow();
    expect(refused(join(root, 'new'), join(root, 'new/.'))).toThrow(/is the folder of --out, expected a file$/);
    expect(refused(root)).toThrow(/is a folder, expected a file/);
    expect(refused(join(root, 'new/l.npz'))).toThrow(/there is no folder/);
    expect(refused(join(root, 'new/l.npz'), join(root, 'new'))).not.toThrow();
    expect(refused(join(file, 'x'))).toThrow(UserError);
    const both = xbarflow(['evaluate', 'isaac', '--logits', join(root, 'l'), '--record', `${root}/./l`]);
    expect([both.status, both.stderr]).toEqual([2, expect.stringMatching(/^--record: [^\n]* expected another\n$/)]);
  });

  it('a checkpoint that the system refuses', () => {
    const write = (): void => {
      writeCheckpoint(join(file, 'x'), { key: '', history: {}, arrays: new Map() });
    };
    expect(write).toThrow(UserError);
  });
});

describe('a folder that is worked in', () => {
  it('is held against others, and left as it was where nothing came of it', () => {
    const out = join(root, 'a/b/held');
    const release = holdFolder(out);
    expect(() => holdFolder(out)).toThrow(/is in use by another training or attack \(process \d+\)/);
    release();
    expect(readdirSync(root)).not.toContain('a');
    const again = holdFolder(out);
    writeResult(out, files);
    again();
    expect(readdirSync(out).sort()).toEqual(['figures', 'result.json']);
  });

  it('by a training: another one does not write its checkpoints over it', () => {
    const out = join(root, 'trained');
    const release = holdFolder(out);
    const { status, stderr } = xbarflow(['train', 'train-digits', '--set', 'data.count=64', '--out', out]);
    release();
    expect([status, stderr]).toEqual([2, expect.stringContaining('is in use by another training')]);
  });
});

describe('output that nobody takes', () => {
  const run = ['run', 'isaac', '--set', 'network=matrix-128', '--quiet'];
  const full = existsSync('/dev/full');

  it.skipIf(!full)('standard output on a full disk: one line and status 1', () => {
    const { status, stderr } = xbarflow(run, process.env, { stdout: '/dev/full' });
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^xbarflow failed: standard output [^\n]*\n$/)]);
  });

  it.skipIf(!full).each([['--help'], ['run', '--help'], ['--version'], ['completion']])(
    'nor do help and scripts: %s %s',
    (...args) => {
      const { status, stderr } = xbarflow(args, process.env, { stdout: '/dev/full' });
      expect([status, stderr]).toEqual([1, expect.stringMatching(/^xbarflow failed: standard output [^\n]*\n$/)]);
    },
  );

  it.skipIf(!full)('remarks on a full disk change nothing', () => {
    const { status, stdout } = xbarflow([...run.slice(0, -1), '--out', join(root, 'remarks')], process.env, {
      stderr: '/dev/full',
    });
    expect([status, stdout.length > 0]).toEqual([0, true]);
  });
});
