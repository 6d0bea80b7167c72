// Mutation testing, room by room: `npm run mutation -- units mapping`. What is found is kept in test/mutation.json,
// and `--write` puts it into docs/reliability.md. `--minutes N` ends a run in time; the next one goes on from there.
// `--survivors` tries those again that survived: after tests were added, while the lines are as they were.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ROOMS, chosenOf, instrumented } from './mutation-rooms.mjs';
import { aliveOf, keepOutcome, keepSurvivors, short, tablesOf, writeTables } from './mutation-report.mjs';

const { values, positionals: rooms } = parseArgs({
  allowPositionals: true,
  options: {
    write: { type: 'boolean', default: false },
    minutes: { type: 'string', default: 'Infinity' },
    survivors: { type: 'boolean', default: false },
  },
});
const deadline = Date.now() + 60_000 * Number(values.minutes);
mkdirSync('results/mutation', { recursive: true });
const logOf = (room) => `results/mutation/${room}.jsonl`;
const linesOf = (room) =>
  readFileSync(logOf(room), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

/**
 * The log of a room, without what tests said that are no longer what they were; a new one where its sources are others.
 */
function openLog(room, files) {
  const hashOf = (...texts) => texts.reduce((hash, text) => hash.update(text), createHash('sha256')).digest('hex');
  const sources = hashOf(...files.map(({ content }) => content));
  const tests = Object.fromEntries(ROOMS[room].tests.map((name) => [name, hashOf(readFileSync(name))]));
  const [head, ...lines] = existsSync(logOf(room)) ? linesOf(room) : [];
  // What was about to be tried is tried again.
  const stands = ({ file, survived, mostMs }) => {
    const test = file ?? survived;
    return mostMs === undefined && test !== undefined && tests[test] === head.tests[test];
  };
  const kept = head?.sources === sources ? lines.filter(stands) : [];
  writeFileSync(logOf(room), [{ sources, tests }, ...kept].map((line) => `${JSON.stringify(line)}\n`).join(''));
}

/** Runs the room's tests against its mutants: 'over', 'late', or 'hung' where the rest is to be tried. */
async function tried(room, ids) {
  const log = logOf(room);
  const child = spawn('npx', ['vitest', 'run', '--config', 'scripts/mutation.vitest.mjs'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      MUTATION_ROOM: room,
      MUTATION_LOG: log,
      MUTATION_IDS: ids.join(','),
      NODE_NO_WARNINGS: '1',
    },
    detached: true,
  });
  const stop = () => {
    process.kill(-child.pid, 'SIGKILL');
    process.exit(1);
  };
  process.on('SIGTERM', stop);
  const ended = new Promise((resolve) => {
    child.on('exit', (code) => {
      process.off('SIGTERM', stop);
      resolve(code);
    });
  });
  for (;;) {
    const code = await Promise.race([ended, setTimeout(1000)]);
    if (code === undefined) {
      const last = linesOf(room).at(-1);
      // What is tried is noted before, with the time that it may take.
      const hung = Date.now() - statSync(log).mtimeMs > last?.mostMs;
      if (!hung && Date.now() < deadline) continue;
      process.kill(-child.pid, 'SIGKILL');
      await ended;
      if (!hung) return 'late';
      appendFileSync(log, `${JSON.stringify({ id: last.id, end: 'Timeout', file: last.file })}\n`);
      return 'hung';
    }
    const broken = linesOf(room).find((line) => line.broken !== undefined);
    if (code === 0 && broken === undefined) return 'over';
    console.error(`${room}: its tests fail without any mutant${broken === undefined ? '' : `: ${broken.broken}`}`);
    process.exit(1);
  }
}

/** Every chosen mutant of a room with its source line and its end. */
function outcomeOf(room, mutants) {
  const lines = linesOf(room);
  const ends = new Map(lines.filter(({ end }) => end !== undefined).map(({ id, end }) => [id, end]));
  const met = new Set(lines.flatMap((line) => line.met ?? []));
  const loaded = new Set(lines.flatMap((line) => line.loaded ?? []));
  // What runs once while a file is loaded cannot be changed afterwards.
  const otherwise = (id) => (met.has(id) ? 'Survived' : loaded.has(id) ? 'Ignored' : 'NoCoverage');
  return mutants.map((mutant) => ({ ...placeOf(mutant), status: ends.get(mutant.id) ?? otherwise(mutant.id) }));
}

/** A mutant by its line. */
function placeOf({ fileName, location, mutatorName, replacement = '' }) {
  const line = readFileSync(fileName, 'utf8').split('\n')[location.start.line];
  return { file: fileName, at: location.start.line + 1, line: line.trim(), mutatorName, replacement };
}

/**
 * Those of a room's mutants that survived: among the drawn ones, or where its code has grown since then (which draws
 * others) among all; of a line's mutants that look the same all.
 * @throws where their lines are no more
 */
function survivorsOf(room, drawn, mutants) {
  const nameOf = ({ file, line, mutatorName, replacement }) => [file, line, mutatorName, short(replacement)].join(' ');
  const alive = aliveOf(room).map(nameOf);
  const among = (some) => some.filter((mutant) => alive.includes(nameOf(placeOf(mutant))));
  const lostOf = (some) => {
    const found = some.map((mutant) => nameOf(placeOf(mutant)));
    return alive.filter((name) => !found.includes(name));
  };
  const chosen = [drawn, mutants].map(among).find((some) => lostOf(some).length === 0);
  if (chosen !== undefined) return chosen;
  const lost = lostOf(among(mutants));
  console.error(`${room}: ${lost.length} of its survivors are not found (${lost[0]}); run it without --survivors`);
  process.exit(1);
}

for (const room of rooms) {
  if (!Object.hasOwn(ROOMS, room)) {
    console.error(`no room "${room}"; there are ${Object.keys(ROOMS).join(', ')}`);
    process.exit(2);
  }
  const { mutants, files } = await instrumented(ROOMS[room]);
  const drawn = chosenOf(room, mutants);
  const chosen = values.survivors ? survivorsOf(room, drawn, mutants) : drawn;
  openLog(room, files);
  let end = 'hung';
  while (end === 'hung')
    end = await tried(
      room,
      chosen.map(({ id }) => id),
    );
  if (end === 'late') {
    const over = new Set(linesOf(room).flatMap(({ id, end: how }) => (how === undefined ? [] : [id])));
    console.log(`${room}: ended in time, ${over.size} of ${chosen.length} killed so far; the same command goes on`);
    break;
  }
  if (values.survivors) keepSurvivors(room, outcomeOf(room, chosen));
  else keepOutcome(room, mutants.length, outcomeOf(room, chosen));
  rmSync(logOf(room));
}

const text = tablesOf(Object.keys(ROOMS));
if (values.write) writeTables(text);
else console.log(text);
