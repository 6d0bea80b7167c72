// The report of a comparison.

import { formatEngineering } from '../../config/index.js';
import type { Result } from '../../simulation/index.js';
import { EVEN, RATIO_SIGNS, conclusions, isMarked, ratioSign, type ComparisonView } from '../compare-view.js';
import { plainNumber } from '../../config/numbers.js';
import { metricText } from '../words.js';
import type { ComparedUncertainty } from '../../result/uncertainty-types.js';
import { energyCell, numberColumn, plainCell, textCell, textColumn, timeCell, typeset } from './table-cells.js';
import { waterfallFigures } from './charts/waterfall.js';
import { breakdownFigures, efficiencyFigure, ratioFigure, utilizationFigure } from './charts/compare.js';
import { componentOrder } from './charts/energy.js';
import { bitsOf } from './drawing/layout.js';
import { machineFigure } from './drawing/machine.js';
import { footer } from './run-report.js';
import type { Cell, ReportPage, Section, TableData } from './sections.js';
import { sourcesSection } from './sources.js';

/** A comparison with its results; paths of cells lead into `compare.json`. */
export interface ComparedResults extends ComparisonView {
  results: Result[];
}

const BARS = ['time.totalS', 'energy.totalJ', 'area.totalMm2'];
/** Knobs that are shown unfolded. */
const MOST_OPEN_KNOBS = 24;
/** Designs whose machines stand beside each other; of more they are on each design's own page. */
const MOST_DRAWN = 6;

/**
 * Puts the report of a comparison together; `titles` names the metrics in their order, `folders` hold the designs' own
 * reports; with `uncertainty` intervals stand beside the figures.
 */
export function compareReport(
  comparison: ComparedResults,
  titles: ReadonlyMap<string, string>,
  folders: readonly string[] = [],
  uncertainty: ComparedUncertainty | null = null,
): ReportPage {
  const { baseline, results, rows, work } = comparison;
  const designs = results.map(({ architecture }) => architecture);
  const base = results.find(({ architecture }) => architecture === baseline)!;
  const ratios = rows
    .filter(({ metric }) => BARS.includes(metric))
    .map((row) => ({ ...row, title: titles.get(row.metric) ?? row.metric }));
  const knobs = knobTable(comparison);
  const sections: Section[] = [
    {
      id: 'designs',
      title: 'Designs side by side',
      lead: {
        headlines: [],
        says: [
          { label: work.same ? 'work' : 'Careful', text: work.text },
          ...conclusions(comparison).map((text) => ({ label: 'first', text: typeset(text) })),
          ...byWords(results).map(([text, names]) => ({ label: names, text: typeset(`time is set by ${text}`) })),
        ],
        bars: [],
        next: [],
      },
      caption: `* rests on placeholder constants by 1 % or more. Ratios are to ${baseline}; ${RATIO_SIGNS}.`,
      figures: [efficiencyFigure(results), ...(designs.length > 1 ? [ratioFigure(ratios, designs, baseline)] : [])],
      tables: [metricTable(comparison, designs, titles), ...(uncertainty === null ? [] : [intervalTable(uncertainty)])],
      ...(folders.length === 0
        ? {}
        : {
            links: folders.map((folder, i) => ({
              text: `report of ${designs[i]!}`,
              href: `${encodeURIComponent(folder)}/report.html`,
            })),
          }),
    },
    {
      id: 'causes',
      title: 'Where the differences come from',
      caption: causeWords(comparison, titles),
      figures: waterfallFigures(results, base),
      tables: [{ ...knobs, open: knobs.rows.length <= MOST_OPEN_KNOBS }, causeTable(comparison, titles)].filter(
        ({ rows: lines }) => lines.length > 0,
      ),
    },
    ...(results.length > MOST_DRAWN ? [] : [machinesSection(results, base, folders)]),
    {
      id: 'parts',
      title: 'Energy, area, waiting and utilization',
      caption: 'What the totals are made of.',
      figures: [...breakdownFigures(results, componentOrder(results)), utilizationFigure(results)],
      tables: partTables(results),
    },
    sourcesSection(results),
  ];
  return {
    title: work.same ? `${designs.join(', ')}: ${base.mode} of ${base.network}` : designs.join(', '),
    subtitle: `A comparison of ${designs.length} designs`,
    sections,
    footer: footer(results),
  };
}

