// Trains NeuroSim's perceptron through each device of its table and sets the accuracies beside its own (MLP+NeuroSim
// V3.0 manual, Table II: 400-100-10, MNIST, one update a picture). Usage: node scripts/device-study.mjs [FOLDER]
// FOLDER has MNIST's train5k and t10k files (idx, gz); without it digits are drawn. Needs a build.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../dist/cli/xbarflow.js', import.meta.url));
const [mnist] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'xbarflow-devices-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** Accuracies that NeuroSim prints, percent. */
const PRINTED = {
  'epiram-neurosim': 92,
  'pcm-neurosim': 89,
  'fefet-neurosim-hzo': 88,
  'reram-neurosim-taox': 80,
  'reram-neurosim-agasi': 72,
  'reram-neurosim-pcmo': 33,
  'reram-neurosim-alox': 20,
};

const network = join(folder, 'perceptron.yaml');
writeFileSync(
  network,
  `name: perceptron
input: { channels: 1, height: 28, width: 28 }
layers:
  - { name: flatten, type: flatten }
  - { name: fc1, type: dense, features: 100, bias: false }
  - { name: sigmoid1, type: sigmoid }
  - { name: fc2, type: dense, features: 10, bias: false }
  - { name: sigmoid2, type: sigmoid }
`,
);
const files = (name) =>
  `kind: idx, inputs: ${mnist}/${name}-images-idx3-ubyte.gz, labels: ${mnist}/${name}-labels-idx1-ubyte.gz`;
const DATA =
  mnist === undefined
    ? ['data={ kind: digits, count: 4000 }', 'test={ kind: digits, count: 1000, seed: 2 }']
    : [`data={ ${files('train5k')} }`, `test={ ${files('t10k')}, count: 2000 }`];

/** A weight a device, its range about -1 to 1 (starting weights are within 1/28 and 1/10); an update a picture. */
const TRAINING = [
  ...['training.batch=1', 'training.epochs=2', 'training.optimizer=sgd', 'training.loss=mse'],
  ...['training.learningRate=0.5', 'training.device.headroom=20'],
];

const train = (sets) =>
  new Promise((resolve, reject) => {
    const args = [
      'train',
      'pipelayer',
      '--quiet',
      '--format',
      'json',
      ...[...DATA, ...TRAINING, ...sets].flatMap((set) => ['--set', set]),
    ];
    const child = spawn(process.execPath, [program, ...args, '--set', `network=${network}`]);
    let [out, said] = ['', ''];
    child.stdout.on('data', (text) => (out += text));
    child.stderr.on('data', (text) => (said += text));
    child.on('exit', (status) => {
      if (status !== 0) reject(new Error(said));
      else resolve(100 * JSON.parse(out).epochs.at(-1).testAccuracy);
    });
  });

const row = (cells) => console.log(`| ${cells.join(' | ')} |`);
row(['device', 'here', 'NeuroSim', 'distance', 'rank here', 'rank there']);
row(['---', '---', '---', '---', '---', '---']);
const float = await train([]);
row(['floating point', `${float.toFixed(1)} %`, '', '', '', '']);
const found = [];
for (const [device, printed] of [['reram-neurosim-ideal', null], ...Object.entries(PRINTED)])
  found.push({ device, printed, accuracy: await train([`crossbar.device=${device}`, 'training.update=device']) });
const listed = found.filter(({ printed }) => printed !== null);
const rank = (of, key) => 1 + listed.filter((other) => other[key] > of[key]).length;
for (const one of found)
  row([
    one.device,
    `${one.accuracy.toFixed(1)} %`,
    one.printed === null ? '' : `${one.printed} %`,
    one.printed === null ? '' : (one.accuracy - one.printed).toFixed(1),
    ...(one.printed === null ? ['', ''] : [rank(one, 'accuracy'), rank(one, 'printed')]),
  ]);
const apart = listed.reduce((sum, one) => sum + (rank(one, 'accuracy') - rank(one, 'printed')) ** 2, 0);
const n = listed.length;
console.log(`\nrank correlation (Spearman): ${(1 - (6 * apart) / (n * (n * n - 1))).toFixed(2)}`);
