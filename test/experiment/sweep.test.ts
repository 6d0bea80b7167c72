import { once } from 'node:events';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { delimiter, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it, onTestFinished } from 'vitest';
import { listPresets } from '../../src/config/index.js';
import { diskPresets } from '../../src/config/files.node.js';
import { Evaluator } from '../../src/experiment/sweep/evaluate.js';
import { query } from '../../src/experiment/sweep/database.js';
import { SweepStore, loadSweep, planSweep } from '../../src/experiment/sweep/index.js';
import { PointResolver } from '../../src/experiment/sweep/resolver.js';
import { folderWith, recorded, rowHashes, started, swept, until, xbarflow } from './command.js';

/** Points whose simulation takes a while, event by event: several parts each worker. */
const SLOW = `name: slow
config: pipelayer
set: { network: mnist-c, workload: { mode: training, images: 16 }, simulation: { exact: true } }
axes:
  - { key: crossbar.rows, values: [32, 64, 128, 256] }
  - { key: crossbar.cellBits, values: [1, 2, 4] }
  - { key: inputs.density, range: { from: 0.1, to: 0.9, count: 5 } }
objectives: { energy.totalJ: minimize, area.totalMm2: minimize }
constraints: ["area.totalMm2 <= 100000"]
`;
const SMALL = `name: small
config: pipelayer
set: { network: mnist-0, workload: { mode: inference } }
axes:
  - { key: crossbar.rows, values: [32, 64, 128, 256] }
  - { key: inputs.density, values: [0.25, 0.5] }
`;
const folder = folderWith({ 'slow.yaml': SLOW, 'small.yaml': SMALL });
const at = (name: string): string => join(folder, name);
const POINTS = 60;

