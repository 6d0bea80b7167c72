// The report of a comparison.

import { formatEngineering } from '../../config/index.js';
import type { Result } from '../../simulation/index.js';
import type { ComparisonView } from '../compare-view.js';
import { plainNumber } from '../../config/numbers.js';
import { metricText } from '../words.js';
import { numberColumn, textCell, textColumn, typeset } from './cells.js';
import { breakdownFigures, efficiencyFigure, ratioFigure, utilizationFigure } from './charts/compare.js';
import { componentOrder } from './charts/energy.js';
import { machineFigure } from './drawing/machine.js';
import { footer, workWords } from './run-report.js';
import type { Cell, ReportPage, Section, TableData } from './sections.js';
import { sourcesSection } from './sources.js';

/** A comparison with its results; paths of cells lead into `compare.json`. */
export interface ComparedResults extends ComparisonView {
  results: Result[];
}

const BARS = ['time.totalS', 'energy.totalJ', 'area.totalMm2'];

/**
 * Puts the report of a comparison together; `titles` names the metrics in their order, `folders` hold the designs' own
 * reports.
 */
export function compareReport(
  comparison: ComparedResults,
  titles: ReadonlyMap<string, string>,
  folders: readonly string[] = [],
): ReportPage {
  const { baseline, results, rows } = comparison;
  const designs = results.map(({ architecture }) => architecture);
  const ratios = rows
    .filter(({ metric }) => BARS.includes(metric))
    .map((row) => ({ ...row, title: titles.get(row.metric) ?? row.metric }));
  const first = results[0]!;
  const same = results.every(
    (result) =>
      workWords(result) === workWords(first) && result.network === first.network && result.mode === first.mode,
  );
  const works = results.map(
    (result) => `${result.architecture}: ${result.mode} of ${result.network}, ${workWords(result)}`,
  );
  const work = same
    ? `Each design ran the same work: ${first.mode} of ${first.network}, ${workWords(first)}.`
    : `The designs ran different work (${works.join('; ')}), so totals do not compare; efficiencies may.`;
  const assumed = Math.max(...results.map(({ placeholders }) => placeholders.length));
  const rests =
    assumed === 0
      ? ''
      : ` Up to ${assumed} constants of a design are placeholders (assumptions, listed at the end), most of ` +
        'them the same in all designs.';
  const sections: Section[] = [
    {
      id: 'designs',
      title: 'Designs side by side',
      caption:
        `${work} Ratios are to ${baseline}. The next section lists the knobs in which the designs differ, and ` +
        `where every ratio comes from.${rests}`,
      figures: [efficiencyFigure(results), ratioFigure(ratios, designs, baseline)],
      tables: [metricTable(comparison, designs, titles), ratioTable(comparison, designs, titles)],
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
      title: 'Where the ratios come from',
      caption: causeWords(comparison, titles),
      figures: [],
      tables: [knobTable(comparison), causeTable(comparison, titles)].filter(({ rows: lines }) => lines.length > 0),
    },
    {
      id: 'machines',
      title: 'The machines',
      caption:
        'Each design as its result describes it: what it builds for each layer, what it keeps between the ' +
        'passes, and how busy its stages are.',
      figures: results.map((result, i) => machineFigure(result, `machine-${i + 1}`)),
      tables: [],
    },
    {
      id: 'parts',
      title: 'Energy, area, waiting and utilization',
      caption:
        'What the totals are made of. Each design has a report of its own beside this one, with its layers, ' +
        'its timeline and its buffers.',
      figures: [...breakdownFigures(results, componentOrder(results)), utilizationFigure(results)],
      tables: partTables(results),
    },
    ...results.map((result, i) => sourcesSection(result, `results[${i}].`, `sources-${i + 1}`)),
  ];
  return {
    title: same ? `${designs.join(', ')}: ${first.mode} of ${first.network}` : designs.join(', '),
    subtitle: `A comparison of ${designs.length} designs`,
    sections,
    footer: footer(results),
  };
}

