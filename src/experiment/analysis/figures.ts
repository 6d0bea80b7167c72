// Figures of an analysis as SVG: the front of two objectives, the first-order sensitivity of each.

import { BLUE, GREY, PALETTE, VERMILLION } from '../../report/html/charts/theme.js';
import { chartSvg } from '../../report/html/draw.js';
import type { ChartSpec } from '../../report/html/sections.js';
import type { AnalysedPoint, Analysis } from './analyse.js';

/** Points that a scatter shows at most, besides the front. */
const MOST_MARKS = 5000;

/** SVG files by name. */
export async function analysisFigures(analysis: Analysis, points: readonly AnalysedPoint[]): Promise<Record<string, string>> {
  const figures: Record<string, string> = {};
  if (analysis.objectives.length >= 2 && analysis.front.length > 0) figures['front.svg'] = await chartSvg(frontSpec(analysis, points));
  if (analysis.sensitivity.some(({ firstOrder }) => firstOrder.length > 0)) figures['sensitivity.svg'] = await chartSvg(sensitivitySpec(analysis));
  return figures;
}

function frontSpec({ objectives, front, knee }: Analysis, points: readonly AnalysedPoint[]): ChartSpec {
  const [x, y] = objectives.map(({ key }) => key) as [string, string];
  const on = new Set(front);
  const step = Math.max(1, Math.ceil(points.length / MOST_MARKS));
  const values = points.filter(({ index }, i) => on.has(index) || i % step === 0).map(({ index, figures, feasible }) => ({
    x: figures[x], y: figures[y], above: on.has(index) ? 1 : 0, kind: index === knee ? 'knee' : on.has(index) ? 'front' : feasible ? 'point' : 'not feasible',
  }));
  const axis = (key: string) => ({ type: 'quantitative' as const, title: key, scale: scaleOf(points.map(({ figures }) => figures[key] ?? 0)), axis: { format: '~s' } });
  return {
    description: `${y} over ${x} of ${points.length} points; ${front.length} of them on the front`,
    data: { values },
    height: 300,
    mark: { type: 'point', filled: true, opacity: 1 },
    encoding: {
      x: { field: 'x', ...axis(x) },
      y: { field: 'y', ...axis(y) },
      color: { field: 'kind', type: 'nominal', scale: { domain: ['point', 'not feasible', 'front', 'knee'], range: [GREY, '#dddddd', BLUE, VERMILLION] } },
      size: { condition: { test: 'datum.kind == "front" || datum.kind == "knee"', value: 50 }, value: 12 },
      order: { field: 'above', type: 'quantitative' },
    },
  };
}

/** Logarithmic where the values span more than an order and a half. */
function scaleOf(values: readonly number[]): { type: 'log' } | { type: 'linear'; zero: false } {
  const least = values.reduce((a, b) => Math.min(a, b), Infinity);
  const most = values.reduce((a, b) => Math.max(a, b), 0);
  return least > 0 && most / least > 30 ? { type: 'log' } : { type: 'linear', zero: false };
}

function sensitivitySpec({ sensitivity }: Analysis): ChartSpec {
  const values = sensitivity.flatMap(({ objective, firstOrder }) => firstOrder.map(({ knob, index }) => ({ objective, knob, index })));
  return {
    description: `Share of the variance of ${sensitivity.map(({ objective }) => objective).join(', ')} that each knob explains alone`,
    data: { values },
    height: { step: 12 },
    mark: { type: 'bar' },
    encoding: {
      y: { field: 'knob', type: 'nominal', title: null, sort: null, axis: { labelLimit: 300 } },
      yOffset: { field: 'objective', type: 'nominal', sort: null },
      x: { field: 'index', type: 'quantitative', title: 'share of the variance (first-order Sobol index)', scale: { domain: [0, 1] } },
      color: { field: 'objective', type: 'nominal', sort: null, scale: { range: [...PALETTE] } },
    },
  };
}
