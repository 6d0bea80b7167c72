// Trains NeuroSim's perceptron through each device of its table and sets the accuracies beside its own (MLP+NeuroSim
// V3.0 manual, Table II: 400-100-10, MNIST, one update a picture), in docs/training-and-attacks.md. What is NeuroSim's
// own is then left out one at a time. What a run gave is kept in results/device-study, so that a study that was stopped
// goes on. Needs a build.
// Usage: node scripts/device-study.mjs FOLDER [--jobs N] [--pictures N] [--epochs N] [--long EPOCHS] [--seeds N]
// FOLDER has MNIST's train5k and t10k files (idx, gz).

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';

const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const program = here('dist/cli/xbarflow.cjs');
const { values: given, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    jobs: { type: 'string', default: '1' },
    pictures: { type: 'string', default: '5000' },
    epochs: { type: 'string', default: '4' },
    long: { type: 'string', default: '40' },
    seeds: { type: 'string', default: '1' },
  },
});
const [mnist] = positionals;
if (mnist === undefined) throw new Error('expected the folder with the files of MNIST');
const [jobs, pictures, epochs, long] = [given.jobs, given.pictures, given.epochs, given.long].map(Number);
const seeds = Array.from({ length: Number(given.seeds) }, (_, i) => i + 1);
const folder = here('results/device-study');
mkdirSync(folder, { recursive: true });

/** Accuracies that NeuroSim prints, percent, and ratios of on and off. */
const TABLE = {
  'epiram-neurosim': { printed: 92, ratio: 50.2 },
  'pcm-neurosim': { printed: 89, ratio: 19.8 },
  'fefet-neurosim-hzo': { printed: 88, ratio: 45 },
  'reram-neurosim-taox': { printed: 80, ratio: 10 },
  'reram-neurosim-agasi': { printed: 72, ratio: 12.5 },
  'reram-neurosim-pcmo': { printed: 33, ratio: 6.84 },
  'reram-neurosim-alox': { printed: 20, ratio: 4.43 },
};
/** Its ideal device: 100 nS to 5 uS. */
const IDEAL = 'reram-neurosim-ideal';
const IDEAL_RATIO = 50;

