import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Comparison } from '../../src/experiment/index.js';
import type { Result } from '../../src/simulation/index.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bin = join(root, 'dist/cli/xbarflow.cjs');

/** The command as a user types it. `npm test` builds before it tests. */
function xbarflow(args: string[], cwd = root): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8', cwd, maxBuffer: 1 << 28 });
}

const folder = mkdtempSync(join(tmpdir(), 'xbarflow-'));

beforeAll(() => {
  expect(existsSync(bin), 'npm run build comes first').toBe(true);
});

describe('the command line', () => {
  it('run prints the tables, and JSON with the keys of the contract', () => {
    const table = xbarflow(['run', 'pipelayer', '--set', 'network=mnist-a']);
    expect(table.status).toBe(0);
    expect(table.stdout).toContain('logical cycles');
    const json = xbarflow(['run', 'pipelayer', '--set', 'network=mnist-a', '--format', 'json', '--quiet']);
    const result = JSON.parse(json.stdout) as Result;
    expect(Object.keys(result)).toEqual(
      expect.arrayContaining(
        (
          'schema version configHash seed config architecture network mode images batch time ' +
          'throughput energy power area efficiency arrays utilization buffers stalls layers stages simulator'
        ).split(' '),
      ),
    );
    expect(json.stderr).toBe('');
  });

  it('compare prints the field on VGG-A and marks what rests on placeholders', () => {
    const { status, stdout } = xbarflow([
      'compare',
      'isaac',
      'prime',
      'celia',
      'icelia',
      'spindle',
      'digital-int8',
      'digital-elma8',
      'lognet',
      'addernet',
      '--set',
      'network=vgg-a',
    ]);
    expect(status).toBe(0);
    for (const metric of ['time', 'energy', 'area', 'energy efficiency, GOPS/W', 'area efficiency, GOPS/mm2'])
      expect(stdout).toMatch(new RegExp(` ${metric} │`));
    const rows = stdout.split('\n').filter((line) => line.startsWith('│ spindle'));
    expect(rows[0]).toMatch(/s\* [\d.]+x │.*J\* [\d.]+x │.*mm2\* [\d.]+x │/);
    const isaac = stdout.split('\n').find((line) => line.startsWith('│ isaac'));
    expect(isaac).toMatch(/ms │.* J │.*mm2 │/);
    expect(stdout).toContain('* rests on placeholder constants; ratios are to isaac');
  });

  it('compare prints ratios to the baseline; equal runs have ratio 1', () => {
    const { status, stdout } = xbarflow([
      'compare',
      'pipelayer',
      'a3',
      '--set',
      'network=lisa-cnn',
      '--set',
      'workload.mode=attack',
      '--baseline',
      'a3',
      '--format',
      'json',
    ]);
    expect(status).toBe(0);
    const { baseline, rows } = JSON.parse(stdout) as Comparison;
    expect(baseline).toBe('a3');
    expect(rows.find((row) => row.architecture === 'pipelayer' && row.metric === 'arrays.physical')!.ratio).toBe(2);
    expect(rows.filter((row) => row.architecture === 'a3' && row.ratio !== null).every((row) => row.ratio === 1)).toBe(
      true,
    );
  });

  it('list and schema know every kind', () => {
    expect(xbarflow(['list', 'architectures']).stdout).toMatch(/a3-shared.*\[/);
    const rows = (
      JSON.parse(xbarflow(['list', '--format', 'json']).stdout) as Record<
        'kind' | 'name' | 'description' | 'source',
        string
      >[]
    ).filter(({ kind }) => ['architectures', 'devices', 'circuits', 'laws'].includes(kind));
    for (const { kind, name, description, source } of rows)
      for (const text of [description, source])
        expect([kind, name, text.length > 4 && !text.includes('\n')]).toEqual([kind, name, true]);
    expect(rows.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['isaac', 'stt-multilevel', 'adc-survey', 'cell-area']),
    );
    expect(xbarflow(['list', 'components']).stdout).toContain('shift-add');
    expect(xbarflow(['list', 'networcs']).stderr).toContain('did you mean "networks"');
    const schema = JSON.parse(xbarflow(['schema']).stdout) as { properties: Record<string, { description?: string }> };
    for (const key of ['crossbar', 'extends']) expect(schema.properties[key]!.description).toBeTruthy();
    expect(JSON.parse(xbarflow(['schema', 'network']).stdout)).toHaveProperty('properties.layers');
  });

  it("a trace of a config replays, and another network's is refused", () => {
    const { stdout } = xbarflow(['trace', 'pipelayer', '--set', 'network=mnist-a']);
    writeFileSync(join(folder, 'mine.csv'), stdout);
    expect(
      xbarflow(['run', 'pipelayer', '--set', 'network=mnist-a', '--set', `workload.trace=${join(folder, 'mine.csv')}`])
        .status,
    ).toBe(0);
    const other = xbarflow([
      'run',
      'pipelayer',
      '--set',
      'network=mnist-b',
      '--set',
      `workload.trace=${join(folder, 'mine.csv')}`,
    ]);
    expect(other.status).toBe(2);
    expect(other.stderr).toMatch(/mine\.csv:5.*F fc1: columns is 100, but this workload has 500/);
  });

  it('the shipped traces say that they are synthetic and replay', () => {
    for (const [preset, trace] of [
      ['pipelayer', 'synthetic-vgg-a-training'],
      ['a3', 'synthetic-lisa-cnn-attack'],
    ] as const) {
      expect(readFileSync(join(root, 'traces', `${trace}.csv`), 'utf8')).toContain('SYNTHETIC');
      expect(xbarflow(['run', preset, '--set', `workload.trace=${trace}`]).status).toBe(0);
    }
  });

  it.each([
    [['run', 'pipelayer', '--seed', '1', '--seed', '2'], '--seed: is given more than once'],
    [['sweep', 'batch', '--workers', 'two'], '--workers: expected a number'],
    [['run', 'pipelayer', '--out'], 'Not enough arguments following: out'],
    [
      ['sweep', 'batch', '--out', '/proc/x'],
      "--out /proc/x: cannot be made: ENOENT: no such file or directory, mkdir '/proc/x'",
    ],
  ])('%j: exit 2, one line', (args, message) => {
    const { status, stdout, stderr } = xbarflow(args);
    expect([status, stdout, stderr.trim()]).toEqual([2, '', message]);
  });

  const cyclic =
    'name: c\ninput: { features: 4 }\nlayers:\n  - { name: a, type: dense, features: 4, from: b }\n  - { ' +
    'name: b, type: relu, from: a }\n';
  const large =
    'name: k\ninput: { channels: 1, height: 4, width: 4 }\nlayers:\n  - { name: conv, type: conv2d, channels: ' +
    '4, kernel: 5 }\n';
  const bad: [string, string, RegExp][] = [
    [
      'unknown key',
      'extends: pipelayer\ncrossbar: { rowz: 128 }\n',
      /:2:\d+: crossbar\.rowz: unknown key; did you mean "rows"/,
    ],
    ['wrong unit', 'extends: pipelayer\nchip:\n  clock: 3 mm\n', /:3:\d+: chip\.clock: "3 mm" is not a quantity in Hz/],
    [
      'no unit',
      'extends: pipelayer\nchip: { clock: 3 }\n',
      /:2:\d+: chip\.clock: found 3, expected a number with a unit/,
    ],
    [
      'negative size',
      'extends: pipelayer\ncrossbar: { rows: -128 }\n',
      /:2:\d+: crossbar\.rows: found -128, expected a whole number/,
    ],
    ['negative energy', 'extends: pipelayer\ndevice: { read: { energy: -1 pJ } }\n', /:2:\d+: device\.read\.energy/],
    ['missing file', 'extends: pipelayer\nnetwork: ./absent.yaml\n', /:2:\d+: network: no file/],
    ['missing parent', 'extends: pipelayr\n', /:1:\d+: extends: .*did you mean "pipelayer"/],
    ['YAML syntax', 'extends: pipelayer\nnetwork: [vgg-a\n', /:\d+:\d+: YAML/],
    ['duplicate key', 'extends: pipelayer\nnetwork: vgg-a\nnetwork: vgg-b\n', /:3:\d+: YAML/],
    ['__proto__', 'extends: pipelayer\n__proto__: { a: 1 }\n', /:2:\d+: __proto__/],
    ['not a number', 'extends: pipelayer\nworkload: { images: .nan }\n', /:2:\d+: workload\.images/],
    ['an empty file', '', /expected a mapping/],
    [
      'cells too large for the device',
      'extends: pipelayer\ncrossbar: { cellBits: 8 }\n',
      /:2:\d+: crossbar\.cellBits: found 8.*at most 4/,
    ],
    [
      'a column above its current limit',
      'extends: isaac\ncrossbar:\n  device: stt-neurosim\n  cellBits: 1\n  columnCurrentLimit: 1 mA\n',
      /:5:\d+: crossbar\.columnCurrentLimit: found 1 mA, .*at most 35 rows, a read voltage of at most 27\.34 mV/,
    ],
    [
      'a budget too small',
      'extends: pipelayer\nmapping:\n  replication: { scheme: budget, arrays: 10 }\n',
      /:3:\d+: mapping\.replication\.arrays: one copy of each layer takes 8116/,
    ],
  ];
  it.each(bad)('%s: exit 2, one line with file, line and key, nothing written', (name, text, message) => {
    const file = join(folder, `${name.replace(/\W+/g, '-')}.yaml`);
    writeFileSync(file, text);
    const out = join(folder, `${name}-out`);
    const { status, stdout, stderr } = xbarflow(['run', file, '--out', out]);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain(file);
    expect(stdout).toBe('');
    expect(existsSync(out)).toBe(false);
  });

  it.each([
    [
      'a kernel larger than its input',
      large,
      /:4:\d+: layers\.0\.kernel: layer "conv": the kernel of 5x5 is larger than its input of 4x4/,
    ],
    ['a cyclic graph', cyclic, /:\d+:\d+: layers\.\d\.from: .*cycle/],
    ['an unknown layer type', cyclic.replace('relu', 'relo'), /layers\.1/],
  ] as const)('%s is refused in the network file', (name, text, message) => {
    const network = join(folder, `${name.replace(/\W+/g, '-')}.yaml`);
    writeFileSync(network, text);
    const { status, stderr } = xbarflow(['run', 'pipelayer', '--set', `network=${network}`]);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr).toContain(network);
  });

  it('files that extend each other are named in a chain', () => {
    writeFileSync(join(folder, 'a.yaml'), 'extends: ./b.yaml\n');
    writeFileSync(join(folder, 'b.yaml'), 'extends: ./a.yaml\n');
    const { status, stderr } = xbarflow(['run', join(folder, 'a.yaml')]);
    expect([status, stderr]).toEqual([2, expect.stringMatching(/b\.yaml:1:1: extends: these files extend each other/)]);
  });

  it('a network file beside a config is found from anywhere', () => {
    writeFileSync(
      join(folder, 'net.yaml'),
      'name: net\ninput: { features: 30 }\nlayers:\n  - { name: fc, type: dense, features: 5 }\n',
    );
    writeFileSync(join(folder, 'mine.yaml'), 'extends: pipelayer\nnetwork: net.yaml\n');
    expect(xbarflow(['run', join(folder, 'mine.yaml')]).status).toBe(0);
    expect(xbarflow(['run', 'mine.yaml', '--set', 'network=net.yaml'], folder).status).toBe(0);
  });

  it("the same command prints the same bytes but for the simulator's own figures", () => {
    const facts = (): unknown => ({
      ...(JSON.parse(
        xbarflow(['run', 'a3', '--set', 'workload.iterations=2', '--seed', '7', '--format', 'json']).stdout,
      ) as Result),
      simulator: null,
    });
    expect(JSON.stringify(facts())).toBe(JSON.stringify(facts()));
  });

  it('an unknown command or flag is one line and status 2', () => {
    for (const args of [
      ['rnu'],
      ['run'],
      ['run', 'pipelayer', '--ot', 'x'],
      ['run', 'pipelayer', '--set', 'x'],
      ['run', 'pipelayer', '--format', 'xml'],
      ['run', 'pipelayer', '--set'],
      ['run', 'pipelayer', '--seed'],
      ['run', 'pipelayer', '--out', ''],
      ['run', 'pipelayer', '--out', 'a', '--out', 'b'],
    ]) {
      const { status, stdout, stderr } = xbarflow(args);
      expect([status, stdout, stderr.trim().split('\n')]).toEqual([2, '', [expect.stringMatching(/./)]]);
    }
    expect(xbarflow(['rnu']).stderr).toBe('no command "rnu"; did you mean "run"?\n');
  });

  it("knobs that a run does not read are named, a preset's own are not", () => {
    writeFileSync(
      join(folder, 'unused.yaml'),
      'extends: pipelayer\nnetwork: lisa-cnn\nmapping:\n  replication: { arrays: 500 }\n',
    );
    const notes = (args: string[]): string[] =>
      xbarflow(['run', ...args, '--format', 'json'])
        .stderr.trim()
        .split('\n');
    expect(
      notes([join(folder, 'unused.yaml'), '--set', 'pipeline.advance=elastic', '--set', 'pipeline.cycle=fixed']),
    ).toEqual([
      expect.stringMatching(
        /^note: .*unused\.yaml:4:18: mapping\.replication\.arrays has no effect: only scheme budget and strides read/,
      ),
      expect.stringMatching(/^note: .*pipeline\.cycle has no effect: only pipeline\.advance lockstep reads it$/),
    ]);
    expect(notes(['pipelayer', '--set', 'network=lisa-cnn', '--set', 'workload.mode=inference'])).toEqual(['']);
    expect(notes([join(folder, 'unused.yaml'), '--quiet'])).toEqual(['']);
    expect(
      notes(['pipelayer', '--set', 'workload.trace=synthetic-vgg-a-training', '--set', 'inputs.density=0.1']),
    ).toEqual([expect.stringContaining('inputs.density has no effect')]);
  });

  it('explain reads what run and compare wrote: a tree, JSON that adds up, the nearest key for a misspelt one', () => {
    const run = join(folder, 'explained');
    mkdirSync(run);
    writeFileSync(
      join(run, 'result.json'),
      xbarflow(['run', 'isaac', '--set', 'network=vgg-8', '--format', 'json']).stdout,
    );
    const tree = xbarflow(['explain', run, 'energy.byComponent.adc']);
    expect(tree.status).toBe(0);
    expect(tree.stdout).toMatch(
      /adc\.energy\.convert {2}1\.5625 pJ {2}law adc-isaac-energy: .*\["ISAAC Table I.*circuits\/.*\.yaml:\d+:\d+\]/,
    );
    const { value, recomputed } = JSON.parse(
      xbarflow(['explain', join(run, 'result.json'), 'time.total', '--json']).stdout,
    ) as { value: number; recomputed: number };
    expect(Math.abs(recomputed / value - 1)).toBeLessThan(1e-12);
    expect(xbarflow(['explain', run]).stdout).toMatch(/^energy\.\* {2}.*energy\.totalJ/m);
    const misspelt = xbarflow(['explain', run, 'enrgy.totalJ']);
    expect(misspelt.status).toBe(2);
    expect(misspelt.stderr).toMatch(/did you mean "energy\.totalJ"/);
    expect(xbarflow(['explain', join(folder, 'nothing'), 'time']).status).toBe(2);
    const older = { ...(JSON.parse(readFileSync(join(run, 'result.json'), 'utf8')) as object), places: undefined };
    writeFileSync(join(folder, 'older.json'), JSON.stringify(older));
    expect(xbarflow(['explain', join(folder, 'older.json'), 'energy.total'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(
        'older.json: has no places, it was written by another version or changed; run it again',
      ) as string,
    });
    const comparison = join(folder, 'ratio.json');
    writeFileSync(
      comparison,
      xbarflow([
        'compare',
        'pipelayer',
        'a3',
        '--set',
        'network=lisa-cnn',
        '--set',
        'workload.mode=attack',
        '--format',
        'json',
      ]).stdout,
    );
    expect(xbarflow(['explain', comparison, 'energy.total']).stdout).toMatch(
      /weights\.sign {2}differential -> offset {2}\[.*pipelayer\.yaml:\d+:\d+ -> .*a3-single\.yaml:\d+:\d+\]/,
    );
  });

  it('an output folder that cannot be made is a clear error', () => {
    writeFileSync(join(folder, 'file'), '');
    const { status, stderr } = xbarflow([
      'run',
      'pipelayer',
      '--set',
      'network=mnist-a',
      '--out',
      join(folder, 'file', 'x'),
    ]);
    expect([status, stderr]).toEqual([2, expect.stringContaining('cannot write')]);
  });
});
