// Waterfalls: from the baseline's total, part by part, to a design's. They end at the total, so nothing is left unsaid.

import { componentWords } from '../../../result/component-words.js';
import { chart } from './lite.js';
import { scriptJson, visible } from '../../../config/escape.js';
import type { Result } from '../../../simulation/index.js';
import { lookOf, paintOf } from '../../colors.js';
import type { Figure } from '../sections.js';
import { axisUnit, engineeringAxis, shortName } from './scales.js';
import { GREY, INK, passTitle } from './theme.js';

interface Step {
  design: string;
  label: string;
  from: number;
  to: number;
  /** A total stands on the axis. */
  total: boolean;
  paint: string;
}

/** Parts that a waterfall names, by the number of designs; the rest is one step. */
const NAMED = { few: 5, many: 3 };
const MANY = 3;

interface Figures {
  id: string;
  title: string;
  unit: 'J' | 's' | 'mm²';
  parts: (result: Result) => Record<string, number>;
  total: (result: Result) => number;
  name: (part: string) => string;
  paint: (part: string) => string;
}

const WATERFALLS: Figures[] = [
  {
    id: 'time',
    title: 'Time',
    unit: 's',
    parts: timeParts,
    total: ({ time }) => time.totalS,
    name: (part) => (part in WHOLE ? part : `cycles set by ${passTitle(part)}`),
    paint: (part) => (part in WHOLE ? GREY : paintOf(lookOf('pass', part))),
  },
  {
    id: 'energy',
    title: 'Energy',
    unit: 'J',
    parts: ({ energy }) => energy.byComponentJ,
    total: ({ energy }) => energy.totalJ,
    name: componentWords,
    paint: (part) => paintOf(lookOf('component', part)),
  },
  {
    id: 'area',
    title: 'Area',
    unit: 'mm²',
    parts: ({ area }) => area.byComponentMm2,
    total: ({ area }) => area.totalMm2,
    name: componentWords,
    paint: (part) => paintOf(lookOf('component', part)),
  },
];

/** Parts of the time where no logical cycles tell them. */
const WHOLE = { 'steady state': true, 'fill, drain and waits': true };

/** Lockstep: by the pass that the logical cycles waited for; otherwise the steady state and the rest. */
function timeParts({ stages, time, verdict }: Result): Record<string, number> {
  if (time.logicalCycles === null)
    return { 'steady state': verdict.idealS, 'fill, drain and waits': Math.max(0, time.totalS - verdict.idealS) };
  const parts: Record<string, number> = {};
  for (const { pass, setsS } of stages) parts[pass] = (parts[pass] ?? 0) + (setsS ?? 0);
  return parts;
}

/** Steps from the baseline to a design: the largest changes by name, the rest as one. */
function stepsOf(result: Result, baseline: Result, most: number, { parts, total, name, paint }: Figures): Step[] {
  const [ours, theirs] = [parts(result), parts(baseline)];
  const changes = [...new Set([...Object.keys(theirs), ...Object.keys(ours)])]
    .map((part) => ({ part, change: (ours[part] ?? 0) - (theirs[part] ?? 0) }))
    .filter(({ change }) => change !== 0)
    .sort((a, b) => Math.abs(b.change) - Math.abs(a.change));
  const design = result.architecture;
  let at = total(baseline);
  const named = changes.slice(0, most).map(({ part, change }): Step => {
    const from = at;
    at += change;
    return { design, label: name(part), from, to: at, total: false, paint: paint(part) };
  });
  const end = total(result);
  return [
    { design, label: baseline.architecture, from: 0, to: total(baseline), total: true, paint: GREY },
    ...named,
    ...(changes.length > most ? [{ design, label: 'the rest', from: at, to: end, total: false, paint: GREY }] : []),
    { design, label: design, from: 0, to: end, total: true, paint: GREY },
  ];
}

/** What a label behind the longest bar takes of the axis. */
const LABEL_ROOM = 1.25;

/** The row of each step and the label of each row: an empty one parts two designs. */
function rowsOf(steps: readonly Step[]): { rows: number[]; labels: string[] } {
  const labels: string[] = [];
  const rows = steps.map(({ label, total, design }, i) => {
    if (i > 0 && design !== steps[i - 1]!.design) labels.push('');
    return labels.push(total ? shortName(label) : `  ${shortName(label)}`) - 1;
  });
  return { rows, labels };
}

/** A waterfall for time, energy and area of each design that differs from the baseline there. */
export function waterfallFigures(results: readonly Result[], baseline: Result): Figure[] {
  const others = results.filter((result) => result !== baseline);
  const most = others.length > MANY ? NAMED.many : NAMED.few;
  return WATERFALLS.flatMap((figures) => {
    const steps = others
      .filter((result) => figures.total(result) !== figures.total(baseline))
      .flatMap((result) => stepsOf(result, baseline, most, figures));
    if (steps.length === 0) return [];
    const unit =
      figures.unit === 'mm²'
        ? { factor: 1, unit: 'mm²' }
        : axisUnit(
            steps.map(({ to }) => to),
            figures.unit,
          );
    const largest = steps.reduce((far, { from, to }) => Math.max(far, from, to), 0);
    const { rows, labels } = rowsOf(steps);
    return [
      {
        id: `waterfall-${figures.id}`,
        title: `${figures.title}, from ${shortName(baseline.architecture)} to each design`,
        caption:
          'Read from the top: the total of the baseline, what each part adds (strong edge right) or takes away ' +
          "(strong edge left), the design's total." +
          (figures.id === 'time' ? ' Parts: the pass whose stage the logical cycles waited for.' : ''),
        spec: chart({
          description: `Waterfalls: ${figures.title.toLowerCase()} of each design from the baseline's, part by part`,
          data: {
            values: steps.map((step, i) => ({
              ...step,
              row: rows[i]!,
              end: step.to,
              sign: step.total ? '' : step.to > step.from ? '+' : '−',
              size: Math.abs(step.total ? step.to : step.to - step.from) / unit.factor,
            })),
          },
          height: 15 * labels.length,
          encoding: {
            y: {
              field: 'row',
              type: 'nominal',
              sort: null,
              scale: { domain: Array.from(labels, (_, row) => row) },
              title: null,
              axis: { labelExpr: `${scriptJson(labels.map(visible))}[datum.value]`, labelLimit: 280, ticks: false },
            },
            tooltip: [
              { field: 'design' },
              { field: 'label' },
              { field: 'sign', title: 'change' },
              { field: 'size', title: unit.unit, format: '.4~r' },
            ],
          },
          layer: [
            {
              mark: { type: 'bar', height: 10 },
              encoding: {
                x: {
                  field: 'from',
                  type: 'quantitative',
                  scale: { domain: [0, LABEL_ROOM * largest], nice: false },
                  axis: engineeringAxis(figures.title.toLowerCase(), unit),
                },
                x2: { field: 'to' },
                color: { field: 'paint', type: 'nominal', scale: null, legend: null },
              },
            },
            {
              transform: [{ filter: '!datum.total' }],
              mark: { type: 'tick', thickness: 2.5, height: 10, color: INK },
              encoding: { x: { field: 'end', type: 'quantitative' } },
            },
            {
              transform: [{ calculate: 'max(datum.from, datum.to)', as: 'edge' }],
              mark: { type: 'text', align: 'left', dx: 4, fontSize: 9 },
              encoding: {
                x: { field: 'edge', type: 'quantitative' },
                text: { field: 'text' },
              },
            },
          ],
          transform: [{ calculate: "datum.sign + format(datum.size, '.3~r')", as: 'text' }],
        }),
      },
    ];
  });
}