/** Headlines of each design over its assumptions, and ratios to the baseline over those that both have. */
function intervalTable({ designs, ratios }: ComparedUncertainty): TableData {
  const cellOf = (value: number, unit: string): Cell =>
    unit === 's' ? timeCell(value) : unit === 'J' ? energyCell(value) : plainCell(value, typeset(unit));
  const ratioOf = (architecture: string, key: string): Cell[] => {
    const ratio = ratios.find((one) => one.architecture === architecture && one.key === key);
    return ratio === undefined
      ? [textCell('baseline'), textCell('baseline')]
      : [plainCell(ratio.low, 'x'), plainCell(ratio.high, 'x')];
  };
  return {
    id: 'intervals',
    title: 'Over its assumptions: 95 % of the draws',
    open: true,
    columns: [
      textColumn('design', 'design'),
      textColumn('figure', 'figure'),
      numberColumn('value', 'value'),
      numberColumn('low', 'from'),
      numberColumn('high', 'to'),
      numberColumn('ratioLow', 'ratio from'),
      numberColumn('ratioHigh', 'ratio to'),
    ],
    rows: designs.flatMap(({ architecture, headlines }) =>
      headlines.map(({ key, title, unit, value, low, high }) => [
        textCell(architecture),
        textCell(title),
        ...[value, low, high].map((one) => cellOf(one, unit)),
        ...ratioOf(architecture, key),
      ]),
    ),
  };
}

/** What sets each design's time; designs with the same words together. */
function byWords(results: readonly Result[]): [string, string][] {
  const groups = new Map<string, string[]>();
  for (const { architecture, verdict } of results)
    groups.set(verdict.timeSetBy, [...(groups.get(verdict.timeSetBy) ?? []), architecture]);
  return [...groups].map(([text, names]) => [text, names.join(', ')]);
}

/** The machines beside each other, buffers to one scale, what differs from the baseline's outlined. */
function machinesSection(results: readonly Result[], base: Result, folders: readonly string[]): Section {
  const fullBits = Math.max(1, ...results.flatMap(({ buffers }) => buffers.map(bitsOf)));
  return {
    id: 'machines',
    title: 'The machines',
    caption:
      `Bars of buffers have one scale in all drawings. Boxes with a second frame differ from ${base.architecture}'s: ` +
      'other arrays, steps or units, other entries or bits.',
    figures: results.map((result, i) =>
      machineFigure(result, `machine-${i + 1}`, {
        paper: true,
        reference: base,
        fullBits,
        ...(folders[i] === undefined ? {} : { page: `${encodeURIComponent(folders[i])}/report.html` }),
      }),
    ),
    beside: true,
    tables: [],
  };
}

const ratioWords = (ratio: number): string => `${plainNumber(ratio)}×`;
/** Knobs that a sentence names; the table has all. */
const MOST_KNOBS = 8;

function causeWords({ baseline, rows, knobs: all }: ComparedResults, titles: ReadonlyMap<string, string>): string {
  return all
    .filter(({ architecture }) => architecture !== baseline)
    .map(({ architecture, differences }) => {
      const said = rows
        .filter(
          (row) =>
            row.architecture === architecture &&
            row.ratio !== null &&
            row.cause !== '' &&
            Math.abs(row.ratio - 1) >= EVEN &&
            BARS.includes(row.metric),
        )
        .map((row) => `${titles.get(row.metric) ?? row.metric} ${ratioWords(row.ratio!)} (${typeset(row.cause)})`);
      const knobs = differences
        .slice(0, MOST_KNOBS)
        .map(({ key, baseline: theirs, value }) => `${key}: ${theirs} → ${value}`)
        .join(', ');
      const more = differences.length > MOST_KNOBS ? `, and ${differences.length - MOST_KNOBS} more in the table` : '';
      const differing = differences.length === 0 ? 'no knob' : `${knobs}${more}`;
      const effects = said.length === 0 ? 'Time, energy and area are the same.' : `${said.join('; ')}.`;
      return `${architecture} differs from ${baseline} in ${differing}. ${effects}`;
    })
    .join('\n\n');
}

