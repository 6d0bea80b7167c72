// `xbarflow run CONFIG`: one simulation.

import { UserError } from '../../config/index.js';
import type { ReportPage } from '../../report/html/index.node.js';
import { energyCsv, layersCsv, timelineJson } from '../../report/index.js';
import { runTables } from '../../report/terminal/index.js';
import { recordTimeline, type Machine, type Result } from '../../simulation/index.js';
import { FIGURES, print, sayWritten, terminalStyle, writeFiles } from '../output.js';
import type { ReportFlags } from '../flags.js';
import { loadWithFlags, simulateLoaded } from '../runs.js';

type Files = Record<string, string | Uint8Array>;

/** A report page as files: `report.html`, and its figures where they are asked for. */
export async function reportFiles(page: ReportPage, { figures }: Pick<ReportFlags, 'figures'>): Promise<Files> {
  const { reportHtml } = await import('../../report/html/index.node.js');
  const files: Files = { 'report.html': reportHtml(page) };
  if (!figures) return files;
  const { figureFiles } = await import('../../report/html/figures.node.js');
  for (const [name, content] of Object.entries(await figureFiles(page))) files[`${FIGURES}/${name}`] = content;
  return files;
}

/** The files of a run. */
export async function runFiles(result: Result, machine: Machine, flags: Pick<ReportFlags, 'figures'>): Promise<Files> {
  const { runReport } = await import('../../report/html/index.node.js');
  const timeline = timelineJson(machine, recordTimeline(machine));
  return {
    'result.json': `${JSON.stringify(result, null, 2)}\n`,
    'layers.csv': layersCsv(result),
    'energy.csv': energyCsv(result),
    'timeline.json': JSON.stringify(timeline),
    ...(await reportFiles(runReport(result, timeline), flags)),
  };
}

/** @throws UserError where figures are asked for without a folder. */
export function checkFigures({ figures, out }: Pick<ReportFlags, 'figures' | 'out'>): void {
  if (figures && out === undefined) throw new UserError('--figures: they need a folder, expected --out DIR');
}

export async function run(flags: ReportFlags & { config: string }): Promise<void> {
  checkFigures(flags);
  const { result, machine } = simulateLoaded(loadWithFlags(flags.config, flags), flags);
  if (flags.out !== undefined) sayWritten(flags, writeFiles(flags.out, await runFiles(result, machine, flags)));
  if (flags.format === 'json') print(JSON.stringify(result, null, 2));
  else if (flags.format === 'csv') print(layersCsv(result));
  else print(runTables(result, terminalStyle(), flags.full));
}
