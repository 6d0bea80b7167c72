// `npm start`: PipeLayer against A3 on RP2's attack, and PipeLayer training VGG-A.

import { runTables } from '../../report/index.js';
import { print, say, terminalStyle, writeFiles } from '../output.js';
import type { RunFlags } from '../flags.js';
import { loadWithFlags, simulateLoaded } from '../runs.js';
import { comparisonText, compareConfigs } from './compare.js';
import { runFiles } from './run.js';

const ATTACK = ['network=lisa-cnn', 'workload.mode=attack'];
const DESIGNS = ['pipelayer', 'a3-buffer', 'a3-single', 'a3', 'a3-shared'];

export async function demo(flags: RunFlags): Promise<void> {
  const style = terminalStyle();
  const out = flags.out ?? 'results/demo';
  const common = { ...flags, exact: false, check: false, quiet: true };
  print(style.strong('1. An adversarial attack: RP2 on LISA-CNN, 300 iterations of 40 images (PipeLayer as baseline; the A3 presets are our reading of the paper)'));
  print(comparisonText(await compareConfigs(DESIGNS, { ...common, set: ATTACK, out: `${out}/attack` })));
  print(`\n${style.strong('2. Training: PipeLayer on VGG-A, 10 batches of 64 images')}`);
  const { result, machine } = simulateLoaded(loadWithFlags('pipelayer', { ...common, set: [] }), common);
  const [path] = writeFiles(`${out}/training`, await runFiles(result, machine));
  print(runTables(result, style));
  say(flags, `\nFiles: ${out}/attack/compare.json and compare.csv, a folder for each design beside them; ${path!} and its neighbours.\nNext: npx xbarflow run pipelayer --set network=vgg-d; npx xbarflow list; npx xbarflow --help`);
}
