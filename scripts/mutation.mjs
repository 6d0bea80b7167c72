// Mutation testing, room by room: `npm run mutation -- units mapping`, `-- --write` puts what is known into
// docs/reliability.md. Mutants that survive for a reason stand in test/mutants.yaml.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { ROOMS } from './mutation-rooms.mjs';

const words = process.argv.slice(2);
const rooms = words.filter((word) => word !== '--write');
for (const room of rooms) {
  if (!Object.hasOwn(ROOMS, room)) {
    console.error(`no room "${room}"; there are ${Object.keys(ROOMS).join(', ')}`);
    process.exit(2);
  }
  // Mutants run in a copy under .stryker-tmp; tests look for ../shared beside it.
  mkdirSync('.stryker-tmp', { recursive: true });
  if (existsSync('../shared') && !existsSync('.stryker-tmp/shared'))
    symlinkSync(resolve('../shared'), '.stryker-tmp/shared');
  const { status } = spawnSync('npx', ['stryker', 'run', 'stryker.config.mjs'], {
    stdio: 'inherit',
    env: { ...process.env, MUTATION_ROOM: room },
  });
  if (status !== 0) process.exit(status ?? 1);
}

/** Reasons for survivors: file, the line's text, what it was changed to. */
const reasons = existsSync('test/mutants.yaml') ? parse(readFileSync('test/mutants.yaml', 'utf8')) : [];

/** Mutants of a room with their source line, or undefined where it was not run. */
function reportOf(room) {
  const path = `results/mutation/${room}.json`;
  if (!existsSync(path)) return undefined;
  const { files } = JSON.parse(readFileSync(path, 'utf8'));
  return Object.entries(files).flatMap(([file, { source, mutants }]) => {
    const lines = source.split('\n');
    return mutants.map((mutant) => ({ file, line: lines[mutant.location.start.line - 1].trim(), ...mutant }));
  });
}

const tables = [];
const unexplained = [];
for (const room of Object.keys(ROOMS)) {
  const mutants = reportOf(room);
  if (mutants === undefined) {
    tables.push(`| ${room} | not run yet | | | | | |`);
    continue;
  }
  const of = (...states) => mutants.filter(({ status }) => states.includes(status));
  const alive = of('Survived', 'NoCoverage');
  const told = alive.map((mutant) => ({ ...mutant, why: whyOf(mutant) }));
  const explained = told.filter(({ why }) => why !== undefined);
  const killed = of('Killed', 'Timeout').length;
  const share = (part, whole) => (whole === 0 ? '' : `${((100 * part) / whole).toFixed(1)} %`);
  const counted = killed + alive.length;
  tables.push(
    `| ${room} | ${counted} | ${killed} | ${alive.length} | ${explained.length} | ${share(killed, counted)} | ` +
      `${share(killed, counted - explained.length)} |`,
  );
  for (const { file, line, location, mutatorName, replacement, why } of told)
    if (why === undefined)
      unexplained.push(
        `- \`${file}:${location.start.line}\` ${mutatorName}: \`${short(line)}\` → \`${short(replacement ?? '')}\``,
      );
}

function whyOf({ file, line, replacement }) {
  return reasons.find(
    (reason) => reason.file === file && line.includes(reason.line) && short(replacement ?? '') === short(reason.to),
  )?.why;
}

function short(text) {
  return String(text).replaceAll(/\s+/g, ' ').replaceAll('`', "'").trim().slice(0, 80);
}

const text = `| room | mutants | killed | survived | of these explained | score | without the explained |
|---|--:|--:|--:|--:|--:|--:|
${tables.join('\n')}

${unexplained.length} survive without a reason${unexplained.length === 0 ? '.' : ':'}

${unexplained.slice(0, 200).join('\n')}
`;
if (words.includes('--write')) {
  const doc = readFileSync('docs/reliability.md', 'utf8');
  const written = doc.replace(
    /<!-- mutants -->[\s\S]*<!-- \/mutants -->/,
    () => `<!-- mutants -->\n\n${text}\n<!-- /mutants -->`,
  );
  writeFileSync('docs/reliability.md', written);
} else console.log(text);
