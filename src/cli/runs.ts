// What run, compare and trace share: loading a config with its overrides and trace, simulating with progress.

import { loadRun, traceOf, unusedKnobs, type LoadedRun } from '../run-config/index.js';
import { place } from '../config/index.js';
import { messageLine, shortened, visible } from '../config/escape.js';
import { RUN_KINDS } from '../config/preset-kinds.js';
import { diskPresets } from '../config/files.node.js';
import { simulate, type Machine, type Result } from '../simulation/index.js';
import type { RatioInterval, Uncertainty } from '../result/uncertainty-types.js';
import type { CommonOptions, RunFlags } from './flags.js';
import { duration, say } from './output.js';

const isPreset = (file: string): boolean =>
  [...RUN_KINDS, 'devices'].some((kind) => file.startsWith(`${diskPresets.folder(kind)}/`));

/** Names on standard error the knobs that a run does not read, presets' aside: they serve several modes. */
export function sayUnused(run: LoadedRun, flags: CommonOptions): void {
  for (const { key, origin, reason } of unusedKnobs(run, (file) => !isPreset(file)))
    say(flags, messageLine(`note: ${run.label}: ${place(origin)}: ${key} has no effect: ${reason}`));
}

/** Loads a config with everything that the command line says of it. */
export function loadWithFlags(label: string, flags: RunFlags): LoadedRun {
  return loadRun(diskPresets, label, setsOf(flags));
}

/** Overrides that the command line says, its flags among them. */
function setsOf(flags: RunFlags): string[] {
  const sets = [...flags.set];
  if (flags.seed !== undefined) sets.push(`workload.seed=${flags.seed}`);
  if (flags.exact) sets.push('simulation.exact=true');
  if (flags.check) sets.push('simulation.check=true');
  return sets;
}

/** Simulates a loaded run; long runs show their progress on a terminal, and knobs without effect are named. */
export function simulateLoaded(run: LoadedRun, flags: CommonOptions): { result: Result; machine: Machine } {
  const shows = process.stderr.isTTY && !flags.quiet;
  const started = performance.now();
  const shown = { progress: false };
  const progress = (share: number): void => {
    const elapsed = (performance.now() - started) / 1000;
    if (!shows || elapsed < 1 || share <= 0) return;
    shown.progress = true;
    process.stderr.write(
      `\r${shortened(visible(run.label), 60)}: ${(100 * share).toFixed(1)} %, ${duration(elapsed / share - elapsed)} left\u001b[K`,
    );
  };
  const done = simulate(run, {
    trace: traceOf(diskPresets, run),
    progress,
    peakRss: () => process.resourceUsage().maxRSS * 1024,
  });
  if (shown.progress) process.stderr.write('\r\u001b[K');
  sayUnused(run, flags);
  return done;
}

/** Runs over the ranges of their assumptions, with what the command line says of them. */
export async function uncertain(
  runs: readonly { run: LoadedRun; result: Result }[],
  flags: RunFlags,
): Promise<{ designs: Uncertainty[]; ratios: RatioInterval[] }> {
  const { uncertaintyOf } = await import('../experiment/uncertainty.js');
  const sets = setsOf(flags);
  const seed = runs[0]?.run.config.workload.seed ?? 1;
  return uncertaintyOf(
    diskPresets,
    runs.map((one) => ({ ...one, sets })),
    { seed },
  );
}
