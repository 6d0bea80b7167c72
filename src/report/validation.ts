// A validation in words: its rows, its sum, its page of the documentation.

import { plainNumber } from '../config/numbers.js';

/**
 * How a simulated figure stands to a published one: equal, within its tolerance, beyond it, or reported and not judged.
 */
export type Verdict = 'exact' | 'within' | 'distance' | 'wrong';

/** A published figure beside the simulated one, both in `unit`. */
export interface ValidationRow {
  group: string;
  name: string;
  source: string;
  unit: string;
  published: number;
  simulated: number;
  /** simulated / published - 1. */
  difference: number;
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

const difference = (share: number): string =>
  !Number.isFinite(share)
    ? 'of 0'
    : share === 0
      ? '0'
      : `${share > 0 ? '+' : ''}${Number((100 * share).toPrecision(3))} %`;

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

/** What a validation found, in one sentence. */
export function validationSummary(rows: readonly ValidationRow[]): string {
  const of = (verdict: Verdict): number => rows.filter((row) => row.verdict === verdict).length;
  const wrong = rows.filter((row) => row.verdict === 'wrong');
  const parts = [
    `${of('exact')} exact`,
    `${of('within')} within their tolerance`,
    `${of('distance')} reported as a distance`,
    `${wrong.length} wrong${wrong.length === 0 ? '' : ` (${wrong.map(({ name }) => name).join('; ')})`}`,
  ];
  return `${rows.length} published figures: ${parts.join(', ')}.`;
}

/** The page of the documentation. */
export function validationPage(rows: readonly ValidationRow[]): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  const sections = grouped(rows).map(([group, own]) =>
    [
      `## ${group}`,
      '| figure | published | simulated | difference | verdict | source | note |\n|---|---|---|---|---|---|---|',
      ...own.map((row) => `| ${[row.name, ...figureCells(row), row.source, row.note].map(cell).join(' | ')} |`),
    ]
      .join('\n')
      .replace('\n|', '\n\n|'),
  );
  const commands = [...new Set(rows.map(({ command }) => command))];
  return (
    [
      '# Validation',
      'Published figures beside those that runs and roll-ups give, made by `npm run docs` from `xbarflow ' +
        'validate`; `configs/validation/published.yaml` says which run and which key of its result each comes ' +
        'from. `exact` and `within x %` are judged, and CI fails when one does not hold. A `distance` is a ' +
        'figure that its paper does not say enough of to be rebuilt: it is reported and nothing is tuned to close it.',
      validationSummary(rows),
      ...sections,
      '## Runs',
      commands.map((command) => `- \`${command}\``).join('\n'),
    ].join('\n\n') + '\n'
  );
}