/** One table: value and ratio in a cell, a mark where it rests on placeholders. */
function metricTable(
  { rows, baseline }: ComparedResults,
  designs: readonly string[],
  titles: ReadonlyMap<string, string>,
): TableData {
  return {
    id: 'metrics',
    title: 'Metrics',
    open: true,
    columns: [textColumn('metric', 'metric'), ...designs.map((design) => numberColumn(design, design))],
    rows: [...titles]
      .filter(([metric]) => rows.some((row) => row.metric === metric && row.value !== null))
      .map(([metric, title]) => {
        const places = designs.map((design) => rowOf(rows, metric, design));
        // A unit in words stands beside the metric, not in every cell.
        const { unit } = rows[places[0]!]!;
        const [head, inCells] = unit.includes(' ') ? [`${title} (${unit.replace(' x ', ' × ')})`, ''] : [title, unit];
        return [
          textCell(head),
          ...places.map((at): Cell => {
            const row = rows[at]!;
            const { value, ratio } = row;
            if (value === null) return { text: '-', value, path: `rows[${at}].value` };
            return {
              text: typeset(metricText(metric, value, inCells)),
              value,
              path: `rows[${at}].value`,
              ...(isMarked(row) ? { assumed: true } : {}),
              ...(ratio === null || row.architecture === baseline ? {} : { note: ratioSign(ratio, ratioWords) }),
            };
          }),
        ];
      }),
  };
}

const rowOf = (rows: ComparedResults['rows'], metric: string, design: string): number =>
  rows.findIndex((row) => row.metric === metric && row.architecture === design);

function knobTable({ knobs, baseline }: ComparedResults): TableData {
  return {
    id: 'knobs',
    title: 'Knobs that differ',
    columns: [
      textColumn('design', 'design'),
      textColumn('key', 'knob'),
      textColumn('baseline', baseline),
      textColumn('value', 'value'),
    ],
    rows: knobs.flatMap(({ architecture, differences }) =>
      differences.map((knob) => [
        textCell(architecture),
        textCell(knob.key),
        textCell(knob.baseline),
        textCell(knob.value),
      ]),
    ),
  };
}

function causeTable({ rows, baseline }: ComparedResults, titles: ReadonlyMap<string, string>): TableData {
  return {
    id: 'ratio-causes',
    title: 'Ratios and causes',
    columns: [
      textColumn('design', 'design'),
      textColumn('metric', 'metric'),
      numberColumn('ratio', 'ratio'),
      textColumn('cause', 'cause'),
    ],
    rows: rows.flatMap((row, i) =>
      row.architecture === baseline || row.ratio === null || row.cause === '' || Math.abs(row.ratio - 1) < EVEN
        ? []
        : [
            [
              textCell(row.architecture),
              textCell(titles.get(row.metric) ?? row.metric),
              { text: ratioWords(row.ratio), value: row.ratio, path: `rows[${i}].ratio` },
              textCell(typeset(row.cause)),
            ],
          ],
    ),
  };
}

function partTables(results: readonly Result[]): TableData[] {
  const table = ({
    id,
    title,
    unit,
    at,
    parts,
    write,
  }: {
    readonly id: string;
    readonly title: string;
    readonly unit: string;
    readonly at: string;
    readonly parts: (result: Result) => Record<string, number>;
    readonly write: (value: number) => string;
  }): TableData => ({
    id,
    title,
    columns: [
      textColumn('part', 'part'),
      ...results.map(({ architecture }) => numberColumn(`${architecture} ${unit}`, architecture)),
    ],
    rows: [...new Set(results.flatMap((result) => Object.keys(parts(result))))].map((name) => [
      textCell(name),
      ...results.map((result, i): Cell => {
        const value = parts(result)[name];
        return value === undefined
          ? { text: '-', value: null }
          : { text: typeset(write(value)), value, path: `results[${i}].${at}.${name}` };
      }),
    ]),
  });
  return [
    table({
      id: 'energy-components',
      title: 'Energy by component',
      unit: 'J',
      at: 'energy.byComponentJ',
      parts: ({ energy }) => energy.byComponentJ,
      write: (value) => formatEngineering(value, 'J'),
    }),
    table({
      id: 'energy-passes',
      title: 'Energy by pass',
      unit: 'J',
      at: 'energy.byPassJ',
      parts: ({ energy }) => energy.byPassJ,
      write: (value) => formatEngineering(value, 'J'),
    }),
    table({
      id: 'area-components',
      title: 'Area by component',
      unit: 'mm2',
      at: 'area.byComponentMm2',
      parts: ({ area }) => area.byComponentMm2,
      write: (value) => `${plainNumber(value)} mm2`,
    }),
    table({
      id: 'stall-causes',
      title: 'Waiting by cause',
      unit: 's',
      at: 'stalls',
      parts: ({ stalls }) => stalls,
      write: (value) => formatEngineering(value, 's'),
    }),
  ];
}
