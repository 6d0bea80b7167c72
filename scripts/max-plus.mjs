// `npm run max-plus [-- --write]`: random flows, the engine against the independent model of the tests, to the tick;
// `--write` puts the outcome into docs/reliability.md. RUNS (times the flows that CI tries) and SEED (several with
// commas) choose others.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const RUNS = process.env.RUNS ?? '20';
const SEED = process.env.SEED ?? '1981';
const seeds = SEED.split(',');
const folder = mkdtempSync(join(tmpdir(), 'xbarflow-max-plus-'));

/** The tests that compare flows, run with a seed; each says how many it compared. */
function testsOf(seed) {
  const report = join(folder, `${seed}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile=${report}`];
  spawnSync('npx', ['vitest', 'run', 'test/pipeline/max-plus.test.ts', ...reporters], {
    stdio: 'inherit',
    env: { ...process.env, RUNS, SEED: seed },
  });
  return JSON.parse(readFileSync(report, 'utf8')).testResults.flatMap(({ assertionResults }) => assertionResults);
}

const tests = seeds.flatMap(testsOf);
rmSync(folder, { recursive: true });
const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
const flows = sum(tests.map(({ meta }) => meta.flows ?? 0));
const seconds = Math.round(sum(tests.map(({ duration }) => duration)) / 1000);
const failed = tests.filter(({ status }) => status !== 'passed').length;
const titles = [...new Set(tests.map(({ title }) => title))];
const text =
  `${flows.toLocaleString('en-US')} random flows of seed${seeds.length > 1 ? 's' : ''} ${seeds.join(', ')} ` +
  `in ${seconds} s: ` +
  `${failed === 0 ? 'all are equal' : `${failed} of ${tests.length} tests fail`} (${titles.join('; ')}). ` +
  `\`RUNS=${RUNS} SEED=${SEED} npm run max-plus -- --write\` writes this.`;
console.log(text);
if (process.argv.includes('--write')) {
  const page = readFileSync('docs/reliability.md', 'utf8');
  writeFileSync(
    'docs/reliability.md',
    page.replace(
      /<!-- max-plus -->[\s\S]*<!-- \/max-plus -->/,
      () => `<!-- max-plus -->\n\n${text}\n\n<!-- /max-plus -->`,
    ),
  );
}
process.exitCode = failed === 0 ? 0 : 1;
