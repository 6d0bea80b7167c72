// Utilization of the arrays, by layer.

import { chart } from './lite.js';
import type { Result } from '../../../simulation/index.js';
import { numberColumn, shareCell, textCell, textColumn } from '../table-cells.js';
import type { Figure, TableData } from '../sections.js';
import { NAME_AXIS } from './scales.js';
import { INK } from './theme.js';

const SHARES = ['spatial', 'informative', 'temporal', 'effective'] as const;
/** Shares of one thing are told apart by shape: they have no colour. */
const SHAPES = ['circle', 'square', 'triangle-up', 'diamond'];

/** Four shares of each layer, as marks on one line. */
export function utilizationFigure(result: Result): Figure {
  const { utilization } = result;
  const digital = result.arrays.physical === 0;
  const layers = utilization.byLayer.map(({ name }) => name);
  const values = utilization.byLayer.flatMap((layer) =>
    SHARES.map((kind) => ({ layer: layer.name, kind, share: layer[kind] })),
  );
  return {
    id: 'utilization-by-layer',
    title: digital ? 'Utilization of the digital units' : 'Utilization of the arrays',
    caption: digital
      ? 'How much of what is built does work. Spatial and informative: multiply-accumulates, of the units times ' +
        'their busy cycles. Temporal: share of the run in which the units work for the layer; the layers share the ' +
        'units, so these add up. Effective: informative times temporal.'
      : 'How much of what is built does work, of the arrays of forward and backward weights. Spatial: cells that ' +
        'hold weights, of all cells allocated. Informative: cells that hold magnitude (of a positive and negative ' +
        'pair only one does). Temporal: share of the run in which the arrays are busy. Effective: informative times ' +
        'temporal.',
    spec: chart({
      description: 'Marks: spatial, informative, temporal and effective utilization by layer',
      data: { values },
      height: 17 * layers.length,
      mark: { type: 'point', filled: false, size: 70, strokeWidth: 1.8, opacity: 1, color: INK },
      encoding: {
        y: { field: 'layer', type: 'nominal', sort: layers, title: null, axis: { ...NAME_AXIS, grid: true } },
        x: {
          field: 'share',
          type: 'quantitative',
          scale: { domain: [0, 1] },
          axis: { title: 'utilization (%)', labelExpr: "format(datum.value * 100, '~r')", tickCount: 5 },
        },
        shape: { field: 'kind', type: 'nominal', scale: { domain: [...SHARES], range: SHAPES }, title: null },
        tooltip: [{ field: 'layer' }, { field: 'kind' }, { field: 'share', format: '.2%' }],
      },
    }),
  };
}

/** The same as a table, with the whole machine in its last row. */
export function utilizationTable({ utilization, arrays }: Result): TableData {
  return {
    id: 'utilization-layers',
    title: 'Utilization by layer',
    columns: [textColumn('layer', 'layer'), ...SHARES.map((kind) => numberColumn(kind, kind))],
    rows: [
      ...utilization.byLayer.map((layer, i) => [
        textCell(layer.name),
        ...SHARES.map((kind) => shareCell(layer[kind], `utilization.byLayer[${i}].${kind}`)),
      ]),
      [
        textCell(arrays.physical === 0 ? '(all units)' : '(all arrays)'),
        ...SHARES.map((kind) => shareCell(utilization[kind], `utilization.${kind}`)),
      ],
    ],
  };
}
