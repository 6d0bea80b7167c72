// A newcomer's walk: the commands in the order in which somebody new would try them, with what they print held to the
// files and the page that they write.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Result } from '../../src/index.js';

const program = fileURLToPath(new URL('../../dist/cli/xbarflow.cjs', import.meta.url));
const home = mkdtempSync(join(tmpdir(), 'xbarflow-walk-'));
const write = (name: string, text: string): void => {
  writeFileSync(join(home, name), text);
};
const xbarflow = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { cwd: home, encoding: 'utf8' });
  return { status, stdout, stderr };
};

write(
  'net.yaml',
  `name: mine
input: { channels: 3, height: 16, width: 16 }
layers:
  - { name: conv1, type: conv2d, channels: 16, kernel: 3, padding: same }
  - { name: relu1, type: relu }
  - { name: pool1, type: maxpool, kernel: 2 }
  - { name: fc2, type: dense, features: 10 }
`,
);
const config = (more = ''): string =>
  `extends: pipelayer\nnetwork: net.yaml\nworkload: { mode: training, images: 64, batch: 16 }\n${more}`;
write('mine.yaml', config('device: { read: { latency: { value: 10 ns, source: my cells } } }\n'));
write(
  'sizes.yaml',
  `name: sizes
config: mine.yaml
axes:
  - { key: crossbar.rows, values: [64, 128] }
  - { key: inputs.density, values: [0.3, 0.5] }
objectives: { energy.perImageJ: minimize, area.totalMm2: minimize }
`,
);

