// Keeps what V8 compiles of the command line beside its bundles (dist/cli/*.cjs.cache): a process that finds it starts
// without compiling. Commands that are often run are run once here, each with the caches of those before, so that the
// caches have the functions that they call.
//
//     node scripts/code-cache.mjs
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Bundles } from '../dist/cli/bundles.js';

const COMMANDS = [
  ['--help'],
  ['run', 'isaac', '--set', 'network=resnet-18'],
  ['compare', 'a3', 'pipelayer', '--set', 'network=lenet-5'],
  ['run', 'pipelayer', '--set', 'network=lenet-5', '--format', 'json'],
];

const own = process.argv.slice(2);
if (own.length > 0) {
  const bundles = new Bundles(new URL('../dist/cli/', import.meta.url));
  process.on('exit', () => {
    for (const [path, script] of bundles.scripts) writeFileSync(path, script.createCachedData());
  });
  bundles.load('main.cjs');
} else {
  for (const command of COMMANDS) {
    const { status, stderr } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), ...command], {
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`${command.join(' ')}: ${stderr}`);
  }
}