/** An environment whose clock is years off, and jumps by days at every look. */
function clockOf(years: number): NodeJS.ProcessEnv {
  const jump = `let n=0;const now=Date.now;Date.now=()=>now()+${years}*31557600000+(n++%2)*864e5`;
  return { ...process.env, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(jump)}` };
}

// A busy machine is slow; a timing is no test.
const PATIENCE = 300_000;

describe('a sweep', { timeout: PATIENCE }, () => {
  it(
    'has the same rows from one worker, from two, and after kill -9 and --resume; what was finished is neither ' +
      'lost nor repeated',
    async () => {
      expect(swept([at('slow.yaml'), '--out', at('whole'), '--workers', '1'])).toMatchObject({
        points: POINTS,
        kept: 0,
        done: POINTS,
        failed: 0,
      });
      // And the clock jumps meanwhile: years ahead, years back.
      for (const [part, years] of [
        [2, 30],
        [5, -30],
      ] as const) {
        const clock = clockOf(years);
        const child = started(['sweep', at('slow.yaml'), '--out', at('killed'), '--workers', '2'], clock);
        await until(
          () => child.exitCode !== null || new SweepStore(at('killed')).parts().length >= part,
          `part ${part}`,
        );
        child.kill('SIGKILL');
        if (child.signalCode === null && child.exitCode === null) await once(child, 'exit');
      }
      // What a killed worker was writing is removed whatever its date; what other hosts write is left to them.
      const dead = spawnSync(process.execPath, ['-e', '']).pid;
      const remains = [`x.jsonl.${dead}@${hostname()}.tmp`, `y.jsonl.${dead}@elsewhere.tmp`];
      for (const name of remains) {
        writeFileSync(join(at('killed/parts'), name), '{"key');
        utimesSync(join(at('killed/parts'), name), 4e9, 4e9);
      }
      const before = recorded(at('killed'));
      expect(before.length).toBeGreaterThan(0);
      expect(before.length).toBeLessThan(POINTS);
      // What there is can be asked of already.
      expect(
        xbarflow([
          'query',
          at('killed'),
          "select count(*) as n from results where status = 'done'",
          '--format',
          'csv',
        ]).stdout.trim(),
      ).toBe(`n\n${before.length}`);
      expect(swept([at('slow.yaml'), '--out', at('killed'), '--workers', '2', '--resume'], clockOf(-10))).toMatchObject(
        {
          points: POINTS,
          kept: before.length,
          done: POINTS - before.length,
        },
      );
      expect(readdirSync(at('killed/parts')).filter((file) => file.endsWith('.tmp'))).toEqual([remains[1]]);
      const after = recorded(at('killed'));
      expect(after).toHaveLength(POINTS);
      expect(new Set(after).size).toBe(POINTS);
      expect(after).toEqual(expect.arrayContaining(before));
      expect(await rowHashes(at('killed'))).toEqual(await rowHashes(at('whole')));
      expect(readdirSync(at('killed')).filter((file) => file.endsWith('.tmp') || file.endsWith('.lock'))).toEqual([]);
      expect(swept([at('slow.yaml'), '--out', at('killed')])).toMatchObject({ kept: POINTS, done: 0 });
    },
  );

  it('opens in plain DuckDB; CSV and Parquet have the same rows; the constraint is a column', async () => {
    const instance = await DuckDBInstance.create(at('whole/sweep.duckdb'), { access_mode: 'READ_ONLY' });
    const connection = await instance.connect();
    const rows = async (from: string): Promise<unknown> => {
      const reader = await connection.runAndReadAll(
        `select "index", key, hash, "crossbar.rows", "energy.totalJ", feasible from ${from} order by "index"`,
      );
      return reader.getRowObjectsJson();
    };
    const stored = await rows('results');
    expect(stored).toHaveLength(POINTS);
    expect(await rows(`'${at('whole/results.parquet')}'`)).toEqual(stored);
    expect(await rows(`read_csv('${at('whole/results.csv')}')`)).toEqual(stored);
    connection.closeSync();
    instance.closeSync();
    const { stdout } = xbarflow([
      'query',
      at('whole'),
      'select max("crossbar.rows") as most from results',
      '--format',
      'json',
    ]);
    expect(JSON.parse(stdout)).toEqual([{ most: 256 }]);
    const wrong = xbarflow(['query', at('whole'), 'select nothing from results']);
    expect([wrong.status, wrong.stderr.trim().split('\n').length]).toEqual([2, 1]);
    expect(xbarflow(['query', at('nowhere'), 'select 1']).stderr).toContain('holds no sweep');
  });

  it('its analysis: front, report and figures', () => {
    const { analysis } = JSON.parse(
      xbarflow(['sweep', at('slow.yaml'), '--out', at('whole'), '--figures', '--format', 'json']).stdout,
    ) as { analysis: { front: number[]; feasible: number } };
    expect(analysis.front.length).toBeGreaterThan(0);
    expect(readFileSync(at('whole/front.csv'), 'utf8').trim().split('\n')).toHaveLength(analysis.front.length + 1);
    expect(readFileSync(at('whole/report.html'), 'utf8')).toContain('Sweep slow');
    const figures = readdirSync(at('whole/figures'));
    for (const name of ['front', 'sobol', 'one-at-a-time'])
      expect(figures).toEqual(expect.arrayContaining([`${name}.svg`, `${name}.png`, `${name}.vl.json`]));
  });

  it('--optimize: a seeded search, the same on any number of workers; a killed one replays what it has', async () => {
    const file = at('search.yaml');
    const columns = '  - { key: crossbar.columns, logRange: { from: 8, to: 512 }, round: true }';
    const axes = SMALL.replace('small', 'search').replace('[0.25, 0.5] }', `[0.25, 0.5] }\n${columns}`);
    writeFileSync(
      file,
      `${axes}objectives: { energy.totalJ: minimize, area.totalMm2: minimize }\n` +
        'optimize: { population: 8, generations: 4 }\n',
    );
    const one = swept([file, '--optimize', '--out', at('search-1'), '--workers', '1']);
    expect(one.done).toBeGreaterThan(8);
    expect(one.done).toBeLessThanOrEqual(32);
    swept([file, '--optimize', '--out', at('search-2'), '--workers', '2']);
    expect(await rowHashes(at('search-2'))).toEqual(await rowHashes(at('search-1')));
    expect(swept([file, '--optimize', '--out', at('search-2')])).toMatchObject({ done: 0, kept: one.points });
    writeFileSync(at('aimless.yaml'), SMALL);
    expect(xbarflow(['sweep', at('aimless.yaml'), '--optimize', '--out', at('x')]).stderr).toMatch(
      /objectives: this key is missing/,
    );
  });

  it('a swept number can be an objective, enumerated or searched; figures say which converters lose sums', async () => {
    // ISAAC Sec. V: 128 rows of 2-bit cells and 1-bit slots need 9 bits, 8 with the flipped encoding.
    writeFileSync(
      at('goals.yaml'),
      `name: goals\nconfig: isaac\nset: { network: mnist-0, chip: { idle: gated }, ` +
        `components: { adc: { energy: { convert: { law: adc-survey-energy } } } } }\naxes:\n` +
        `  - { key: weights.bits, values: [4, 8, 16] }\n  - { key: sensing.bits, values: [6, 8, 9] }\n` +
        `objectives: { energy.perImageJ: minimize, weights.bits: maximize, sensing.missingBits: minimize }\n` +
        `optimize: { population: 8, generations: 3 }\n`,
    );
    const { analysis } = swept([at('goals.yaml'), '--out', at('goals')]);
    const rows = await query(
      new SweepStore(at('goals')),
      'select "index", "weights.bits" as weight, "sensing.bits" as bits, "sensing.missingBits" as missing ' +
        'from results order by "index"',
    );
    expect(rows.map(({ bits, missing }) => [bits, missing])).toEqual(
      [0, 1, 2].flatMap(() => [
        [6, 2],
        [8, 0],
        [9, 0],
      ]),
    );
    await expect(query(new SweepStore(at('goals')), 'select * from points')).rejects.toThrow(
      "query: Catalog Error: Table with name points does not exist! The sweep's rows are in: results",
    );
    // Fewer bits of a weight or a converter take less energy; a ninth bit brings nothing.
    expect(analysis!.front).toEqual(rows.filter(({ bits }) => bits !== 9).map(({ index }) => index));
    const { analysis: searched } = swept([at('goals.yaml'), '--optimize', '--out', at('goals-searched')]);
    expect(searched!.front.length).toBeGreaterThan(1);
  });

  it('a point that fails is tried twice, recorded with its reason, and keeps nobody else', () => {
    writeFileSync(
      at('failing.yaml'),
      `${SMALL.replace('small', 'failing')}  - { key: components.buffer.interval, values: [1 ns, 1 s] }\n`,
    );
    const first = xbarflow(['sweep', at('failing.yaml'), '--out', at('failing'), '--format', 'json']);
    expect(first.status).toBe(0);
    expect(JSON.parse(first.stdout)).toMatchObject({ points: 16, done: 8, failed: 8 });
    expect(first.stderr).toContain('8 failed');
    const { stdout } = xbarflow([
      'query',
      at('failing'),
      'select distinct status, reason, attempts from results order by status',
      '--format',
      'json',
    ]);
    const rows = JSON.parse(stdout) as { status: string; reason: string | null; attempts: number }[];
    expect(rows).toEqual([
      { status: 'done', reason: null, attempts: 1 },
      { status: 'failed', reason: expect.stringContaining('is longer than the latency') as string, attempts: 2 },
    ]);
    expect(swept([at('failing.yaml'), '--out', at('failing')])).toMatchObject({ kept: 16, done: 0 });
    expect(swept([at('failing.yaml'), '--out', at('failing'), '--retry-failed'])).toMatchObject({
      kept: 8,
      done: 0,
      failed: 8,
    });
  });

  it('an unknown key in one of 10,000 points is refused at once, with its line, and nothing is written', () => {
    const lines = Array.from(
      { length: 10_000 },
      (_, i) => `      - { ${i === 7_000 ? 'inputs.densitty' : 'inputs.density'}: ${(i + 1) / 10_001} }`,
    );
    writeFileSync(
      at('many.yaml'),
      `config: pipelayer\nset: { network: mnist-0 }\naxes:\n  - points:\n${lines.join('\n')}\n`,
    );
    const { status, stderr } = xbarflow(['sweep', at('many.yaml'), '--out', at('many')]);
    expect(status).toBe(2);
    expect(stderr.trim()).toMatch(/^\S*many\.yaml:7005:\d+: inputs\.densitty: unknown key; did you mean "density"\?$/);
    expect(existsSync(at('many'))).toBe(false);
  });

  it('--dry-run counts the points, shows the first and writes nothing', () => {
    const { status, stdout } = xbarflow(['sweep', at('slow.yaml'), '--dry-run', '--out', at('dry')]);
    expect(status).toBe(0);
    expect(stdout).toContain(`slow: ${POINTS} points`);
    expect(stdout).toContain('crossbar.rows');
    expect(existsSync(at('dry'))).toBe(false);
  });

  it('two sweeps do not share a folder, neither after each other nor at once', async () => {
    swept([at('small.yaml'), '--out', at('mine')]);
    const other = xbarflow(['sweep', at('slow.yaml'), '--out', at('mine')]);
    expect([other.status, other.stderr]).toEqual([2, expect.stringContaining('holds the sweep "small" already')]);
    expect(xbarflow(['sweep', at('small.yaml'), '--out', at('absent'), '--resume']).stderr).toContain(
      'holds no sweep to resume',
    );
    const child = started(['sweep', at('slow.yaml'), '--out', at('busy'), '--workers', '1']);
    await until(() => existsSync(at('busy/sweep.lock')), 'the lock');
    const second = xbarflow(['sweep', at('slow.yaml'), '--out', at('busy')]);
    expect([second.status, second.stderr]).toEqual([
      2,
      expect.stringContaining(`in use by another sweep (process ${child.pid!})`),
    ]);
    child.kill('SIGKILL');
    if (child.signalCode === null) await once(child, 'exit');
  });

  it('a full disk is said so; what is finished is kept and the sweep goes on when there is room', (context) => {
    const disk = at('disk');
    mkdirSync(disk);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=100k', 'none', disk]).status !== 0) {
      context.skip('a tmpfs cannot be mounted here');
      return;
    }
    onTestFinished(() => {
      spawnSync('umount', [disk]);
    });
    const out = join(disk, 'sweep');
    const full = xbarflow(['sweep', at('slow.yaml'), '--out', out, '--quiet']);
    expect(full.status).toBe(1);
    expect(full.stderr).toContain('is full; what is finished is kept');
    expect(full.stderr.trim().split('\n')).toHaveLength(1);
    const kept = recorded(out).length;
    expect(kept).toBeGreaterThan(0);
    expect(existsSync(join(out, 'sweep.lock'))).toBe(false);
    expect(spawnSync('mount', ['-o', 'remount,size=20m', disk]).status).toBe(0);
    expect(swept([at('slow.yaml'), '--out', out])).toMatchObject({ points: POINTS, kept, done: POINTS - kept });
  });

  it('without sbatch, --executor slurm is refused at once', () => {
    const bare = (process.env.PATH ?? '')
      .split(delimiter)
      .filter((path) => !existsSync(join(path, 'sbatch')))
      .join(delimiter);
    const { status, stderr } = xbarflow(['sweep', at('small.yaml'), '--out', at('cluster'), '--executor', 'slurm'], {
      ...process.env,
      PATH: bare,
    });
    expect([status, stderr.trim()]).toEqual([
      2,
      '--executor slurm: there is no sbatch here; run on a login node of a Slurm cluster, or use --executor local',
    ]);
    expect(existsSync(at('cluster'))).toBe(false);
  });
});

describe('the ready sweeps', () => {
  it.each(listPresets(diskPresets, 'sweeps'))('%s: every point is valid, and runs', async (name) => {
    const sweep = loadSweep(diskPresets, name);
    const points = await planSweep(diskPresets, sweep);
    expect(new Set(points.keys).size).toBe(points.length);
    expect(sweep.objectives.length).toBeGreaterThan(0);
    const evaluator = new Evaluator(new PointResolver(diskPresets, sweep.base));
    const outcomes = await Promise.all(
      [0, points.length >> 1, points.length - 1].map((index) =>
        evaluator.evaluate({ key: points.keys[index]!, values: points.values(index) }),
      ),
    );
    for (const { status, reason, figures } of outcomes) {
      expect([status, reason]).toEqual(['done', null]);
      // Converters may lack no bit.
      for (const { key } of sweep.objectives)
        if (!sweep.columns.includes(key)) expect(figures![key]).toBeGreaterThan(key === 'sensing.missingBits' ? -1 : 0);
    }
    // An axis that changes nothing is a mistake.
    expect(new Set(outcomes.map(({ hash }) => hash)).size).toBeGreaterThan(1);
  });
});
