// `xbarflow run CONFIG`: one simulation.

import { layersCsv } from '../../report/index.js';
import { runTables } from '../../report/terminal/index.js';
import { checkFigures, print, sayWritten, terminalStyle, writeFiles } from '../output.js';
import { command } from '../command.js';
import { CONFIG_ARGUMENT, REPORT_FLAGS } from '../flags.js';
import { loadWithFlags, simulateLoaded } from '../runs.js';

/** `xbarflow run`. */
export const runCommand = command({
  usage: 'run <config>',
  describe: 'One simulation',
  order: 10,
  completes: 'architectures',
  arguments: { config: CONFIG_ARGUMENT },
  flags: REPORT_FLAGS,
  run: async (flags) => {
    checkFigures(flags);
    const { result, machine } = simulateLoaded(await loadWithFlags(flags.config, flags), flags);
    if (flags.out !== undefined) {
      const { runFiles } = await import('../../report/html/files.node.js');
      sayWritten(flags, writeFiles(flags.out, await runFiles(result, machine, flags)));
    }
    if (flags.format === 'json') print(JSON.stringify(result, null, 2));
    else if (flags.format === 'csv') print(layersCsv(result));
    else print(runTables(result, terminalStyle()));
  },
});