function networkOf() {
  const file = join(folder, 'perceptron-20.yaml');
  writeFileSync(
    file,
    `name: perceptron
input: { channels: 1, height: 20, width: 20 }
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

/** Pictures of MNIST: their middle 20 x 20 in black and white (from half the range on). */
function filesOf(name) {
  const labels = join(mnist, `${name}-labels-idx1-ubyte.gz`);
  const grey = gunzipSync(readFileSync(join(mnist, `${name}-images-idx3-ubyte.gz`)));
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
 * Starting weights of seven values over the whole range, as NeuroSim draws them. Its code leaves the lowest conductance
 * out where it writes them, so that each stands that much too low and the lowest are cut: `low` in shares of the range.
 * @returns the file, and the range in units of the largest weight
 */
function startOf(low, seed) {
  const file = join(folder, `start-20-${low.toPrecision(4)}-${seed}.safetensors`);
  const sizes = { 'fc1.weight': [100, 400], 'fc2.weight': [10, 100] };
  const header = {};
  const values = [];
  let state = seed;
  for (const [name, shape] of Object.entries(sizes)) {
    const from = 4 * values.length;
    const count = shape.reduce((product, length) => product * length, 1);
    for (let i = 0; i < count; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      values.push(Math.max(-1, (Math.floor((7 * state) / 2 ** 32) - 3) / 3 - 2 * low));
    }
    header[name] = { dtype: 'F32', shape, data_offsets: [from, 4 * values.length] };
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  writeFileSync(file, Buffer.concat([length, json, Buffer.from(Float32Array.from(values).buffer)]));
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return { file, headroom: 1 / Math.fround(largest) };
}

/**
 * A weight a device, an update a picture. NeuroSim takes the sum of squares of ten outputs at rates of 0.4 and 0.2 of
 * its two layers; of their mean that is 4 and 2. Its own: a `start` with weights too low, and `inputs` of one bit
 * that its converters of 8 bits read.
 */
function knobsOf(device, { own, epochs, seed }) {
  const ratio = TABLE[device]?.ratio ?? IDEAL_RATIO;
  const start = startOf(own.start && device !== null ? 1 / (ratio - 1) : 0, seed);
  return [
    `data={ ${filesOf('train5k')}, count: ${pictures} }`,
    `test={ ${filesOf('t10k')}, count: 10000 }`,
    `network=${networkOf()}`,
    `workload.seed=${seed}`,
    `model.weights=${start.file}`,
    ...['training.batch=1', `training.epochs=${epochs}`, 'training.optimizer=sgd', 'training.loss=mse'],
    'training.backend=float64',
    'training.learningRates={ fc1: 4, fc2: 2 }',
    ...(device === null ? [] : onDevice(device, own, start.headroom)),
  ];
}

const onDevice = (device, { inputs }, headroom) => [
  ...[`crossbar.device=${device}`, 'training.update=device'],
  ...[`training.device.headroom=${headroom}`, 'training.device.endurance=false'],
  ...(inputs ? ['training.device.inputBits=1'] : []),
  'training.device.converterBits=8',
];

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
async function accuracies(device, asked) {
  const knobs = knobsOf(device, asked);
  const said = JSON.stringify(knobs).replaceAll(folder, '').replaceAll(mnist, '');
  const name = createHash('sha256').update(said).digest('hex').slice(0, 32);
  const file = join(folder, `${name}.json`);
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'));
  const found = (await run(knobs)).epochs.map(({ testAccuracy }) => 100 * testAccuracy);
  writeFileSync(`${file}.new`, JSON.stringify(found));
  renameSync(`${file}.new`, file);
  console.log(`${device ?? 'floating point'} ${JSON.stringify(asked)}: ${found.at(-1).toFixed(1)} %`);
  return found;
}

const OWN = ['start', 'inputs'];
const all = Object.fromEntries(OWN.map((knob) => [knob, true]));
/** Each of them left out. */
const VARIANTS = {
  'inputs as they are': { ...all, inputs: false },
  'start right': { ...all, start: false },
};
const devices = [null, IDEAL, ...Object.keys(TABLE)];
const found = new Map();
const left = [
  ...seeds.flatMap((seed) => devices.map((device) => ({ name: `long ${seed}`, device, own: all, epochs: long, seed }))),
  ...Object.entries(VARIANTS).flatMap(([name, own]) =>
    devices.map((device) => ({ name, device, own, epochs, seed: seeds[0] })),
  ),
];
await Promise.all(
  Array.from({ length: jobs }, async () => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) {
      const { name, device, ...asked } = one;
      found.set(`${name} ${device}`, await accuracies(device, asked));
    }
  }),
);

const listed = Object.keys(TABLE);
const last = (variant, device) => found.get(`${variant} ${device}`).at(-1);
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
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
  const [mx, my] = [mean(x), mean(y)];
  const sum = (f) => x.reduce((total, _, i) => total + f(x[i] - mx, y[i] - my), 0);
  return sum((p, q) => p * q) / Math.sqrt(sum((p) => p * p) * sum((_, q) => q * q));
}
const percent = (value) => `${value.toFixed(1)} %`;
const row = (cells) => `| ${cells.join(' | ')} |`;
const heads = (cells) => [row(cells), row(cells.map(() => '---'))];
const printed = listed.map((device) => TABLE[device].printed);
const finals = (device) => seeds.map((seed) => last(`long ${seed}`, device));
const own = listed.map((device) => mean(finals(device)));
const [rankHere, rankThere] = [ranks(own), ranks(printed)];
/** Updates after which accuracies are told. */
const TOLD = [0.1, 0.2, 0.5, 1].map((share) => Math.max(1, Math.round(share * long)));
const thousands = (epoch) => `${(epoch * pictures) / 1000}k`;
const told = (device) =>
  TOLD.map((epoch) => percent(mean(seeds.map((seed) => found.get(`long ${seed} ${device}`)[epoch - 1]))));
/** The first seed's long run where the short ones end. */
const early = (device) => found.get(`long ${seeds[0]} ${device}`)[epochs - 1];
const correlation = (variant) =>
  spearman(
    listed.map((device) => last(variant, device)),
    printed,
  ).toFixed(2);
const names = Object.keys(VARIANTS);
const distances = own.map((value, i) => Math.abs(value - printed[i]));
const table = [
  `NeuroSim's training on ${pictures} of MNIST's pictures, ${(long * pictures) / 1000} thousand updates, ` +
    `${seeds.length === 1 ? 'one seed' : `mean of ${seeds.length} seeds`}; accuracy on 10,000 test pictures after so ` +
    'many updates:',
  '',
  ...heads(['device', ...TOLD.map(thousands), 'NeuroSim', 'distance', 'rank here', 'rank there']),
  row(['floating point', ...told(null), '', '', '', '']),
  row(['ideal device', ...told(IDEAL), '', '', '', '']),
  ...listed.map((device, i) => {
    const distance = (own[i] - printed[i]).toFixed(1);
    return row([device, ...told(device), `${printed[i]} %`, distance, rankHere[i], rankThere[i]]);
  }),
  '',
  `Rank correlation (Spearman): ${spearman(own, printed).toFixed(2)}; ` +
    `mean distance ${mean(distances).toFixed(1)} points.`,
  '',
  `What is NeuroSim's own left out, ${(epochs * pictures) / 1000} thousand updates:`,
  '',
  ...heads(['device', "NeuroSim's", ...names]),
  ...devices.map((device) =>
    row([device ?? 'floating point', percent(early(device)), ...names.map((name) => percent(last(name, device)))]),
  ),
  row(['rank correlation', spearman(listed.map(early), printed).toFixed(2), ...names.map(correlation)]),
].join('\n');
console.log(table);
const page = here('docs/training-and-attacks.md');
const [begin, end] = ['<!-- device study -->', '<!-- end of device study -->'];
const text = readFileSync(page, 'utf8');
if (!text.includes(begin) || !text.includes(end)) throw new Error(`${page}: expected the lines ${begin} and ${end}`);
const [before] = text.split(begin);
const [, after] = text.split(end);
writeFileSync(page, `${before}${begin}\n\n${table}\n\n${end}${after}`);
