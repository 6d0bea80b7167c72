// The library on Node: all of index.ts, with presets and files from the disk, writing, and sweeps on worker threads.

import { availableParallelism } from 'node:os';
import { expectArgument, expectOptions, expectOverrides, expectResult } from './arguments.js';
import type { Presets } from './config/index.js';
import { isRecord } from './config/typed.js';
import { writeResult } from './config/result-folder.node.js';
import type { Analysis } from './experiment/analysis/index.js';
import { LocalPool, analyseSweep, inFolder, loadSweep, planSweep, type SweepReport } from './experiment/sweep/index.js';
import { load as loadFrom, type LoadOptions, type Run } from './index.js';
import { withAnyNetwork } from './run-config/any-network.node.js';
import type { ConfigInput } from './run-config/index.js';
import { reportFiles, runFiles } from './report/html/files.node.js';
import type { Machine, Result } from './simulation/index.js';

export * from './index.js';
export { diskPresets } from './config/files.node.js';
export { reportHtml } from './report/html/index.node.js';
export type { SweepReport } from './experiment/sweep/index.js';

/**
 * Loads and checks a run as `load` of `xbarflow` does, with presets and paths from the disk; networks may be ONNX
 * models.
 */
export const load = (config: string | ConfigInput, options: LoadOptions = {}): Promise<Run> =>
  !isRecord(options) || options.presets !== undefined
    ? loadFrom(config, options)
    : withAnyNetwork((presets) => loadFrom(config, { ...options, presets }));

/**
 * Writes what `xbarflow run --out` writes: `result.json`, `layers.csv`, `energy.csv`, `report.html`.
 * @param run what `simulate` returned; with `figures` every figure of the report also as SVG, PDF, PNG and Vega-Lite
 * spec, with `timeline` a window of the run as `timeline.json` for Perfetto.
 * @returns the paths of the files.
 * @throws UserError for arguments of another kind, before anything is written.
 */
export const writeRun = async (
  folder: string,
  run: { result: Result; machine: Machine },
  options: { figures?: boolean; timeline?: boolean } = {},
): Promise<string[]> => {
  expectArgument(typeof folder === 'string' && folder !== '', 'writeRun: folder', folder, 'the path of a folder');
  const fits = isRecord(run) && isRecord(run.machine);
  expectArgument(fits, 'writeRun: run', run, 'what `simulate(run)` gives, result and machine');
  expectResult('writeRun: run.result', run.result);
  expectOptions('writeRun', options, ['figures', 'timeline']);
  const { figures = false, timeline = false } = options;
  return writeResult(folder, await runFiles(run.result, run.machine, { figures, timeline }));
};

/** What a sweep may be told besides its file. */
export interface SweepSettings {
  /** Folder of the results; what is there already is kept. */
  out: string;
  /** Overrides of the base config. */
  set?: readonly string[];
  /** Worker threads; by default one a core. */
  workers?: number;
  /** Called after each point. */
  progress?: (state: SweepReport) => void;
}

/**
 * Runs a sweep as `xbarflow sweep` does, on worker threads of this machine.
 * @param file a sweep preset or the path of a YAML file.
 * @returns what was done, and the analysis where the sweep has objectives.
 * @throws UserError where file or folder are wrong, before the first point runs.
 */
export const sweep = async (
  file: string,
  settings: SweepSettings,
): Promise<{ report: SweepReport; analysis: Analysis | null }> => {
  const name = typeof file === 'string' && file !== '';
  expectArgument(name, 'sweep: file', file, 'the name of a sweep preset or the path of a file');
  expectOptions('sweep', settings, ['out', 'set', 'workers', 'progress']);
  expectArgument(typeof settings.out === 'string' && settings.out !== '', 'sweep: out', settings.out, 'a folder');
  expectOverrides('sweep', settings.set);
  const { workers = 1 } = settings;
  expectArgument(Number.isInteger(workers) && workers > 0, 'sweep: workers', workers, 'a whole number from 1 on');
  return withAnyNetwork((presets) => sweepWith(presets, file, settings));
};

async function sweepWith(
  presets: Presets,
  file: string,
  { out, set = [], workers = availableParallelism(), progress }: SweepSettings,
): Promise<{ report: SweepReport; analysis: Analysis | null }> {
  const loaded = loadSweep(presets, file, [...set]);
  if (presets.network !== undefined) loaded.base.shapes = {};
  const pool = new LocalPool(workers, { base: loaded.base, folder: out });
  try {
    const points = await planSweep(presets, loaded, pool.check);
    const { report, result } = await inFolder(
      loaded,
      { folder: out, resume: false, retryFailed: false, progress: (state) => progress?.(state) },
      {
        run: async (session) => {
          await session.evaluate(points, (store, missing, done) => pool.run(store, missing, done));
          // The database takes the room of the threads; their end is waited for below.
          void pool.close();
          return points;
        },
        then: async (store, all) => {
          const analysed = analyseSweep(store, loaded, all, false);
          if (analysed === undefined) return null;
          const { sweepReport } = await import('./report/html/index.js');
          writeResult(out, await reportFiles(sweepReport(analysed.view), { figures: false }));
          return analysed.analysis;
        },
      },
    );
    return { report, analysis: result };
  } finally {
    await pool.close();
  }
}
