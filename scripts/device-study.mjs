// Trains NeuroSim's perceptron through each device of its table and sets the accuracies beside its own (MLP+NeuroSim
// V3.0 manual, Table II: 400-100-10, MNIST, one update a picture), in docs/training-and-attacks.md. What differs from
// NeuroSim's training is changed one knob at a time. What a run gave is kept in results/device-study, so that a study
// that was stopped goes on. Needs a build.
// Usage: node scripts/device-study.mjs FOLDER [--jobs N] [--pictures N] [--epochs N] [--long EPOCHS]
// FOLDER has MNIST's train5k and t10k files (idx, gz).

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';

const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const program = here('dist/cli/xbarflow.js');
const { values: given, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    jobs: { type: 'string', default: '1' },
    pictures: { type: 'string', default: '4000' },
    epochs: { type: 'string', default: '2' },
    long: { type: 'string', default: '8' },
  },
});
const [mnist] = positionals;
if (mnist === undefined) throw new Error('expected the folder with the files of MNIST');
const [jobs, pictures, epochs, long] = [given.jobs, given.pictures, given.epochs, given.long].map(Number);
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

function networkOf(side) {
  const file = join(folder, `perceptron-${side}.yaml`);
  writeFileSync(
    file,
    `name: perceptron
input: { channels: 1, height: ${side}, width: ${side} }
layers:
  - { name: flatten, type: flatten }
  - { name: fc1, type: dense, features: 100, bias: false }
  - { name: sigmoid1, type: sigmoid }
  - { name: fc2, type: dense, features: 10, bias: false }
  - { name: sigmoid2, type: sigmoid }
`,
  );
  return file;
}

/** Pictures of MNIST: as they are, or their middle 20 x 20 in black and white (from half the range on). */
function filesOf(name, bits) {
  const labels = join(mnist, `${name}-labels-idx1-ubyte.gz`);
  const file = join(mnist, `${name}-images-idx3-ubyte.gz`);
  if (!bits) return `kind: idx, inputs: ${file}, labels: ${labels}`;
  const grey = gunzipSync(readFileSync(file));
  const count = grey.readUInt32BE(4);
  const middle = Buffer.alloc(16 + count * 400);
  [2051, count, 20, 20].forEach((value, i) => middle.writeUInt32BE(value, 4 * i));
  for (let n = 0; n < count; n++)
    for (let y = 0; y < 20; y++)
      for (let x = 0; x < 20; x++)
        middle[16 + n * 400 + y * 20 + x] = grey[16 + n * 784 + (y + 4) * 28 + x + 4] >= 128 ? 255 : 0;
  const out = join(folder, `${name}-bits.idx`);
  writeFileSync(out, middle);
  return `kind: idx, inputs: ${out}, labels: ${labels}`;
}

/**
 * Starting weights: of seven values over the whole range, as NeuroSim draws them, or even within a tenth of it.
 * @returns the file, and the range in units of the largest weight
 */
function startOf({ side, whole }) {
  const file = join(folder, `start-${side}-${whole ? 'whole' : 'tenth'}.safetensors`);
  const sizes = { 'fc1.weight': [100, side * side], 'fc2.weight': [10, 100] };
  const header = {};
  const values = [];
  let state = 1;
  const add = (name, shape, value) => {
    const from = 4 * values.length;
    const count = shape.reduce((product, length) => product * length, 1);
    for (let i = 0; i < count; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      values.push(value(state / 2 ** 32));
    }
    header[name] = { dtype: 'F32', shape, data_offsets: [from, 4 * values.length] };
  };
  for (const [name, shape] of Object.entries(sizes))
    add(name, shape, (u) => (whole ? (Math.floor(7 * u) - 3) / 3 : 0.2 * u - 0.1));
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  writeFileSync(file, Buffer.concat([length, json, Buffer.from(Float32Array.from(values).buffer)]));
  return { file, headroom: whole ? 1 : 10 };
}

/**
 * A weight a device, an update a picture. NeuroSim takes the sum of squares of ten outputs at rates of 0.4 and 0.2 of
 * its two layers; of their mean that is 4 and 2. Its own: `pictures` of 20 x 20 black and white pixels, `weights` that
 * start all over the range, `rates` of both layers (else 3 for both).
 */
function knobsOf({ pictures: small, weights, rates, rounding }, epochs) {
  const side = small ? 20 : 28;
  const start = startOf({ side, whole: weights });
  return [
    `data={ ${filesOf('train5k', small)}, count: ${pictures} }`,
    `test={ ${filesOf('t10k', small)}, count: 1000 }`,
    `network=${networkOf(side)}`,
    `model.weights=${start.file}`,
    ...['training.batch=1', `training.epochs=${epochs}`, 'training.optimizer=sgd', 'training.loss=mse'],
    `training.learningRates=${rates ? '{ fc1: 4, fc2: 2 }' : '{ fc1: 3, fc2: 3 }'}`,
    `training.device.headroom=${start.headroom}`,
    ...(rounding === undefined ? [] : [`training.device.rounding=${rounding}`]),
  ];
}

const run = (sets) =>
  new Promise((resolve, reject) => {
    const args = ['train', 'pipelayer', '--quiet', '--format', 'json', ...sets.flatMap((set) => ['--set', set])];
    const child = spawn(process.execPath, [program, ...args]);
    let [out, said] = ['', ''];
    child.stdout.on('data', (text) => (out += text));
    child.stderr.on('data', (text) => (said += text));
    child.on('exit', (status) => (status === 0 ? resolve(JSON.parse(out)) : reject(new Error(said))));
  });

