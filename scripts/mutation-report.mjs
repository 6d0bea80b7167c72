// What mutation testing found, kept in test/mutation.json, with the reasons of test/mutants.yaml, as tables.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parse } from 'yaml';

const KEPT = 'test/mutation.json';
const PAGE = 'docs/reliability.md';

const keptRooms = () => (existsSync(KEPT) ? JSON.parse(readFileSync(KEPT, 'utf8')) : {});

/** A mutant's text in a table, and in what is kept. */
export const short = (text) => String(text).replaceAll(/\s+/g, ' ').replaceAll('`', "'").trim().slice(0, 80);

/** Keeps what became of a room's mutants, `all` of which there are. */
export function keepOutcome(room, all, outcome) {
  const of = (...states) => outcome.filter(({ status }) => states.includes(status));
  const alive = of('Survived', 'NoCoverage').map((mutant) => ({
    ...mutant,
    replacement: short(mutant.replacement),
  }));
  const found = { all, tried: outcome.length, atLoad: of('Ignored').length, killed: of('Killed').length };
  const rooms = { ...keptRooms(), [room]: { ...found, endless: of('Timeout').length, alive } };
  writeFileSync(KEPT, `${JSON.stringify(rooms, null, 2)}\n`);
}

/** Mutants of a room that survived. */
export const aliveOf = (room) => keptRooms()[room]?.alive ?? [];

/** Keeps what became of a room's survivors when they were tried again. */
export function keepSurvivors(room, outcome) {
  const rooms = keptRooms();
  const before = rooms[room];
  const of = (...states) => outcome.filter(({ status }) => states.includes(status));
  const alive = of('Survived', 'NoCoverage').map((mutant) => ({ ...mutant, replacement: short(mutant.replacement) }));
  const endless = before.endless + of('Timeout').length;
  // Some may look like others of their line that were killed before.
  const killed = before.killed + before.endless + before.alive.length - alive.length - endless;
  writeFileSync(KEPT, `${JSON.stringify({ ...rooms, [room]: { ...before, killed, endless, alive } }, null, 2)}\n`);
}

/** Tables of the rooms, and the survivors without a reason. */
export function tablesOf(names) {
  const reasons = parse(readFileSync('test/mutants.yaml', 'utf8'));
  const whyOf = ({ file, line, replacement }) =>
    reasons.find(
      (reason) => reason.file === file && line.includes(reason.line) && [reason.to].flat().includes(replacement),
    )?.why;
  const rooms = keptRooms();
  const unexplained = [];
  const share = (part, whole) => (whole === 0 ? '' : `${((100 * part) / whole).toFixed(1)} %`);
  const rows = names.map((name) => {
    const room = rooms[name];
    if (room === undefined) return `| ${name} | not run yet | | | | | |`;
    const killed = room.killed + room.endless;
    const open = room.alive.filter((mutant) => whyOf(mutant) === undefined);
    unexplained.push(...open);
    const counted = killed + room.alive.length;
    const explained = room.alive.length - open.length;
    const drawn = room.tried < room.all ? ` (of ${room.tried} drawn from ${room.all})` : '';
    return (
      `| ${name} | ${counted}${drawn} | ${killed} | ${room.alive.length} | ${explained} | ` +
      `${share(killed, counted)} | ${share(killed, counted - explained)} |`
    );
  });
  const list = unexplained.map(
    ({ file, at, line, mutatorName, replacement, status }) =>
      `- \`${file}:${at}\` ${mutatorName}${status === 'NoCoverage' ? ' (no test comes by)' : ''}: ` +
      `\`${short(line)}\` → \`${replacement}\``,
  );
  return `| room | mutants | killed | survived | of these explained | score | without the explained |
|---|--:|--:|--:|--:|--:|--:|
${rows.join('\n')}

${unexplained.length} survive without a reason${unexplained.length === 0 ? '.' : ':'}

${list.join('\n')}
`;
}

/** Puts the tables into the page. */
export function writeTables(text) {
  const written = readFileSync(PAGE, 'utf8').replace(
    /<!-- mutants -->[\s\S]*<!-- \/mutants -->/,
    () => `<!-- mutants -->\n\n${text}\n<!-- /mutants -->`,
  );
  writeFileSync(PAGE, written);
}
