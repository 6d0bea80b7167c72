// Arrays by layer and area by component.

import { componentWords } from '../../../result/component-words.js';
import { chart } from './lite.js';
import type { ComponentName } from '../../../components/index.js';
import type { Result } from '../../../simulation/index.js';
import { areaCell, countCell, energyCell, numberColumn, shareCell, textCell, textColumn } from '../table-cells.js';
import type { Figure, Section, TableData } from '../sections.js';
import { NAME_AXIS } from './scales.js';
import { componentScale, passScale, passTitle } from './theme.js';

const USES = [
  ['forward', 'F'],
  ['backward', 'B'],
  ['gradient', 'G'],
] as const;

/** The section of arrays and area. */
export function arraysSection(result: Result, components: readonly ComponentName[]): Section {
  const { arrays, area } = result;
  const uses = USES.filter(([use]) => arrays.physicalByUse[use] > 0);
  const layers = arrays.byLayer.map(({ name }) => name);
  const counts = arrays.byLayer.flatMap((layer) =>
    uses.map(([use, pass]) => ({
      layer: layer.name,
      use: passTitle(pass),
      place: USES.findIndex(([name]) => name === use),
      arrays: layer[use].physical,
    })),
  );
  const parts = Object.entries(area.byComponentMm2)
    .filter(([, mm2]) => mm2 > 0)
    .sort((a, b) => b[1] - a[1])
    .map(([component, mm2]) => ({ component, name: componentWords(component), mm2 }));
  const color = componentScale(components);
  const built = arrays.physical > 0;
  return {
    id: 'arrays',
    title: built ? 'Arrays and area' : 'Area',
    caption: built
      ? 'A layer takes logical arrays (its weight matrix cut into tiles, times its G copies that work in ' +
        'parallel); bit slices and signs multiply them into physical arrays. Backward arrays hold the weights ' +
        'once more for the errors; gradient arrays hold the inputs of a batch.'
      : 'A digital design: no crossbars, so components are all there is.',
    figures: [
      ...(built
        ? [
            arrayFigure(
              counts,
              layers,
              uses.map(([, pass]) => pass),
            ),
          ]
        : []),
      {
        id: 'area-by-component',
        title: 'Area by component',
        caption:
          'Each component in the colour that it has above; what a component counts as one instance, and its ' +
          'area, is among the constants at the end.',
        spec: chart({
          description: 'Bars: area by component',
          data: {
            values: parts.map((part) => ({
              ...part,
              color: color.shown(part.component),
            })),
          },
          height: 17 * Math.max(1, parts.length),
          mark: { type: 'bar' },
          encoding: {
            y: {
              field: 'name',
              type: 'nominal',
              sort: parts.map(({ name }) => name),
              title: null,
              axis: NAME_AXIS,
            },
            x: { field: 'mm2', type: 'quantitative', axis: { title: 'area (mm²)', tickCount: 5, format: ',~r' } },
            color: {
              field: 'color',
              type: 'nominal',
              scale: { domain: color.domain, range: color.range },
              legend: null,
            },
            tooltip: [
              { field: 'name', title: 'component' },
              { field: 'mm2', title: 'area (mm²)', format: '.4~r' },
            ],
          },
        }),
      },
    ],
    tables: [areaTable(result), ...(built ? [arrayTable(result)] : []), layerTable(result)],
  };
}

function arrayFigure(
  counts: { layer: string; use: string; place: number; arrays: number }[],
  layers: readonly string[],
  passes: readonly string[],
): Figure {
  return {
    id: 'arrays-by-layer',
    title: 'Physical arrays by layer',
    caption: 'Colour: what the arrays are for. Where backward has none it uses the forward arrays.',
    spec: chart({
      description: 'Stacked bars: physical arrays by layer and use',
      data: { values: counts },
      height: 17 * layers.length,
      mark: { type: 'bar' },
      encoding: {
        y: { field: 'layer', type: 'nominal', sort: [...layers], title: null, axis: NAME_AXIS },
        x: {
          field: 'arrays',
          type: 'quantitative',
          axis: { title: 'physical arrays', tickCount: 5, format: ',d', tickMinStep: 1 },
        },
        color: { field: 'use', type: 'nominal', scale: passScale(passes), title: null },
        order: { field: 'place', type: 'quantitative' },
        tooltip: [{ field: 'layer' }, { field: 'use' }, { field: 'arrays', format: ',' }],
      },
    }),
  };
}

function areaTable({ area }: Result): TableData {
  return {
    id: 'area-components',
    title: 'Area by component',
    columns: [textColumn('component', 'component'), numberColumn('areaMm2', 'area'), numberColumn('share', 'share')],
    rows: Object.entries(area.byComponentMm2)
      .sort((a, b) => b[1] - a[1])
      .map(([name, mm2]) => [
        textCell(name),
        areaCell(mm2, `area.byComponentMm2.${name}`),
        shareCell(mm2 / area.totalMm2),
      ]),
  };
}

function arrayTable({ arrays }: Result): TableData {
  return {
    id: 'array-layers',
    title: 'Arrays by layer',
    columns: [
      textColumn('layer', 'layer'),
      ...USES.flatMap(([use]) => [
        numberColumn(`${use}Logical`, `${use}, logical`),
        numberColumn(`${use}Physical`, `${use}, physical`),
      ]),
    ],
    rows: arrays.byLayer.map((layer, i) => [
      textCell(layer.name),
      ...USES.flatMap(([use]) => [
        countCell(layer[use].logical, `arrays.byLayer[${i}].${use}.logical`),
        countCell(layer[use].physical, `arrays.byLayer[${i}].${use}.physical`),
      ]),
    ]),
  };
}

function layerTable({ layers, energy }: Result): TableData {
  const numbers = [
    ['rows', 'rows'],
    ['columns', 'columns'],
    ['positions', 'positions'],
    ['replication', 'copies G'],
    ['steps', 'steps F'],
    ['backwardSteps', 'steps B'],
    ['gradientSteps', 'steps G'],
    ['macs', 'multiply-accumulates'],
    ['weights', 'weights'],
  ] as const;
  return {
    id: 'layers',
    title: 'Layers as mapped',
    columns: [
      textColumn('layer', 'layer'),
      textColumn('type', 'type'),
      ...numbers.map(([key, title]) => numberColumn(key, title)),
      numberColumn('energyJ', 'energy'),
    ],
    rows: layers.map((layer, i) => {
      const e = energy.byLayerJ.findIndex(({ name }) => name === layer.name);
      return [
        textCell(layer.name),
        textCell(layer.type),
        ...numbers.map(([key]) => countCell(layer[key], `layers[${i}].${key}`)),
        e < 0 ? energyCell(0) : energyCell(energy.byLayerJ[e]!.energyJ, `energy.byLayerJ[${e}].energyJ`),
      ];
    }),
  };
}
