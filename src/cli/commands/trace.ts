// `xbarflow trace CONFIG`: the workload of a config as a trace file.

import seedrandom from 'seedrandom';
import { buildMachine, traceRows } from '../../simulation/index.js';
import { writeTrace } from '../../workload/index.js';
import { fileName } from '../../config/file-names.js';
import { print, say, writeFiles } from '../output.js';
import type { RunFlags } from '../flags.js';
import { loadWithFlags, sayUnused } from '../runs.js';

export interface TraceFlags extends RunFlags {
  config: string;
  synthetic: boolean;
}

export function trace(flags: TraceFlags): void {
  const run = loadWithFlags(flags.config, flags);
  const machine = buildMachine(run);
  sayUnused(run, flags);
  const { seed } = run.config.workload;
  const random = seedrandom.alea(`trace:${seed}`);
  const draw = (): number => Number((0.05 + 0.45 * random()).toFixed(4));
  const rows = traceRows(machine, () => (flags.synthetic ? draw() : run.config.inputs.density));
  const text = writeTrace(rows, [
    `xbarflow trace of ${run.network.name}, ${run.workload.mode}, mapped as ${run.config.name ?? run.label}`,
    flags.synthetic
      ? `SYNTHETIC: densities drawn with seed ${seed}, not recorded`
      : `densities are the config's inputs.density, not recorded`,
    'density: share of ones among the bits that the drivers apply; image empty: all images',
  ]);
  if (flags.out === undefined) print(text);
  else
    for (const path of writeFiles(flags.out, { [fileName(`${run.network.name}-${run.workload.mode}`, '.csv')]: text }))
      say(flags, `wrote ${path}`);
}
