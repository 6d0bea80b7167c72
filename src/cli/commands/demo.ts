// `npm start`: PipeLayer against A3 on RP2's attack, and PipeLayer training VGG-A.

import { runTables } from '../../report/terminal/index.js';
import { print, say, terminalStyle, writeFiles } from '../output.js';
import { command } from '../command.js';
import { FIGURE_FLAG, FULL_FLAG, TIMELINE_FLAG } from '../flags.js';
import { loadWithFlags, simulateLoaded } from '../runs.js';
import { comparisonText, compareConfigs } from './compare.js';

const ATTACK = ['network=lisa-cnn', 'workload.mode=attack'];
const DESIGNS = ['pipelayer', 'a3-buffer', 'a3-single', 'a3', 'a3-shared'];

/** `xbarflow demo`. */
export const demoCommand = command({
  usage: 'demo',
  describe: "The main job: PipeLayer against A3 on RP2's attack of LISA-CNN, and PipeLayer training VGG-A",
  order: 110,

  arguments: {},
  flags: { ...FIGURE_FLAG, ...TIMELINE_FLAG, ...FULL_FLAG },
  run: async (flags) => {
    const style = terminalStyle();
    const out = flags.out ?? 'results/demo';
    const common = { ...flags, set: [], shape: [], exact: false, check: false, quiet: true };
    print(
      style.strong(
        '1. An adversarial attack: RP2 on LISA-CNN, 300 iterations of 40 images (PipeLayer as baseline; the A3 ' +
          'presets are our reading of the paper)',
      ),
    );
    print(comparisonText(await compareConfigs(DESIGNS, { ...common, set: ATTACK, out: `${out}/attack` }), flags.full));
    print(`\n${style.strong('2. Training: PipeLayer on VGG-A, 10 batches of 64 images')}`);
    const { result, machine } = simulateLoaded(loadWithFlags('pipelayer', common), common);
    const { runFiles } = await import('../../report/html/files.node.js');
    writeFiles(`${out}/training`, await runFiles(result, machine, common));
    print(runTables(result, style, flags.full));
    say(
      flags,
      [
        '',
        `Next: npx xbarflow run pipelayer --set network=vgg-d --out results/mine; ` +
          `npx xbarflow list; npx xbarflow --help`,
        'Open in a browser:',
        `  ${out}/attack/report.html    the designs side by side`,
        `  ${out}/training/report.html  PipeLayer's training`,
      ].join('\n'),
    );
  },
});
