// Charts of a sweep: fronts of two objectives, how a search got there, how much each knob matters.

import type { ChartSpec, Figure } from '../sections.js';
import type { SweepView } from '../sweep-view.js';
import { typeset } from '../cells.js';
import { axisUnit, engineeringAxis } from './scales.js';
import { BLUE, GREY, PALETTE, VERMILLION } from './theme.js';

/** Points that a scatter shows at most, besides the front. */
const MOST_MARKS = 2000;
/** Pairs of objectives that get a scatter. */
const MOST_PAIRS = 3;
const NOT_FEASIBLE = '#dddddd';

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
      `${capital(words(x))}; ${words(y)}. Blue points are on the front: no feasible point is at least as good ` +
      'in every objective and better in ' +
      `one.${knee === null ? '' : " The knee, the front's point farthest below the plane through its ends, is red."}`,
    spec: frontSpec(view, x, y),
  }));
}

const words = ({ title, goal }: Objective): string => `${title}: ${goal === 'minimize' ? 'less' : 'more'} is better`;

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function frontSpec({ points, front, knee }: SweepView, x: Objective, y: Objective): ChartSpec {
  const on = new Set(front);
  const step = Math.max(1, Math.ceil(points.length / MOST_MARKS));
  const values = points
    .filter(({ index }, i) => on.has(index) || i % step === 0)
    .map(({ index, figures, feasible }) => ({
      index,
      x: figures[x.key],
      y: figures[y.key],
      above: index === knee ? 2 : on.has(index) ? 1 : 0,
      kind: index === knee ? 'knee' : on.has(index) ? 'front' : feasible ? 'point' : 'not feasible',
    }));
  const axis = ({ key, title, unit }: Objective) => {
    const of = points.flatMap(({ figures }) => figures[key] ?? []);
    return {
      type: 'quantitative' as const,
      scale: scaleOf(of),
      axis:
        unit === 's' || unit === 'J' || unit === 'W'
          ? engineeringAxis(title, axisUnit(of, unit))
          : { title: unit === '' ? title : `${title} (${typeset(unit)})`, format: '~s', tickCount: 5 },
    };
  };
  const kinds = new Set(values.map(({ kind }) => kind));
  const colors = (
    [
      ['point', GREY],
      ['not feasible', NOT_FEASIBLE],
      ['front', BLUE],
      ['knee', VERMILLION],
    ] as const
  ).filter(([kind]) => kinds.has(kind));
  return {
    description: `${y.title} over ${x.title} of ${points.length} points; ${front.length} of them on the front`,
    data: { values },
    height: 300,
    mark: { type: 'point', filled: true, opacity: 1 },
    encoding: {
      x: { field: 'x', ...axis(x) },
      y: { field: 'y', ...axis(y) },
      color: {
        field: 'kind',
        type: 'nominal',
        scale: { domain: colors.map(([kind]) => kind), range: colors.map(([, color]) => color) },
      },
      size: { condition: { test: 'datum.above > 0', value: 60 }, value: 24 },
      order: { field: 'above', type: 'quantitative' },
      tooltip: [
        { field: 'index', title: 'point' },
        { field: 'x', title: x.title, format: '.4~s' },
        { field: 'y', title: y.title, format: '.4~s' },
      ],
    },
  };
}

/** Logarithmic where the values span more than an order and a half. */
function scaleOf(values: readonly number[]): { type: 'log' } | { type: 'linear'; zero: false } {
  const least = values.reduce((a, b) => Math.min(a, b), Infinity);
  const most = values.reduce((a, b) => Math.max(a, b), 0);
  return least > 0 && most / least > 30 ? { type: 'log' } : { type: 'linear', zero: false };
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
      spec: {
        description:
          `Hypervolume over the number of points, from ${growth[0]!.hypervolume.toPrecision(3)} to ` +
          growth.at(-1)!.hypervolume.toPrecision(3),
        data: { values: growth },
        height: 220,
        mark: { type: 'line', interpolate: 'step-after', strokeWidth: 2, color: BLUE },
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
      },
    },
  ];
}

const bars = (view: SweepView, knobs: ReadonlySet<string>) => ({
  height: 14 * view.objectives.length * knobs.size + 20,
  encoding: {
    y: { field: 'knob', type: 'nominal' as const, title: null, sort: null, axis: { labelLimit: 300 } },
    yOffset: { field: 'objective', type: 'nominal' as const, sort: null },
    color: {
      field: 'objective',
      type: 'nominal' as const,
      sort: null,
      scale: {
        domain: view.objectives.map(({ title }) => title),
        range: view.objectives.map((_, i) => PALETTE[i % PALETTE.length]!),
      },
    },
  },
});

/** First-order Sobol indices of the knobs, a bar for each objective. */
export function sobolFigure(view: SweepView): Figure[] {
  const values = view.sensitivity.flatMap(({ firstOrder }, o) =>
    firstOrder.map(({ knob, index }) => ({ objective: view.objectives[o]!.title, knob, index })),
  );
  if (values.length === 0) return [];
  const { height, encoding } = bars(view, new Set(values.map(({ knob }) => knob)));
  return [
    {
      id: 'sobol',
      title: 'Variance by knob',
      caption:
        "First-order Sobol index: the share of an objective's variance over all points that a knob explains " +
        'alone. What is left of 1 belongs to knobs acting together.',
      spec: {
        description:
          `Bars: first-order Sobol index of ${new Set(values.map(({ knob }) => knob)).size} knobs for ` +
          view.objectives.map(({ title }) => title).join(', '),
        data: { values },
        height,
        mark: { type: 'bar' },
        encoding: {
          ...encoding,
          x: {
            field: 'index',
            type: 'quantitative',
            scale: { domain: [0, 1] },
            axis: { title: 'share of the variance (first-order Sobol index)', tickCount: 5 },
          },
          tooltip: [{ field: 'knob' }, { field: 'objective' }, { field: 'index', format: '.3f' }],
        },
      },
    },
  ];
}

/** Spread of each objective when one knob alone moves away from the base point. */
export function spreadFigure(view: SweepView): Figure[] {
  const values = view.sensitivity.flatMap(({ oneAtATime }, o) =>
    oneAtATime
      .filter(({ points, base, least, most }) => points > 0 && base > 0 && most > least)
      .map(({ knob, base, least, most }) => ({
        objective: view.objectives[o]!.title,
        knob,
        least: least / base,
        most: most / base,
      })),
  );
  if (values.length === 0) return [];
  const { height, encoding } = bars(view, new Set(values.map(({ knob }) => knob)));
  const wide =
    values.some(({ least, most }) => least > 0 && most / least > 30) && values.every(({ least }) => least > 0);
  return [
    {
      id: 'one-at-a-time',
      title: 'One knob at a time',
      caption:
        'Where an objective goes when one knob alone moves away from ' +
        `${view.knee === null ? 'the first point of the front' : 'the knee'}, relative to that point.`,
      spec: {
        description: 'Ranges: objectives relative to the base point when one knob moves alone',
        data: { values },
        height,
        mark: { type: 'bar' },
        encoding: {
          ...encoding,
          x: {
            field: 'least',
            type: 'quantitative',
            scale: wide ? { type: 'log' } : { zero: false },
            axis: { title: 'relative to the base point', tickCount: 5, format: '~r' },
          },
          x2: { field: 'most' },
          tooltip: [
            { field: 'knob' },
            { field: 'objective' },
            { field: 'least', format: '.4~r' },
            { field: 'most', format: '.4~r' },
          ],
        },
      },
    },
  ];
}
