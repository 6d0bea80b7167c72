// Utilization of the arrays, by layer.

import type { Result } from '../../../simulation/index.js';
import { numberColumn, shareCell, textCell, textColumn } from '../cells.js';
import type { Section } from '../sections.js';
import { BLUE, GREEN, ORANGE, VERMILLION } from './theme.js';

const SHARES = ['spatial', 'informative', 'temporal', 'effective'] as const;
const COLORS = [BLUE, GREEN, ORANGE, VERMILLION];

/** The section of utilization. */
export function utilizationSection(result: Result): Section {
  const { utilization } = result;
  const layers = utilization.byLayer.map(({ name }) => name);
  const values = utilization.byLayer.flatMap((layer) => SHARES.map((kind) => ({ layer: layer.name, kind, share: layer[kind] })));
  return {
    id: 'utilization', title: 'Utilization of the arrays',
    caption: 'How much of what is built does work. Spatial: cells that hold weights, of all cells allocated. Informative: cells that hold magnitude (of a positive and negative pair only one does). Temporal: share of the run in which the arrays are busy. Effective: informative times temporal.',
    figures: [{
      id: 'utilization-by-layer', title: 'By layer', caption: 'Each layer counts the arrays of its forward and backward weights.',
      spec: {
        description: 'Grouped bars: spatial, informative, temporal and effective utilization by layer',
        data: { values },
        height: 40 * layers.length,
        mark: { type: 'bar' },
        encoding: {
          y: { field: 'layer', type: 'nominal', sort: layers, title: null },
          yOffset: { field: 'kind', type: 'nominal', sort: [...SHARES] },
          x: { field: 'share', type: 'quantitative', scale: { domain: [0, 1] }, axis: { title: 'utilization (%)', labelExpr: "format(datum.value * 100, '~r')", tickCount: 5 } },
          color: { field: 'kind', type: 'nominal', scale: { domain: [...SHARES], range: COLORS }, title: null },
          tooltip: [{ field: 'layer' }, { field: 'kind' }, { field: 'share', format: '.2%' }],
        },
      },
    }],
    tables: [{
      id: 'utilization-layers', title: 'Utilization by layer', columns: [textColumn('layer', 'layer'), ...SHARES.map((kind) => numberColumn(kind, kind))],
      rows: [
        ...utilization.byLayer.map((layer, i) => [textCell(layer.name), ...SHARES.map((kind) => shareCell(layer[kind], `utilization.byLayer[${i}].${kind}`))]),
        [textCell('(all arrays)'), ...SHARES.map((kind) => shareCell(utilization[kind], `utilization.${kind}`))],
      ],
    }],
  };
}
