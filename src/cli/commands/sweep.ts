// `xbarflow sweep FILE`: many points of one file, on all cores or on a cluster.

import { shellWord, visible } from '../../config/escape.js';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { UserError, type Presets } from '../../config/index.js';
import { withAnyNetwork } from '../../run-config/any-network.node.js';
import {
  LocalPool,
  analyseSweep,
  checkCluster,
  checkSearch,
  inFolder,
  loadSweep,
  planSweep,
  runOnSlurm,
  search,
  type AnalysedSweep,
  type Executor,
  type PointList,
  type SlurmOptions,
  type SlurmVisit,
  type Sweep,
  type SweepReport,
} from '../../experiment/sweep/index.js';
import { count, grouped } from '../../config/numbers.js';
import { folded, plainNumber, toCsv } from '../../report/index.js';
import { landmarks, pointText } from '../../report/knobs.js';
import { metricText } from '../../report/words.js';
import { table } from '../../report/terminal/index.js';
import { command } from '../command.js';
import type { FlagsOf } from '../flag-types.js';
import { FIGURE_FLAG, SHAPE_FLAG, listFlag, wholeFlag, type COMMON_FLAGS } from '../flags.js';
import { checkShapes, shapesOf } from '../shapes.js';
import { duration, print, say, terminalStyle, writeFiles } from '../output.js';

/** Points that a dry run shows. */
const SHOWN = 5;

const ARGUMENTS = {
  file: { type: 'string', demandOption: true, describe: 'Sweep preset or path of a YAML file' },
} as const;
const FLAGS = {
  ...SHAPE_FLAG,
  set: listFlag('Override a key of the base config: --set key.path=value (repeatable)'),
  'dry-run': {
    type: 'boolean',
    default: false,
    describe: 'Check and count the points, show the first, run none',
  },
  resume: { type: 'boolean', default: false, describe: 'Go on with the sweep that is in the folder' },
  'retry-failed': { type: 'boolean', default: false, describe: 'Run points again that failed before' },
  optimize: {
    type: 'boolean',
    default: false,
    describe: 'Search for the front of the objectives (NSGA-II) instead of enumerating',
  },
  ...FIGURE_FLAG,
  workers: { type: 'number', requiresArg: true, describe: 'Worker threads (default: one a core)' },
  executor: {
    choices: ['local', 'slurm'] as const,
    default: 'local' as const,
    describe: 'Where points run',
  },
  partition: { type: 'string', requiresArg: true, describe: 'Slurm: partition' },
  'array-size': {
    type: 'number',
    requiresArg: true,
    default: 1000,
    describe: 'Slurm: most tasks of a job array',
  },
  'points-per-task': { type: 'number', requiresArg: true, default: 200, describe: 'Slurm: points of a task' },
  'sbatch-option': listFlag('Slurm: an option for sbatch, e.g. --sbatch-option=--time=1:00:00 (repeatable)'),
  wait: {
    type: 'boolean',
    default: false,
    describe: 'Slurm: stay until all is done; without it come back with --resume',
  },
} as const;
type SweepFlags = FlagsOf<typeof COMMON_FLAGS & typeof ARGUMENTS & typeof FLAGS>;

const sweep = (flags: SweepFlags): Promise<void> => {
  const options = { shapes: shapesOf(flags.shape), symbols: new Set<string>(), maxMemory: flags.maxMemory };
  return withAnyNetwork((presets) => sweepWith(presets, flags, options), options);
};

