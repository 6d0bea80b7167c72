// `xbarflow compare CONFIG...`: several simulations side by side.

import { UserError, suggestion } from '../../config/index.js';
import { METRICS, compareResults, type Comparison } from '../../experiment/index.js';
import { compareTables, toCsv } from '../../report/index.js';
import type { Result } from '../../simulation/index.js';
import { print, say, terminalStyle, writeFiles } from '../output.js';
import type { RunFlags } from '../flags.js';
import { loadWithFlags, simulateLoaded } from '../runs.js';
import { runFiles } from './run.js';

export interface CompareFlags extends RunFlags {
  configs: string[];
  baseline: string | undefined;
}

const TITLES = new Map(METRICS.map(({ key, title }) => [key, title]));

/** Runs and compares configs; `--out` gets a folder for each and the comparison beside them. */
export async function compareConfigs(configs: readonly string[], flags: RunFlags & { baseline?: string | undefined }): Promise<Comparison> {
  const baseline = flags.baseline === undefined ? 0 : configs.indexOf(flags.baseline);
  if (baseline < 0) throw new UserError(`--baseline ${flags.baseline!}: is not among the compared configs${suggestion(flags.baseline!, configs)}`);
  // All are checked before the first runs.
  const loaded = configs.map((config) => loadWithFlags(config, flags));
  const files: Record<string, Record<string, string>> = {};
  const results: Result[] = [];
  for (const [i, run] of loaded.entries()) {
    const { result, machine } = simulateLoaded(run, flags);
    const name = configs.indexOf(configs[i]!) === i ? result.architecture : `${result.architecture}-${i + 1}`;
    if (flags.out !== undefined) files[name.replace(/[^\w.-]+/g, '-')] = await runFiles(result, machine);
    results.push({ ...result, architecture: loaded.filter(({ config }) => config.name === run.config.name).length > 1 ? `${name} (${run.label})` : name });
  }
  const comparison = compareResults(results, baseline);
  if (flags.out !== undefined) {
    for (const [name, content] of Object.entries(files)) writeFiles(`${flags.out}/${name}`, content);
    const { compareReport, reportHtml } = await import('../../report/html/index.node.js');
    const paths = writeFiles(flags.out, { 'report.html': reportHtml(compareReport(comparison, TITLES)), 'compare.json': `${JSON.stringify(comparison, null, 2)}\n`, 'compare.csv': toCsv(comparison.rows) });
    for (const path of paths) say(flags, `wrote ${path}`);
  }
  return comparison;
}

/** The comparison as a table. */
export const comparisonText = (comparison: Comparison): string => compareTables(comparison, TITLES, terminalStyle());

export async function compare(flags: CompareFlags): Promise<void> {
  const comparison = await compareConfigs(flags.configs, flags);
  if (flags.format === 'json') print(JSON.stringify(comparison, null, 2));
  else if (flags.format === 'csv') print(toCsv(comparison.rows));
  else print(comparisonText(comparison));
}
