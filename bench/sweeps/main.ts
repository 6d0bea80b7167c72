// `npm run bench:sweeps`: 10,000 points of VGG-A inference on one and on two workers, in turn. `--write` keeps the figures and puts them into docs/sweeps.md.

import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { diskPresets } from '../../src/config/files.node.js';
import { loadSweep, planSweep, type SweepReport } from '../../src/experiment/sweep/index.js';
import { valuesOf } from '../../src/experiment/sweep/plan.js';
import { PointResolver } from '../../src/experiment/sweep/resolver.js';
import { simulateFigures } from '../../src/simulation/index.js';

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const PAIRS = Number(process.env.BENCH_PAIRS ?? 3);

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
}

function sweepOnce(workers: number): SweepFigure {
  const out = mkdtempSync(join(tmpdir(), 'xbarflow-bench-sweep-'));
  try {
    const load = loadavg()[0]!;
    const started = performance.now();
    const { status, stdout, stderr } = spawnSync(process.execPath, [here('../../dist/cli/xbarflow.js'), 'sweep', here('vgg-a.yaml'), '--out', out, '--workers', String(workers), '--format', 'json', '--quiet'], { encoding: 'utf8', maxBuffer: 1 << 28 });
    const wallS = (performance.now() - started) / 1000;
    if (status !== 0) throw new Error(stderr);
    const { done, cpuS, simulationS, peakRssBytes } = JSON.parse(stdout) as SweepReport;
    if (done !== 10_000) throw new Error(`${done} points, expected 10,000`);
    return { workers, wallS, cpuS, simulationS, peakRssBytes, load };
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

interface Alone {
  cpuMs: number;
  wallMs: number;
}

/** Processor and clock time that the simulation of a point takes alone, from 1,000 of the points. */
async function simulationAlone(): Promise<Alone> {
  const sweep = loadSweep(diskPresets, here('vgg-a.yaml'));
  const resolver = new PointResolver(diskPresets, sweep.base);
  const points = (await planSweep(diskPresets, sweep)).filter((_, i) => i % 10 === 0);
  const runs = points.map((point) => resolver.resolve(valuesOf(point)).run);
  for (const run of runs) simulateFigures(run);
  const before = process.cpuUsage();
  const started = performance.now();
  for (let round = 0; round < 3; round++) for (const run of runs) simulateFigures(run);
  const { user, system } = process.cpuUsage(before);
  return { cpuMs: (user + system) / 3000 / runs.length, wallMs: (performance.now() - started) / 3 / runs.length };
}

const ALONE = '--simulation-alone';
if (process.argv.includes(ALONE)) {
  console.log(JSON.stringify(await simulationAlone()));
  process.exit();
}

/** The same in a process of its own. */
async function elsewhere(): Promise<Alone> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', here('main.ts'), ALONE]);
  return JSON.parse(stdout) as Alone;
}

/** How much faster two processes that share nothing are than one: what this machine's second core is worth to this work. */
async function secondCore(alone: Alone): Promise<number> {
  const both = await Promise.all([elsewhere(), elsewhere()]);
  return (2 * alone.wallMs) / Math.max(...both.map(({ wallMs }) => wallMs));
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

const alone = await elsewhere();
const simulationCpuMs = alone.cpuMs;
const machineSpeedup = await secondCore(alone);
const pairs = Array.from({ length: PAIRS }, () => [sweepOnce(1), sweepOnce(2)] as const);
const figures = {
  date: new Date().toISOString().slice(0, 10),
  machine: `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`,
  points: 10_000,
  speedup: median(pairs.map(([one, two]) => one.wallS / two.wallS)),
  machineSpeedup,
  simulationCpuMs,
  /** Processor time of the whole process on one worker, less that of the simulations. */
  overheadMsPerPoint: median(pairs.map(([one]) => one.cpuS / 10)) - simulationCpuMs,
  runs: pairs.flat(),
};
console.log(JSON.stringify(figures, null, 2));

if (process.argv.includes('--write')) {
  writeFileSync(here('figures.json'), `${JSON.stringify(figures, null, 2)}\n`);
  const rows = figures.runs.map(({ workers, wallS, cpuS, simulationS, peakRssBytes, load }) => `| ${workers} | ${wallS.toFixed(1)} | ${cpuS.toFixed(1)} | ${simulationS.toFixed(1)} | ${(peakRssBytes / 2 ** 20).toFixed(0)} | ${load.toFixed(1)} |`);
  const block = `${figures.date}, ${figures.machine}; median speed-up of ${PAIRS} pairs ${figures.speedup.toFixed(2)}x (two processes that share nothing: ${figures.machineSpeedup.toFixed(2)}x on this machine), a simulation takes ${simulationCpuMs.toFixed(2)} ms of processor time, everything else ${figures.overheadMsPerPoint.toFixed(2)} ms a point.\n\n| workers | process, s | processor time, s | in simulations, s | peak memory, MiB | load before |\n|---|---|---|---|---|---|\n${rows.join('\n')}`;
  const page = here('../../docs/sweeps.md');
  writeFileSync(page, readFileSync(page, 'utf8').replace(/(<!-- figures -->\n)[\s\S]*?(\n<!-- \/figures -->)/, (_, open: string, close: string) => `${open}${block}${close}`));
}
