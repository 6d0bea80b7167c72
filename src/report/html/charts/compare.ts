// Charts that set designs side by side.

import { STALL_CAUSES, type Result } from '../../../simulation/index.js';
import type { ChartSpec, Figure } from '../sections.js';
import { axisUnit, engineeringAxis } from './scales.js';
import { nameScale, PALETTE, passScale, passTitle } from './theme.js';

interface Part {
  design: string;
  part: string;
  value: number;
}

/** Colours of the designs, in their order. */
export const designScale = (designs: readonly string[]): { domain: string[]; range: string[] } => ({ domain: [...designs], range: designs.map((_, i) => PALETTE[i % PALETTE.length]!) });

/** GOPS/W against GOPS/mm2, a point for each design. */
export function efficiencyFigure(results: readonly Result[]): Figure {
  const designs = results.map(({ architecture }) => architecture);
  const spread = (values: number[]): boolean => Math.max(...values) > 20 * Math.min(...values);
  const axis = (field: string, title: string, values: number[]) => ({ field, type: 'quantitative' as const, scale: spread(values) ? { type: 'log' as const } : { zero: true, nice: true }, axis: { title, tickCount: 5, format: '~r', grid: true } });
  const values = results.map(({ architecture, efficiency }) => ({ design: architecture, ...efficiency }));
  return {
    id: 'efficiency', title: 'Efficiency', caption: 'Up: more operations for the same energy. Right: more operations for the same area. Best is the upper right. Marks within each other are designs with the same efficiencies.',
    spec: {
      description: 'Points: GOPS per watt against GOPS per square millimetre, one for each design',
      data: { values },
      height: 260,
      encoding: {
        x: axis('gopsPerMm2', 'area efficiency (GOPS/mm²)', values.map(({ gopsPerMm2 }) => gopsPerMm2)),
        y: axis('gopsPerW', 'energy efficiency (GOPS/W)', values.map(({ gopsPerW }) => gopsPerW)),
        color: { field: 'design', type: 'nominal', scale: designScale(designs), title: null },
        shape: { field: 'design', type: 'nominal', scale: { domain: designs }, title: null },
        tooltip: [{ field: 'design' }, { field: 'gopsPerMm2', title: 'GOPS/mm²', format: '.4~r' }, { field: 'gopsPerW', title: 'GOPS/W', format: '.4~r' }],
      },
      // Hollow, so that designs in one place show through each other.
      mark: { type: 'point', filled: false, size: 160, strokeWidth: 2.5, opacity: 1 },
    },
  };
}

/** Ratios to the baseline, bars for each design. */
export function ratioFigure(rows: readonly { architecture: string; title: string; ratio: number | null }[], designs: readonly string[], baseline: string): Figure {
  const values = rows.flatMap(({ architecture, title, ratio }) => (ratio === null ? [] : [{ design: architecture, metric: title, ratio }]));
  const metrics = [...new Set(values.map(({ metric }) => metric))];
  return {
    id: 'ratios', title: `Relative to ${baseline}`, caption: `1 is ${baseline}. For time, energy and area less is better.`,
    spec: {
      description: `Grouped bars: time, energy and area of each design relative to ${baseline}`,
      data: { values },
      height: 14 * designs.length * metrics.length + 20,
      mark: { type: 'bar' },
      encoding: {
        y: { field: 'metric', type: 'nominal', sort: metrics, title: null },
        yOffset: { field: 'design', type: 'nominal', sort: [...designs] },
        x: { field: 'ratio', type: 'quantitative', axis: { title: `ratio to ${baseline}`, tickCount: 6, format: '~r' } },
        color: { field: 'design', type: 'nominal', scale: designScale(designs), title: null },
        tooltip: [{ field: 'design' }, { field: 'metric' }, { field: 'ratio', format: '.4~r' }],
      },
    },
  };
}

