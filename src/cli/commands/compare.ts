// `xbarflow compare CONFIG...`: several simulations side by side.

import { UserError, suggestion } from '../../config/index.js';
import { COMPARED_TITLES, compareResults, type Comparison } from '../../experiment/index.js';
import { toCsv } from '../../report/index.js';
import { compareTables, ratioTable, uncertaintyTable } from '../../report/terminal/index.js';
import type { ComparedUncertainty } from '../../result/uncertainty-types.js';
import { distinctNames } from '../design-names.js';
import { print, sayWritten, terminalStyle, writeFiles } from '../output.js';
import { command } from '../command.js';
import { CONFIG_ARGUMENT, REPORT_FLAGS, UNCERTAINTY_FLAG, type ReportFlags } from '../flags.js';
import { loadAnyNetworks, simulateLoaded, uncertain } from '../runs.js';

/** A comparison, and its designs over their assumptions where that was asked for. */
interface Compared {
  comparison: Comparison;
  uncertainty: ComparedUncertainty | null;
}

/**
 * Runs and compares configs; `--out` gets a folder for each and the comparison beside them. @throws UserError for what
 * the configs or flags leave out
 */
export async function compareConfigs(
  configs: readonly string[],
  flags: ReportFlags & { baseline?: string | undefined; uncertainty?: boolean },
): Promise<Compared> {
  const baseline = flags.baseline === undefined ? 0 : configs.indexOf(flags.baseline);
  if (baseline < 0)
    throw new UserError(
      `--baseline ${flags.baseline!}: is not among the compared configs${suggestion(flags.baseline!, configs)}`,
    );
  // All are checked before the first runs.
  const loaded = await loadAnyNetworks(configs, flags);
  const names = distinctNames(loaded.map(({ config, label }) => ({ name: config.name ?? label, label })));
  const runs = loaded.map((run, i) => {
    const { result, machine } = simulateLoaded(run, flags);
    return { run, machine, result: { ...result, architecture: names[i]!.title } };
  });
  const comparison = compareResults(
    runs.map(({ result }) => result),
    baseline,
  );
  const others = runs.filter((_, i) => i !== baseline);
  const uncertainty = flags.uncertainty === true ? await uncertain([runs[baseline]!, ...others], flags) : null;
  if (flags.out === undefined) return { comparison, uncertainty };
  const { LIBRARIES, libraryFile, reportFiles, runFiles } = await import('../../report/html/files.node.js');
  const { compareReport } = await import('../../report/html/index.node.js');
  const files: Record<string, string | Uint8Array> = {};
  for (const [i, { result, machine }] of runs.entries()) {
    const intervals = uncertainty?.designs.find(({ architecture }) => architecture === result.architecture) ?? null;
    const extras = { ...flags, libraries: `../${LIBRARIES}`, intervals };
    for (const [name, content] of Object.entries(await runFiles(result, machine, extras)))
      files[`${names[i]!.folder}/${name}`] = content;
  }
  const folders = names.map(({ folder }) => folder);
  const page = compareReport(comparison, COMPARED_TITLES, folders, uncertainty);
  sayWritten(
    flags,
    writeFiles(flags.out, {
      ...files,
      'compare.json': `${compareJson({ comparison, uncertainty })}\n`,
      'compare.csv': toCsv(comparison.rows),
      ...libraryFile(),
      ...(await reportFiles(page, { ...flags, libraries: LIBRARIES })),
    }),
  );
  return { comparison, uncertainty };
}

const compareJson = ({ comparison, uncertainty }: Compared): string =>
  JSON.stringify(uncertainty === null ? comparison : { ...comparison, uncertainty }, null, 2);

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
    const { comparison, uncertainty } = await compareConfigs(flags.configs, flags);
    if (flags.format === 'json') print(compareJson({ comparison, uncertainty }));
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
