// Charts that set designs side by side.

import type { ComponentName } from '../../../components/index.js';
import { scriptJson, visible } from '../../../config/escape.js';
import { STALL_CAUSES, type Result } from '../../../simulation/index.js';
import { lookOf, lookScale } from '../../colors.js';
import { chart, type LiteSpec } from './lite.js';
import type { Figure } from '../sections.js';
import { LABEL_PLACES, labelPlaces } from './labels.js';
import { NAME_AXIS, axisUnit, engineeringAxis, shortLabel, shortName } from './scales.js';
import { GREY, INK, componentScale, passScale, passTitle } from './theme.js';

interface Part {
  design: string;
  part: string;
  value: number;
}

/** Largest by smallest value from which both axes are logarithmic. */
const SPREAD = 20;
/** The same for ratios, whose labels must fit beside the smallest. */
const RATIO_SPREAD = 5;
/** Pixels of a ratio in figures. */
const LABEL = 56;

/** GOPS/W against GOPS/mm2, a point for each design with its name beside it. Both axes have one kind of scale. */
export function efficiencyFigure(results: readonly Result[]): Figure {
  const points = results.map(({ architecture, efficiency, device }) => ({
    design: shortName(architecture),
    technology: lookOf('technology', device?.kind ?? 'none').title,
    ...efficiency,
  }));
  const spread = (of: (value: (typeof points)[number]) => number): boolean =>
    Math.max(...points.map(of)) > SPREAD * Math.min(...points.map(of));
  const logarithmic = spread(({ gopsPerW }) => gopsPerW) || spread(({ gopsPerMm2 }) => gopsPerMm2);
  const places = labelPlaces(
    points.map(({ design, gopsPerMm2, gopsPerW }) => ({ name: design, x: gopsPerMm2, y: gopsPerW })),
    logarithmic,
  );
  const values = points.map((point, i) => ({ ...point, label: places[i] }));
  const axis = (field: 'gopsPerW' | 'gopsPerMm2', title: string) => ({
    field,
    type: 'quantitative' as const,
    scale: logarithmic
      ? { type: 'log' as const, padding: LABEL }
      : { domain: [0, 1.25 * Math.max(...values.map((value) => value[field]))] },
    axis: {
      title: `${title}${logarithmic ? ', logarithmic' : ''}`,
      tickCount: 5,
      format: '~r',
      grid: true,
    },
  });
  const technologies = [...new Set(results.map(({ device }) => device?.kind ?? 'none'))];
  const { domain } = lookScale('technology', technologies);
  const shape = { field: 'technology', type: 'nominal' as const, scale: { domain }, title: null };
  return {
    id: 'efficiency',
    title: 'Efficiency',
    caption:
      'Up: more operations for the same energy. Right: more operations for the same area. Best is the upper ' +
      'right. Marks within each other are designs with the same efficiencies.',
    spec: chart({
      description: 'Points: GOPS per watt against GOPS per square millimetre, one for each design',
      data: { values },
      height: 260,
      encoding: {
        x: axis('gopsPerMm2', 'area efficiency (GOPS/mm²)'),
        y: axis('gopsPerW', 'energy efficiency (GOPS/W)'),
        tooltip: [
          { field: 'design' },
          { field: 'technology' },
          { field: 'gopsPerMm2', title: 'GOPS/mm²', format: '.4~r' },
          { field: 'gopsPerW', title: 'GOPS/W', format: '.4~r' },
        ],
      },
      layer: [
        {
          // Half filled, so that designs in one place show through each other; the rim is seen on dark pages.
          mark: { type: 'point', filled: true, size: 90, fillOpacity: 0.6, stroke: INK, strokeWidth: 1.2, opacity: 1 },
          encoding: {
            color: {
              field: 'technology',
              type: 'nominal',
              scale: { domain, range: technologyColors(technologies) },
              title: null,
            },
            shape,
          },
        },
        ...LABEL_PLACES.filter(({ name }) => places.includes(name)).map(({ name, mark }) => ({
          transform: [{ filter: `datum.label == '${name}'` }],
          mark: { type: 'text' as const, fontSize: 10, ...mark },
          encoding: { text: { field: 'design' } },
        })),
      ],
    }),
  };
}

/** Colours of thin marks: patterns need a face. */
function technologyColors(names: readonly string[]): string[] {
  const { domain } = lookScale('technology', names);
  return domain.map(
    (title) => names.map((name) => lookOf('technology', name)).find((look) => look.title === title)?.color ?? INK,
  );
}

