// Mutation testing, room by room: `npm run mutation -- units mapping`, `-- --write` puts what is known into
// docs/reliability.md. Mutants that survive for a reason stand in test/mutants.yaml. A run that was ended goes on.

import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { parse } from 'yaml';
import { ROOMS, instrumented } from './mutation-rooms.mjs';

const words = process.argv.slice(2);
const rooms = words.filter((word) => word !== '--write');
mkdirSync('results/mutation', { recursive: true });
const logOf = (room) => `results/mutation/${room}.jsonl`;
const pathOf = (room) => `results/mutation/${room}.json`;
const linesOf = (room) =>
  existsSync(logOf(room))
    ? readFileSync(logOf(room), 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line))
    : [];

/** Runs the room's tests against its mutants; false where a mutant hung, and the rest is to be tried. */
async function tried(room) {
  const log = logOf(room);
  appendFileSync(log, '');
  const child = spawn('npx', ['vitest', 'run', '--config', 'scripts/mutation.vitest.mjs'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, MUTATION_ROOM: room, MUTATION_LOG: log, NODE_NO_WARNINGS: '1' },
    detached: true,
  });
  const ended = new Promise((resolve) => {
    child.on('exit', resolve);
  });
  for (;;) {
    const code = await Promise.race([ended, setTimeout(1000)]);
    if (code === undefined) {
      const last = linesOf(room).at(-1);
      // What is tried is noted before, with the time that it may take.
      if (!(Date.now() - statSync(log).mtimeMs > last?.mostMs)) continue;
      process.kill(-child.pid, 'SIGKILL');
      appendFileSync(log, `${JSON.stringify({ id: last.id, end: 'Timeout' })}\n`);
      return false;
    }
    const broken = linesOf(room).find((line) => line.broken !== undefined);
    if (code === 0 && broken === undefined) return true;
    console.error(`${room}: its tests fail without any mutant${broken === undefined ? '' : `: ${broken.broken}`}`);
    process.exit(1);
  }
}

/** Every mutant of a room with its source line and its end. */
async function outcomeOf(room) {
  const { mutants } = await instrumented(ROOMS[room]);
  const lines = linesOf(room);
  const ends = new Map(lines.filter(({ end }) => end !== undefined).map(({ id, end }) => [id, end]));
  const met = new Set(lines.flatMap((line) => line.met ?? []));
  const loaded = new Set(lines.flatMap((line) => line.loaded ?? []));
  // What runs once while a file is loaded cannot be changed afterwards.
  const otherwise = (id) => (met.has(id) ? 'Survived' : loaded.has(id) ? 'Ignored' : 'NoCoverage');
  return mutants.map(({ id, fileName, location, mutatorName, replacement = '' }) => {
    const line = readFileSync(fileName, 'utf8').split('\n')[location.start.line];
    const status = ends.get(id) ?? otherwise(id);
    return { file: fileName, at: location.start.line + 1, line: line.trim(), mutatorName, replacement, status };
  });
}

for (const room of rooms) {
  if (!Object.hasOwn(ROOMS, room)) {
    console.error(`no room "${room}"; there are ${Object.keys(ROOMS).join(', ')}`);
    process.exit(2);
  }
  while (!(await tried(room)));
  writeFileSync(pathOf(room), JSON.stringify(await outcomeOf(room)));
  rmSync(logOf(room));
}

/** Reasons for survivors: file, words of the line, what its part was changed to. */
const reasons = existsSync('test/mutants.yaml') ? parse(readFileSync('test/mutants.yaml', 'utf8')) : [];
const whyOf = ({ file, line, replacement }) =>
  reasons.find(
    (reason) => reason.file === file && line.includes(reason.line) && [reason.to].flat().includes(short(replacement)),
  )?.why;

function short(text) {
  return String(text).replaceAll(/\s+/g, ' ').replaceAll('`', "'").trim().slice(0, 80);
}

const tables = [];
const unexplained = [];
for (const room of Object.keys(ROOMS)) {
  // Of a run that was ended before its time, what was not tried to its end counts as survived.
  const open = !existsSync(pathOf(room)) && existsSync(logOf(room));
  if (!open && !existsSync(pathOf(room))) {
    tables.push(`| ${room} | not run yet | | | | | |`);
    continue;
  }
  const mutants = open ? await outcomeOf(room) : JSON.parse(readFileSync(pathOf(room), 'utf8'));
  const of = (...states) => mutants.filter(({ status }) => states.includes(status));
  const alive = of('Survived', 'NoCoverage').map((mutant) => ({ ...mutant, why: whyOf(mutant) }));
  const explained = alive.filter(({ why }) => why !== undefined);
  const killed = of('Killed', 'Timeout').length;
  const share = (part, whole) => (whole === 0 ? '' : `${((100 * part) / whole).toFixed(1)} %`);
  const counted = killed + alive.length;
  tables.push(
    `| ${room}${open ? ' (ended early)' : ''} | ${counted} | ${killed} | ${alive.length} | ${explained.length} | ` +
      `${share(killed, counted)} | ` +
      `${share(killed, counted - explained.length)} |`,
  );
  for (const { file, at, line, mutatorName, replacement, status, why } of alive)
    if (why === undefined)
      unexplained.push(
        `- \`${file}:${at}\` ${mutatorName}${status === 'NoCoverage' ? ' (no test comes by)' : ''}: ` +
          `\`${short(line)}\` → \`${short(replacement)}\``,
      );
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
