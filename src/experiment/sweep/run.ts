// A sweep from its plan to collected results: lock, what is missing, executor, collection.

import { performance } from 'node:perf_hooks';
import { UserError } from '../../config/index.js';
import { MODEL_VERSION } from '../../simulation/index.js';
import { collect } from './database.js';
import type { Slice } from './evaluate.js';
import { lockFolder } from './lock.js';
import type { Point } from './plan.js';
import { SweepStore, type Outcome, type SweepInfo } from './store.js';
import type { Sweep } from './sweep.js';

/** Runs points into a store; `progress` hears of what is on the disk. */
export type Executor = (store: SweepStore, points: readonly Point[], progress: (slice: Slice) => void) => Promise<void>;

/** What a sweep did. */
export interface SweepReport {
  points: number;
  /** Points that were there before. */
  kept: number;
  done: number;
  failed: number;
  wallS: number;
  simulationS: number;
}

export interface SweepOptions {
  folder: string;
  /** The folder must hold this sweep already. */
  resume: boolean;
  /** Failed points run again. */
  retryFailed: boolean;
  progress: (state: SweepReport) => void;
}

/** An opened folder of a sweep: counts what runs and knows what is recorded. */
export class SweepSession {
  readonly store: SweepStore;
  readonly report: SweepReport = { points: 0, kept: 0, done: 0, failed: 0, wallS: 0, simulationS: 0 };
  readonly #sweep: Sweep;
  readonly #options: SweepOptions;
  #retryFailed: boolean;

  constructor(sweep: Sweep, options: SweepOptions) {
    this.#sweep = sweep;
    this.#options = options;
    this.#retryFailed = options.retryFailed;
    this.store = new SweepStore(options.folder);
  }

  /** Runs what is missing of these points and returns what became of all of them. */
  async evaluate(points: readonly Point[], executor: Executor): Promise<Map<string, Outcome>> {
    this.store.describe(infoOf(this.#sweep), points);
    const missing = missingPoints(points, this.store.outcomes(), this.#retryFailed);
    // Of several evaluations of a session only the first runs failed points again.
    this.#retryFailed = false;
    const { report } = this;
    report.points = new Set(points.map(({ key }) => key)).size;
    report.kept = report.points - missing.length - report.done - report.failed;
    const started = performance.now() - report.wallS * 1000;
    await executor(this.store, missing, ({ points: some, failed, simulationS }) => {
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

/** Opens a folder for a sweep, hands it to `use`, collects what came of it, and leaves the folder unlocked. */
export async function inFolder<T>(sweep: Sweep, options: SweepOptions, use: (session: SweepSession) => Promise<T>): Promise<{ report: SweepReport; result: T }> {
  const session = new SweepSession(sweep, options);
  const { store } = session;
  checkFolder(store, sweep, options.resume);
  store.create();
  const unlock = lockFolder(store.folder);
  try {
    checkFolder(store, sweep, options.resume);
    const result = await use(session);
    await collect(store);
    return { report: session.report, result };
  } finally {
    unlock();
  }
}

/** Points that have nothing recorded yet, each key once. */
export function missingPoints(points: readonly Point[], outcomes: ReadonlyMap<string, Pick<Outcome, 'status'>>, retryFailed = false): Point[] {
  const seen = new Set<string>();
  return points.filter(({ key }) => {
    const status = outcomes.get(key)?.status;
    if (status === 'done' || (status === 'failed' && !retryFailed) || seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

const infoOf = ({ name, base, columns, objectives, constraints }: Sweep): SweepInfo => ({ schema: 'xbarflow/sweep@1', name, model: MODEL_VERSION, base, columns, objectives, constraints });

/** Refuses a folder that holds another sweep. */
function checkFolder(store: SweepStore, sweep: Sweep, resume: boolean): void {
  const held = store.info();
  if (held === undefined && resume) throw new UserError(`--resume: ${store.folder} holds no sweep to resume`);
  if (held !== undefined && held.name !== sweep.name) throw new UserError(`--out ${store.folder}: holds the sweep "${held.name}" already, expected a folder of its own for "${sweep.name}"`);
}
