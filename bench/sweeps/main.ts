// `npm run bench:sweeps`: 10,000 points of VGG-A inference on one and on two workers, in turn. `--write` keeps the
// figures and puts them into docs/sweeps.md.

import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { diskPresets } from '../../src/config/files.node.js';
import { loadSweep, planSweep, type SweepReport } from '../../src/experiment/sweep/index.js';
import { PointResolver } from '../../src/experiment/sweep/resolver.js';
import { simulateFigures } from '../../src/simulation/index.js';

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const PAIRS = Number(process.env.BENCH_PAIRS ?? 3);

interface Case {
  title: string;
  file: string;
  sets: string[];
}

const CASES: Case[] = [
  { title: 'PipeLayer, whole cycles and periods at once', file: 'vgg-a.yaml', sets: [] },
  { title: 'PipeLayer, the same points event by event', file: 'vgg-a.yaml', sets: ['simulation.exact=true'] },
  { title: 'ISAAC, row after row, periods at once', file: 'isaac.yaml', sets: [] },
  {
    title: 'Digital units that all layers share, wave by wave until a period is found',
    file: 'digital.yaml',
    sets: [],
  },
];

interface SweepFigure {
  workers: number;
  /** The whole process, seconds. */
  wallS: number;
  cpuS: number;
  /** Seconds of the clock in simulations, summed over workers. */
  simulationS: number;
  peakRssBytes: number;
  /** Runnable processes on the machine just before (1 min average). */
  load: number;
  /** Hash of all rows' keys and hashes. */
  rows: string;
}

function rowsOf(folder: string): string {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      here('../../dist/cli/xbarflow.cjs'),
      'query',
      folder,
      `select md5(string_agg(key || hash, ',' order by "index")) as rows from results`,
      '--format',
      'json',
    ],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(stderr);
  return (JSON.parse(stdout) as { rows: string }[])[0]!.rows;
}

function sweepOnce({ file, sets }: Case, workers: number): SweepFigure {
  const out = mkdtempSync(join(tmpdir(), 'xbarflow-bench-sweep-'));
  try {
    const load = loadavg()[0]!;
    const started = performance.now();
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [
        here('../../dist/cli/xbarflow.cjs'),
        'sweep',
        here(file),
        ...sets.flatMap((set) => ['--set', set]),
        '--out',
        out,
        '--workers',
        String(workers),
        '--format',
        'json',
        '--quiet',
      ],
      { encoding: 'utf8', maxBuffer: 1 << 28 },
    );
    const wallS = (performance.now() - started) / 1000;
    if (status !== 0) throw new Error(stderr);
    const { done, cpuS, simulationS, peakRssBytes } = JSON.parse(stdout) as SweepReport;
    if (done !== 10_000) throw new Error(`${done} points, expected 10,000`);
    return { workers, wallS, cpuS, simulationS, peakRssBytes, load, rows: rowsOf(out) };
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

/**
 * Clock time that the simulation of a point takes in a warm process, ms, from every 51st point, so that all values of
 * the axes are among them.
 */
async function simulationAlone({ file, sets }: Case): Promise<number> {
  const sweep = loadSweep(diskPresets, here(file), sets);
  const resolver = new PointResolver(diskPresets, sweep.base);
  const points = await planSweep(diskPresets, sweep);
  const every51st = Array.from({ length: Math.ceil(points.length / 51) }, (_, i) => points.values(51 * i));
  const runs = every51st.map((values) => resolver.resolve(values).run);
  const rounds = (lastS: number): number => {
    const started = performance.now();
    let count = 0;
    for (; performance.now() - started < lastS * 1000; count++) for (const run of runs) simulateFigures(run);
    return count * runs.length;
  };
  rounds(2);
  const started = performance.now();
  const simulated = rounds(4);
  return (performance.now() - started) / simulated;
}

const ALONE = '--simulation-alone';
if (process.argv.includes(ALONE)) {
  console.log(JSON.stringify(await simulationAlone(CASES[Number(process.argv.at(-1))]!)));
  process.exit();
}

/** The same in a process of its own. */
async function elsewhere(index: number): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--import',
    'tsx',
    here('main.ts'),
    ALONE,
    String(index),
  ]);
  return Number(stdout);
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

async function measure(one: Case, index: number) {
  const alone = await elsewhere(index);
  const both = await Promise.all([elsewhere(index), elsewhere(index)]);
  const pairs = Array.from({ length: PAIRS }, () => [sweepOnce(one, 1), sweepOnce(one, 2)] as const);
  return {
    title: one.title,
    speedup: median(pairs.map(([single, double]) => single.wallS / double.wallS)),
    /**
     * How much faster two warm processes that share nothing simulate than one: what this machine's second core is worth
     * to this work.
     */
    machineSpeedup: (2 * alone) / Math.max(...both),
    /** A point on one worker. */
    simulationMs: median(pairs.map(([single]) => single.simulationS / 10)),
    /** Processor time of the whole process on one worker, less that of the simulations. */
    overheadMs: median(pairs.map(([single]) => (single.cpuS - single.simulationS) / 10)),
    runs: pairs.flat(),
  };
}

const cases: Awaited<ReturnType<typeof measure>>[] = [];
for (const [index, one] of CASES.entries()) cases.push(await measure(one, index));
/** Sweeps of the same file have the same rows, whatever the workers and the way of simulating. */
for (const [index, { file }] of CASES.entries()) {
  const same = CASES.findIndex((other) => other.file === file);
  const [expected] = cases[same]!.runs;
  for (const { rows } of cases[index]!.runs)
    if (rows !== expected!.rows) throw new Error(`${CASES[index]!.title}: other rows than ${CASES[same]!.title}`);
}
const figures = {
  date: new Date().toISOString().slice(0, 10),
  machine:
    `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} ` +
    `GiB, Node ${process.versions.node}`,
  points: 10_000,
  pairs: PAIRS,
  cases,
};
console.log(JSON.stringify(figures, null, 2));

if (process.argv.includes('--write')) {
  writeFileSync(here('figures.json'), `${JSON.stringify(figures, null, 2)}\n`);
  const rows = cases.map(({ title, speedup, machineSpeedup, simulationMs, overheadMs, runs }) => {
    const wall = (workers: number): string =>
      median(runs.filter((run) => run.workers === workers).map(({ wallS }) => wallS)).toFixed(1);
    const peak = Math.max(...runs.map(({ peakRssBytes }) => peakRssBytes)) / 2 ** 20;
    return (
      `| ${title} | ${simulationMs.toFixed(2)} | ${overheadMs.toFixed(2)} | ${wall(1)} | ${wall(2)} | ` +
      `${speedup.toFixed(2)}x | ${machineSpeedup.toFixed(2)}x | ${peak.toFixed(0)} |`
    );
  });
  const block =
    `${figures.date}, ${figures.machine}; medians of ${PAIRS} pairs.\n\n| 10,000 points of VGG-A inference | ` +
    'simulation of a point, ms | all else, ms a point | 1 worker, s | 2 workers, s | speed-up | two warm ' +
    `processes | peak memory, MiB |\n|---|---|---|---|---|---|---|---|\n${rows.join('\n')}`;
  const page = here('../../docs/sweeps.md');
  writeFileSync(
    page,
    readFileSync(page, 'utf8').replace(
      /(<!-- figures -->\n)[\s\S]*?(\n<!-- \/figures -->)/,
      (_, open: string, close: string) => `${open}${block}${close}`,
    ),
  );
}
