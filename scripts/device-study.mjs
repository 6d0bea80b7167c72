// Trains NeuroSim's perceptron through each device of its table and sets the accuracies beside its own (MLP+NeuroSim
// V3.0 manual, Table II: 400-100-10, MNIST, one update a picture), in docs/training-and-attacks.md. What a device gave
// is kept in results/device-study, so that a run that was stopped goes on. Needs a build.
// Usage: node scripts/device-study.mjs [FOLDER] [--jobs N] [--pictures N] [--epochs N]
// FOLDER has MNIST's train5k and t10k files (idx, gz); without it digits are drawn.

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const program = here('dist/cli/xbarflow.js');
const { values: given, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    jobs: { type: 'string', default: '1' },
    pictures: { type: 'string', default: '600' },
    epochs: { type: 'string', default: '2' },
  },
});
const [mnist] = positionals;
const [jobs, pictures, epochs] = [given.jobs, given.pictures, given.epochs].map(Number);
const folder = here('results/device-study');
mkdirSync(folder, { recursive: true });

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
    ? [`data={ kind: digits, count: ${pictures} }`, 'test={ kind: digits, count: 1000, seed: 2 }']
    : [`data={ ${files('train5k')}, count: ${pictures} }`, `test={ ${files('t10k')}, count: 1000 }`];

/** Starting weights of both layers, even within 0.1: ten times that is NeuroSim's range, -1 to 1. */
const weights = join(folder, 'start.safetensors');
{
  const sizes = { 'fc1.weight': [100, 784], 'fc2.weight': [10, 100] };
  const header = {};
  const values = [];
  let state = 1;
  for (const [name, shape] of Object.entries(sizes)) {
    const from = 4 * values.length;
    for (let i = 0; i < shape[0] * shape[1]; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      values.push(0.2 * (state / 2 ** 32) - 0.1);
    }
    header[name] = { dtype: 'F32', shape, data_offsets: [from, 4 * values.length] };
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  writeFileSync(weights, Buffer.concat([length, json, Buffer.from(Float32Array.from(values).buffer)]));
}

/**
 * A weight a device, an update a picture. NeuroSim takes the sum of squares of ten outputs at rates of 0.4 and 0.2; of
 * their mean that is 4 and 2, here 3 for both.
 */
const TRAINING = [
  ...['training.batch=1', `training.epochs=${epochs}`, 'training.optimizer=sgd', 'training.loss=mse'],
  ...['training.learningRate=3', 'training.device.headroom=10'],
  `model.weights=${weights}`,
];

/** Test accuracy after the last epoch, percent. */
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

/** What a device gives, from the last run where it was the same one. */
async function accuracyOf(device) {
  const file = join(folder, `${device ?? 'float'}.json`);
  const key = JSON.stringify([DATA, TRAINING]);
  const kept = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
  if (kept?.key === key) return kept.accuracy;
  const accuracy = await train(device === null ? [] : [`crossbar.device=${device}`, 'training.update=device']);
  writeFileSync(`${file}.new`, JSON.stringify({ key, accuracy }));
  renameSync(`${file}.new`, file);
  console.log(`${device ?? 'floating point'}: ${accuracy.toFixed(1)} %`);
  return accuracy;
}

const devices = [null, 'reram-neurosim-ideal', ...Object.keys(PRINTED)];
const accuracies = new Map();
const left = [...devices];
await Promise.all(
  Array.from({ length: jobs }, async () => {
    while (left.length > 0) {
      const device = left.shift();
      accuracies.set(device, await accuracyOf(device));
    }
  }),
);

const listed = Object.entries(PRINTED).map(([device, printed]) => ({ device, printed, own: accuracies.get(device) }));
const rank = (of, key) => 1 + listed.filter((other) => other[key] > of[key]).length;
const percent = (value) => `${value.toFixed(1)} %`;
const apart = listed.reduce((sum, one) => sum + (rank(one, 'own') - rank(one, 'printed')) ** 2, 0);
const n = listed.length;
const correlation = 1 - (6 * apart) / (n * (n * n - 1));
const row = (cells) => `| ${cells.join(' | ')} |`;
const table = [
  `${pictures} pictures of ${mnist === undefined ? 'drawn digits' : "MNIST's"}, ${epochs} epochs, an update a picture:`,
  '',
  row(['device', 'here', 'NeuroSim', 'distance', 'rank here', 'rank there']),
  row(['---', '---', '---', '---', '---', '---']),
  row(['floating point', percent(accuracies.get(null)), '', '', '', '']),
  row(['ideal device', percent(accuracies.get('reram-neurosim-ideal')), '', '', '', '']),
  ...listed.map((one) =>
    row([
      one.device,
      percent(one.own),
      `${one.printed} %`,
      (one.own - one.printed).toFixed(1),
      rank(one, 'own'),
      rank(one, 'printed'),
    ]),
  ),
  '',
  `Rank correlation (Spearman): ${correlation.toFixed(2)}.`,
].join('\n');
console.log(table);
const page = here('docs/training-and-attacks.md');
const [begin, end] = ['<!-- device study -->', '<!-- end of device study -->'];
const text = readFileSync(page, 'utf8');
if (!text.includes(begin) || !text.includes(end)) throw new Error(`${page}: expected the lines ${begin} and ${end}`);
const [before] = text.split(begin);
const [, after] = text.split(end);
writeFileSync(page, `${before}${begin}\n\n${table}\n\n${end}${after}`);
