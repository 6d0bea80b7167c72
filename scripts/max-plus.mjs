// `npm run max-plus [-- --write]`: 10,000 random flows, the engine against the independent model of the tests, to the
// tick; `--write` puts the outcome into docs/reliability.md. RUNS (times 500 flows) and SEED choose others.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const RUNS = process.env.RUNS ?? '20';
const SEED = process.env.SEED ?? '1981';
const folder = mkdtempSync(join(tmpdir(), 'xbarflow-max-plus-'));
const report = join(folder, 'report.json');
const { status } = spawnSync(
  'npx',
  [
    'vitest',
    'run',
    'test/pipeline/max-plus.test.ts',
    '--reporter=default',
    '--reporter=json',
    `--outputFile=${report}`,
  ],
  { stdio: 'inherit', env: { ...process.env, RUNS, SEED } },
);
const { testResults, numPassedTests, numTotalTests } = JSON.parse(readFileSync(report, 'utf8'));
rmSync(folder, { recursive: true });
const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
const seconds = tests.reduce((sum, { duration }) => sum + duration, 0) / 1000;
const text =
  `${(500 * Number(RUNS)).toLocaleString('en-US')} random flows of seed ${SEED} in ${Math.round(seconds)} s: ` +
  `${numPassedTests} of ${numTotalTests} tests pass (${tests.map(({ title }) => title).join('; ')}).`;
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
process.exitCode = status ?? 1;
