// Checks the arrows of the house and guards that modules were really read (a broken parser would pass an empty graph).
import { readdirSync } from 'node:fs';
import { spawnSync } from 'node:child_process';

const sources = readdirSync('src', { recursive: true }).filter((file) => file.endsWith('.ts')).length;
const run = spawnSync(
  'npx',
  ['--no-install', 'depcruise', 'src', '--config', '.dependency-cruiser.cjs', '--output-type', 'json'],
  {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  },
);
if (!run.stdout.startsWith('{')) {
  console.error(run.stderr || run.stdout);
  process.exit(1);
}
const { summary, modules } = JSON.parse(run.stdout);
const checked = modules.filter((module) => module.source.startsWith('src/')).length;
for (const { rule, from, to } of summary.violations) console.error(`${rule.name}: ${from} -> ${to}`);
if (checked < sources) {
  console.error(`only ${checked} of ${sources} modules were checked`);
  process.exit(1);
}
if (summary.violations.length > 0) process.exit(1);
console.log(`${checked} modules, ${summary.totalDependenciesCruised} dependencies: no violation`);
