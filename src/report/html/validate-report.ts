// The report of a validation: published figures beside simulated ones.

import { formatEngineering } from '../../config/index.js';
import { plainNumber } from '../numbers.js';
import { numberColumn, shareCell, textCell, textColumn } from './cells.js';
import { BLUE, GREY, VERMILLION } from './charts/theme.js';
import type { Cell, ChartSpec, Figure, ReportPage, Section, TableData } from './sections.js';

/** A published figure and what the simulator says of it. */
export interface ValidatedFigure {
  /** What is compared: "energy of an image, VGG-A training". */
  name: string;
  /** Where the published value stands: paper, table, page. */
  source: string;
  /** Unit of both values; empty for a count or ratio. SI units are written in engineering notation. */
  unit: string;
  published: number;
  /** Null where it could not be simulated; `note` says why. */
  simulated: number | null;
  /** `pass`: within its tolerance. `apart`: beyond it. `open`: not judged. */
  verdict: 'pass' | 'apart' | 'open';
  /** Relative difference up to which it passes (0.05 is 5 %); null where none is set. */
  tolerance: number | null;
  /** Why it differs, or what it rests on; empty where there is nothing to say. */
  note: string;
  /** Heading under which it stands, such as the paper. */
  group: string;
}

/** A section with its own title and text, before the table. */
export interface ValidationText {
  title: string;
  subtitle: string;
  caption: string;
  footer: string;
}

const VERDICTS = { pass: { title: 'within tolerance', color: BLUE }, apart: { title: 'apart', color: VERMILLION }, open: { title: 'not judged', color: GREY } } as const;

/** The report: a chart of the ratios and a table for each group, paths of cells lead into a JSON list of the figures. */
export function validateReport(figures: readonly ValidatedFigure[], { title, subtitle, caption, footer }: ValidationText): ReportPage {
  const groups = [...new Set(figures.map(({ group }) => group))];
  const passed = figures.filter(({ verdict }) => verdict === 'pass').length;
  const apart = figures.filter(({ verdict }) => verdict === 'apart').length;
  const overview: Section = {
    id: 'overview', title: 'Overview',
    caption: `${caption}\n\n${passed} of ${figures.length} figures are within their tolerance, ${apart} are apart, ${figures.length - passed - apart} are not judged.`,
    figures: figures.some((figure) => ratioOf(figure) !== null) ? [ratioChart(figures)] : [], tables: [],
  };
  const sections = groups.map((group, i): Section => ({ id: `group-${i + 1}`, title: group, caption: '', figures: [], tables: [figureTable(figures, group, `figures-${i + 1}`)] }));
  return { title, subtitle, sections: [overview, ...sections], footer };
}

/** Simulated by published; null where a ratio says nothing. */
function ratioOf({ published, simulated }: ValidatedFigure): number | null {
  return simulated === null || published === 0 || simulated / published <= 0 ? null : simulated / published;
}

function ratioChart(figures: readonly ValidatedFigure[]): Figure {
  const values = figures.flatMap((figure) => {
    const ratio = ratioOf(figure);
    return ratio === null ? [] : [{ name: figure.name, group: figure.group, ratio, verdict: VERDICTS[figure.verdict].title }];
  });
  const verdicts = (Object.keys(VERDICTS) as (keyof typeof VERDICTS)[]).filter((verdict) => values.some((value) => value.verdict === VERDICTS[verdict].title));
  const far = values.reduce((most, { ratio }) => Math.max(most, ratio, 1 / ratio), 2);
  const spec: ChartSpec = {
    description: 'Points on a logarithmic scale: simulated by published value of each figure; 1 is equal',
    height: 20 * values.length,
    encoding: { x: { type: 'quantitative', scale: { type: 'log', domain: [1 / (1.1 * far), 1.1 * far], nice: false }, axis: { title: 'simulated / published (logarithmic)', tickCount: 7, format: '~r' } } },
    layer: [
      { data: { values: [{ ratio: 1 }] }, mark: { type: 'rule', strokeDash: [4, 3], color: GREY }, encoding: { x: { field: 'ratio' } } },
      {
        data: { values },
        mark: { type: 'point', filled: true, size: 80, opacity: 1 },
        encoding: {
          x: { field: 'ratio' },
          y: { field: 'name', type: 'nominal', sort: values.map(({ name }) => name), title: null, axis: { labelLimit: 320, grid: true } },
          color: { field: 'verdict', type: 'nominal', scale: { domain: verdicts.map((verdict) => VERDICTS[verdict].title), range: verdicts.map((verdict) => VERDICTS[verdict].color) }, title: null },
          shape: { field: 'verdict', type: 'nominal', scale: { domain: verdicts.map((verdict) => VERDICTS[verdict].title) }, title: null },
          tooltip: [{ field: 'group' }, { field: 'name' }, { field: 'ratio', format: '.4~r' }, { field: 'verdict' }],
        },
      },
    ],
  };
  return { id: 'ratios', title: 'Simulated by published', caption: 'A point on the dashed line is equal to what was published; right of it the simulator says more, left of it less. Equal distances are equal factors.', spec };
}

function figureTable(figures: readonly ValidatedFigure[], group: string, id: string): TableData {
  return {
    id, title: group,
    columns: [textColumn('figure', 'figure'), textColumn('source', 'source'), textColumn('unit', 'unit'), numberColumn('published', 'published'), numberColumn('simulated', 'simulated'), numberColumn('difference', 'difference'), numberColumn('tolerance', 'tolerance'), textColumn('verdict', 'verdict'), textColumn('note', 'note')],
    rows: figures.flatMap((figure, i) => {
      if (figure.group !== group) return [];
      const { name, source, unit, published, simulated, tolerance, verdict, note } = figure;
      const difference = simulated === null || published === 0 ? null : simulated / published - 1;
      return [[
        textCell(name), textCell(source), textCell(unit), valueCell(published, unit, `[${i}].published`), valueCell(simulated, unit, `[${i}].simulated`),
        shareCell(difference), shareCell(tolerance, `[${i}].tolerance`), textCell(VERDICTS[verdict].title), textCell(note),
      ]];
    }),
  };
}

const SI_UNITS = ['s', 'J', 'W', 'Hz', 'bit', 'B'];

function valueCell(value: number | null, unit: string, path: string): Cell {
  if (value === null) return { text: '-', value };
  return { text: SI_UNITS.includes(unit) ? formatEngineering(value, unit) : Number.isInteger(value) ? value.toLocaleString('en-US') : plainNumber(value), value, path };
}
