import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'xbarflow-bundles-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const cache = join(folder, 'main.cjs.cache');
writeFileSync(join(folder, 'part.cjs'), '(function ({ exports }) { exports.two = 2; })');
writeFileSync(
  join(folder, 'main.cjs'),
  `(function ({ exports, require, __filename, importPackage }) {
const { two } = require('./part.cjs');
exports.sum = two + two + require('node:path').basename(__filename);
exports.imported = importPackage('node:fs').then(({ readFileSync }) => typeof readFileSync);
})`,
);

/** Runs the bundle in a process of its own: V8 looks at no cache for a text that it has compiled already. */
function run(): { said: unknown; data: Buffer } {
  const made = join(folder, 'made');
  const program = `
import { writeFileSync } from 'node:fs';
import { Bundles } from ${JSON.stringify(pathToFileURL(join(root, 'dist/cli/bundles.js')).href)};
const bundles = new Bundles(new URL(${JSON.stringify(`${pathToFileURL(folder).href}/`)}), 'process');
const { sum, imported } = bundles.load('main.cjs');
const script = bundles.scripts.get(${JSON.stringify(cache)});
writeFileSync(${JSON.stringify(made)}, script.createCachedData());
console.log(JSON.stringify([sum, await imported, script.cachedDataRejected ?? null]));
`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return { said: JSON.parse(stdout), data: readFileSync(made) };
}

it('bundles run without a cache, from a cache, and where the cache is of another text or of no V8', () => {
  const { said, data } = run();
  expect(said).toEqual(['4main.cjs', 'function', null]);
  writeFileSync(cache, data);
  expect(run().said).toEqual(['4main.cjs', 'function', false]);
  for (const other of [data.subarray(0, 40), Buffer.from('no cache of any V8')]) {
    writeFileSync(cache, other);
    expect(run().said).toEqual(['4main.cjs', 'function', true]);
  }
});

it.each(['--help', 'run pipelayer --set network=lenet-5'])('V8 takes all that the build kept for %s', (command) => {
  const here = (name: string): string => JSON.stringify(pathToFileURL(join(root, 'dist/cli', name)).href);
  const program = `
import { Bundles } from ${here('bundles.js')};
import { tuneV8 } from ${here('v8-flags.js')};
tuneV8();
const bundles = new Bundles(new URL(${here('/')}), 'process');
process.on('exit', () => {
  for (const [path, { cachedDataRejected }] of bundles.scripts) console.error(path, cachedDataRejected);
});
bundles.load('main.cjs');
`;
  const env = { ...process.env, NODE_OPTIONS: '', NODE_V8_COVERAGE: '' };
  const words = ['--input-type=module', '-e', program, 'xbarflow', ...command.split(' ')];
  const { stderr } = spawnSync(process.execPath, words, { encoding: 'utf8', env });
  const taken = stderr.trim().split('\n');
  expect(taken.length).toBeGreaterThan(1);
  for (const line of taken) expect(line).toMatch(/\.cache false$/);
});
