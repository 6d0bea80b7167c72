import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { COMPARED_TITLES, compareResults } from '../../src/experiment/index.js';
import { duration } from '../../src/cli/output.js';
import { conclusions, ratioSign } from '../../src/report/compare-view.js';
import { folded, plainStyle } from '../../src/report/index.js';
import { compareTables, runTables, table } from '../../src/report/terminal/index.js';
import { resultOf } from '../helpers.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bin = `${root}dist/cli/xbarflow.cjs`;

describe('tables on a terminal', () => {
  it.each([40, 60, 80, 100, 200])("a run's text fits %i characters and shows every figure", (width) => {
    const result = resultOf('pipelayer', ['network=mnist-a']);
    const text = runTables(result, plainStyle(width), true);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(width);
    for (const word of ['steps F', 'spatial', 'temporal', 'OPS', 'crossbar']) expect(text).toContain(word);
    for (const { name } of result.layers) expect(text).toContain(name);
  });

  it.each([
    ['the demo', 'pipelayer', [], 80],
    ['VGG-D training', 'pipelayer', ['network=vgg-d'], 80],
    ['ISAAC VGG-8', 'isaac', ['network=vgg-8'], 80],
    ['the demo', 'pipelayer', [], 100],
    ['an attack', 'a3-shared', ['network=lisa-cnn', 'workload.mode=attack', 'workload.iterations=2'], 100],
    ['PRIME', 'prime', ['network=vgg-8'], 100],
    ['digital units', 'digital-int8', ['network=vgg-8'], 100],
  ])('the first screen of %s answers in 22 lines: %s %j on %i columns', (_, config, sets, width) => {
    const result = resultOf(config, sets);
    const lines = runTables(result, plainStyle(width)).split('\n');
    expect(lines.length).toBeLessThanOrEqual(22);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
    const starts = ['time ', 'energy ', 'area ', 'efficiency ', 'time set by', 'energy goes to', 'area is', 'of ideal'];
    for (const start of [...starts, 'assumed *', 'try next'])
      expect(lines.some((line) => line.startsWith(start))).toBe(true);
  });

  it('counts one thing in the singular', () => {
    const one = ['network=matrix-128', 'workload.mode=inference', 'workload.images=1'];
    const lockstep = runTables(resultOf('pipelayer', one), plainStyle(120)).replace(/\s+/g, ' ');
    expect(lockstep).toContain('1 image time');
    expect(lockstep).toContain(', 1 logical cycle of ');
    expect(runTables(resultOf('isaac', one), plainStyle(120)).replace(/\s+/g, ' ')).toContain(
      '1 image through 1 stage (',
    );
  });

  it('names its notes on the first screen, constants outside their point first, and has their texts in full', () => {
    const result = resultOf('isaac', ['network=lenet-5', 'workload.images=2', 'chip.node=22 nm']);
    const first = runTables(result, plainStyle(120));
    expect(first).toMatch(/^--full: all tables; notes: off-point \(components\.activation\.area\), line-current, /m);
    expect(first).not.toContain('22 nm');
    const full = runTables(result, plainStyle(120), true).replace(/\s+/g, ' ');
    for (const { code, figure, text } of result.notes) expect(full).toContain(`${code}, ${figure}: ${text}`);
  });

  it('a figure is marked where placeholders are behind it, on a run and in a comparison', () => {
    const results = [resultOf('pipelayer', ['network=vgg-8']), resultOf('isaac', ['network=vgg-8'])];
    const [assumed, sourced] = results.map((result) => runTables(result, plainStyle(100)));
    expect(assumed).toMatch(/^area .*mm2\* /m);
    expect(sourced).toMatch(/^area .*mm2 /m);
    const titles = COMPARED_TITLES;
    const text = compareTables(compareResults(results), titles, plainStyle(100));
    expect(text).toMatch(/ area +│ +[\d,.]+ mm2\* │ +[\d,.]+ mm2 /);
  });

  it('a comparison says who comes first, and by how much, before its table', () => {
    const attack = ['network=lisa-cnn', 'workload.mode=attack', 'workload.iterations=2'];
    const compared = compareResults(['pipelayer', 'a3', 'a3-shared'].map((name) => resultOf(name, attack)));
    const [base, , shared] = compared.results;
    const times = Number((base!.time.totalS / shared!.time.totalS).toPrecision(3));
    const least = Number((shared!.energy.totalJ / base!.energy.totalJ).toPrecision(3));
    expect(conclusions(compared)).toHaveLength(1);
    expect(conclusions(compared)[0]).toContain(`a3-shared is the fastest (${times} times as fast as pipelayer)`);
    expect(conclusions(compared)[0]).toContain(`takes the least energy (${least}x that of pipelayer*)`);
    const titles = COMPARED_TITLES;
    expect(compareTables(compared, titles, plainStyle(200)).split('\n')[1]).toBe(conclusions(compared)[0]);
    // The baseline may be first itself, several may be equal, and nobody is first where all are.
    const turned = compareResults([...compared.results].reverse());
    expect(conclusions(turned)).toEqual(['a3-shared is the fastest, takes the least energy and takes the least area']);
    const twin = { ...shared!, architecture: 'twin' };
    expect(conclusions(compareResults([base!, shared!, twin]))[0]).toContain('a3-shared, twin are the fastest (');
    expect(conclusions(compareResults([shared!, twin]))).toEqual([]);
  });

  it('a ratio of 1 is =, one that is nearly 1 is ≈: equal signs stand beside equal figures alone', () => {
    const written = [1, 1 + 1e-12, 1.0005, 0.9995, 1.002, 0.5].map((ratio) => ratioSign(ratio, (far) => `${far}x`));
    expect(written).toEqual(['=', '=', '≈', '≈', '1.002x', '0.5x']);
    const one = resultOf('pipelayer', ['network=mnist-a']);
    const slower = { ...one, architecture: 'slower', time: { ...one.time, totalS: 1.0008 * one.time.totalS } };
    const text = compareTables(compareResults([one, slower]), COMPARED_TITLES, plainStyle(100));
    expect(text).toMatch(/│ time +│[^│]*│[^│]* ≈ │/);
    expect(text).toMatch(/│ area +│[^│]*│[^│]* = │/);
  });

  it('unlike work is said before any number of a comparison', () => {
    const results = [resultOf('pipelayer', ['network=mnist-a']), resultOf('isaac', ['network=vgg-8'])];
    const titles = COMPARED_TITLES;
    const text = compareTables(compareResults(results), titles, plainStyle(100));
    expect(text).toMatch(/^Careful: unlike work, so times, energies and their ratios do not compare/);
    expect(text).not.toMatch(/is the fastest|takes the least/);
  });

  it('a ratio of time shows its waves: one transposed read a position, 256 to 36 (model.md section 3)', () => {
    const set = ['network=lisa-cnn', 'workload.mode=attack', 'workload.iterations=2'];
    const results = ['pipelayer', 'a3-shared'].map((config) => resultOf(config, set));
    const titles = COMPARED_TITLES;
    const text = compareTables(compareResults(results), titles, plainStyle(120), { full: true });
    expect(text).toContain('waves an image B2 (conv2) 256 -> 36');
    expect(text).not.toMatch(/[1-9]\d\d(\.\d+)? % of the change/);
  });

  it('columns that do not fit follow below, under the same first column', () => {
    const lines = table(['name', 'first', 'second'], [['a', '1'.repeat(10), '2'.repeat(10)]], plainStyle(24)).split(
      '\n',
    );
    expect(lines.filter((line) => line.includes('name'))).toHaveLength(2);
    expect(lines.some((line) => line.includes('2'.repeat(10)))).toBe(true);
  });
});

