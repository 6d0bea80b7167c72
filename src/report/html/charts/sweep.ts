// Charts of a sweep: fronts of two objectives, how a search got there, how much each knob matters.

import { chart, type LiteSpec } from './lite.js';
import type { Figure } from '../sections.js';
import type { SweepView } from '../sweep-view.js';
import { valueText } from '../../knobs.js';
import { figureUnit, numberLabel } from './scales.js';
import { GREY, INK } from './theme.js';

/** Points that a scatter shows at most, besides the front. */
const MOST_MARKS = 2000;
/** Pairs of objectives that get a scatter. */
const MOST_PAIRS = 3;
const NOT_FEASIBLE = '#dddddd';
const SHAPES = { point: 'circle', 'not feasible': 'cross', front: 'circle', knee: 'diamond' } as const;

type Objective = SweepView['objectives'][number];

/** A scatter for each pair of objectives. */
export function frontFigures(view: SweepView): Figure[] {
  const { objectives, front, knee } = view;
  if (front.length === 0) return [];
  const pairs = objectives.flatMap((x, i) => objectives.slice(i + 1).map((y) => [x, y] as const)).slice(0, MOST_PAIRS);
  return pairs.map(([x, y], i): Figure => ({
    id: pairs.length === 1 ? 'front' : `front-${i + 1}`,
    title: capital(`${x.title} and ${y.title}`),
    caption:
      `${capital(words(x))}; ${words(y)}. Strong points are on the front: no feasible point is at least as good in ` +
      `every objective and better in one${pairs.length === 1 ? '; the line joins them' : ''}. ` +
      (knee === null
        ? ''
        : "The diamond in a ring is the knee, the front's point farthest below the plane through its ends. ") +
      'Pointing at one shows its knobs.',
    spec: frontSpec(view, x, y),
  }));
}

const words = ({ title, goal }: Objective): string => `${title}: ${goal === 'minimize' ? 'less' : 'more'} is better`;

/** A text that begins with a capital letter. */
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** A point's knobs as fields of a chart, whose names may hold no dots, and their tooltips. */
export const knobFields = (columns: readonly string[], values: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(columns.map((column, i) => [`knob${i}`, valueText(values[column])]));
/** Tooltips of these fields, titled by their keys. */
export const knobTooltips = (columns: readonly string[]) =>
  columns.map((column, i) => ({ field: `knob${i}`, title: column }));

function frontSpec({ points, front, knee, columns, objectives }: SweepView, x: Objective, y: Objective): LiteSpec {
  const on = new Set(front);
  const step = Math.max(1, Math.ceil(points.length / MOST_MARKS));
  const values = points
    .filter(({ index }, i) => on.has(index) || i % step === 0)
    .map(({ index, figures, feasible, values: own }) => ({
      index,
      x: figures[x.key],
      y: figures[y.key],
      above: index === knee ? 2 : on.has(index) ? 1 : 0,
      kind: index === knee ? 'knee' : on.has(index) ? 'front' : feasible ? 'point' : 'not feasible',
      ...knobFields(columns, own),
    }));
  const axis = ({ key, title, unit }: Objective) => {
    const of = points.flatMap(({ figures }) => figures[key] ?? []);
    const scale = scaleOf(of);
    const more = scale.type === 'log' ? ', logarithmic' : '';
    const reading = figureUnit(of, { key, unit });
    return {
      type: 'quantitative' as const,
      scale,
      axis: {
        title: `${title}${reading.unit === '' ? '' : ` (${reading.unit})`}${more}`,
        labelExpr: numberLabel(reading),
        tickCount: 5,
      },
    };
  };
  const kinds = new Set(values.map(({ kind }) => kind));
  const colors = (
    [
      ['point', GREY],
      ['not feasible', NOT_FEASIBLE],
      ['front', INK],
      ['knee', INK],
    ] as const
  ).filter(([kind]) => kinds.has(kind));
  const position = { x: { field: 'x', ...axis(x) }, y: { field: 'y', ...axis(y) } };
  return {
    description: `${y.title} over ${x.title} of ${points.length} points; ${front.length} of them on the front`,
    data: { values },
    height: 300,
    layer: [
      // Of more objectives than these two the front is no line.
      ...(objectives.length === 2
        ? [
            {
              transform: [{ filter: 'datum.above > 0' }],
              mark: { type: 'line' as const, color: INK, strokeWidth: 1.2 },
              encoding: position,
            },
          ]
        : []),
      {
        mark: { type: 'point', filled: true, opacity: 1 },
        encoding: {
          ...position,
          color: {
            field: 'kind',
            type: 'nominal',
            scale: { domain: colors.map(([kind]) => kind), range: colors.map(([, color]) => color) },
          },
          shape: {
            field: 'kind',
            type: 'nominal',
            scale: {
              domain: colors.map(([kind]) => kind),
              range: colors.map(([kind]) => SHAPES[kind]),
            },
          },
          size: { condition: { test: 'datum.above > 0', value: 60 }, value: 24 },
          order: { field: 'above', type: 'quantitative' },
          tooltip: [
            { field: 'index', title: 'point' },
            ...knobTooltips(columns),
            { field: 'x', title: x.title, format: '.4~s' },
            { field: 'y', title: y.title, format: '.4~s' },
          ],
        },
      },
      ...(kinds.has('knee')
        ? [
            {
              transform: [{ filter: 'datum.above == 2' }],
              mark: {
                type: 'point' as const,
                filled: false,
                size: 220,
                strokeWidth: 2,
                color: INK,
                opacity: 1,
              },
              encoding: position,
            },
          ]
        : []),
    ],
  };
}

/** Logarithmic where the values span more than an order and a half. */
function scaleOf(
  values: readonly number[],
): { type: 'log'; nice: false; padding: number } | { type: 'linear'; zero: false } {
  const least = values.reduce((a, b) => Math.min(a, b), Infinity);
  const most = values.reduce((a, b) => Math.max(a, b), 0);
  return least > 0 && most / least > 30 ? { type: 'log', nice: false, padding: 20 } : { type: 'linear', zero: false };
}

/** How the front grew with the points that were drawn or tried. */
export function growthFigure({ growth }: SweepView): Figure[] {
  if (growth.length < 2) return [];
  return [
    {
      id: 'hypervolume',
      title: 'Hypervolume',
      caption:
        'Share of the box between the best and (10 % beyond) the worst of the final front that the points so ' +
        'far dominate; 1 would be the best of every objective in one point. A curve that is flat at its end ' +
        'says that more points would find little.',
      spec: chart({
        description:
          `Hypervolume over the number of points, from ${growth[0]!.hypervolume.toPrecision(3)} to ` +
          growth.at(-1)!.hypervolume.toPrecision(3),
        data: { values: growth },
        height: 220,
        mark: { type: 'line', interpolate: 'step-after', strokeWidth: 2, color: INK },
        encoding: {
          x: {
            field: 'points',
            type: 'quantitative',
            axis: { title: 'points in the order of the search', tickCount: 6, format: '~s' },
          },
          y: {
            field: 'hypervolume',
            type: 'quantitative',
            scale: { zero: false },
            axis: { title: 'share of the box', tickCount: 5 },
          },
          tooltip: [{ field: 'points' }, { field: 'hypervolume', format: '.4f' }],
        },
      }),
    },
  ];
}
