// Kills `train` and `attack` at random moments (kill -9), resumes them, and compares every file with those of one that
// nobody disturbed. Usage: node scripts/kill-and-resume.mjs [kills of each, 20] [seed]. Needs a build.

import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import seedrandom from 'seedrandom';

const program = fileURLToPath(new URL('../dist/cli/xbarflow.cjs', import.meta.url));
const kills = Number(process.argv[2] ?? 20);
const draw = seedrandom.alea(process.argv[3] ?? 'kill and resume');
const folder = mkdtempSync(join(tmpdir(), 'xbarflow-kill-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const TRAIN = [
  ...['train', 'train-digits', '--set', 'data.count=640', '--set', 'test.count=100', '--set', 'training.epochs=3'],
  ...['--set', 'training.checkpoint.seconds=0.05', '--set', 'training.update=fixed-point'],
];
const ATTACK = [
  ...[
    'attack',
    'a3',
    '--set',
    'network=digits-cnn',
    '--set',
    `model.weights=${join(folder, 'train/model.safetensors')}`,
  ],
  ...['--set', 'data={ kind: digits, count: 10, seed: 3 }'],
  ...[
    '--set',
    'attack={ method: pgd, epsilon: 0.2, iterations: 10, backend: crossbar, checkpoint: { seconds: 0.05 } }',
  ],
];

/** Runs to the end, or until it is killed. @returns its status; null where it was killed */
const run = (args, killAfterMs) =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [program, ...args, '--quiet'], { stdio: ['ignore', 'ignore', 'inherit'] });
    const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
    child.on('exit', (status) => {
      clearTimeout(timer);
      resolve(status);
    });
  });

/** Files by name; of a result what does not hang on the clock. */
const filesOf = (out) =>
  new Map(
    readdirSync(out)
      .filter((name) => !name.startsWith('checkpoint') && !name.startsWith('.') && name !== 'report.html')
      .sort()
      .map((name) => {
        const bytes = readFileSync(join(out, name));
        if (name !== 'result.json') return [name, bytes.toString('base64')];
        const { simulator: _, ...rest } = JSON.parse(bytes.toString());
        return [name, JSON.stringify(rest)];
      }),
  );

let failed = false;
for (const [name, args] of [
  ['train', TRAIN],
  ['attack', ATTACK],
]) {
  const whole = join(folder, name);
  const started = performance.now();
  if ((await run([...args, '--out', whole])) !== 0) process.exit(1);
  const lasts = performance.now() - started;
  const expected = filesOf(whole);
  const out = join(folder, `${name}-killed`);
  let killed = 0;
  let ended = 0;
  while (killed < kills) {
    const status = await run([...args, '--out', out, '--resume'], lasts * draw());
    if (status === null) killed++;
    else if (status === 0) {
      // It came to its end before the kill: another one from the start.
      ended++;
      rmSync(out, { recursive: true, force: true });
    } else process.exit(1);
  }
  if ((await run([...args, '--out', out, '--resume'])) !== 0) process.exit(1);
  const found = filesOf(out);
  const differ = [...expected].filter(([file, bytes]) => found.get(file) !== bytes).map(([file]) => file);
  failed ||= differ.length > 0 || found.size !== expected.size;
  console.log(
    `${name}: ${killed} kills, ${ended} runs ended before theirs; ` +
      (differ.length === 0 ? `all ${expected.size} files equal` : `these differ: ${differ.join(', ')}`),
  );
}
process.exitCode = failed ? 1 : 0;
