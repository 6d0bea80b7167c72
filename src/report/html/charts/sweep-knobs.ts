// What the knobs of a sweep do: heat maps of two, parallel coordinates of more, variance, one at a time.

import { chart, type LiteSpec } from './lite.js';
import type { Figure } from '../sections.js';
import type { SweepView } from '../sweep-view.js';
import { levelText } from '../../knobs.js';
import { knobTitle } from '../../names.js';
import { capital, knobFields, knobTooltips } from './sweep.js';
import { figureUnit, numberLabel } from './scales.js';
import { GREY, INK } from './theme.js';

/** Objectives have no colour of their own: shades of grey, named in the legend. */
const SHADES = ['#3a3a3a', '#8f8f8f', '#cfcfcf', '#000000'];
/** Cells of a heat map at most, and objectives that get one. */
const MOST_CELLS = 1600;
const MOST_MAPS = 3;
/** Lines of parallel coordinates at most. */
const MOST_LINES = 300;

/** A heat map for each objective where two knobs make a grid; parallel coordinates where there are more. */
export function knobFigures(view: SweepView): Figure[] {
  const knobs = knobsWithLevels(view).filter(({ levels }) => levels.length > 1);
  if (knobs.length === 2) return heatMaps(view, knobs[0]!, knobs[1]!);
  return knobs.length > 2 ? [parallel(view, knobs)] : [];
}

/** A knob with its levels in the order of numbers, or in that of the points. */
type Knob = SweepView['knobs'][number] & { levels: string[] };

function knobsWithLevels({ points, knobs }: SweepView): Knob[] {
  const levels = knobs.map(() => new Map<string, unknown>());
  for (const { values } of points)
    knobs.forEach(({ keys }, k) => levels[k]!.set(levelText(values, keys), values[keys[0]!]));
  return knobs.map((knob, k) => {
    const all = [...levels[k]!];
    if (all.every(([, value]) => typeof value === 'number')) all.sort((a, b) => Number(a[1]) - Number(b[1]));
    return { ...knob, levels: all.map(([text]) => text) };
  });
}

function heatMaps(view: SweepView, across: Knob, down: Knob): Figure[] {
  const { points, front, knee, columns, objectives } = view;
  const [xs, ys] = [across.levels, down.levels];
  // Drawn points are no grid.
  if (xs.length * ys.length > Math.min(MOST_CELLS, 2 * points.length)) return [];
  const on = new Set(front);
  return objectives.slice(0, MOST_MAPS).map(({ key, title, unit, goal }, i): Figure => {
    const reading = figureUnit(
      points.flatMap(({ figures }) => figures[key] ?? []),
      { key, unit },
    );
    const spec: LiteSpec = {
      description: `Heat map: ${title} over ${across.name} and ${down.name}`,
      data: {
        values: points.map(({ index, values, figures, feasible }) => ({
          index,
          x: levelText(values, across.keys),
          y: levelText(values, down.keys),
          figure: figures[key],
          mark: index === knee ? '◎' : on.has(index) ? '●' : feasible ? '' : '×',
          ...knobFields(columns, values),
        })),
      },
      height: 26 * ys.length,
      encoding: {
        x: {
          field: 'x',
          type: 'ordinal',
          sort: xs,
          title: knobTitle(across.name),
          axis: { labelAngle: 0, labelOverlap: true },
        },
        y: { field: 'y', type: 'ordinal', sort: ys, title: knobTitle(down.name) },
      },
      layer: [
        {
          mark: { type: 'rect' },
          encoding: {
            color: {
              field: 'figure',
              type: 'quantitative',
              scale: { scheme: 'cividis', reverse: goal === 'minimize' },
              legend: {
                orient: 'right',
                direction: 'vertical',
                labelExpr: numberLabel(reading),
                title: reading.unit === '' ? null : reading.unit,
                gradientLength: Math.max(60, Math.min(200, 26 * ys.length)),
              },
            },
            tooltip: [
              { field: 'index', title: 'point' },
              ...knobTooltips(columns),
              { field: 'figure', title, format: '.4~s' },
            ],
          },
        },
        {
          transform: [{ calculate: "datum.mark == '' ? '' : datum.mark", as: 'sign' }],
          mark: { type: 'text', fontSize: 13, fill: 'white', stroke: 'black', strokeWidth: 0.6 },
          encoding: { text: { field: 'sign' } },
        },
      ],
    };
    return {
      id: `heat-map-${i + 1}`,
      title: `${capital(title)} over two knobs`,
      caption:
        `${goal === 'minimize' ? 'Less' : 'More'} is better, and brighter. ` +
        `A disc is on the front${knee === null ? '' : ', a disc in a ring (◎) the knee'}` +
        `${points.some(({ feasible }) => !feasible) ? ', × not feasible' : ''}.`,
      spec,
    };
  });
}

