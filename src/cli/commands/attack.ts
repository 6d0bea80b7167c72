// `xbarflow attack CONFIG...`: adversarial examples on the configured hardware, or on several designs side by side.

import { messageLine } from '../../config/escape.js';
import { UserError } from '../../config/index.js';
import { checkFolder } from '../../config/work-folder.node.js';
import { print, say, sayWritten, writeFiles } from '../output.js';
import { RESUME_FLAG, checkpointed, held, sayFresh } from '../checkpointed.js';
import { command } from '../command.js';
import { distinctNames } from '../design-names.js';
import type { AttackedDesigns } from '../../experiment/functional/attack-designs.js';
import type { FlagsOf } from '../flag-types.js';
import { CONFIG_ARGUMENT, FIGURE_FLAG, FULL_FLAG, RUN_FLAGS, type COMMON_FLAGS, type RunFlags } from '../flags.js';
import { loadAnyNetwork, loadAnyNetworks, sayUnread } from '../runs.js';
import { finiteJson } from '../../result/finite.js';

const ARGUMENTS = { configs: { ...CONFIG_ARGUMENT, array: true } } as const;
const FLAGS = {
  ...RUN_FLAGS,
  ...FIGURE_FLAG,
  ...FULL_FLAG,
  ...RESUME_FLAG,
} as const;
type AttackFlags = FlagsOf<typeof COMMON_FLAGS & typeof ARGUMENTS & typeof FLAGS>;

/** `xbarflow attack`. */
export const attackCommand = command({
  usage: 'attack <configs..>',
  describe: 'Attacks a trained network on the configured hardware: success, distortion, time and energy an example',
  order: 46,
  completes: 'architectures',
  arguments: ARGUMENTS,
  flags: FLAGS,
  run: (flags) => (flags.configs.length === 1 ? attackOne(flags) : held(flags.out, () => attackSeveral(flags))),
});

/** The words of a step, for the line of progress. */
const stateText = (state: { loss: number; success: number } | null): string =>
  state === null ? '' : `loss ${state.loss.toPrecision(4)}, ${(100 * state.success).toFixed(1)} % fooled`;

async function attackOne(flags: AttackFlags): Promise<void> {
  const run = await loadAnyNetwork(flags.configs[0]!, flags);
  sayUnread([run], 'attack', flags);
  const { runAttack } = await import('../../experiment/functional/attack.js');
  const result = await checkpointed(run, flags, {
    start: runAttack,
    words: stateText,
    csv: 'attack.csv',
    page: async ({ result: attack, pictures }) => {
      const architecture = run.config.name ?? run.label;
      const { COMPARED_TITLES } = await import('../../experiment/index.js');
      const { attackReport } = await import('../../report/html/index.node.js');
      const view = { designs: [{ architecture, attack }], comparison: null };
      return attackReport(view, [{ architecture, pictures }], COMPARED_TITLES);
    },
  });
  if (result === null) return;
  const { attackTable } = await import('../attack-tables.js');
  print(attackTable(result));
  if (result.timing !== null) say(flags, messageLine(`note: no timing: ${result.timing}`));
}

async function attackSeveral(flags: AttackFlags): Promise<void> {
  if (flags.format === 'csv')
    throw new UserError('--format csv: is the list of iterations of one design; expected table or json for several');
  const result = await attackConfigs(flags.configs, flags);
  if (flags.format === 'json') {
    print(finiteJson(result, 'attack'));
    return;
  }
  const { attackedDesignsTable } = await import('../attack-tables.js');
  print(attackedDesignsTable(result, flags.full));
  for (const { architecture, attack } of result.designs)
    if (attack.timing !== null) say(flags, messageLine(`note: no timing on ${architecture}: ${attack.timing}`));
}

/**
 * Attacks several designs; `--out` gets a folder for each, and the comparison and its page beside them.
 * @throws UserError for what the configs or flags leave out
 */
export async function attackConfigs(
  configs: readonly string[],
  flags: RunFlags & FlagsOf<typeof FIGURE_FLAG> & { resume: boolean },
): Promise<AttackedDesigns> {
  const { out, resume } = flags;
  // All are checked before the first is attacked.
  const runs = await loadAnyNetworks(configs, flags);
  const names = distinctNames(runs.map(({ config, label }) => ({ name: config.name ?? label, label })));
  if (out !== undefined)
    checkFolder(
      out,
      names.map(({ folder }) => folder),
    );
  sayUnread(runs, 'attack', flags);
  const folderOf = (i: number): string | undefined => (out === undefined ? undefined : `${out}/${names[i]!.folder}`);
  await sayFresh(
    flags,
    runs.flatMap((_, i) => folderOf(i) ?? []),
  );
  const { attackDesigns } = await import('../../experiment/functional/attack-designs.js');
  const { progressOf } = await import('../progress.js');
  const shown = progressOf(flags, 'attack');
  const { result, files, pictures } = await attackDesigns(
    runs.map((run, i) => ({
      name: names[i]!.title,
      run,
      folder: folderOf(i),
    })),
    {
      resume,
      progress: (name, done, total, state) => {
        shown.say(done / total, [name, stateText(state)].filter((words) => words !== '').join(', '));
      },
    },
  );
  shown.end();
  if (out === undefined) return result;
  const { COMPARED_TITLES } = await import('../../experiment/index.js');
  const { attackReport } = await import('../../report/html/index.node.js');
  const { reportFiles } = await import('../../report/html/files.node.js');
  const all = files.flatMap((own, i) =>
    Object.entries(own).map(([name, content]): [string, string | Uint8Array] => [
      `${names[i]!.folder}/${name}`,
      content,
    ]),
  );
  const written = writeFiles(out, {
    ...Object.fromEntries(all),
    'attack.json': finiteJson(result, 'attack'),
    ...(await reportFiles(attackReport(result, pictures, COMPARED_TITLES), flags)),
  });
  sayWritten(flags, written);
  return result;
}
