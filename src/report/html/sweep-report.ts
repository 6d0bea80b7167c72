// The report of a sweep: its front, how much its knobs matter, what failed.

import { plainNumber } from '../../config/numbers.js';
import { count } from '../../config/numbers.js';
import { isShare, metricText } from '../words.js';
import {
  countCell,
  numberColumn,
  plainCell,
  shareCell,
  textCell,
  textColumn,
  typeset,
  unitCell,
} from './table-cells.js';
import { landmarks, pointText, valueText } from '../knobs.js';
import { frontFigures, growthFigure } from './charts/sweep.js';
import { knobFigures, sobolFigure, spreadFigure } from './charts/sweep-knobs.js';
import type { Cell, ReportPage, Section, TableData } from './sections.js';
import type { SweepView } from './sweep-view.js';

/** Points of the front that the page shows; `front.csv` has all. */
const MOST_ROWS = 200;

/** Puts the report of a sweep together; paths of cells lead into `analysis.json`. */
export function sweepReport(view: SweepView): ReportPage {
  const { name, config, model, columns, objectives, points, failures } = view;
  const goals = objectives.map(({ title, goal }) => `${goal} ${title}`).join(', ');
  const sections: Section[] = [
    {
      id: 'front',
      title: 'The front',
      lead: {
        headlines: [],
        says: landmarks(view).map(({ title, index }) => ({ label: title, text: landmarkWords(view, index) })),
        bars: [],
        next: [],
      },
      caption: `${count(points.length)} points of ${config}: ${goals}. ${frontWords(view)}`,
      figures: [...frontFigures(view), ...growthFigure(view)],
      tables: [frontTable(view)],
    },
    {
      id: 'sensitivity',
      title: 'What the knobs do',
      caption:
        'How much each swept key matters for the objectives, over all points and around one of them. A knob ' +
        'that did nothing in this sweep has no bar.',
      figures: [...knobFigures(view), ...sobolFigure(view), ...spreadFigure(view)],
      tables: [sensitivityTable(view)],
    },
    ...(failures.length === 0
      ? []
      : [
          {
            id: 'failures',
            title: 'Points that failed',
            caption: 'Each was tried twice. They have no figures and do not count above.',
            figures: [],
            tables: [
              {
                id: 'failure-reasons',
                title: 'Reasons',
                columns: [textColumn('reason', 'reason'), numberColumn('points', 'points')],
                rows: failures.map(({ reason, points: failed }) => [textCell(reason), countCell(failed)]),
              },
            ],
          },
        ]),
  ];
  return {
    title: `Sweep ${name}`,
    subtitle: `${columns.join(', ')} of ${config}`,
    sections,
    footer: `Model ${model}. All rows: results.csv, results.parquet, sweep.duckdb beside this page.`,
  };
}

function frontWords({ front, feasible, points, knee, hypervolume, constraints }: SweepView): string {
  const allowed =
    constraints.length === 0
      ? ''
      : `${count(feasible)} of ${count(points.length)} fulfil ${constraints.join(' and ')}. `;
  const volume =
    hypervolume === null
      ? ''
      : ` It dominates ${plainNumber(100 * hypervolume)} % of the box from the best to 10 % beyond the worst of ` +
        'its objectives (hypervolume).';
  return (
    `${allowed}${count(front.length)} ${front.length === 1 ? 'point is' : 'points are'} on the ` +
    `front${knee === null ? '' : `, its knee is point ${knee}`}.${volume}`
  );
}

/** `point 5: crossbar.rows=128; energy 2.1 mJ, area 3.4 mm²`. */
function landmarkWords({ points, columns, objectives }: SweepView, index: number): string {
  const { values, figures } = points.find((point) => point.index === index)!;
  const reached = objectives.map(({ key, title, unit }) => `${title} ${metricText(key, figures[key] ?? NaN, unit)}`);
  return typeset(`point ${index}: ${pointText(values, columns)}; ${reached.join(', ')}`);
}

function frontTable({ columns, objectives, points, front, knee }: SweepView): TableData {
  const knobs = columns.filter((column) => objectives.every(({ key }) => key !== column));
  const shown = new Set(front.slice(0, MOST_ROWS));
  return {
    id: 'front-points',
    open: true,
    title: front.length > MOST_ROWS ? `The first ${MOST_ROWS} points of the front` : 'Points of the front',
    columns: [
      numberColumn('point', 'point'),
      ...knobs.map((key) => textColumn(key, key)),
      ...objectives.map(({ key, title }) => numberColumn(key, title)),
    ],
    rows: points
      .filter(({ index }) => shown.has(index))
      .map(({ index, values, figures }) => [
        {
          text: index === knee ? `${index} (knee)` : String(index),
          value: index,
          path: `front[${front.indexOf(index)}]`,
        },
        ...knobs.map((key) => textCell(valueText(values[key]))),
        ...objectives.map(({ key, unit }): Cell =>
          isShare(key)
            ? shareCell(figures[key] ?? null)
            : unit === 's' || unit === 'J' || unit === 'W'
              ? unitCell(figures[key] ?? null, unit)
              : plainCell(figures[key] ?? null, unit),
        ),
      ]),
  };
}

function sensitivityTable({ objectives, sensitivity }: SweepView): TableData {
  const knobs = sensitivity[0]?.firstOrder.map(({ knob }) => knob) ?? [];
  return {
    id: 'sobol-indices',
    title: 'First-order Sobol indices',
    columns: [textColumn('knob', 'knob'), ...objectives.map(({ key, title }) => numberColumn(key, title))],
    rows: knobs.map((knob, k) => [
      textCell(knob),
      ...sensitivity.map(({ firstOrder }, o) =>
        plainCell(firstOrder[k]?.index ?? null, '', `sensitivity[${o}].firstOrder[${k}].index`),
      ),
    ]),
  };
}
