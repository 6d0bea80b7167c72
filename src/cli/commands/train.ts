// `xbarflow train CONFIG`: a network learns on the configured hardware.

import { messageLine } from '../../config/escape.js';
import { formatQuantity } from '../../config/index.js';
import { print, say, terminalStyle } from '../output.js';
import { RESUME_FLAG, checkpointed } from '../checkpointed.js';
import { command } from '../command.js';
import { CONFIG_ARGUMENT, FIGURE_FLAG, RUN_FLAGS } from '../flags.js';
import { loadAnyNetwork, sayUnread } from '../runs.js';
import type { AdversarialSummary } from '../../experiment/functional/adversarial.js';
import type { Style } from '../../report/index.js';
import { grouped } from '../../config/numbers.js';

/** `xbarflow train`. */
export const trainCommand = command({
  usage: 'train <config>',
  describe: 'Trains a network on the configured hardware: accuracy, writes, time and energy by epoch',
  order: 45,
  completes: 'architectures',
  arguments: { config: CONFIG_ARGUMENT },
  flags: { ...RUN_FLAGS, ...FIGURE_FLAG, ...RESUME_FLAG },
  run: async (flags) => {
    const run = await loadAnyNetwork(flags.config, flags);
    sayUnread([run], 'train', flags);
    const { runTraining } = await import('../../experiment/functional/train.js');
    const result = await checkpointed(run, flags, {
      start: runTraining,
      words: (loss: number | null) => (loss === null ? '' : `loss ${loss.toPrecision(4)}`),
      csv: 'training.csv',
      page: async (done) => {
        const { trainingReport } = await import('../../report/html/index.node.js');
        return trainingReport(`${run.network.name} trained on ${run.config.name ?? run.label}`, done.result);
      },
    });
    if (result === null) return;
    const { table } = await import('../../report/terminal/index.js');
    const percent = (share: number | null): string =>
      share === null ? '' : `${Number((100 * share).toPrecision(4))} %`;
    print(
      table(
        ['epoch', 'loss', 'accuracy', 'test', 'writes a cell', 'time', 'energy'],
        result.epochs.map(({ epoch, loss, accuracy, testAccuracy, writesPerCell, timeS, energyJ }) => [
          String(epoch + 1),
          loss.toPrecision(4),
          percent(accuracy),
          percent(testAccuracy),
          grouped(writesPerCell),
          timeS === null ? '' : formatQuantity(timeS, 'time'),
          energyJ === null ? '' : formatQuantity(energyJ, 'energy'),
        ]),
        terminalStyle(),
      ),
    );
    for (const note of result.notes) say(flags, messageLine(`note: ${note}`));
    if (result.timing !== null) say(flags, messageLine(`note: no timing: ${result.timing}`));
    if (result.adversarial !== null) print(adversarialTable(result.adversarial, table));
  },
});

/** What the attack of adversarial training takes, a design a row. */
function adversarialTable(
  { method, pictures, passes, designs }: AdversarialSummary,
  table: (header: string[], rows: string[][], style: Style) => string,
): string {
  const share = (part: number): string => `${(100 * part).toFixed(1)} %`;
  const rows = designs.map((design) => [
    design.training,
    design.attack,
    formatQuantity(design.trainingS, 'time'),
    formatQuantity(design.attackS, 'time'),
    share(design.attackTimeShare),
    formatQuantity(design.trainingJ, 'energy'),
    formatQuantity(design.attackJ, 'energy'),
    share(design.attackEnergyShare),
  ]);
  const head = [
    'trains',
    'attacks',
    'time of a batch',
    'its attack',
    'share',
    'energy of a batch',
    'its attack',
    'share',
  ];
  return `${method}: ${passes} passes on ${pictures} pictures of a batch\n${table(head, rows, terminalStyle())}`;
}