describe('a terminal and a pipe', () => {
  /** The command on a pseudo-terminal of 70 columns (`script` from util-linux). */
  const onTerminal = (command: string, environment: Record<string, string> = {}): string =>
    spawnSync('script', ['-qec', `stty cols 70; ${command}`, '/dev/null'], {
      encoding: 'utf8',
      cwd: root,
      env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', TERM: 'xterm', ...environment },
    }).stdout;
  const scriptRuns = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0;
  const run = `${process.execPath} ${bin} run pipelayer --set network=mnist-a`;
  const ESCAPE = '\u001b[';

  it('a pipe gets no colour', () => {
    const { stdout, stderr } = spawnSync(process.execPath, [bin, 'run', 'pipelayer', '--set', 'network=mnist-a'], {
      encoding: 'utf8',
      env: { ...process.env, FORCE_COLOR: undefined },
    });
    expect(stdout).not.toContain(ESCAPE);
    expect(stderr).toBe('');
  });

  it.skipIf(!scriptRuns)('a terminal gets colour and its width, NO_COLOR takes the colour away', () => {
    const coloured = onTerminal(run);
    expect(coloured).toContain(`${ESCAPE}1m`);
    const plain = onTerminal(run, { NO_COLOR: '1' });
    expect(plain).toContain('logical cycles');
    expect(plain).not.toContain(ESCAPE);
    expect(Math.max(...plain.split(/\r?\n/).map((line) => line.length))).toBeLessThanOrEqual(70);
  });
});