/** Ratios to the baseline: for each metric a row for each design. */
export function ratioFigure(
  rows: readonly { architecture: string; title: string; ratio: number | null }[],
  designs: readonly string[],
  baseline: string,
): Figure {
  const others = designs.filter((design) => design !== baseline);
  const known = rows.flatMap(({ architecture, title, ratio }) =>
    ratio === null || architecture === baseline ? [] : [{ design: architecture, metric: title, ratio }],
  );
  const metrics = [...new Set(known.map(({ metric }) => metric))];
  const labels = metrics.flatMap((metric) => others.map((design) => `${metric}, ${shortName(design)}`));
  const rowOf = (metric: string, design: string): number =>
    metrics.indexOf(metric) * others.length + others.indexOf(design);
  const ratios = known.map(({ ratio }) => ratio);
  const [least, most] = [Math.min(1, ...ratios), Math.max(1, ...ratios)];
  const logarithmic = least > 0 && most / least > RATIO_SPREAD;
  const scale = logarithmic
    ? { type: 'log' as const, domain: [least, most], nice: false, padding: LABEL }
    : { domain: [0, 1.2 * most], nice: false };
  const x = {
    field: 'ratio',
    type: 'quantitative' as const,
    scale,
    axis: {
      title: `ratio to ${shortName(baseline)}${logarithmic ? ', logarithmic' : ''}`,
      tickCount: 6,
      format: '~r',
    },
  };
  const y = {
    field: 'row',
    type: 'nominal' as const,
    sort: labels.map((_, i) => i),
    title: null,
    axis: { labelExpr: `${scriptJson(labels.map(visible))}[datum.value]`, labelLimit: 320 },
  };
  const text = { field: 'ratio', type: 'quantitative' as const, format: '.3~r' };
  const tooltip = [{ field: 'design' }, { field: 'metric' }, { field: 'ratio', format: '.4~r' }];
  return {
    id: 'ratios',
    title: `Relative to ${baseline}`,
    caption:
      `A bar leads from 1, which is ${baseline}, to the design's ratio. For time, energy and area less is ` +
      'better: to the left.',
    spec: chart({
      description: `Bars from 1: time, energy and area of each design relative to ${baseline}`,
      data: { values: known.map((value) => ({ ...value, row: rowOf(value.metric, value.design) })) },
      height: 17 * labels.length,
      encoding: { x },
      layer: [
        { data: { values: [{ ratio: 1 }] }, mark: { type: 'rule', strokeDash: [4, 3], color: GREY } },
        { mark: { type: 'bar', height: 5, color: INK, stroke: null }, encoding: { y, x2: { datum: 1 }, tooltip } },
        { mark: { type: 'point', filled: true, size: 60, opacity: 1, color: INK }, encoding: { y, tooltip } },
        {
          transform: [{ filter: 'datum.ratio >= 1' }],
          mark: { type: 'text', align: 'left', dx: 7, fontSize: 10 },
          encoding: { y, text },
        },
        {
          transform: [{ filter: 'datum.ratio < 1' }],
          mark: { type: 'text', align: 'right', dx: -7, fontSize: 10 },
          encoding: { y, text },
        },
      ],
    }),
  };
}

function stacked(
  parts: readonly Part[],
  {
    designs,
    color,
    axis,
    description,
  }: {
    readonly designs: readonly string[];
    readonly color: { domain: string[]; range: string[] };
    readonly axis: { title: string; tickCount?: number };
    readonly description: string;
  },
): LiteSpec {
  const values = parts
    .filter(({ value }) => value > 0)
    .map((part) => ({ ...part, place: color.domain.indexOf(part.part) }));
  return {
    description,
    data: { values },
    height: 26 * designs.length,
    mark: { type: 'bar' },
    encoding: {
      y: { field: 'design', type: 'nominal', sort: [...designs], title: null, axis: NAME_AXIS },
      x: { field: 'value', type: 'quantitative', aggregate: 'sum', axis, title: axis.title },
      color: { field: 'part', type: 'nominal', scale: { ...color }, sort: color.domain, title: null },
      order: { field: 'place', type: 'quantitative' },
      tooltip: [{ field: 'design' }, { field: 'part' }, { field: 'value', aggregate: 'sum', format: '.4s' }],
    },
  };
}

