// `xbarflow attack CONFIG`: adversarial examples on the configured hardware.

import { formatQuantity } from '../../config/index.js';
import { print, say, sayWritten, terminalStyle, writeFiles } from '../output.js';
import { command } from '../command.js';
import { CONFIG_ARGUMENT, RUN_FLAGS } from '../flags.js';
import { loadAnyNetwork } from '../runs.js';

/** `xbarflow attack`. */
export const attackCommand = command({
  usage: 'attack <config>',
  describe: 'Attacks a trained network on the configured hardware: success, distortion, time and energy an example',
  order: 46,
  completes: 'architectures',
  arguments: { config: CONFIG_ARGUMENT },
  flags: {
    ...RUN_FLAGS,
    resume: { type: 'boolean', default: false, describe: 'Go on from the checkpoint in --out' },
  },
  run: async (flags) => {
    const run = await loadAnyNetwork(flags.config, flags);
    const { runAttack } = await import('../../experiment/functional/attack.js');
    const { progressOf } = await import('../progress.js');
    const shown = progressOf(flags, run.label);
    const { result, files } = await runAttack(run, {
      folder: flags.out,
      resume: flags.resume,
      progress: (done, total, { loss, success }) => {
        shown.say(done / total, `loss ${loss.toPrecision(4)}, ${(100 * success).toFixed(1)} % fooled`);
      },
    });
    shown.end();
    if (flags.out !== undefined)
      sayWritten(flags, writeFiles(flags.out, { ...files, 'result.json': `${JSON.stringify(result, null, 2)}\n` }));
    if (flags.format === 'json') {
      print(JSON.stringify(result, null, 2));
      return;
    }
    if (flags.format === 'csv') {
      print(String(files['attack.csv']));
      return;
    }
    const { table } = await import('../../report/terminal/index.js');
    const { method, backend, images, cleanAccuracy, success, robustAccuracy, distortion, perExample, timing } = result;
    const percent = (share: number): string => `${Number((100 * share).toPrecision(4))} %`;
    print(
      table(
        ['what', 'value'],
        [
          ['attack', `${method} on ${backend}, ${images} pictures, ${result.iterations.length - 1} iterations`],
          ['accuracy', `${percent(cleanAccuracy)} clean, ${percent(robustAccuracy)} under attack`],
          ['success', percent(success)],
          [
            'distortion, mean',
            `L-inf ${distortion.linf.toPrecision(4)}, L2 ${distortion.l2.toPrecision(4)}, ` +
              `L0 ${distortion.l0.toPrecision(4)}`,
          ],
          [
            'an example takes',
            perExample === null
              ? 'no timing of attacks on this design'
              : `${formatQuantity(perExample.timeS, 'time')}, ${formatQuantity(perExample.energyJ, 'energy')}`,
          ],
        ],
        terminalStyle(),
        2,
      ),
    );
    if (timing !== null) say(flags, `note: no timing: ${timing}`);
  },
});
