// `xbarflow trace CONFIG`: the workload of a config as a trace file.

import seedrandom from 'seedrandom';
import { buildMachine, traceRows } from '../../simulation/index.js';
import { writeTrace } from '../../workload/index.js';
import { fileName } from '../../config/file-names.js';
import { print, say, writeFiles } from '../output.js';
import { command } from '../command.js';
import { CONFIG_ARGUMENT, RUN_FLAGS } from '../flags.js';
import { loadAnyNetwork, sayUnused } from '../runs.js';

/** `xbarflow trace`. */
export const traceCommand = command({
  usage: 'trace <config>',
  describe: 'The workload of a config as a trace: vectors, rows, columns and density of ones by pass and layer',
  order: 60,
  completes: 'architectures',
  arguments: { config: CONFIG_ARGUMENT },
  flags: {
    ...RUN_FLAGS,
    synthetic: {
      type: 'boolean',
      default: false,
      describe: 'Densities drawn from 0.05 to 0.5 (seeded) instead of inputs.density',
    },
  },
  run: async (flags) => {
    const run = await loadAnyNetwork(flags.config, flags);
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
      for (const path of writeFiles(flags.out, {
        [fileName(`${run.network.name}-${run.workload.mode}`, '.csv')]: text,
      }))
        say(flags, `wrote ${path}`);
  },
});
