// A sweep from its plan to collected results: lock, what is missing, executor, collection.

import { resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { UserError } from '../../config/index.js';
import { lockFolder } from '../../config/lock.node.js';
import { MODEL_VERSION } from '../../simulation/index.js';
import { comparedKeys, parseComparison } from './comparison.js';
import { collect, loadDatabase } from './database.js';
import type { Slice } from './evaluate.js';
import type { Outcomes } from './outcomes.js';
import type { PointList } from './point-list.js';
import { SweepStore, type SweepInfo } from './store.js';
import type { Sweep } from './sweep.js';

/** Points to run, by their places in a list. */
export interface Missing {
  points: PointList;
  indices: readonly number[];
}

/** Runs points into a store; `progress` hears of what is on the disk. */
export type Executor = (
  store: SweepStore,
  missing: Missing,
  progress: (slice: Pick<Slice, 'points' | 'failed' | 'simulationS'>) => void,
) => Promise<void>;

/** What a sweep did. */
export interface SweepReport {
  points: number;
  /** Points that were there before. */
  kept: number;
  done: number;
  failed: number;
  /** Tries of a search whose knobs did not go together. */
  refused: number;
  /** Seconds of the clock while points ran. */
  wallS: number;
  /** Seconds of the clock in simulations, summed over local workers. */
  simulationS: number;
  /** Processor time and largest memory of the whole process with its workers, up to the end of the analysis. */
  cpuS: number;
  peakRssBytes: number;
}

/** Where a sweep runs and what runs its points. */
export interface SweepOptions {
  folder: string;
  /** The folder must hold this sweep already. */
  resume: boolean;
  /** Failed points run again. */
  retryFailed: boolean;
  progress: (state: SweepReport) => void;
}

/** Points up to which results are collected while they are analysed. */
const TOGETHER = 200_000;

/** Keys that objectives and constraints ask for. */
export const judgedKeys = ({ objectives, constraints }: Pick<Sweep, 'objectives' | 'constraints'>): string[] => [
  ...objectives.map(({ key }) => key),
  ...constraints.flatMap((text) => comparedKeys(parseComparison(text))),
];

/** An opened folder of a sweep: counts what runs and knows what is recorded. */
export class SweepSession {
  readonly store: SweepStore;
  readonly report: SweepReport = {
    points: 0,
    kept: 0,
    done: 0,
    failed: 0,
    refused: 0,
    wallS: 0,
    simulationS: 0,
    cpuS: 0,
    peakRssBytes: 0,
  };
  readonly #sweep: Sweep;
  readonly #options: SweepOptions;
  #retryFailed: boolean;

  constructor(sweep: Sweep, options: SweepOptions) {
    this.#sweep = sweep;
    this.#options = options;
    this.#retryFailed = options.retryFailed;
    this.store = new SweepStore(options.folder, judgedKeys(sweep));
  }

  /** Runs what is missing of these points and returns what became of all of them. */
  async evaluate(points: PointList, executor: Executor): Promise<Outcomes> {
    this.store.describe(infoOf(this.#sweep), points);
    const { distinct, indices } = missingOf(points, this.store.outcomes(), this.#retryFailed);
    // Of several evaluations of a session only the first runs failed points again.
    this.#retryFailed = false;
    const { report } = this;
    report.points = distinct;
    report.kept = report.points - indices.length - report.done - report.failed;
    const started = performance.now() - report.wallS * 1000;
    await executor(this.store, { points, indices }, ({ points: some, failed, simulationS }) => {
      report.done += some - failed;
      report.failed += failed;
      report.simulationS += simulationS;
      report.wallS = (performance.now() - started) / 1000;
      this.#options.progress({ ...report });
    });
    report.wallS = (performance.now() - started) / 1000;
    return this.store.outcomes();
  }
}

/** What is done with a sweep in its folder. */
export interface SweepWork<T> {
  /** Runs the points and returns them. */
  run: (session: SweepSession) => Promise<PointList>;
  /** What becomes of their results, while they are collected. */
  then: (store: SweepStore, points: PointList) => Promise<T>;
}

/** Opens a folder for a sweep, does the work, collects what came of it, and leaves the folder unlocked. */
export async function inFolder<T>(
  sweep: Sweep,
  options: SweepOptions,
  work: SweepWork<T>,
): Promise<{ report: SweepReport; result: T }> {
  const session = new SweepSession(sweep, options);
  const { store } = session;
  checkFolder(store, sweep, options.resume);
  store.create();
  const unlock = lockFolder(store.folder, { name: 'sweep.lock', holder: 'another sweep' });
  try {
    checkFolder(store, sweep, options.resume);
    const running = work.run(session);
    // While threads run points; a fault of theirs is heard below.
    running.catch(() => undefined);
    await nextTurn();
    await loadDatabase();
    const points = await running;
    let collecting = Promise.resolve();
    await new Promise<void>((begun) => {
      collecting = collect(store, points, begun).finally(begun);
      // Heard below.
      collecting.catch(() => undefined);
    });
    // Both at once take more memory than either.
    if (points.length > TOGETHER) await Promise.allSettled([collecting]);
    const [collected, result] = await Promise.allSettled([collecting, work.then(store, points)]);
    if (collected.status === 'rejected') throw collected.reason;
    if (result.status === 'rejected') throw result.reason;
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    return {
      report: { ...session.report, cpuS: (userCPUTime + systemCPUTime) / 1e6, peakRssBytes: maxRSS * 1024 },
      result: result.value,
    };
  } finally {
    unlock();
  }
}

/** Distinct points, and those that have nothing recorded yet, each key once. */
export function missingOf(
  { keys }: Pick<PointList, 'keys'>,
  outcomes: Outcomes,
  retryFailed = false,
): { distinct: number; indices: number[] } {
  const seen = new Set<string>();
  const indices: number[] = [];
  keys.forEach((key, i) => {
    if (seen.has(key)) return;
    seen.add(key);
    const status = outcomes.status(key);
    if (status === undefined || (status === 'failed' && retryFailed)) indices.push(i);
  });
  return { distinct: seen.size, indices };
}

const infoOf = ({ name, base, columns, objectives, constraints }: Sweep): SweepInfo => ({
  schema: 'xbarflow/sweep@1',
  name,
  model: MODEL_VERSION,
  base,
  columns,
  objectives,
  constraints,
});

/** True where a sweep of the same name from another file has other axes. */
const isOther = ({ base, columns }: SweepInfo, sweep: Sweep): boolean =>
  resolve(base.file) !== resolve(sweep.base.file) && columns.join() !== sweep.columns.join();

/** Refuses a folder that holds another sweep. */
function checkFolder(store: SweepStore, sweep: Sweep, resume: boolean): void {
  const held = store.info();
  if (held === undefined && resume) throw new UserError(`--resume: ${store.folder} holds no sweep to resume`);
  if (held !== undefined && (held.name !== sweep.name || isOther(held, sweep)))
    throw new UserError(
      `--out ${store.folder}: holds the sweep "${held.name}" already, expected a folder of its own for "${sweep.name}"`,
    );
}
