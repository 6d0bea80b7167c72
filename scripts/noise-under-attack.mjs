// Noise on the weights (programming of cells) against noise at the outputs (drawn at each conversion, or offsets of
// converters) of ISAAC's arrays under PGD, with gradients of the hardware and of its float model; after Lammie et al.,
// Nature Communications 2025.
// Usage: node scripts/noise-under-attack.mjs [pictures, 40]. Needs a build.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../dist/cli/xbarflow.js', import.meta.url));
const pictures = Number(process.argv[2] ?? 40);
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
const attack = async (noise, from) => {
  const { cleanAccuracy, robustAccuracy } = JSON.parse(
    await run(
      ...['attack', 'isaac', '--format', 'json'],
      ...sets([
        ...['network=digits-cnn', `model.weights=${join(folder, 'model.safetensors')}`],
        `data={ kind: digits, count: ${pictures}, seed: 3 }`,
        `attack={ method: pgd, epsilon: 0.1, step: 0.03, iterations: 5, gradientFrom: ${from}, backend: crossbar }`,
        ...noise,
      ]),
    ),
  );
  return [cleanAccuracy, robustAccuracy];
};

const KINDS = [
  ['none', []],
  ...[0.1, 0.2].map((share) => [`weights, ${share} of a cell`, [`functional.noise.programming=${share}`]]),
  ...[1, 2, 4].map((steps) => [
    `each conversion, ${steps} steps`,
    [`functional.noise.adc.noise={ value: ${steps}, source: study }`],
  ]),
  ['offsets of converters, 2 steps', ['functional.noise.adc.offset={ value: 2, source: study }']],
];
const percent = (share) => `${(100 * share).toFixed(1)} %`;
console.log('| noise | clean | attacked by the float model | attacked by the hardware |\n| --- | --- | --- | --- |');
for (const [name, noise] of KINDS) {
  const [[clean, float], [, hardware]] = [await attack(noise, 'float'), await attack(noise, 'hardware')];
  console.log(`| ${name} | ${[clean, float, hardware].map(percent).join(' | ')} |`);
}