/** Test accuracy after each epoch, percent, from the last run where it was the same one. */
async function accuracies(device, own, epochs) {
  const knobs = knobsOf(own, epochs);
  if (device !== null) knobs.push(`crossbar.device=${device}`, 'training.update=device');
  const said = JSON.stringify(knobs).replaceAll(folder, '').replaceAll(mnist, '');
  const name = createHash('sha256').update(said).digest('hex').slice(0, 32);
  const file = join(folder, `${name}.json`);
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'));
  const found = (await run(knobs)).epochs.map(({ testAccuracy }) => 100 * testAccuracy);
  writeFileSync(`${file}.new`, JSON.stringify(found));
  renameSync(`${file}.new`, file);
  console.log(
    `${device ?? 'floating point'} ${JSON.stringify(own)}: ${found.map((one) => one.toFixed(1)).join(', ')} %`,
  );
  return found;
}

const OWN = ['pictures', 'weights', 'rates'];
const all = (value) => Object.fromEntries(OWN.map((knob) => [knob, value]));
/** NeuroSim's training, each of its knobs left out, and none of them. */
const VARIANTS = {
  "NeuroSim's": all(true),
  'grey 28 x 28': { ...all(true), pictures: false },
  'starts within a tenth': { ...all(true), weights: false },
  'one rate': { ...all(true), rates: false },
  'all three': all(false),
  'pulses right on average': { ...all(true), rounding: 'stochastic' },
};
const devices = [null, 'reram-neurosim-ideal', ...Object.keys(PRINTED)];
const found = new Map();
const left = [...Object.entries(VARIANTS), ['long', VARIANTS["NeuroSim's"]]].flatMap(([variant, own]) =>
  devices.map((device) => ({ variant, own, device, epochs: variant === 'long' ? long : epochs })),
);
await Promise.all(
  Array.from({ length: jobs }, async () => {
    for (let one = left.shift(); one !== undefined; one = left.shift())
      found.set(`${one.variant} ${one.device}`, await accuracies(one.device, one.own, one.epochs));
  }),
);

const listed = Object.keys(PRINTED);
const last = (variant, device) => found.get(`${variant} ${device}`).at(-1);
/** Ranks of values; equal ones share the mean of theirs. */
const ranks = (values) =>
  values.map((value) => {
    const above = values.filter((other) => other > value).length;
    const equal = values.filter((other) => other === value).length;
    return above + (equal + 1) / 2;
  });
/** Correlation of ranks (Pearson's of the ranks, which holds with ties). */
function spearman(a, b) {
  const [x, y] = [ranks(a), ranks(b)];
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  const sum = (f) => x.reduce((total, _, i) => total + f(x[i] - mx, y[i] - my), 0);
  return sum((p, q) => p * q) / Math.sqrt(sum((p) => p * p) * sum((_, q) => q * q));
}
const percent = (value) => `${value.toFixed(1)} %`;
const row = (cells) => `| ${cells.join(' | ')} |`;
const heads = (cells) => [row(cells), row(cells.map(() => '---'))];
const printed = listed.map((device) => PRINTED[device]);
const own = listed.map((device) => last('long', device));
const [rankHere, rankThere] = [ranks(own), ranks(printed)];
const each = (device) =>
  found
    .get(`long ${device}`)
    .map((one) => one.toFixed(1))
    .join(', ');
const correlation = (variant) =>
  spearman(
    listed.map((device) => last(variant, device)),
    printed,
  ).toFixed(2);
const names = Object.keys(VARIANTS);
const table = [
  `NeuroSim's training on ${pictures} of MNIST's pictures, ${long} epochs, an update a picture:`,
  '',
  ...heads(['device', 'here', 'NeuroSim', 'distance', 'rank here', 'rank there', 'after each epoch']),
  row(['floating point', percent(last('long', null)), '', '', '', '', each(null)]),
  row(['ideal device', percent(last('long', 'reram-neurosim-ideal')), '', '', '', '', each('reram-neurosim-ideal')]),
  ...listed.map((device, i) => {
    const distance = (own[i] - printed[i]).toFixed(1);
    return row([device, percent(own[i]), `${printed[i]} %`, distance, rankHere[i], rankThere[i], each(device)]);
  }),
  '',
  `Rank correlation (Spearman): ${correlation('long')}; mean distance ` +
    `${(own.reduce((sum, value, i) => sum + Math.abs(value - printed[i]), 0) / own.length).toFixed(1)} points.`,
  '',
  `One knob of it left out at a time, and pulses drawn so that they are right on average, ${epochs} epochs:`,
  '',
  ...heads(['device', ...names]),
  ...devices.map((device) => row([device ?? 'floating point', ...names.map((name) => percent(last(name, device)))])),
  row(['rank correlation', ...names.map(correlation)]),
].join('\n');
console.log(table);
const page = here('docs/training-and-attacks.md');
const [begin, end] = ['<!-- device study -->', '<!-- end of device study -->'];
const text = readFileSync(page, 'utf8');
if (!text.includes(begin) || !text.includes(end)) throw new Error(`${page}: expected the lines ${begin} and ${end}`);
const [before] = text.split(begin);
const [, after] = text.split(end);
writeFileSync(page, `${before}${begin}\n\n${table}\n\n${end}${after}`);