const ratioWords = (ratio: number): string => `${plainNumber(ratio)}×`;
/** Knobs that a sentence names; the table has all. */
const MOST_KNOBS = 8;
/** A share of a change beyond 100 %. */
const OVER = /[1-9]\d{2}(\.\d+)? % of the change/;
/** Ratios nearer to 1 than this need no cause. */
const EVEN = 1e-3;

function causeWords({ baseline, rows, knobs: all }: ComparedResults, titles: ReadonlyMap<string, string>): string {
  return (
    all
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
        const more =
          differences.length > MOST_KNOBS ? `, and ${differences.length - MOST_KNOBS} more in the table` : '';
        const differing = differences.length === 0 ? 'no knob' : `${knobs}${more}`;
        const effects = said.length === 0 ? 'Time, energy and area are the same.' : `${said.join('; ')}.`;
        return `${architecture} differs from ${baseline} in ${differing}. ${effects}`;
      })
      .join('\n\n') +
    (rows.some(({ cause }) => OVER.test(cause))
      ? '\n\nA share of more than 100 % of a change says that other parts changed the other way.'
      : '')
  );
}

function metricTable(
  { rows }: ComparedResults,
  designs: readonly string[],
  titles: ReadonlyMap<string, string>,
): TableData {
  return {
    id: 'metrics',
    title: 'Metrics',
    columns: [textColumn('metric', 'metric'), ...designs.map((design) => numberColumn(design, design))],
    rows: [...titles].map(([metric, title]) => {
      const places = designs.map((design) => rowOf(rows, metric, design));
      // A unit in words stands beside the metric, not in every cell.
      const { unit } = rows[places[0]!]!;
      const [head, inCells] = unit.includes(' ') ? [`${title} (${unit.replace(' x ', ' × ')})`, ''] : [title, unit];
      return [
        textCell(head),
        ...places.map((at): Cell => {
          const { value } = rows[at]!;
          return {
            text: value === null ? '-' : typeset(metricText(metric, value, inCells)),
            value,
            path: `rows[${at}].value`,
          };
        }),
      ];
    }),
  };
}

function ratioTable(
  { rows, baseline }: ComparedResults,
  designs: readonly string[],
  titles: ReadonlyMap<string, string>,
): TableData {
  const others = designs.filter((design) => design !== baseline);
  return {
    id: 'metric-ratios',
    title: `Ratios to ${baseline}`,
    columns: [textColumn('metric', 'metric'), ...others.map((design) => numberColumn(design, design))],
    rows: [...titles].map(([metric, title]) => [
      textCell(title),
      ...others.map((design): Cell => {
        const at = rowOf(rows, metric, design);
        const { ratio } = rows[at]!;
        return { text: ratio === null ? '-' : ratioWords(ratio), value: ratio, path: `rows[${at}].ratio` };
      }),
    ]),
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
  const table = (
    id: string,
    title: string,
    unit: string,
    at: string,
    parts: (result: Result) => Record<string, number>,
    write: (value: number) => string,
  ): TableData => ({
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
    table(
      'energy-components',
      'Energy by component',
      'J',
      'energy.byComponentJ',
      ({ energy }) => energy.byComponentJ,
      (value) => formatEngineering(value, 'J'),
    ),
    table(
      'energy-passes',
      'Energy by pass',
      'J',
      'energy.byPassJ',
      ({ energy }) => energy.byPassJ,
      (value) => formatEngineering(value, 'J'),
    ),
    table(
      'area-components',
      'Area by component',
      'mm2',
      'area.byComponentMm2',
      ({ area }) => area.byComponentMm2,
      (value) => `${plainNumber(value)} mm2`,
    ),
    table(
      'stall-causes',
      'Waiting by cause',
      's',
      'stalls',
      ({ stalls }) => stalls,
      (value) => formatEngineering(value, 's'),
    ),
  ];
}
