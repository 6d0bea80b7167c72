// The report of a validation: published figures beside simulated ones.

import { chart } from './charts/lite.js';
import { formatEngineering } from '../../config/index.js';
import { grouped, plainNumber } from '../../config/numbers.js';
import {
  VALIDATION_PARTS,
  validationSummary,
  type ValidationPart,
  type ValidationRow,
  type Verdict,
} from '../validation.js';
import { numberColumn, shareCell, textCell, textColumn } from './table-cells.js';
import { GREY, INK } from './charts/theme.js';
import type { Cell, Figure, ReportPage, Section, TableData } from './sections.js';

/** A section with its own title and text, before the table. */
export interface ValidationText {
  title: string;
  subtitle: string;
  caption: string;
  footer: string;
}

/** Verdicts are told apart by shape: wrong ones are a cross, what is not judged is hollow. */
const VERDICTS: Record<Verdict, { title: string; shape: string }> = {
  exact: { title: 'exact', shape: 'circle' },
  within: { title: 'within tolerance', shape: 'square' },
  wrong: { title: 'wrong', shape: 'cross' },
  distance: { title: 'not judged', shape: 'diamond' },
};

/** The report: three panels of ratios and a table for each group; paths of cells lead into `validation.json`. */
export function validateReport(
  figures: readonly ValidationRow[],
  { title, subtitle, caption, footer }: ValidationText,
): ReportPage {
  const groups = [...new Set(figures.map(({ group }) => group))];
  const overview: Section = {
    id: 'overview',
    title: 'Overview',
    caption: [caption, validationSummary(figures), farthest(figures)].filter((text) => text !== '').join('\n\n'),
    figures: panels(figures),
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

/** A figure with the paper that it is of: the group's words before a comma or a colon. */
const fullName = ({ group, name }: ValidationRow): string => `${group.split(/[,:]/)[0]!}: ${name}`;

/** Distances that the overview names. */
const MOST_NAMED = 3;

/** The largest distances, in a sentence. */
function farthest(figures: readonly ValidationRow[]): string {
  const named = farFirst(figures.filter((figure) => figure.verdict === 'distance' && distanceOf(figure) > 0))
    .slice(0, MOST_NAMED)
    .map((figure) => `${fullName(figure)} (${plainNumber(ratioOf(figure)!)} times the published)`);
  return named.length === 0 ? '' : `The largest distances: ${named.join('; ')}.`;
}

/** Tables of so many rows stand open. */
const FEW_ROWS = 6;

/** Simulated by published; null where a ratio says nothing. */
const ratioOf = ({ published, simulated }: ValidationRow): number | null =>
  published === 0 || simulated / published <= 0 ? null : simulated / published;

/** Ids of the panels. */
const PANELS: Record<ValidationPart, string> = {
  formula: 'formulas',
  'roll-up': 'roll-ups',
  'end-to-end': 'end-to-end',
};

/** Distances first, the largest at the top; then judged figures by theirs. */
const farFirst = (figures: readonly ValidationRow[]): ValidationRow[] =>
  [...figures].sort((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict) || distanceOf(b) - distanceOf(a));
const ORDER: readonly Verdict[] = ['wrong', 'distance', 'within', 'exact'];
const distanceOf = (figure: ValidationRow): number => Math.abs(Math.log(ratioOf(figure) ?? 1));

function panels(figures: readonly ValidationRow[]): Figure[] {
  return VALIDATION_PARTS.flatMap(({ part, title }) => {
    const own = farFirst(figures.filter((figure) => figure.part === part && ratioOf(figure) !== null));
    return own.length === 0 ? [] : [panel(PANELS[part], title, own)];
  });
}

/** Pixels of a row, and of the letters of its name. */
const ROW = 27;
const NAME = 10;

function panel(id: string, title: string, figures: readonly ValidationRow[]): Figure {
  const values = figures.map((figure, row) => {
    const ratio = ratioOf(figure)!;
    const tolerance = figure.tolerance ?? 0;
    return {
      row,
      name: fullName(figure),
      group: figure.group,
      ratio,
      verdict: VERDICTS[figure.verdict].title,
      low: 1 / (1 + tolerance),
      high: 1 + tolerance,
      judged: figure.tolerance !== null && figure.tolerance > 0,
    };
  });
  const verdicts = ORDER.filter((verdict) => figures.some((figure) => figure.verdict === verdict));
  const far = 1.05 * values.reduce((most, { ratio, high }) => Math.max(most, ratio, 1 / ratio, high), 1.1);
  const x = {
    type: 'quantitative' as const,
    scale: { type: 'log' as const, domain: [1 / far, far], nice: false },
    axis: { title: 'simulated / published, logarithmic', tickCount: 5, format: '~r' },
  };
  const y = {
    field: 'row',
    type: 'nominal' as const,
    sort: values.map(({ row }) => row),
    title: null,
    axis: { labels: false, ticks: false, grid: true },
  };
  const marks = {
    domain: verdicts.map((verdict) => VERDICTS[verdict].title),
    shapes: verdicts.map((verdict) => VERDICTS[verdict].shape),
    fills: verdicts.map((verdict) => (verdict === 'distance' ? 'transparent' : INK)),
  };
  return {
    id: `ratios-${id}`,
    title,
    wide: true,
    caption:
      'Distances that are not judged first, then judged figures, each with the largest at the top. The dashed line ' +
      'is what was published; right of it the simulator says more, left of it less; equal distances are equal ' +
      'factors. A bar is the tolerance in which a figure passes; where none is drawn it must be exact, or its ' +
      'distance is reported and not judged.',
    spec: chart({
      description: 'Points on a logarithmic scale: simulated by published value of each figure; 1 is equal',
      data: { values },
      height: ROW * values.length,
      layer: [
        // A name stands above its mark, as wide as the chart: narrow screens have no room beside it.
        {
          mark: {
            type: 'text',
            align: 'left',
            baseline: 'bottom',
            dx: 3,
            dy: -5,
            fontSize: NAME,
            limit: { expr: 'width' },
          },
          encoding: { y, x: { value: 0 }, text: { field: 'name' } },
        },
        {
          transform: [{ filter: 'datum.judged' }],
          mark: { type: 'bar', height: 9, color: '#cfcfcf' },
          encoding: { y, x: { field: 'low', ...x }, x2: { field: 'high' } },
        },
        {
          data: { values: [{ one: 1 }] },
          mark: { type: 'rule', strokeDash: [4, 3], color: GREY },
          encoding: { x: { field: 'one', ...x } },
        },
        {
          mark: { type: 'point', size: 75, opacity: 1, color: INK, strokeWidth: 2 },
          encoding: {
            y,
            x: { field: 'ratio', ...x },
            shape: {
              field: 'verdict',
              type: 'nominal',
              scale: { domain: marks.domain, range: marks.shapes },
              title: null,
            },
            // A rim of its own, so that the legend shows hollow marks, too.
            stroke: {
              field: 'verdict',
              type: 'nominal',
              scale: { domain: marks.domain, range: marks.domain.map(() => INK) },
              title: null,
              legend: { symbolStrokeWidth: 1.5 },
            },
            fill: {
              field: 'verdict',
              type: 'nominal',
              scale: { domain: marks.domain, range: marks.fills },
              title: null,
            },
            tooltip: [{ field: 'group' }, { field: 'name' }, { field: 'ratio', format: '.4~r' }, { field: 'verdict' }],
          },
        },
      ],
    }),
  };
}

function figureTable(figures: readonly ValidationRow[], group: string, id: string): TableData {
  return {
    id,
    title: group,
    open: figures.filter((figure) => figure.group === group).length <= FEW_ROWS,
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
        ? grouped(value)
        : plainNumber(value),
    value,
    path,
  };
}
