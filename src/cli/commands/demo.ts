// `npm start`: PipeLayer against A3 on RP2's attack, PipeLayer training VGG-A, and an attack computed on each design.

import { runTables } from '../../report/terminal/index.js';
import { print, say, terminalStyle, writeFiles } from '../output.js';
import { command } from '../command.js';
import { FIGURE_FLAG, FULL_FLAG, TIMELINE_FLAG } from '../flags.js';
import { attackedDesignsTable } from '../attack-tables.js';
import { loadWithFlags, simulateLoaded } from '../runs.js';
import { diskPresets } from '../../config/files.node.js';
import { loadRun } from '../../run-config/index.js';
import { attackConfigs } from './attack.js';
import { comparisonText, compareConfigs } from './compare.js';

const ATTACK = ['network=lisa-cnn', 'workload.mode=attack'];
/** Drawn digits, a network that learns them in seconds, and an attack that its designs compute number by number. */
const LEARN = ['data.count=1000', 'test.count=300', 'training.epochs=3'];
const EXAMPLES = [
  'network=digits-cnn',
  'data={ kind: digits, count: 10, seed: 3 }',
  'attack={ method: pgd, epsilon: 0.1, step: 0.025, iterations: 6, backend: crossbar }',
];
const DESIGNS = ['pipelayer', 'a3-buffer', 'a3-single', 'a3', 'a3-shared'];

/** `xbarflow demo`. */
export const demoCommand = command({
  usage: 'demo',
  describe:
    "The main job: PipeLayer against A3 on RP2's attack of LISA-CNN, PipeLayer training VGG-A, and an attack computed",
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
    const { comparison } = await compareConfigs(DESIGNS, { ...common, set: ATTACK, out: `${out}/attack` });
    print(comparisonText(comparison, flags.full));
    print(`\n${style.strong('2. Training: PipeLayer on VGG-A, 10 batches of 64 images')}`);
    const { result, machine } = simulateLoaded(loadWithFlags('pipelayer', common), common);
    const { runFiles } = await import('../../report/html/files.node.js');
    writeFiles(`${out}/training`, await runFiles(result, machine, common));
    print(runTables(result, style, flags.full));
    const learnt = await learn(`${out}/digits`);
    print(
      `\n${style.strong(
        '3. Numbers through the crossbars: a network learns drawn digits ' +
          `(${Math.round(100 * learnt.accuracy)} % right), then PGD on each design`,
      )}`,
    );
    const examples = { ...common, set: [...EXAMPLES, `model.weights=${learnt.weights}`], out: `${out}/examples` };
    print(attackedDesignsTable(await attackConfigs(DESIGNS, { ...examples, resume: false }), flags.full));
    say(
      flags,
      [
        '',
        `Next: npx xbarflow run pipelayer --set network=vgg-d --out results/mine; ` +
          `npx xbarflow list; npx xbarflow --help`,
        'Open in a browser:',
        `  ${out}/attack/report.html    the designs side by side`,
        `  ${out}/training/report.html  PipeLayer's training`,
        `  ${out}/examples/report.html  pictures before and after the attack`,
      ].join('\n'),
    );
  },
});

/** Trains the network of the examples into a folder. @returns the file of its weights, its share of right answers */
async function learn(folder: string): Promise<{ weights: string; accuracy: number }> {
  const { runTraining } = await import('../../experiment/functional/train.js');
  const run = loadRun(diskPresets, 'train-digits', LEARN);
  const { result, files } = await runTraining(run, { folder: undefined, resume: false, progress: () => undefined });
  writeFiles(folder, { ...files, 'result.json': `${JSON.stringify(result, null, 2)}\n` });
  return { weights: `${folder}/model.safetensors`, accuracy: result.epochs.at(-1)!.testAccuracy! };
}
