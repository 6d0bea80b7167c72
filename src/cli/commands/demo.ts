// `npm start`: PipeLayer against A3 on RP2's attack, and PipeLayer training VGG-A.

import { runTables } from '../../report/terminal/index.js';
import { print, say, terminalStyle, writeFiles } from '../output.js';
import type { CommonOptions, ReportFlags } from '../flags.js';
import { loadWithFlags, simulateLoaded } from '../runs.js';
import { comparisonText, compareConfigs } from './compare.js';
import { runFiles } from './run.js';

const ATTACK = ['network=lisa-cnn', 'workload.mode=attack'];
const DESIGNS = ['pipelayer', 'a3-buffer', 'a3-single', 'a3', 'a3-shared'];

export async function demo(flags: CommonOptions & Pick<ReportFlags, 'figures' | 'full'>): Promise<void> {
  const style = terminalStyle();
  const out = flags.out ?? 'results/demo';
  const common = { ...flags, set: [], exact: false, check: false, quiet: true };
  print(
    style.strong(
      '1. An adversarial attack: RP2 on LISA-CNN, 300 iterations of 40 images (PipeLayer as baseline; the A3 ' +
        'presets are our reading of the paper)',
    ),
  );
  print(comparisonText(await compareConfigs(DESIGNS, { ...common, set: ATTACK, out: `${out}/attack` }), flags.full));
  print(`\n${style.strong('2. Training: PipeLayer on VGG-A, 10 batches of 64 images')}`);
  const { result, machine } = simulateLoaded(loadWithFlags('pipelayer', common), common);
  writeFiles(`${out}/training`, await runFiles(result, machine, common));
  print(runTables(result, style, flags.full));
  say(
    flags,
    [
      '',
      `Next: npx xbarflow run pipelayer --set network=vgg-d --out results/mine; npx xbarflow list; npx xbarflow --help`,
      'Open in a browser:',
      `  ${out}/attack/report.html    the designs side by side`,
      `  ${out}/training/report.html  PipeLayer's training`,
    ].join('\n'),
  );
}