function stacked(parts: readonly Part[], designs: readonly string[], color: { domain: string[]; range: string[] }, axis: { title: string }, description: string): ChartSpec {
  const values = parts.filter(({ value }) => value > 0).map((part) => ({ ...part, place: color.domain.indexOf(part.part) }));
  return {
    description,
    data: { values },
    height: 30 * designs.length,
    mark: { type: 'bar' },
    encoding: {
      y: { field: 'design', type: 'nominal', sort: [...designs], title: null },
      x: { field: 'value', type: 'quantitative', aggregate: 'sum', axis, title: axis.title },
      color: { field: 'part', type: 'nominal', scale: { ...color }, sort: color.domain, title: null },
      order: { field: 'place', type: 'quantitative' },
      tooltip: [{ field: 'design' }, { field: 'part' }, { field: 'value', aggregate: 'sum', format: '.4s' }],
    },
  };
}

const entriesOf = (results: readonly Result[], parts: (result: Result) => Record<string, number>, name: (key: string) => string): Part[] =>
  results.flatMap((result) => Object.entries(parts(result)).map(([key, value]) => ({ design: result.architecture, part: name(key), value })));

/** Energy and area by component, energy by pass, waiting by cause: a bar for each design. */
export function breakdownFigures(results: readonly Result[], components: readonly string[]): Figure[] {
  const designs = results.map(({ architecture }) => architecture);
  const color = nameScale(components);
  const componentScale = { domain: color.domain, range: color.range };
  const energies = engineeringAxis('energy', axisUnit(results.map(({ energy }) => energy.totalJ), 'J'));
  const waits = results.map(({ stalls }) => STALL_CAUSES.reduce((sum, cause) => sum + stalls[cause], 0));
  const causes = nameScale(STALL_CAUSES);
  return [
    { id: 'energy-by-component', title: 'Energy by component', caption: 'Length: energy of the run.', spec: stacked(entriesOf(results, ({ energy }) => energy.byComponentJ, color.shown), designs, componentScale, energies, 'Stacked bars: energy of each design by component') },
    { id: 'energy-by-pass', title: 'Energy by pass', caption: 'The same energies, by what they were spent for.', spec: stacked(entriesOf(results, ({ energy }) => energy.byPassJ, passTitle), designs, passScale(results.flatMap(({ energy }) => Object.keys(energy.byPassJ))), energies, 'Stacked bars: energy of each design by pass') },
    { id: 'area-by-component', title: 'Area by component', caption: 'The same colours as for energy.', spec: stacked(entriesOf(results, ({ area }) => area.byComponentMm2, color.shown), designs, componentScale, { title: 'area (mm²)' }, 'Stacked bars: area of each design by component') },
    { id: 'stalls-by-cause', title: 'Waiting by cause', caption: 'Summed over stages: for input, for room in an output buffer, for a shared unit, for the slowest stage of the cycle (lockstep), for the batch to end.', spec: stacked(entriesOf(results, ({ stalls }) => stalls, (cause) => cause), designs, { domain: causes.domain, range: causes.range }, engineeringAxis('waiting', axisUnit(waits, 's')), 'Stacked bars: waiting time of each design by cause') },
  ];
}

/** Shares of utilization of whole designs, grouped bars. */
export function utilizationFigure(results: readonly Result[]): Figure {
  const kinds = ['spatial', 'informative', 'temporal', 'effective'] as const;
  const designs = results.map(({ architecture }) => architecture);
  return {
    id: 'utilization', title: 'Utilization of the arrays', caption: 'Spatial: cells that hold weights. Informative: cells that hold magnitude. Temporal: share of the run in which arrays are busy. Effective: informative times temporal.',
    spec: {
      description: 'Grouped bars: utilization of each design',
      data: { values: results.flatMap(({ architecture, utilization }) => kinds.map((kind) => ({ design: architecture, kind, share: utilization[kind] }))) },
      height: 14 * designs.length * kinds.length + 20,
      mark: { type: 'bar' },
      encoding: {
        y: { field: 'kind', type: 'nominal', sort: [...kinds], title: null },
        yOffset: { field: 'design', type: 'nominal', sort: designs },
        x: { field: 'share', type: 'quantitative', scale: { domain: [0, 1] }, axis: { title: 'utilization (%)', labelExpr: "format(datum.value * 100, '~r')", tickCount: 5 } },
        color: { field: 'design', type: 'nominal', scale: designScale(designs), title: null },
        tooltip: [{ field: 'design' }, { field: 'kind' }, { field: 'share', format: '.2%' }],
      },
    },
  };
}