async function sweepWith(
  presets: Presets,
  flags: SweepFlags,
  { shapes, symbols }: { shapes: ReadonlyMap<string, number>; symbols: ReadonlySet<string> },
): Promise<void> {
  const workers = wholeFlag('workers', flags.workers ?? availableParallelism(), 1);
  const slurm = await slurmOptions(flags);
  if (flags.out === undefined && !flags.dryRun)
    throw new UserError('--out DIR: expected a folder for the results (or --dry-run)');
  const file = loadSweep(
    presets,
    flags.file,
    flags.seed === undefined ? flags.set : [...flags.set, `workload.seed=${flags.seed}`],
  );
  if (presets.network !== undefined) file.base.shapes = Object.fromEntries(shapes);
  file.base.maxMemory = flags.maxMemory;
  const { base } = file;
  const folder = flags.out ?? '';
  const pool = new LocalPool(workers, { base, folder });
  try {
    if (flags.optimize) checkSearch(presets, file, flags.maxMemory);
    // They start while points are made here.
    if (!flags.dryRun && slurm === undefined) pool.start();
    // Networks are read here, and not by workers, where their dimensions are asked for.
    const check = shapes.size > 0 ? undefined : pool.check;
    const plan = flags.optimize ? undefined : await planSweep(presets, file, check, flags.maxMemory);
    // A search has not seen all networks of its axes yet.
    if (!flags.optimize || !file.columns.some((key) => key === 'config' || key === 'network'))
      checkShapes(shapes, symbols);
    if (flags.dryRun) {
      dryRun(file, plan, flags);
      return;
    }
    const progress = progressOn(flags);
    const visits: SlurmVisit[] = [];
    const executor: Executor = async (store, missing, done) => {
      if (slurm === undefined) await pool.run(store, missing, done);
      else visits.push(await runOnSlurm(store, missing, slurm, done));
    };
    const { report, result: analysed } = await inFolder(
      file,
      { folder, resume: flags.resume, retryFailed: flags.retryFailed, progress: progress.show },
      {
        run: async (session) => {
          const points = plan ?? (await search(presets, file, session, executor));
          if (plan !== undefined) await session.evaluate(plan, executor);
          // The database takes the room of the threads; their end is waited for below.
          void pool.close();
          return points;
        },
        then: async (store, points) => {
          // Between these steps, each of a tenth of a second, the database that is collected beside goes on.
          await nextTurn();
          const analysed = analyseSweep(store, file, points, flags.optimize);
          if (analysed === undefined) return undefined;
          await nextTurn();
          const { sweepReport } = await import('../../report/html/index.node.js');
          const { reportFiles } = await import('../../report/html/files.node.js');
          // The manifest lets the next report take the place of this one with all its figures.
          const page = sweepReport(analysed.view);
          await nextTurn();
          const report = await reportFiles(page, flags);
          writeFiles(folder, { ...report, 'manifest.json': '{}' });
          return analysed;
        },
      },
    );
    progress.end();
    summarize(report, analysed, folder, flags);
    for (const visit of visits) tellVisit(visit, folder, flags);
  } finally {
    await pool.close();
  }
}

/** Options of sbatch that a sweep gives itself, or that run nothing; sbatch takes the first letters of a name, too. */
const OWN_OPTIONS = ['array', 'chdir', 'help', 'output', 'parsable', 'test-only', 'usage', 'version', 'wait', 'wrap'];
const OWN_LETTERS = 'aDhoVW';

/** One option of sbatch in one word. @throws UserError for words that sbatch would take for the script */
function checkedOption(option: string): string {
  if (!/^(-[A-Za-z][^\x00-\x1f\x7f]*|--[a-z][a-z0-9-]*(=[^\x00-\x1f\x7f]*)?)$/.test(option))
    throw new UserError(
      `--sbatch-option: found ${JSON.stringify(option)}, expected an option with its value in one word, e.g. ` +
        '--sbatch-option=--time=1:00:00',
    );
  const long = /^--([^=]*)/.exec(option)?.[1];
  const own =
    long === undefined ? OWN_LETTERS.includes(option.charAt(1)) : OWN_OPTIONS.some((name) => name.startsWith(long));
  if (own) throw new UserError(`--sbatch-option: ${option} is none that a sweep leaves to you, expected another`);
  return option;
}

/** What the flags say of Slurm, after a look at the cluster; undefined for the local executor. */
async function slurmOptions({
  executor,
  partition,
  arraySize,
  pointsPerTask,
  sbatchOption,
  wait,
  retryFailed,
  dryRun,
  optimize,
}: SweepFlags): Promise<SlurmOptions | undefined> {
  if (executor !== 'slurm') return undefined;
  if (retryFailed) throw new UserError('--retry-failed: runs points again with the local executor only');
  if (optimize && !wait)
    throw new UserError('--optimize: on Slurm each generation follows from the one before, expected --wait');
  const options = {
    partition,
    arraySize: wholeFlag('array-size', arraySize, 1),
    pointsPerTask: wholeFlag('points-per-task', pointsPerTask, 1),
    sbatchOptions: sbatchOption.map(checkedOption),
    wait,
  };
  if (!dryRun) await checkCluster(partition);
  return options;
}

/** What is left on the cluster, and what to do next. */
function tellVisit({ waiting, submitted, missing }: SlurmVisit, folder: string, flags: SweepFlags): void {
  if (submitted.length > 0) say(flags, `Submitted to Slurm: job ${submitted.join(', ')}`);
  if (waiting.length > 0)
    say(
      flags,
      `${grouped(missing)} points are with Slurm (job ${waiting.join(', ')}); come back with ` +
        'the same command and --resume',
    );
  else if (missing > 0)
    throw new Error(
      `${grouped(missing)} points have no result, their tasks were killed (logs in ` +
        `${folder}/slurm); --resume submits them again`,
    );
}

