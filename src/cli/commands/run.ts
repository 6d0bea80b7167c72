// `xbarflow run CONFIG`: one simulation.

import type { Argv, CommandModule } from 'yargs';
import { energyCsv, layersCsv, runTables, timelineJson } from '../../report/index.js';
import { recordTimeline, type Machine, type Result } from '../../simulation/index.js';
import { print, say, terminalStyle, writeFiles } from '../output.js';
import { loadWithFlags, simulateLoaded, type RunFlags } from '../runs.js';

/** Flags that run, compare and trace share. */
export const runFlags = <T>(yargs: Argv<T>) =>
  yargs
    .option('set', { type: 'string', array: true, nargs: 1, default: [] as string[], describe: 'Override a config key: --set key.path=value (repeatable)' })
    .option('exact', { type: 'boolean', default: false, describe: 'Event by event, no fast paths' })
    .option('check', { type: 'boolean', default: false, describe: 'Watch the kernel\'s invariants (event by event)' });

/** The files of a run. */
export function runFiles(result: Result, machine: Machine): Record<string, string> {
  return {
    'result.json': `${JSON.stringify(result, null, 2)}\n`,
    'layers.csv': layersCsv(result),
    'energy.csv': energyCsv(result),
    'timeline.json': JSON.stringify(timelineJson(machine, recordTimeline(machine))),
  };
}

export const runCommand: CommandModule<object, RunFlags & { config: string }> = {
  command: 'run <config>',
  describe: 'One simulation',
  builder: (yargs) => runFlags(yargs.positional('config', { type: 'string', demandOption: true, describe: 'Preset name or path of a YAML file' })) as Argv<RunFlags & { config: string }>,
  handler: (flags) => {
    const { result, machine } = simulateLoaded(loadWithFlags(flags.config, flags), flags);
    if (flags.out !== undefined) for (const path of writeFiles(flags.out, runFiles(result, machine))) say(flags, `wrote ${path}`);
    if (flags.format === 'json') print(JSON.stringify(result, null, 2));
    else if (flags.format === 'csv') print(layersCsv(result));
    else print(runTables(result, terminalStyle()));
  },
};
