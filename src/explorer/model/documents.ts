// Documents to take home, as `xbarflow run --out` and `compare --out` write them.

import { UserError } from '../../config/index.js';
import {
  METRICS,
  compare,
  compareReport,
  energyCsv,
  layersCsv,
  pageHtml,
  recordTimeline,
  runReport,
  timelineJson,
  type Machine,
  type Result,
} from '../../index.js';
import type { DocumentKind, TakenHome } from './protocol.js';

/** A design's result; its machine is null where only the result was given. */
export interface Simulated {
  result: Result;
  machine: Machine | null;
}

/** A document of a design; `both`: results of both machines. @throws UserError where a result alone lacks it */
export function documentOf(what: DocumentKind, { result, machine }: Simulated, both: () => Result[]): TakenHome {
  const html = 'text/html';
  const csv = 'text/csv';
  const json = 'application/json';
  const timelineOf = (): ReturnType<typeof timelineJson> => {
    if (machine === null)
      throw new UserError(`${result.label}: a result holds figures, no events; expected a config, whose run has both`);
    return timelineJson(machine, recordTimeline(machine));
  };
  switch (what) {
    case 'result':
      return { name: 'result.json', type: json, text: `${JSON.stringify(result, null, 2)}\n` };
    case 'layers':
      return { name: 'layers.csv', type: csv, text: layersCsv(result) };
    case 'energy':
      return { name: 'energy.csv', type: csv, text: energyCsv(result) };
    case 'timeline':
      return { name: 'timeline.json', type: json, text: JSON.stringify(timelineOf()) };
    case 'report': {
      return { name: 'report.html', type: html, text: pageHtml(runReport(result, timelineOf()), []) };
    }
    case 'compare-report': {
      const titles = new Map(METRICS.map(({ key, title }) => [key, title]));
      return { name: 'report.html', type: html, text: pageHtml(compareReport(compare(both()), titles), []) };
    }
  }
}
