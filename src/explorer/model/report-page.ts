// Reports to take home, as `xbarflow run --out` and `compare --out` write them.

import { METRICS, compare, compareReport, pageHtml, runReport, type Result } from '../../index.js';
import { timelineOf, type Simulated } from './documents.js';
import type { TakenHome } from './protocol.js';

/**
 * The report of a design, or (null) of both side by side. @param charts code that draws its charts
 * @throws UserError where a result alone does not hold it
 */
export function reportOf(one: Simulated | null, both: () => Result[], charts: readonly string[]): TakenHome {
  const type = 'text/html';
  if (one !== null)
    return { name: 'report.html', type, text: pageHtml(runReport(one.result, timelineOf(one)), charts) };
  const titles = new Map(METRICS.map(({ key, title }) => [key, title]));
  return { name: 'comparison.html', type, text: pageHtml(compareReport(compare(both()), titles), charts) };
}