function dryRun(file: Sweep, points: PointList | undefined, { format }: SweepFlags): void {
  if (points === undefined) {
    const { population, generations, seed } = file.optimize;
    print(
      `${visible(file.name)}: a search of ${generations} generations of ${population} points (seed ${seed}) over ` +
        `${file.columns.join(', ')}; the axes are valid`,
    );
    return;
  }
  const shown = points.keys.slice(0, SHOWN).map((_, index) => points.point(index));
  const distinct = new Set(points.keys).size;
  if (format === 'json')
    print(JSON.stringify({ name: file.name, points: points.length, distinct, first: shown }, null, 2));
  else if (format === 'csv') print(toCsv(Array.from(points, ({ index, key, values }) => ({ index, key, ...values }))));
  else {
    print(
      `${visible(file.name)}: ${grouped(points.length)} ` +
        `points${distinct < points.length ? `, ${grouped(distinct)} of them distinct` : ''}; ` +
        'all are valid. The first:',
    );
    print(
      table(
        ['point', ...file.columns, 'key'],
        shown.map(({ index, key, values }) => [
          String(index),
          ...file.columns.map((column) => cell(values[column])),
          key.slice(0, 12),
        ]),
        terminalStyle(),
      ),
    );
  }
}

const cell = (value: unknown): string =>
  value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);

/** A line on standard error: points, rate, time left; every 10 s where it is no terminal. */
function progressOn({ quiet }: SweepFlags): { show: (state: SweepReport) => void; end: () => void } {
  const terminal = process.stderr.isTTY;
  let last = performance.now();
  return {
    show: ({ points: all, kept, done, failed, wallS }) => {
      const now = performance.now();
      if (quiet || now - last < (terminal ? 200 : 10_000)) return;
      last = now;
      const rate = (done + failed) / wallS;
      const left = (all - kept - done - failed) / rate;
      const line =
        `${kept + done + failed} of ${all} points${failed > 0 ? `, ${failed} failed` : ''}, ` +
        `${plainNumber(rate)} a second, ${duration(left)} left`;
      process.stderr.write(terminal ? `\r${line}\u001b[K` : `${line}\n`);
    },
    end: () => {
      if (terminal && !quiet) process.stderr.write('\r\u001b[K');
    },
  };
}

function summarize(report: SweepReport, analysed: AnalysedSweep | undefined, folder: string, flags: SweepFlags): void {
  const { points, kept, done, failed, refused, wallS, simulationS } = report;
  if (flags.format === 'json')
    print(JSON.stringify({ folder, ...report, analysis: analysed?.analysis ?? null }, null, 2));
  if (flags.format === 'csv') print(readFileSync(join(folder, 'results.csv'), 'utf8').trimEnd());
  const tries = `; ${count(refused)} tries were of knobs that do not go together`;
  say(
    flags,
    `${count(points)} points in ${folder}: ${count(done)} simulated in ${plainNumber(wallS)} s ` +
      `(${plainNumber(simulationS)} s of simulation), ${count(kept)} kept${failed > 0 ? `, ${failed} failed` : ''}` +
      (refused > 0 ? tries : ''),
  );
  if (analysed !== undefined && flags.format === 'table') print(analysisText(analysed, folder));
  if (failed > 0)
    say(
      flags,
      `Why they failed: xbarflow query ${shellWord(folder)} ` +
        `"select index, reason from results where status = 'failed'"`,
    );
}

function analysisText({ analysis, view }: AnalysedSweep, folder: string): string {
  const { objectives, points, feasible, front, knee, hypervolume, sensitivity } = analysis;
  const goals = objectives.map(({ key, goal }) => `${goal} ${key}`).join(', ');
  const volume = hypervolume === null ? '' : `, hypervolume ${plainNumber(hypervolume)} of the box`;
  const knobs = sensitivity[0]?.firstOrder.map(({ knob }) => knob) ?? [];
  const head = folded(
    `${goals}: ${front.length} of ${feasible} feasible points on the front (${points} in ` +
      `all)${knee === null ? '' : `, knee at point ${knee}`}${volume}; ${folder}/front.csv, ${folder}/report.html`,
    terminalStyle().width,
  );
  const named = landmarks(view).map(({ title, index }) => {
    const { values, figures } = view.points.find((point) => point.index === index)!;
    const reached = view.objectives.map(({ key, unit }) => `${key} ${metricText(key, figures[key] ?? NaN, unit)}`);
    return folded(
      `${title} (point ${index}): ${pointText(values, view.columns)}; ${reached.join(', ')}`,
      terminalStyle().width,
      '  ',
    );
  });
  const first = [head, ...named].join('\n');
  if (knobs.length === 0) return first;
  const rows = knobs.map((knob, k) => [
    knob,
    ...sensitivity.map(({ firstOrder }) => String(Number((firstOrder[k]?.index ?? 0).toPrecision(3)))),
  ]);
  return (
    `${first}\nShare of the variance that each knob explains alone (first-order Sobol ` +
    `index):\n${table(['knob', ...sensitivity.map(({ objective }) => objective)], rows, terminalStyle())}`
  );
}

/** `xbarflow sweep`. */
export const sweepCommand = command({
  usage: 'sweep <file>',
  describe: 'Many points: products, lists or seeded samples over any config keys',
  order: 30,
  completes: 'sweeps',
  arguments: ARGUMENTS,
  flags: FLAGS,
  run: sweep,
});
