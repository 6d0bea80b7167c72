// Noise on the weights (cells as they were written, or from read to read) against noise at the outputs (at each
// conversion, or offsets of converters) under PGD, each as strong as brings the last layer to one signal-to-noise
// ratio, on a core that converts whole products (HERMES); gradients of the hardware and of its float model; after
// Lammie et al., Nature Communications 2025. The table goes into docs/training-and-attacks.md; what a run gave is kept
// in results/noise-under-attack, so that a study that was stopped goes on. Needs a build.
// Usage: node scripts/noise-under-attack.mjs [--pictures N] [--chips N] [--jobs N]

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const program = here('dist/cli/xbarflow.cjs');
const { values: given } = parseArgs({
  options: {
    pictures: { type: 'string', default: '100' },
    chips: { type: 'string', default: '3' },
    jobs: { type: 'string', default: '1' },
  },
});
const [pictures, chips, jobs] = [given.pictures, given.chips, given.jobs].map(Number);
const folder = here('results/noise-under-attack');
mkdirSync(folder, { recursive: true });

const run = (...args) =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args, '--quiet']);
    let [out, said] = ['', ''];
    child.stdout.on('data', (text) => (out += text));
    child.stderr.on('data', (text) => (said += text));
    child.on('exit', (status) => (status === 0 ? resolve(out) : reject(new Error(said))));
  });
const sets = (list) => list.flatMap((set) => ['--set', set]);

const model = join(folder, 'network/model.safetensors');
if (!existsSync(model))
  await run('train', 'train-digits', '--out', join(folder, 'network'), ...sets(['test.count=1', 'training.epochs=3']));
const network = createHash('sha256').update(readFileSync(model)).digest('hex').slice(0, 16);

/** What a command says, or said before with the same knobs on the same network. */
async function on(command, knobs) {
  const name = createHash('sha256')
    .update(JSON.stringify([command, network, pictures, knobs]))
    .digest('hex');
  const file = join(folder, `${name.slice(0, 32)}.json`);
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'));
  const said = await run(
    ...[command, 'hermes-core', '--format', 'json'],
    ...sets([
      ...['network=digits-cnn', `model.weights=${model}`, 'functional.adcRange=calibrated'],
      ...[`data={ kind: digits, count: ${pictures}, seed: 3 }`, ...knobs],
    ]),
  );
  writeFileSync(`${file}.new`, said);
  renameSync(`${file}.new`, file);
  return JSON.parse(said);
}

const PGD = 'method: pgd, epsilon: 0.1, step: 0.03, iterations: 5, backend: crossbar';
/** Shares that are right, the mean over chips: clean, and attacked along the gradients of one or the other. */
async function attacked(knobs) {
  const shares = { clean: 0, float: 0, hardware: 0 };
  for (let seed = 0; seed < chips; seed++)
    for (const from of ['float', 'hardware']) {
      const tree = [`attack={ ${PGD}, gradientFrom: ${from} }`, `workload.seed=${seed}`];
      const { cleanAccuracy, robustAccuracy } = await on('attack', [...knobs, ...tree]);
      shares[from] += robustAccuracy / chips;
      if (from === 'hardware') shares.clean += cleanAccuracy / chips;
    }
  return shares;
}
/** dB of the last layer under some noise. */
const ratioOf = async (knobs) => (await on('evaluate', knobs)).layers.at(-1).snrDb;

const MAGNITUDES = ['functional.signedInputs=sign-magnitude'];
const OFFSET = ['functional.signedInputs=offset'];
const written = (value) => `functional.noise.programming=${value}`;
/** What is set to what strength, a strength that is too much, and how signed values drive the arrays. */
const KINDS = {
  'weights, as written': [written, 1, MAGNITUDES],
  'weights, each read': [(value) => `functional.noise.read=${value}`, 1, MAGNITUDES],
  'outputs, each conversion': [
    (value) => `functional.noise.adc.noise={ value: ${value}, source: study }`,
    32,
    MAGNITUDES,
  ],
  'outputs, offsets': [(value) => `functional.noise.adc.offset={ value: ${value}, source: study }`, 32, MAGNITUDES],
  'weights, as written; driven with an offset': [written, 1, OFFSET],
};
/** The strength of a noise that leaves so many dB: halved steps on a logarithmic scale. */
async function strengthFor([set, most, drive], wanted) {
  let [low, high] = [most / 1024, most];
  for (let i = 0; i < 7; i++) {
    const middle = Math.sqrt(low * high);
    if ((await ratioOf([...drive, set(middle)])) > wanted) low = middle;
    else high = middle;
  }
  return Number(Math.sqrt(low * high).toPrecision(3));
}

const cases = [
  { name: 'none', drive: MAGNITUDES },
  ...[20, 15, 10].flatMap((wanted) => Object.keys(KINDS).map((name) => ({ name, wanted, drive: KINDS[name][2] }))),
];
const rows = new Map();
const left = [...cases];
await Promise.all(
  Array.from({ length: jobs }, async () => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) {
      const strength = one.wanted === undefined ? '' : await strengthFor(KINDS[one.name], one.wanted);
      const knobs = one.wanted === undefined ? one.drive : [...one.drive, KINDS[one.name][0](strength)];
      rows.set(one, { strength, ratio: await ratioOf(knobs), ...(await attacked(knobs)) });
      console.log(`${one.name} ${one.wanted ?? ''}: done`);
    }
  }),
);

const percent = (share) => `${(100 * share).toFixed(1)} %`;
const line = (cells) => `| ${cells.join(' | ')} |`;
const answers = pictures * chips;
const table = [
  `${pictures} pictures on ${chips} chips (seeds), ${answers} answers a figure: a share of one half is uncertain by ` +
    `${(100 / Math.sqrt(answers)).toFixed(1)} points (two standard errors).`,
  '',
  line(['noise', 'strength', 'last layer', 'clean', 'attacked by the float model', 'by the hardware', 'of clean']),
  line(Array(7).fill('---')),
  ...cases.map((one) => {
    const { strength, ratio, clean, float, hardware } = rows.get(one);
    const shares = [clean, float, hardware].map(percent);
    const kept = percent(Math.min(float, hardware) / clean);
    return line([one.name, strength, `${ratio.toFixed(1)} dB`, ...shares, kept]);
  }),
].join('\n');
console.log(table);
const page = here('docs/training-and-attacks.md');
const [begin, end] = ['<!-- noise under attack -->', '<!-- end of noise under attack -->'];
const text = readFileSync(page, 'utf8');
if (!text.includes(begin) || !text.includes(end)) throw new Error(`${page}: expected the lines ${begin} and ${end}`);
const [before] = text.split(begin);
const [, after] = text.split(end);
writeFileSync(page, `${before}${begin}\n\n${table}\n\n${end}${after}`);
