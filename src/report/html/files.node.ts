// The files of a report: page, figures, and of a run its result and tables.

import { energyCsv, layersCsv, timelineJson } from '../index.js';
import { recordTimeline, type Machine, type Result } from '../../simulation/index.js';
import type { Uncertainty } from '../../result/uncertainty-types.js';
import type { FigureStyleName } from './figure-styles.js';
import { reportHtml, runReport, type ReportPage } from './index.node.js';
import { chartLibraries } from './libraries.node.js';
import { FIGURES } from './sections.js';

/** Contents by path within a folder. */
export type Files = Record<string, string | Uint8Array>;

/** What is written besides the page. */
export interface ReportExtras {
  /** Every figure as SVG, PDF, PNG and Vega-Lite spec. */
  figures: boolean;
  figuresStyle?: FigureStyleName;
  /** `timeline.json`, of a run. */
  timeline?: boolean;
  /** The page's chart libraries are in this file beside it, not in the page. */
  libraries?: string;
  /** Intervals of a run's headlines. */
  intervals?: Uncertainty | null;
}

/** The file of the chart libraries in a folder of several reports. */
export const LIBRARIES = 'charts.js';
/** That file. */
export const libraryFile = (): Files => ({ [LIBRARIES]: chartLibraries().join('\n') });

/** A report page as files: `report.html`, and its figures where they are asked for. */
export async function reportFiles(
  page: ReportPage,
  { figures, figuresStyle = 'ieee', libraries }: ReportExtras,
): Promise<Files> {
  const files: Files = { 'report.html': reportHtml(page, libraries) };
  if (!figures) return files;
  const { figureFiles } = await import('./figures.node.js');
  for (const [name, content] of Object.entries(await figureFiles(page, figuresStyle)))
    files[`${FIGURES}/${name}`] = content;
  return files;
}

/** The files of a run. */
export async function runFiles(result: Result, machine: Machine, extras: ReportExtras): Promise<Files> {
  const { intervals = null } = extras;
  const timeline = timelineJson(machine, recordTimeline(machine));
  return {
    'result.json': `${JSON.stringify(intervals === null ? result : { ...result, uncertainty: intervals }, null, 2)}\n`,
    'layers.csv': layersCsv(result),
    'energy.csv': energyCsv(result),
    ...(extras.timeline === true ? { 'timeline.json': JSON.stringify(timeline) } : {}),
    ...(await reportFiles(runReport(result, timeline, intervals), extras)),
  };
}