const entriesOf = (
  results: readonly Result[],
  parts: (result: Result) => Record<string, number>,
  name: (key: string) => string,
): Part[] =>
  results.flatMap((result) =>
    Object.entries(parts(result)).map(([key, value]) => ({ design: result.architecture, part: name(key), value })),
  );

/** Energy and area by component, energy by pass, waiting by cause: a bar for each design. */
export function breakdownFigures(results: readonly Result[], components: readonly ComponentName[]): Figure[] {
  const designs = results.map(({ architecture }) => architecture);
  const { shown, ...scale } = componentScale(components);
  const energies = engineeringAxis(
    'energy',
    axisUnit(
      results.map(({ energy }) => energy.totalJ),
      'J',
    ),
  );
  const waits = results.map(({ stalls }) => STALL_CAUSES.reduce((sum, cause) => sum + stalls[cause], 0));
  return [
    {
      id: 'energy-by-component',
      title: 'Energy by component',
      caption: 'Length: energy of the run.',
      spec: stacked(
        entriesOf(results, ({ energy }) => energy.byComponentJ, shown),
        { designs, color: scale, axis: energies, description: 'Stacked bars: energy of each design by component' },
      ),
    },
    {
      id: 'energy-by-pass',
      title: 'Energy by pass',
      caption: 'The same energies, by what they were spent for.',
      spec: stacked(
        entriesOf(results, ({ energy }) => energy.byPassJ, passTitle),
        {
          designs,
          color: passScale(results.flatMap(({ energy }) => Object.keys(energy.byPassJ))),
          axis: energies,
          description: 'Stacked bars: energy of each design by pass',
        },
      ),
    },
    {
      id: 'area-by-component',
      title: 'Area by component',
      caption: 'The same colours as for energy.',
      spec: stacked(
        entriesOf(results, ({ area }) => area.byComponentMm2, shown),
        {
          designs,
          color: scale,
          axis: { title: 'area (mm²)', tickCount: 5 },
          description: 'Stacked bars: area of each design by component',
        },
      ),
    },
    {
      id: 'stalls-by-cause',
      title: 'Waiting by cause',
      caption:
        'Summed over stages: for input, for room in an output buffer, for a shared unit, for the slowest ' +
        'stage of the cycle (lockstep), for the batch to end.',
      spec: stacked(
        entriesOf(
          results,
          ({ stalls }) => stalls,
          (cause) => lookOf('cause', cause).title,
        ),
        {
          designs,
          color: lookScale('cause', STALL_CAUSES),
          axis: engineeringAxis('waiting', axisUnit(waits, 's')),
          description: 'Stacked bars: waiting time of each design by cause',
        },
      ),
    },
  ];
}

/** Shares of utilization of whole designs, told apart by shape on a line for each. */
export function utilizationFigure(results: readonly Result[]): Figure {
  const kinds = ['spatial', 'informative', 'temporal', 'effective'] as const;
  const designs = results.map(({ architecture }) => architecture);
  return {
    id: 'utilization',
    title: 'Utilization',
    caption:
      'Of the arrays, in digital designs of the units. Spatial: cells that hold weights. Informative: cells ' +
      'that hold magnitude. Temporal: share of the run in which arrays are busy. Effective: informative times ' +
      'temporal.',
    spec: chart({
      description: 'Marks: utilization of each design',
      data: {
        values: results.flatMap(({ architecture, utilization }) =>
          kinds.map((kind) => ({ design: architecture, kind, share: utilization[kind] })),
        ),
      },
      height: 24 * designs.length,
      mark: { type: 'point', filled: false, size: 70, strokeWidth: 1.8, opacity: 1, color: INK },
      encoding: {
        y: {
          field: 'design',
          type: 'nominal',
          sort: designs,
          title: null,
          axis: { labelExpr: shortLabel('datum.label'), labelLimit: NAME_AXIS.labelLimit, grid: true },
        },
        shape: { field: 'kind', type: 'nominal', scale: { domain: [...kinds] }, title: null },
        x: {
          field: 'share',
          type: 'quantitative',
          scale: { domain: [0, 1] },
          axis: { title: 'utilization (%)', labelExpr: "format(datum.value * 100, '~r')", tickCount: 5 },
        },
        tooltip: [{ field: 'design' }, { field: 'kind' }, { field: 'share', format: '.2%' }],
      },
    }),
  };
}