/** A line a point through knobs and objectives, each scaled to its own range. */
function parallel(view: SweepView, knobs: readonly Knob[]): Figure {
  const { points, front, objectives, columns } = view;
  const on = new Set(front);
  const others = points.filter(({ index }) => !on.has(index));
  const step = Math.max(1, Math.ceil(others.length / Math.max(1, MOST_LINES - on.size)));
  const shown = [...others.filter((_, i) => i % step === 0), ...points.filter(({ index }) => on.has(index))];
  const axes = [
    ...knobs.map((knob) => {
      const { levels } = knob;
      return {
        title: knob.name,
        ends: [levels[0]!, levels[levels.length - 1]!],
        at: ({ values }: (typeof points)[number]): number =>
          levels.indexOf(levelText(values, knob.keys)) / Math.max(1, levels.length - 1),
      };
    }),
    ...objectives.map(({ key, title, unit }) => {
      const values = points.flatMap(({ figures }) => figures[key] ?? []);
      const least = values.reduce((a, b) => Math.min(a, b), Infinity);
      const most = values.reduce((a, b) => Math.max(a, b), -Infinity);
      const { factor, unit: shown } = figureUnit([most], { key, unit });
      return {
        title,
        ends: [least, most].map((value) => `${Number((value / factor).toPrecision(3))} ${shown}`.trim()),
        at: ({ figures }: (typeof points)[number]): number => ((figures[key] ?? least) - least) / (most - least || 1),
      };
    }),
  ];
  const values = shown.flatMap((point) =>
    axes.map((axis, place) => ({
      index: point.index,
      place,
      share: axis.at(point),
      kind: on.has(point.index) ? 'front' : 'point',
      ...knobFields(columns, point.values),
    })),
  );
  const x = {
    field: 'place',
    type: 'quantitative' as const,
    scale: { domain: [-0.3, axes.length - 0.7], nice: false },
    axis: null,
  };
  return {
    id: 'parallel',
    title: 'All knobs and objectives',
    wide: true,
    caption:
      'A line is a point; each axis is scaled to its own range, whose ends stand at it (knobs by the order of their ' +
      `values). Dark: the front.` +
      (shown.length < points.length ? ` ${shown.length} of ${points.length} points are drawn.` : ''),
    spec: chart({
      description: `Parallel coordinates: ${axes.map(({ title }) => title).join(', ')}`,
      height: 300,
      layer: [
        {
          data: { values: axes.map((_, place) => ({ place })) },
          mark: { type: 'rule', color: GREY },
          encoding: { x },
        },
        {
          data: { values },
          mark: { type: 'line', strokeWidth: 1.2 },
          encoding: {
            x,
            y: { field: 'share', type: 'quantitative', scale: { domain: [-0.18, 1.12] }, axis: null },
            detail: { field: 'index' },
            color: {
              field: 'kind',
              type: 'nominal',
              scale: { domain: ['point', 'front'], range: [GREY, INK] },
              legend: { symbolType: 'stroke', symbolStrokeWidth: 2, symbolSize: 300 },
            },
            opacity: { condition: { test: "datum.kind == 'front'", value: 1 }, value: 0.45 },
            tooltip: [{ field: 'index', title: 'point' }, ...knobTooltips(columns)],
          },
        },
        {
          data: {
            values: axes.flatMap(({ title, ends: [low, high] }, place) => [
              { place, share: -0.06, text: low },
              { place, share: 1.04, text: high },
              { place, share: -0.14, text: title },
            ]),
          },
          mark: { type: 'text', fontSize: 10 },
          encoding: { x, y: { field: 'share', type: 'quantitative' }, text: { field: 'text' } },
        },
      ],
    }),
  };
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
        range: view.objectives.map((_, i) => SHADES[i % SHADES.length]!),
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
      spec: chart({
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
      }),
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
      spec: chart({
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
      }),
    },
  ];
}
