// `xbarflow compare CONFIG...`: several simulations side by side.

import { UserError, suggestion } from '../../config/index.js';
import { COMPARED_TITLES, compareResults, type Comparison } from '../../experiment/index.js';
import { toCsv } from '../../report/index.js';
import { compareTables, ratioTable, uncertaintyTable } from '../../report/terminal/index.js';
import type { Result } from '../../simulation/index.js';
import { distinctNames } from '../design-names.js';
import { print, sayWritten, terminalStyle, writeFiles } from '../output.js';
import { command } from '../command.js';
import { CONFIG_ARGUMENT, REPORT_FLAGS, UNCERTAINTY_FLAG, type ReportFlags } from '../flags.js';
import { loadAnyNetworks, simulateLoaded, uncertain } from '../runs.js';

/**
 * Runs and compares configs; `--out` gets a folder for each and the comparison beside them. @throws UserError for what
 * the configs or flags leave out
 */
export async function compareConfigs(
  configs: readonly string[],
  flags: ReportFlags & { baseline?: string | undefined },
): Promise<Comparison> {
  const baseline = flags.baseline === undefined ? 0 : configs.indexOf(flags.baseline);
  if (baseline < 0)
    throw new UserError(
      `--baseline ${flags.baseline!}: is not among the compared configs${suggestion(flags.baseline!, configs)}`,
    );
  // All are checked before the first runs.
  const loaded = await loadAnyNetworks(configs, flags);
  const names = distinctNames(loaded.map(({ config, label }) => ({ name: config.name ?? label, label })));
  const files: Record<string, string | Uint8Array> = {};
  const results: Result[] = [];
  for (const [i, run] of loaded.entries()) {
    const { result, machine } = simulateLoaded(run, flags);
    results.push({ ...result, architecture: names[i]!.title });
    if (flags.out === undefined) continue;
    const { LIBRARIES, runFiles } = await import('../../report/html/files.node.js');
    const extras = { ...flags, libraries: `../${LIBRARIES}` };
    for (const [name, content] of Object.entries(await runFiles(result, machine, extras)))
      files[`${names[i]!.folder}/${name}`] = content;
  }
  const comparison = compareResults(results, baseline);
  if (flags.out !== undefined) {
    const { compareReport } = await import('../../report/html/index.node.js');
    const { LIBRARIES, libraryFile, reportFiles } = await import('../../report/html/files.node.js');
    const folders = names.map(({ folder }) => folder);
    sayWritten(
      flags,
      writeFiles(flags.out, {
        ...files,
        'compare.json': `${JSON.stringify(comparison, null, 2)}\n`,
        'compare.csv': toCsv(comparison.rows),
        ...libraryFile(),
        ...(await reportFiles(compareReport(comparison, COMPARED_TITLES, folders), { ...flags, libraries: LIBRARIES })),
      }),
    );
  }
  return comparison;
}

/** The designs of a comparison over their assumptions, its baseline first. */
async function uncertainComparison(
  { results, baseline }: Comparison,
  flags: ReportFlags & { configs: readonly string[] },
): ReturnType<typeof uncertain> {
  const loaded = await loadAnyNetworks(flags.configs, flags);
  const runs = loaded.map((run, i) => ({ run, result: results[i]! }));
  const isBaseline = ({ result }: { result: Result }): boolean => result.architecture === baseline;
  return uncertain([...runs.filter(isBaseline), ...runs.filter((run) => !isBaseline(run))], flags);
}

/** The comparison as a table. */
export const comparisonText = (comparison: Comparison, full: boolean): string =>
  compareTables(comparison, COMPARED_TITLES, terminalStyle(), { full });

/** `xbarflow compare`. */
export const compareCommand = command({
  usage: 'compare <configs..>',
  describe: 'Several simulations side by side, with ratios and their causes',
  order: 20,
  completes: 'architectures',
  arguments: { configs: { ...CONFIG_ARGUMENT, array: true } },
  flags: {
    ...REPORT_FLAGS,
    ...UNCERTAINTY_FLAG,
    baseline: { type: 'string', requiresArg: true, describe: 'Config that ratios refer to (default: the first)' },
  },
  run: async (flags) => {
    const comparison = await compareConfigs(flags.configs, flags);
    const uncertainty = flags.uncertainty ? await uncertainComparison(comparison, flags) : null;
    if (flags.format === 'json')
      print(JSON.stringify(uncertainty === null ? comparison : { ...comparison, uncertainty }, null, 2));
    else if (flags.format === 'csv') print(toCsv(comparison.rows));
    else {
      const style = terminalStyle();
      const tables = [comparisonText(comparison, flags.full)];
      if (uncertainty !== null)
        tables.push(
          ...uncertainty.designs.map((design) => uncertaintyTable(design, style)),
          ratioTable(uncertainty.ratios, comparison.baseline, style),
        );
      print(tables.join('\n\n'));
    }
  },
});
