// `xbarflow run CONFIG`: one simulation.

import { UserError } from '../../config/index.js';
import { layersCsv } from '../../report/index.js';
import { runTables } from '../../report/terminal/index.js';
import { print, sayWritten, terminalStyle, writeFiles } from '../output.js';
import type { ReportFlags } from '../flags.js';
import { loadWithFlags, simulateLoaded } from '../runs.js';

/** @throws UserError where figures are asked for without a folder. */
export function checkFigures({ figures, out }: Pick<ReportFlags, 'figures' | 'out'>): void {
  if (figures && out === undefined) throw new UserError('--figures: they need a folder, expected --out DIR');
}

export async function run(flags: ReportFlags & { config: string }): Promise<void> {
  checkFigures(flags);
  const { result, machine } = simulateLoaded(loadWithFlags(flags.config, flags), flags);
  if (flags.out !== undefined) {
    const { runFiles } = await import('../../report/html/files.node.js');
    sayWritten(flags, writeFiles(flags.out, await runFiles(result, machine, flags)));
  }
  if (flags.format === 'json') print(JSON.stringify(result, null, 2));
  else if (flags.format === 'csv') print(layersCsv(result));
  else print(runTables(result, terminalStyle()));
}
