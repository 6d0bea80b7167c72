// Writes docs/components.md from the component declarations. `--check` only compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { COMPONENTS } from '../dist/hardware/index.js';

const rows = Object.entries(COMPONENTS).flatMap(([name, { description, scope, timing, actions }]) => [
  `## ${name}\n\n${description}. One instance for ${scope === 'bit' ? 'each bit of buffer capacity' : `each ${scope}`}; ${
    { none: 'no time of its own', unit: 'a unit of a chain: `latency`, `interval`', 'read-write': 'a unit of a chain: `latency` (read), `writeLatency`' }[timing]
  }.\n\n| action | what | one per |\n|---|---|---|\n${Object.entries(actions).map(([action, a]) => `| \`${action}\` | ${a.description} | ${a.per} |`).join('\n')}\n`,
]);
const text = `# Components\n\nMade from the declarations in \`src/hardware/components.ts\` by \`npm run docs\`. Each has in the config, under \`components.<name>\`: \`energy.<action>\`, \`area\` and \`leakage\` of one instance, \`instances\`; a crossbar's energies and times are the device's.\n\n${rows.join('\n')}`;
const path = new URL('../docs/components.md', import.meta.url);
if (process.argv.includes('--check')) {
  if (readFileSync(path, 'utf8') !== text) {
    console.error('docs/components.md is old: run npm run docs');
    process.exit(1);
  }
} else writeFileSync(path, text);
