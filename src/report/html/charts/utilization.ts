// Utilization of the arrays, by layer.

import type { Result } from '../../../simulation/index.js';
import { numberColumn, shareCell, textCell, textColumn } from '../cells.js';
import type { Section } from '../sections.js';
import { NAME_AXIS } from './scales.js';
import { BLUE, GREEN, ORANGE, VERMILLION } from './theme.js';

const SHARES = ['spatial', 'informative', 'temporal', 'effective'] as const;
const COLORS = [BLUE, GREEN, ORANGE, VERMILLION];

/** The section of utilization. */
export function utilizationSection(result: Result): Section {
  const { utilization } = result;
  const digital = result.arrays.physical === 0;
  const layers = utilization.byLayer.map(({ name }) => name);
  const values = utilization.byLayer.flatMap((layer) =>
    SHARES.map((kind) => ({ layer: layer.name, kind, share: layer[kind] })),
  );
  return {
    id: 'utilization',
    title: digital ? 'Utilization of the digital units' : 'Utilization of the arrays',
    caption: digital
      ? 'How much of what is built does work. Spatial and informative: multiply-accumulates, of the units times ' +
        'their busy cycles. Temporal: share of the run in which the units work for the layer. Effective: ' +
        'informative times temporal.'
      : 'How much of what is built does work. Spatial: cells that hold weights, of all cells allocated. ' +
        'Informative: cells that hold magnitude (of a positive and negative pair only one does). Temporal: ' +
        'share of the run in which the arrays are busy. Effective: informative times temporal.',
    figures: [
      {
        id: 'utilization-by-layer',
        title: 'By layer',
        caption: digital
          ? 'The layers share the units, so their temporal shares add up.'
          : 'Each layer counts the arrays of its forward and backward weights.',
        spec: {
          description: 'Grouped bars: spatial, informative, temporal and effective utilization by layer',
          data: { values },
          height: 40 * layers.length,
          mark: { type: 'bar' },
          encoding: {
            y: { field: 'layer', type: 'nominal', sort: layers, title: null, axis: NAME_AXIS },
            yOffset: { field: 'kind', type: 'nominal', sort: [...SHARES] },
            x: {
              field: 'share',
              type: 'quantitative',
              scale: { domain: [0, 1] },
              axis: { title: 'utilization (%)', labelExpr: "format(datum.value * 100, '~r')", tickCount: 5 },
            },
            color: { field: 'kind', type: 'nominal', scale: { domain: [...SHARES], range: COLORS }, title: null },
            tooltip: [{ field: 'layer' }, { field: 'kind' }, { field: 'share', format: '.2%' }],
          },
        },
      },
    ],
    tables: [
      {
        id: 'utilization-layers',
        title: 'Utilization by layer',
        columns: [textColumn('layer', 'layer'), ...SHARES.map((kind) => numberColumn(kind, kind))],
        rows: [
          ...utilization.byLayer.map((layer, i) => [
            textCell(layer.name),
            ...SHARES.map((kind) => shareCell(layer[kind], `utilization.byLayer[${i}].${kind}`)),
          ]),
          [
            textCell(digital ? '(all units)' : '(all arrays)'),
            ...SHARES.map((kind) => shareCell(utilization[kind], `utilization.${kind}`)),
          ],
        ],
      },
    ],
  };
}