describe('progress', () => {
  const scriptRuns = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0;
  /** Standard error of a command on a pseudo-terminal; its results go to a file. */
  const errors = (words: string): { seen: string; results: string } => {
    const file = join(mkdtempSync(join(tmpdir(), 'xbarflow-progress-')), 'results');
    const { stdout } = spawnSync('script', ['-qec', `${process.execPath} ${bin} ${words} > ${file}`, '/dev/null'], {
      encoding: 'utf8',
      cwd: root,
    });
    return { seen: stdout, results: readFileSync(file, 'utf8') };
  };

  it.skipIf(!scriptRuns)(
    'of a long run: share and time left, on standard error, gone at the end; results have none of it',
    { timeout: 120_000 },
    () => {
      const { seen, results } = errors('run pipelayer --set network=mnist-b --set workload.images=30000 --exact');
      expect(seen).toMatch(/\rpipelayer: \d+\.\d %(, [\d,]+ events)?, \d+ s left/);
      expect(seen.endsWith('\r\u001b[K')).toBe(true);
      expect(results).toContain('logical cycles');
      expect(results).not.toMatch(/left|\u001b/);
    },
  );

  it('is silent where standard error is no terminal', () => {
    expect(
      spawnSync(process.execPath, [bin, 'run', 'pipelayer', '--set', 'network=mnist-a', '--exact'], {
        encoding: 'utf8',
      }).stderr,
    ).toBe('');
  });

  it.each([
    [5, '5 s'],
    [61, '1 min 1 s'],
    [7300, '2 h 1 min'],
  ])('%i seconds read %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });
});

describe('sentences', () => {
  it('fold at the width under their indent; words that fit no line are cut', () => {
    expect(folded('one two three', 7, '  ')).toBe('one\n  two\n  three');
    expect(folded('  indented text', 12, '    ')).toBe('  indented\n    text');
    expect(folded('abcdefghij', 4)).toBe('abcd\nefgh\nij');
    expect(folded('', 10)).toBe('');
  });
});

describe('shell completion', () => {
  /** Sources the script in the shell and asks for what comes after the words. */
  const bash = (words: string): string[] =>
    spawnSync(
      'bash',
      [
        '-c',
        [
          `eval "$(${process.execPath} ${bin} completion)"`,
          `xbarflow() { ${process.execPath} ${bin} "$@"; }`,
          `COMP_WORDS=(${words}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))`,
          '_xbarflow_yargs_completions',
          'printf "%s\\n" "${COMPREPLY[@]}"',
        ].join('\n'),
      ],
      { encoding: 'utf8', cwd: root, env: { ...process.env, SHELL: '/bin/bash' } },
    )
      .stdout.trim()
      .split('\n');

  it('bash completes commands, and names after a command', () => {
    expect(bash('xbarflow co')).toEqual(expect.arrayContaining(['compare', 'completion']));
    expect(bash('xbarflow run --fig')).toContain('--figures');
    expect(bash('xbarflow schema ""')).toEqual(expect.arrayContaining(['config', 'network', 'device']));
    expect(bash('xbarflow run pipelayer-')).toEqual(['pipelayer-published']);
  });

  it('zsh gets a script of its own', () => {
    const { stdout } = spawnSync(process.execPath, [bin, 'completion'], {
      encoding: 'utf8',
      env: { ...process.env, SHELL: '/bin/zsh', ZSH_NAME: 'zsh' },
    });
    expect(stdout).toMatch(/^#compdef xbarflow/);
    expect(stdout).toContain('compdef _xbarflow_yargs_completions xbarflow');
  });

  const zshRuns = spawnSync('zsh', ['-fc', 'true']).status === 0;
  it.skipIf(!zshRuns)('zsh completes the same (where zsh is installed)', () => {
    /** Runs the script's function in zsh; what it hands to the completion system is printed instead. */
    const zsh = (words: string): string[] =>
      spawnSync(
        'zsh',
        [
          '-fc',
          [
            'compdef() { : }; _describe() { print -l -- ${(P)2} }; _default() { : }',
            `xbarflow() { ${process.execPath} ${bin} "$@" }`,
            `source <(xbarflow completion)`,
            `words=(${words}); CURRENT=$#words; _xbarflow_yargs_completions`,
          ].join('\n'),
        ],
        { encoding: 'utf8', cwd: root, env: { ...process.env, SHELL: '/bin/zsh', ZSH_NAME: 'zsh' } },
      )
        .stdout.trim()
        .split('\n')
        .map((line) => line.split(':')[0]!);
    expect(zsh('xbarflow co')).toEqual(expect.arrayContaining(['compare', 'completion']));
    expect(zsh('xbarflow run --fig')).toContain('--figures');
    expect(zsh('xbarflow run pipe')).toContain('pipelayer');
  });
});
