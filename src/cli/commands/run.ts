// `xbarflow run CONFIG`: one simulation.

import { energyCsv, layersCsv, runTables, timelineJson } from '../../report/index.js';
import { recordTimeline, type Machine, type Result } from '../../simulation/index.js';
import { print, say, terminalStyle, writeFiles } from '../output.js';
import type { RunFlags } from '../flags.js';
import { loadWithFlags, simulateLoaded } from '../runs.js';

/** The files of a run. */
export async function runFiles(result: Result, machine: Machine): Promise<Record<string, string>> {
  const { reportHtml, runReport } = await import('../../report/html/index.node.js');
  const timeline = timelineJson(machine, recordTimeline(machine));
  return {
    'result.json': `${JSON.stringify(result, null, 2)}\n`,
    'layers.csv': layersCsv(result),
    'energy.csv': energyCsv(result),
    'timeline.json': JSON.stringify(timeline),
    'report.html': reportHtml(runReport(result, timeline)),
  };
}

export async function run(flags: RunFlags & { config: string }): Promise<void> {
  const { result, machine } = simulateLoaded(loadWithFlags(flags.config, flags), flags);
  if (flags.out !== undefined) for (const path of writeFiles(flags.out, await runFiles(result, machine))) say(flags, `wrote ${path}`);
  if (flags.format === 'json') print(JSON.stringify(result, null, 2));
  else if (flags.format === 'csv') print(layersCsv(result));
  else print(runTables(result, terminalStyle()));
}
