// The report of a validation: published figures beside simulated ones.

import { formatEngineering } from '../../config/index.js';
import { plainNumber } from '../../config/numbers.js';
import { validationSummary, type ValidationRow, type Verdict } from '../validation.js';
import { numberColumn, shareCell, textCell, textColumn } from './cells.js';
import { BLUE, GREY, SKY, VERMILLION } from './charts/theme.js';
import type { Cell, ChartSpec, Figure, ReportPage, Section, TableData } from './sections.js';

/** A section with its own title and text, before the table. */
export interface ValidationText {
  title: string;
  subtitle: string;
  caption: string;
  footer: string;
}

const VERDICTS: Record<Verdict, { title: string; color: string }> = {
  exact: { title: 'exact', color: BLUE },
  within: { title: 'within tolerance', color: SKY },
  wrong: { title: 'wrong', color: VERMILLION },
  distance: { title: 'not judged', color: GREY },
};

/** The report: a chart of the ratios and a table for each group; paths of cells lead into `validation.json`. */
export function validateReport(
  figures: readonly ValidationRow[],
  { title, subtitle, caption, footer }: ValidationText,
): ReportPage {
  const groups = [...new Set(figures.map(({ group }) => group))];
  const overview: Section = {
    id: 'overview',
    title: 'Overview',
    caption: `${caption}\n\n${validationSummary(figures)}`,
    figures: figures.some((figure) => ratioOf(figure) !== null) ? [ratioChart(figures)] : [],
    tables: [],
  };
  const sections = groups.map((group, i): Section => ({
    id: `group-${i + 1}`,
    title: group,
    caption: '',
    figures: [],
    tables: [figureTable(figures, group, `figures-${i + 1}`)],
  }));
  return { title, subtitle, sections: [overview, ...sections], footer };
}

/** Simulated by published; null where a ratio says nothing. */
const ratioOf = ({ published, simulated }: ValidationRow): number | null =>
  published === 0 || simulated / published <= 0 ? null : simulated / published;

function ratioChart(figures: readonly ValidationRow[]): Figure {
  const values = figures.flatMap((figure) => {
    const ratio = ratioOf(figure);
    return ratio === null
      ? []
      : [{ name: figure.name, group: figure.group, ratio, verdict: VERDICTS[figure.verdict].title }];
  });
  const verdicts = (Object.keys(VERDICTS) as (keyof typeof VERDICTS)[]).filter((verdict) =>
    values.some((value) => value.verdict === VERDICTS[verdict].title),
  );
  const far = values.reduce((most, { ratio }) => Math.max(most, ratio, 1 / ratio), 2);
  const spec: ChartSpec = {
    description: 'Points on a logarithmic scale: simulated by published value of each figure; 1 is equal',
    height: 20 * values.length,
    encoding: {
      x: {
        type: 'quantitative',
        scale: { type: 'log', domain: [1 / (1.1 * far), 1.1 * far], nice: false },
        axis: { title: 'simulated / published (logarithmic)', tickCount: 7, format: '~r' },
      },
    },
    layer: [
      {
        data: { values: [{ ratio: 1 }] },
        mark: { type: 'rule', strokeDash: [4, 3], color: GREY },
        encoding: { x: { field: 'ratio' } },
      },
      {
        data: { values },
        mark: { type: 'point', filled: true, size: 80, opacity: 1 },
        encoding: {
          x: { field: 'ratio' },
          y: {
            field: 'name',
            type: 'nominal',
            sort: values.map(({ name }) => name),
            title: null,
            axis: { labelLimit: 600, grid: true },
          },
          color: {
            field: 'verdict',
            type: 'nominal',
            scale: {
              domain: verdicts.map((verdict) => VERDICTS[verdict].title),
              range: verdicts.map((verdict) => VERDICTS[verdict].color),
            },
            title: null,
          },
          shape: {
            field: 'verdict',
            type: 'nominal',
            scale: { domain: verdicts.map((verdict) => VERDICTS[verdict].title) },
            title: null,
          },
          tooltip: [{ field: 'group' }, { field: 'name' }, { field: 'ratio', format: '.4~r' }, { field: 'verdict' }],
        },
      },
    ],
  };
  return {
    id: 'ratios',
    title: 'Simulated by published',
    caption:
      'A point on the dashed line is equal to what was published; right of it the simulator says more, left ' +
      'of it less. Equal distances are equal factors.',
    spec,
  };
}

function figureTable(figures: readonly ValidationRow[], group: string, id: string): TableData {
  return {
    id,
    title: group,
    columns: [
      textColumn('figure', 'figure'),
      textColumn('source', 'source'),
      textColumn('unit', 'unit'),
      numberColumn('published', 'published'),
      numberColumn('simulated', 'simulated'),
      numberColumn('difference', 'difference'),
      numberColumn('tolerance', 'tolerance'),
      textColumn('verdict', 'verdict'),
      textColumn('note', 'note'),
      textColumn('command', 'run'),
    ],
    rows: figures.flatMap((figure, i) => {
      if (figure.group !== group) return [];
      const { name, source, unit, published, simulated, difference, tolerance, judgement, note, command } = figure;
      return [
        [
          textCell(name),
          textCell(source),
          textCell(unit),
          valueCell(published, unit, `figures[${i}].published`),
          valueCell(simulated, unit, `figures[${i}].simulated`),
          shareCell(difference, `figures[${i}].difference`),
          shareCell(tolerance, `figures[${i}].tolerance`),
          textCell(judgement),
          textCell(note),
          textCell(command),
        ],
      ];
    }),
  };
}

const SI_UNITS = ['s', 'J', 'W', 'Hz', 'bit', 'B'];

function valueCell(value: number | null, unit: string, path: string): Cell {
  if (value === null) return { text: '-', value };
  return {
    text: SI_UNITS.includes(unit)
      ? formatEngineering(value, unit)
      : Number.isInteger(value)
        ? value.toLocaleString('en-US')
        : plainNumber(value),
    value,
    path,
  };
}
