// Noise on the weights (cells as they were written, or from read to read) against noise at the outputs (at each
// conversion, or offsets of converters) under PGD, each as strong as brings the last layer to one signal-to-noise
// ratio, on a core that converts whole products (HERMES); gradients of the hardware and of its float model; after
// Lammie et al., Nature Communications 2025.
// Usage: node scripts/noise-under-attack.mjs [pictures, 60]. Needs a build.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../dist/cli/xbarflow.js', import.meta.url));
const pictures = Number(process.argv[2] ?? 60);
const folder = mkdtempSync(join(tmpdir(), 'xbarflow-noise-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const run = (...args) =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args, '--quiet']);
    let [out, said] = ['', ''];
    child.stdout.on('data', (text) => (out += text));
    child.stderr.on('data', (text) => (said += text));
    child.on('exit', (status) => (status === 0 ? resolve(out) : reject(new Error(said))));
  });
const sets = (list) => list.flatMap((set) => ['--set', set]);

await run('train', 'train-digits', '--out', folder, ...sets(['test.count=1', 'training.epochs=3']));
const on = async (command, knobs) =>
  JSON.parse(
    await run(
      ...[command, 'hermes-core', '--format', 'json'],
      ...sets([
        ...['network=digits-cnn', `model.weights=${join(folder, 'model.safetensors')}`],
        ...[`data={ kind: digits, count: ${pictures}, seed: 3 }`, 'functional.adcRange=calibrated', ...knobs],
      ]),
    ),
  );
const attack = async (noise, from) => {
  const rule = 'method: pgd, epsilon: 0.1, step: 0.03, iterations: 5, backend: crossbar';
  const tree = `attack={ ${rule}, gradientFrom: ${from} }`;
  const { cleanAccuracy, robustAccuracy } = await on('attack', [tree, ...noise]);
  return [cleanAccuracy, robustAccuracy];
};
/** dB of the last layer under some noise. */
const ratioOf = async (noise) => (await on('evaluate', noise)).layers.at(-1).snrDb;

/** Kinds of noise by what they are set to, and a strength that is too much. */
const KINDS = {
  'weights, as written': [(value) => `functional.noise.programming=${value}`, 1],
  'weights, each read': [(value) => `functional.noise.read=${value}`, 1],
  'outputs, each conversion': [(value) => `functional.noise.adc.noise={ value: ${value}, source: study }`, 32],
  'outputs, offsets': [(value) => `functional.noise.adc.offset={ value: ${value}, source: study }`, 32],
};
/** The strength of a noise that leaves so many dB: halved steps on a logarithmic scale. */
async function strengthFor(set, most, wanted) {
  let [low, high] = [most / 1024, most];
  for (let i = 0; i < 7; i++) {
    const middle = Math.sqrt(low * high);
    if ((await ratioOf([set(middle)])) > wanted) low = middle;
    else high = middle;
  }
  return Number(Math.sqrt(low * high).toPrecision(3));
}

const percent = (share) => `${(100 * share).toFixed(1)} %`;
console.log('| noise | strength | dB | clean | attacked by the float model | attacked by the hardware |');
console.log('| --- | --- | --- | --- | --- | --- |');
const row = async (name, strength, noise) => {
  const [[clean, float], [, hardware]] = [await attack(noise, 'float'), await attack(noise, 'hardware')];
  const ratio = (await ratioOf(noise)).toFixed(1);
  console.log(`| ${name} | ${strength} | ${ratio} | ${[clean, float, hardware].map(percent).join(' | ')} |`);
};
await row('none', '', []);
for (const wanted of [15, 10, 5])
  for (const [name, [set, most]] of Object.entries(KINDS)) {
    const strength = await strengthFor(set, most, wanted);
    await row(name, strength, [set(strength)]);
  }
