// A validation in words: its rows, its sum, its page of the documentation.

import { plainNumber } from '../config/numbers.js';

/**
 * How a simulated figure stands to a published one: equal, within its tolerance, beyond it, or reported and not judged.
 */
export type Verdict = 'exact' | 'within' | 'distance' | 'wrong';

/** What a figure is of: a formula's value (counts, cycles), a roll-up of a chip, or a whole run. */
export type ValidationPart = 'formula' | 'roll-up' | 'end-to-end';

/** The parts in the order in which they are shown, each counted apart. */
export const VALIDATION_PARTS: readonly { part: ValidationPart; title: string }[] = [
  { part: 'formula', title: 'Formulas: counts of arrays, cycles, words' },
  { part: 'roll-up', title: 'Roll-ups: power, area and peak of a chip' },
  { part: 'end-to-end', title: 'End to end: whole runs' },
];

/** Paths of what a whole run gives. */
const END_TO_END = [
  /^(energy|efficiency|throughput|power|area|endurance)/,
  /^time\.(totalS|perImageS|firstResultS|logicalCycleS)/,
  /^stages.*(serviceS|partsS)/,
];

/** The part that a figure of a result belongs to, by its path. */
export const partOf = (key: string): ValidationPart =>
  /^rollUp\b/.test(key) ? 'roll-up' : END_TO_END.some((path) => path.test(key)) ? 'end-to-end' : 'formula';

/** A published figure beside the simulated one, both in `unit`. */
export interface ValidationRow {
  group: string;
  part: ValidationPart;
  name: string;
  source: string;
  unit: string;
  published: number;
  simulated: number;
  /** simulated / published - 1; null where `published` is 0 (or so small that no number says it) and it is not. */
  difference: number | null;
  verdict: Verdict;
  /** Largest relative difference that passes; null where the distance is reported and not judged. */
  tolerance: number | null;
  /** The verdict in words: `exact`, `within 1 %`, `distance`, `WRONG, expected exact`. */
  judgement: string;
  note: string;
  /** The command that gives the result, and the path in it. */
  command: string;
  key: string;
}

/** A published value in all its digits, a simulated one in as many as say something. */
const value = (x: number, unit: string, all: boolean): string => {
  const digits = all || Number.isInteger(x) ? x.toLocaleString('en-US', { maximumFractionDigits: 6 }) : plainNumber(x);
  return `${digits} ${unit}`.trim();
};

const difference = (share: number | null): string =>
  share === null ? 'of 0' : share === 0 ? '0' : `${share > 0 ? '+' : ''}${Number((100 * share).toPrecision(3))} %`;

/** The cells of a row between its name and its source: published, simulated, difference, judgement. */
export const figureCells = (row: ValidationRow): string[] => [
  value(row.published, row.unit, true),
  value(row.simulated, row.unit, row.verdict === 'exact'),
  difference(row.difference),
  row.judgement,
];

/** The rows of each group, in the order in which groups come first. */
export const grouped = (rows: readonly ValidationRow[]): [string, ValidationRow[]][] =>
  [...new Set(rows.map(({ group }) => group))].map((group) => [group, rows.filter((row) => row.group === group)]);

/** How many figures of each verdict, in words. */
function verdictsOf(rows: readonly ValidationRow[]): string {
  const of = (verdict: Verdict): readonly ValidationRow[] => rows.filter((row) => row.verdict === verdict);
  const wrong = of('wrong');
  return [
    `${of('exact').length} exact`,
    `${of('within').length} within their tolerance`,
    `${of('distance').length} reported as a distance`,
    `${wrong.length} wrong${wrong.length === 0 ? '' : ` (${wrong.map(({ name }) => name).join('; ')})`}`,
  ].join(', ');
}

/** What a validation found, in a sentence for all and one for each part. */
export function validationSummary(rows: readonly ValidationRow[]): string {
  const parts = VALIDATION_PARTS.flatMap(({ part, title }) => {
    const own = rows.filter((row) => row.part === part);
    return own.length === 0 ? [] : [`${title.split(':')[0]!}: ${own.length}, ${verdictsOf(own)}.`];
  });
  return [`${rows.length} published figures: ${verdictsOf(rows)}.`, ...(parts.length > 1 ? parts : [])].join(' ');
}

/** A validation file's rows with what the documentation says of them. */
export interface ValidationSet {
  title: string;
  text: string;
  rows: readonly ValidationRow[];
}

/** The page of the documentation: a chapter for each file, each counted apart. */
export function validationPage(sets: readonly ValidationSet[]): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  const groupsOf = (rows: readonly ValidationRow[]): string[] =>
    grouped(rows).map(([group, own]) =>
      [
        `### ${group}`,
        '',
        '| figure | published | simulated | difference | verdict | source | note |\n|---|---|---|---|---|---|---|',
        ...own.map((row) => `| ${[row.name, ...figureCells(row), row.source, row.note].map(cell).join(' | ')} |`),
      ].join('\n'),
    );
  const commands = [...new Set(sets.flatMap(({ rows }) => rows.map(({ command }) => command)))];
  return (
    [
      '# Validation',
      'Published figures beside those that runs and roll-ups give, made by `npm run docs` from `xbarflow ' +
        'validate`; the files of `configs/targets` say which run and which key of its result each comes ' +
        'from; runs that stand for chips and for other tools are configs of `configs/validation`. `exact` and ' +
        '`within x %` are judged, and CI fails when one does not hold. A `distance` is a figure that its source ' +
        'does not say enough of to be rebuilt, or that another model gives: it is reported with its cause, and ' +
        'nothing is tuned to close it. Formulas, roll-ups and whole runs are counted apart.',
      ...sets.flatMap(({ title, text, rows }) => [`## ${title}`, text, validationSummary(rows), ...groupsOf(rows)]),
      '## Runs',
      commands.map((command) => `- \`${command}\``).join('\n'),
    ].join('\n\n') + '\n'
  );
}
