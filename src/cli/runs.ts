// What run, compare and trace share: loading a config with its overrides and trace, simulating with progress.

import {
  clockedTimes,
  loadRun,
  traceOf,
  unusedConstants,
  unusedFunctional,
  unusedKnobs,
  type FunctionalCommand,
  type LoadedRun,
} from '../run-config/index.js';
import { place, UserError, type Origin } from '../config/index.js';
import { withAnyNetwork } from '../run-config/any-network.node.js';
import { messageLine, shellWord, shortened, visible } from '../config/escape.js';
import { RUN_KINDS } from '../config/preset-kinds.js';
import { diskPresets } from '../config/files.node.js';
import type { ForeignOptions } from '../workload/foreign.node.js';
import { simulate, type Machine, type Result } from '../simulation/index.js';
import type { RatioInterval, Uncertainty } from '../result/uncertainty-types.js';
import type { CommonOptions, RunFlags } from './flags.js';
import { say } from './output.js';
import { nowMs, progressOf } from './progress.js';
import { grouped } from '../config/numbers.js';
import { checkShapes, shapesOf } from './shapes.js';

/** What a run gave, and the machine that it ran on. */
interface Simulated {
  result: Result;
  machine: Machine;
}

/** Tells files of the user's own from presets. */
function ownFiles(): (file: string) => boolean {
  const folders = [...RUN_KINDS, 'devices'].map((kind) => `${diskPresets.folder(kind)}/`);
  return (file) => !folders.some((folder) => file.startsWith(folder));
}

/** Names on standard error the knobs that a run does not read, presets' aside: they serve several modes. */
export function sayUnused(run: LoadedRun, flags: CommonOptions): void {
  for (const { key, origin, reason } of unusedKnobs(run, ownFiles()))
    say(flags, remark(run, origin, `${key} has no effect: ${reason}`));
}

/** A remark on a line of a run's config, which names the run where the line does not. */
const remark = ({ label }: LoadedRun, origin: Origin, text: string): string =>
  messageLine(`note: ${origin.file === label ? '' : `${label}: `}${place(origin)}: ${text}`);

/**
 * As `sayUnused` of what a command on numbers does not read; of several designs each once, since they mostly share what
 * is written.
 */
export function sayUnread(runs: readonly LoadedRun[], command: FunctionalCommand, flags: CommonOptions): void {
  const said = new Set<string>();
  const own = ownFiles();
  for (const run of runs)
    for (const { key, origin, reason } of unusedFunctional(run, command, own)) {
      const text = `${key} has no effect: ${reason}`;
      const line = `${place(origin)}: ${text}`;
      if (said.has(line)) continue;
      said.add(line);
      say(flags, remark(run, origin, text));
    }
}

/** As `sayUnused` of the constants of components, once a result says what was taken; and of what a clock does. */
function sayUntaken({ result, machine }: Simulated, flags: CommonOptions): void {
  const { run } = machine;
  const own = ownFiles();
  const taken = {
    constants: new Set(result.constants.map(({ key }) => key)),
    components: new Set<string>(machine.instances.map(({ component }) => component)),
  };
  for (const { key, origin, reason } of unusedConstants(run, taken, own))
    say(flags, remark(run, origin, `${key} has no effect: ${reason}`));
  for (const { key, origin, reason } of clockedTimes(run, own)) say(flags, remark(run, origin, `${key}: ${reason}`));
}

/** As `loadAnyNetworks` for one. */
export const loadAnyNetwork = async (label: string, flags: RunFlags): Promise<LoadedRun> =>
  (await loadAnyNetworks([label], flags))[0]!;

/**
 * Loads configs, or points of a sweep, with everything that the command line says of them, networks of other programs
 * too.
 * @throws UserError where one is a model and no config, or none has a dimension that `--shape` names, too
 */
export async function loadAnyNetworks(labels: readonly string[], flags: RunFlags): Promise<LoadedRun[]> {
  const options = { shapes: shapesOf(flags.shape), symbols: new Set<string>(), maxMemory: flags.maxMemory };
  const runs = await Promise.all(labels.map((label) => loadOne(label, setsOf(flags), options)));
  checkShapes(options.shapes, options.symbols);
  return runs;
}

async function loadOne(label: string, sets: readonly string[], options: ForeignOptions): Promise<LoadedRun> {
  if (/\.(onnx|csv|pt|pth)$/i.test(label))
    throw new UserError(
      `${label} is a model or a table, no config; name it as network: ` +
        `xbarflow run pipelayer --set ${shellWord(`network=${label}`)}`,
    );
  const { maxMemory, shapes } = options;
  if (!label.includes('#'))
    return { ...(await withAnyNetwork((presets) => loadRun(presets, label, sets), options)), maxMemory, shapes };
  const { pointName, pointRun } = await import('../experiment/sweep/point-run.js');
  const point = pointName(label);
  const run = await withAnyNetwork(
    (presets) => (point === undefined ? loadRun(presets, label, sets) : pointRun(presets, point, sets)),
    options,
  );
  return { ...run, maxMemory, shapes };
}

/** As `loadAnyNetwork` for configs of presets alone. */
export const loadWithFlags = (label: string, flags: RunFlags): LoadedRun => loadRun(diskPresets, label, setsOf(flags));

/** Overrides that the command line says, its flags among them. */
export function setsOf(flags: RunFlags): string[] {
  const sets = [...flags.set];
  if (flags.seed !== undefined) sets.push(`workload.seed=${flags.seed}`);
  if (flags.exact) sets.push('simulation.exact=true');
  if (flags.check) sets.push('simulation.check=true');
  return sets;
}

/** Shorter runs show no progress. */
const QUICK_MS = 1000;

/** Simulates a loaded run; long runs show their progress, and knobs without effect are named. */
export function simulateLoaded(run: LoadedRun, flags: CommonOptions): Simulated {
  const started = nowMs();
  const { say: tell, end } = progressOf(flags, shortened(visible(run.label), 60));
  const done = simulate(run, {
    trace: traceOf(diskPresets, run),
    progress: (share, events) => {
      if (nowMs() - started > QUICK_MS) tell(share, `${grouped(events)} events`);
    },
    clock: () => nowMs() / 1000,
    peakRss: () => process.resourceUsage().maxRSS * 1024,
  });
  end();
  sayUnused(run, flags);
  sayUntaken(done, flags);
  return done;
}

/**
 * Runs over the ranges of their assumptions, with what the command line says of them. @throws UserError for a point of
 * a sweep
 */
export async function uncertain(
  runs: readonly { run: LoadedRun; result: Result }[],
  flags: RunFlags,
): Promise<{ designs: Uncertainty[]; ratios: RatioInterval[] }> {
  const { uncertaintyOf } = await import('../experiment/uncertainty.js');
  const { pointName } = await import('../experiment/sweep/point-run.js');
  const point = runs.find(({ run }) => pointName(run.label) !== undefined);
  if (point !== undefined)
    throw new UserError(
      `--uncertainty: draws over a config, and ${point.run.label} is a point of a sweep; write its values with --set`,
    );
  const sets = setsOf(flags);
  const seed = runs[0]?.run.config.workload.seed ?? 1;
  const drawn = runs.map((one) => ({ ...one, sets }));
  return withAnyNetwork((presets) => uncertaintyOf(presets, drawn, { seed }), {
    shapes: shapesOf(flags.shape),
    maxMemory: flags.maxMemory,
  });
}
