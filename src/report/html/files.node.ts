// The files of a report: page, figures, and of a run its result and tables.

import { energyCsv, layersCsv, timelineJson } from '../index.js';
import { recordTimeline, type Machine, type Result } from '../../simulation/index.js';
import { reportHtml, runReport, type ReportPage } from './index.node.js';
import { FIGURES } from './sections.js';

/** Contents by path within a folder. */
export type Files = Record<string, string | Uint8Array>;

/** What is written besides the page: every figure as SVG, PNG and Vega-Lite spec. */
export interface ReportExtras {
  figures: boolean;
}

/** A report page as files: `report.html`, and its figures where they are asked for. */
export async function reportFiles(page: ReportPage, { figures }: ReportExtras): Promise<Files> {
  const files: Files = { 'report.html': reportHtml(page) };
  if (!figures) return files;
  const { figureFiles } = await import('./figures.node.js');
  for (const [name, content] of Object.entries(await figureFiles(page))) files[`${FIGURES}/${name}`] = content;
  return files;
}

/** The files of a run. */
export async function runFiles(result: Result, machine: Machine, extras: ReportExtras): Promise<Files> {
  const timeline = timelineJson(machine, recordTimeline(machine));
  return {
    'result.json': `${JSON.stringify(result, null, 2)}\n`,
    'layers.csv': layersCsv(result),
    'energy.csv': energyCsv(result),
    'timeline.json': JSON.stringify(timeline),
    ...(await reportFiles(runReport(result, timeline), extras)),
  };
}