describe('a newcomer', () => {
  it('runs a network and a device of their own; the first screen is one screen, and the page says the same', () => {
    const { status, stdout, stderr } = xbarflow('run', 'mine.yaml', '--out', 'out');
    expect([status, stderr]).toEqual([0, expect.stringContaining('report.html')]);
    expect(stdout.trim().split('\n').length).toBeLessThanOrEqual(22);
    const page = readFileSync(join(home, 'out/report.html'), 'utf8');
    const { verdict, constants } = JSON.parse(readFileSync(join(home, 'out/result.json'), 'utf8')) as Result;
    expect(stdout).toContain(verdict.work);
    expect(page).toContain(verdict.work);
    const words = (text: string): string => text.replace(/\s+/g, ' ');
    expect(words(stdout)).toContain(words(verdict.timeSetBy));
    expect(constants.find(({ key }) => key === 'device.read.latency')?.source).toBe('my cells');
    for (const { set } of verdict.next) for (const one of set) expect(page).toContain(`--set ${one}`);
  });

  it('makes five mistakes, and is told of each in one line with what fits', () => {
    const mistakes: [string, RegExp][] = [
      ['crossbar: { row: 64 }\n', /crossbar\.row.*did you mean.*rows/],
      ['weights: { sign: diferential }\n', /weights\.sign.*differential/],
      ['chip: { clock: 1.2 Ghz }\n', /chip\.clock.*GHz for Ghz/],
      ['crossbar: { rows: 64 mm }\n', /crossbar\.rows/],
      ['pipeline: { advance: lockstp }\n', /pipeline\.advance.*lockstep/],
    ];
    for (const [text, told] of mistakes) {
      write('wrong.yaml', config(text));
      const { status, stdout, stderr } = xbarflow('run', 'wrong.yaml');
      expect([status, stdout], text).toEqual([2, '']);
      expect(stderr, text).toMatch(told);
      expect(stderr.trim().split('\n'), text).toHaveLength(1);
      expect(stderr, text).toContain('wrong.yaml:4');
    }
  });

  it('makes several mistakes at once, and is told of all of them, in the order of the file', () => {
    const keys = [
      'mode: training',
      'crossbar: { row: 64, columns: many }',
      'weights: { sign: diferential }',
      'batch: 8',
    ];
    write('wrong.yaml', config(`${keys.join('\n')}\n`));
    const { status, stdout, stderr } = xbarflow('run', 'wrong.yaml');
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr.trim().split('\n')).toEqual([
      'wrong.yaml:4:1: mode: unknown key; did you mean "workload.mode"?',
      expect.stringMatching(/^wrong\.yaml:5:13: crossbar\.row: unknown key; did you mean "rows"\?$/),
      expect.stringMatching(/^wrong\.yaml:5:22: crossbar\.columns: found "many", expected a whole number/),
      expect.stringMatching(/^wrong\.yaml:6:12: weights\.sign: .*did you mean "differential"\?$/),
      expect.stringMatching(/^wrong\.yaml:7:1: batch: unknown key; did you mean "workload\.batch" or/),
    ]);
    write('wrong.yaml', config(Array.from({ length: 20_000 }, (_, i) => `k${i}: 1\n`).join('')));
    expect(xbarflow('run', 'wrong.yaml').stderr.trim().split('\n')).toHaveLength(10);
  });

  it('compares designs, and has the same ratios on the page as on the terminal', () => {
    const { status, stdout } = xbarflow(
      'compare',
      'pipelayer',
      'mine.yaml',
      '--set',
      'network=net.yaml',
      '--out',
      'both',
    );
    expect(status).toBe(0);
    const page = readFileSync(join(home, 'both/report.html'), 'utf8');
    const { work } = JSON.parse(readFileSync(join(home, 'both/compare.json'), 'utf8')) as { work: { text: string } };
    expect(page).toContain(work.text.replaceAll('"', '&quot;'));
    expect(stdout.replace(/\s+/g, ' ')).toContain(work.text.replace(/\s+/g, ' '));
    expect(page.length).toBeLessThan(1e6);
  });

  it('sweeps two knobs, reads the rows as CSV, and asks for one of them', () => {
    const { status, stdout } = xbarflow('sweep', 'sizes.yaml', '--out', 'sizes', '--workers', '1', '--format', 'csv');
    expect(status).toBe(0);
    const rows = stdout.trim().split('\n');
    expect(rows).toHaveLength(5);
    expect(rows[0]).toContain('crossbar.rows');
    const asked = xbarflow('query', 'sizes', 'select count(*) as points from results');
    expect([asked.status, asked.stdout]).toEqual([0, expect.stringContaining('4')]);
    const whole = xbarflow('query', 'sizes', 'select * from results limit 1');
    expect(whole.stdout).toMatch(/^index +0$/m);
    expect(whole.stdout).toMatch(/^crossbar\.rows +64$/m);
    const page = readFileSync(join(home, 'sizes/report.html'), 'utf8');
    expect(page).toMatch(/point \d+: crossbar\.rows=(64|128), inputs\.density=/);
  });

  it('takes a point of the sweep as a run of its own: the same figures, explained and run again', () => {
    const asked = xbarflow('query', 'sizes', 'select * from results order by index', '--format', 'json');
    const rows = JSON.parse(asked.stdout) as Record<string, number>[];
    expect(rows.map((row) => [row.index, row['crossbar.rows'], row['inputs.density']])).toEqual([
      [0, 64, 0.3],
      [1, 64, 0.5],
      [2, 128, 0.3],
      [3, 128, 0.5],
    ]);
    const explained = xbarflow('explain', 'sizes#2', 'energy.totalJ', '--json');
    const tree = JSON.parse(explained.stdout) as { derivation: { value: number } };
    // Explained, it is added up in another order.
    expect(tree.derivation.value / rows[2]!['energy.totalJ']!).toBeCloseTo(1, 12);
    const again = xbarflow('run', 'sizes#2', '--format', 'json', '--quiet');
    const { energy, area } = JSON.parse(again.stdout) as Result;
    expect([energy.totalJ, area.totalMm2]).toEqual([rows[2]!['energy.totalJ'], rows[2]!['area.totalMm2']]);
    const other = xbarflow('run', 'sizes#2', '--set', 'crossbar.rows=64', '--format', 'json', '--quiet');
    expect((JSON.parse(other.stdout) as Result).area.totalMm2).toBe(rows[0]!['area.totalMm2']);
    expect(xbarflow('run', 'sizes#4').stderr).toBe('sizes#4: there is no such point, expected 0 to 3\n');
    expect(xbarflow('run', 'out#4').stderr).toMatch(/^out: holds no sweep.*\n$/);
  });

  it('asks where a figure comes from', () => {
    const { status, stdout } = xbarflow('explain', 'out', 'energy.totalJ');
    expect(status).toBe(0);
    expect(stdout).toContain('energy');
    expect(xbarflow('explain', 'out', 'energy.totlJ').stderr).toMatch(/energy\.totalJ/);
  });
});
