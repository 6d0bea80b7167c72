// `xbarflow validate [FILE]`: published figures against simulated ones.

import { diskPresets } from '../../config/files.node.js';
import { validatePublished } from '../../experiment/validate/index.js';
import { toCsv } from '../../report/index.js';
import { validationTables } from '../../report/terminal/index.js';
import { command } from '../command.js';
import { FIGURE_FLAG } from '../flags.js';
import { print, sayWritten, terminalStyle, writeFiles } from '../output.js';
import { progressOf } from '../progress.js';
import { finiteJson } from '../../result/finite.js';

/** `xbarflow validate`. */
export const validateCommand = command({
  usage: 'validate [file]',
  describe: 'Published figures against simulated ones; status 1 when one that should agree does not',
  order: 50,
  completes: 'targets',
  arguments: {
    file: { type: 'string', default: 'published', describe: 'Preset of targets, or path of a YAML file' },
  },
  flags: FIGURE_FLAG,
  run: async (flags) => {
    const progress = progressOf(flags, 'validate');
    const figures = validatePublished(diskPresets, flags.file, progress.say);
    progress.end();
    const json = finiteJson({ schema: 'xbarflow/validate@1', figures }, flags.file);
    if (flags.out !== undefined) {
      const { validateReport } = await import('../../report/html/index.node.js');
      const { reportFiles } = await import('../../report/html/files.node.js');
      const page = validateReport(figures, {
        title: 'Validation',
        subtitle: `xbarflow validate ${flags.file}`,
        caption:
          "Figures that papers print beside those that the simulator's runs and roll-ups give. What a paper " +
          'does not say enough of to be rebuilt is reported as a distance and not judged.',
        footer: 'The last column says which run gives a figure; validation.json has the path of each in its result.',
      });
      sayWritten(
        flags,
        writeFiles(flags.out, {
          'validation.json': json,
          'validation.csv': toCsv(figures),
          ...(await reportFiles(page, flags)),
        }),
      );
    }
    if (flags.format === 'json') print(json);
    else if (flags.format === 'csv') print(toCsv(figures));
    else print(validationTables(figures, terminalStyle()));
    if (figures.some(({ verdict }) => verdict === 'wrong')) process.exitCode = 1;
  },
});
