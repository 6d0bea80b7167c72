// `xbarflow run CONFIG`: one simulation.

import { layersCsv } from '../../report/index.js';
import { runTables, uncertaintyTable } from '../../report/terminal/index.js';
import { print, sayWritten, terminalStyle, writeFiles } from '../output.js';
import { command } from '../command.js';
import { CONFIG_ARGUMENT, REPORT_FLAGS, UNCERTAINTY_FLAG } from '../flags.js';
import { loadAnyNetwork, simulateLoaded, uncertain } from '../runs.js';

/** `xbarflow run`. */
export const runCommand = command({
  usage: 'run <config>',
  describe: 'One simulation',
  order: 10,
  completes: 'architectures',
  arguments: { config: CONFIG_ARGUMENT },
  flags: { ...REPORT_FLAGS, ...UNCERTAINTY_FLAG },
  run: async (flags) => {
    const loaded = await loadAnyNetwork(flags.config, flags);
    const { result, machine } = simulateLoaded(loaded, flags);
    const uncertainty = flags.uncertainty ? (await uncertain([{ run: loaded, result }], flags)).designs[0]! : null;
    if (flags.out !== undefined) {
      const { runFiles } = await import('../../report/html/files.node.js');
      sayWritten(flags, writeFiles(flags.out, await runFiles(result, machine, { ...flags, intervals: uncertainty })));
    }
    if (flags.format === 'json')
      print(JSON.stringify(uncertainty === null ? result : { ...result, uncertainty }, null, 2));
    else if (flags.format === 'csv') print(layersCsv(result));
    else {
      const tables = [runTables(result, terminalStyle(), flags.full)];
      if (uncertainty !== null) tables.push(uncertaintyTable(uncertainty, terminalStyle()));
      print(tables.join('\n\n'));
    }
  },
});
