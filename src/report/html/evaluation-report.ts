// The report of an evaluation: accuracy, errors by layer, sums against the converters' range, cells, confusion.

import { chart } from './charts/lite.js';
import { escapeHtml } from '../../config/escape.js';
import type { Compared, EvaluatedLayer } from '../../functional/evaluate/result.js';
import {
  areaCell,
  countCell,
  energyCell,
  numberColumn,
  plainCell,
  shareCell,
  textCell,
  textColumn,
  timeCell,
} from './table-cells.js';
import { GREY, INK } from './charts/theme.js';
import { NAME_AXIS } from './charts/scales.js';
import { image, pictureDrawing } from './drawing/raster.js';
import type { ArrayMap, EvaluationView, LayerSums, WrongPicture } from './evaluation-view.js';
import type { Figure, ReportPage, Section, TableData } from './sections.js';

/** Classes up to which confusions are drawn as a matrix. */
const MOST_CLASSES = 40;

/** Puts the report together. */
export function evaluationReport(view: EvaluationView): ReportPage {
  const { evaluation, look } = view;
  return {
    title: view.title,
    subtitle: `${evaluation.images} samples in floating point, on integers and on the hardware`,
    sections: [
      accuracySection(view),
      layersSection(evaluation.layers),
      ...(look.sums.length === 0 ? [] : [sumsSection(look.sums, look.histogramImages)]),
      ...(look.map === null ? [] : [mapSection(look.map)]),
      ...(look.confusion === null ? [] : [confusionSection(look.confusion, look.classes)]),
      ...(look.wrong.length === 0 ? [] : [wrongSection(look.wrong, look.classes)]),
    ],
    footer: view.footer,
  };
}

const CONFIGURATIONS = ['floating point', 'integers', 'hardware'] as const;

function accuracySection({ evaluation, mode, timePerImageS, energyPerImageJ, areaMm2 }: EvaluationView): Section {
  const { accuracy, top5, perplexity } = evaluation;
  const figures: readonly (readonly [string, Compared | null])[] = [
    ['accuracy', accuracy],
    ['top 5', top5],
    ['perplexity', perplexity],
  ];
  const table: TableData = {
    id: 'accuracy-table',
    title: 'Accuracy by configuration',
    open: true,
    columns: [
      textColumn('figure', 'figure'),
      numberColumn('float', 'floating point'),
      numberColumn('integer', 'integers'),
      numberColumn('hardware', 'hardware, mean'),
      numberColumn('deviation', 'deviation'),
      numberColumn('confidence95', '95 % interval, ±'),
      numberColumn('trials', 'trials'),
    ],
    rows: figures.flatMap(([name, compared]) => {
      if (compared === null) return [];
      const cell = name === 'perplexity' ? (value: number) => plainCell(value, '') : shareCell;
      const { mean, deviation, confidence95, trials } = compared.hardware;
      return [
        [
          textCell(name),
          ...[compared.float, compared.integer, mean, deviation, confidence95].map((value) => cell(value)),
          countCell(trials.length),
        ],
      ];
    }),
  };
  const run: TableData = {
    id: 'run-table',
    title: `The same hardware in time, energy and area: ${mode}`,
    open: true,
    columns: [
      numberColumn('timeS', 'time an image'),
      numberColumn('energyJ', 'energy an image'),
      numberColumn('areaMm2', 'area'),
    ],
    rows: [[timeCell(timePerImageS), energyCell(energyPerImageJ), areaCell(areaMm2)]],
  };
  return {
    id: 'accuracy',
    title: 'Accuracy',
    caption:
      accuracy === null
        ? 'The data have no labels, or are text: there is no accuracy.'
        : 'Hardware: the mean over trials, a dot each; every trial draws cells and errors of converters anew.',
    figures: accuracy === null ? [] : [accuracyFigure(accuracy)],
    tables: [table, run],
  };
}

function accuracyFigure({ float, integer, hardware }: Compared): Figure {
  const bars = [float, integer, hardware.mean].map((value, i) => ({
    configuration: CONFIGURATIONS[i]!,
    accuracy: value,
  }));
  const dots = hardware.trials.map((value) => ({ configuration: 'hardware', accuracy: value }));
  const y = { field: 'configuration' as const, type: 'nominal' as const, sort: [...CONFIGURATIONS], title: null };
  const x = {
    field: 'accuracy' as const,
    type: 'quantitative' as const,
    scale: { domain: [0, 1] },
    axis: { title: 'accuracy', format: '.0%', tickCount: 5 },
  };
  return {
    id: 'accuracy-by-configuration',
    title: 'Accuracy by configuration',
    caption: 'Share of the samples whose label is the largest output; dots are trials.',
    spec: chart({
      description: 'Bars: accuracy in floating point, on integers and on the hardware',
      height: 66,
      layer: [
        {
          data: { values: bars },
          mark: { type: 'bar', color: GREY },
          encoding: { y, x, tooltip: [{ field: 'configuration' }, { field: 'accuracy', format: '.2%' }] },
        },
        { data: { values: dots }, mark: { type: 'point', color: INK, filled: true, size: 18 }, encoding: { y, x } },
      ],
    }),
  };
}

function layersSection(layers: readonly EvaluatedLayer[]): Section {
  const names = layers.map(({ name }) => name);
  return {
    id: 'layers',
    title: 'Errors by layer',
    caption:
      "The hardware against floating point at each layer's output: power of the signal over power of the difference. " +
      'Clipped: conversions beyond the range; saturated: counters at their end, columns at their current limit; ' +
      "range unused: what of the converters' range no sum reached.",
    figures: [
      {
        id: 'snr-by-layer',
        title: 'Signal-to-noise ratio by layer',
        caption: 'In decibels; a layer without an error has no bar.',
        spec: chart({
          description: 'Bars: signal-to-noise ratio by layer',
          data: { values: layers.map(({ name, snrDb }) => ({ layer: name, snrDb })) },
          height: 17 * Math.max(1, names.length),
          mark: { type: 'bar', color: GREY },
          encoding: {
            y: { field: 'layer', type: 'nominal', sort: names, title: null, axis: NAME_AXIS },
            x: { field: 'snrDb', type: 'quantitative', axis: { title: 'signal-to-noise ratio (dB)', tickCount: 5 } },
            tooltip: [{ field: 'layer' }, { field: 'snrDb', format: '.1f' }],
          },
        }),
      },
    ],
    tables: [
      {
        id: 'layer-errors',
        title: 'Errors and conversions by layer',
        columns: [
          textColumn('layer', 'layer'),
          numberColumn('snrDb', 'SNR'),
          numberColumn('maxError', 'largest error'),
          numberColumn('conversions', 'conversions'),
          numberColumn('clippedShare', 'clipped'),
          numberColumn('saturatedShare', 'saturated'),
          numberColumn('wastedShare', 'range unused'),
          numberColumn('largestColumnSum', 'largest sum'),
        ],
        rows: layers.map((layer, i) => [
          textCell(layer.name),
          plainCell(layer.snrDb, 'dB', `layers[${i}].snrDb`),
          plainCell(layer.maxError, '', `layers[${i}].maxError`),
          countCell(layer.conversions, `layers[${i}].conversions`),
          shareCell(layer.clippedShare, `layers[${i}].clippedShare`),
          shareCell(layer.saturatedShare, `layers[${i}].saturatedShare`),
          shareCell(layer.wastedShare, `layers[${i}].wastedShare`),
          countCell(layer.largestColumnSum, `layers[${i}].largestColumnSum`),
        ]),
      },
    ],
  };
}

const sumsSection = (sums: readonly LayerSums[], images: number): Section => ({
  id: 'sums',
  title: 'Sums of columns and the converters',
  caption:
    `Sums of every conversion of ${images} ${images === 1 ? 'sample' : 'samples'}, in units of one cell level times ` +
    'one input unit. Between the lines lies the range that the converters tell apart: sums beyond it are clipped, ' +
    'room that no sum reaches is wasted.',
  figures: sums.map(sumsFigure),
  tables: [],
});

function sumsFigure({ layer, bins, range }: LayerSums, place: number): Figure {
  const ends = range === null ? [] : [{ sum: range.least - 0.5 }, { sum: range.most + 0.5 }];
  return {
    id: `sums-${place}`,
    title: layer,
    caption:
      range === null
        ? 'Its sums are not converted.'
        : `Converters tell sums from ${range.least} to ${range.most} apart; counts on a logarithmic scale.`,
    spec: chart({
      description: `Histogram: sums of the columns of ${layer}`,
      height: 110,
      layer: [
        {
          data: { values: bins.filter(({ count }) => count > 0).map((bin) => ({ ...bin, base: 0.5 })) },
          mark: { type: 'bar', color: GREY },
          encoding: {
            x: { field: 'from', type: 'quantitative', axis: { title: 'sum' }, scale: { zero: false } },
            x2: { field: 'to' },
            y: {
              field: 'count',
              type: 'quantitative',
              scale: { type: 'log' },
              axis: { title: 'conversions', tickCount: 4 },
            },
            y2: { field: 'base' },
            tooltip: [{ field: 'from' }, { field: 'to' }, { field: 'count', format: ',' }],
          },
        },
        {
          data: { values: ends },
          mark: { type: 'rule', color: INK, strokeDash: [4, 3] },
          encoding: { x: { field: 'sum', type: 'quantitative' } },
        },
      ],
    }),
  };
}

/** Largest side of a map, pixels. */
const MAP = 420;

function mapSection({ layer, rows, columns, levels, png }: ArrayMap): Section {
  const unit = Math.max(1, Math.floor(MAP / Math.max(rows, columns)));
  const [width, height] = [columns * unit, rows * unit];
  return {
    id: 'cells',
    title: 'Cells of an array',
    caption:
      `The first array of ${layer}, ${rows} wordlines (down) and ${columns} bitlines (across): black is the least of ` +
      `${levels} levels, white the highest; programming errors, stuck and drifted cells are in it.`,
    figures: [
      {
        id: 'conductance-map',
        title: 'Conductances',
        caption: 'A square a cell.',
        ...pictureDrawing(
          width,
          height,
          `Conductances of the first array of ${layer}`,
          image(png, { x: 0, y: 0, width, height }),
        ),
      },
    ],
    tables: [],
  };
}

function confusionSection(counts: readonly (readonly number[])[], classes: readonly string[]): Section {
  const cells = counts.flatMap((row, label) =>
    row.map((count, prediction) => ({
      label: classes[label] ?? String(label),
      prediction: classes[prediction] ?? String(prediction),
      count,
      right: label === prediction,
    })),
  );
  const confused = cells.filter(({ right, count }) => !right && count > 0).sort((a, b) => b.count - a.count);
  const side = 20 * counts.length;
  const axis = (title: string) => ({ type: 'nominal' as const, sort: [...classes], title });
  const most = confused[0]?.count ?? 1;
  const matrix: Figure = {
    id: 'confusion-matrix',
    title: 'Confusion matrix',
    caption: 'Labels down, what the hardware says across; darker is more often wrong. The diagonal is right.',
    spec: chart({
      description: 'Matrix: samples by label and by what the hardware says',
      data: { values: cells },
      height: side,
      layer: [
        {
          mark: { type: 'rect', stroke: GREY, strokeWidth: 0.3 },
          encoding: {
            y: { field: 'label', ...axis('label') },
            x: { field: 'prediction', ...axis('prediction') },
            color: {
              condition: [
                { test: 'datum.right', value: '#e6e6e6' },
                { test: 'datum.count === 0', value: '#ffffff' },
              ],
              field: 'count',
              type: 'quantitative',
              scale: { domain: [0, most], range: ['#ffffff', '#d95f02'] },
              legend: null,
            },
            tooltip: [{ field: 'label' }, { field: 'prediction' }, { field: 'count', format: ',' }],
          },
        },
        {
          transform: [{ filter: 'datum.count > 0' }],
          mark: { type: 'text', fontSize: 8, color: '#000000' },
          encoding: {
            y: { field: 'label', ...axis('label') },
            x: { field: 'prediction', ...axis('prediction') },
            text: { field: 'count', type: 'quantitative' },
          },
        },
      ],
    }),
  };
  return {
    id: 'confusion',
    title: 'What is taken for what',
    caption: 'Samples by label and by the class that the hardware says (the first trial).',
    figures: counts.length <= MOST_CLASSES ? [matrix] : [],
    tables: [
      {
        id: 'confusions',
        title: 'Confusions, most frequent first',
        columns: [
          textColumn('label', 'label'),
          textColumn('prediction', 'prediction'),
          numberColumn('count', 'samples'),
        ],
        rows: confused.map(({ label, prediction, count }) => [textCell(label), textCell(prediction), countCell(count)]),
      },
    ],
  };
}

/** Pixels of a wrong picture, the room around it, and pictures in a row. */
const SIDE = 72;
const ROOM = 88;
const BELOW = 24;
const ACROSS = 8;

function wrongSection(wrong: readonly WrongPicture[], classes: readonly string[]): Section {
  const name = (c: number): string => classes[c] ?? String(c);
  const height = Math.ceil(wrong.length / ACROSS) * (SIDE + BELOW);
  const pictures = wrong.map(({ png, width, height: tall, label, prediction, place }, i) => {
    const [x, y] = [(i % ACROSS) * ROOM, Math.floor(i / ACROSS) * (SIDE + BELOW)];
    const scale = SIDE / Math.max(width, tall);
    const shown = { x, y, width: width * scale, height: tall * scale };
    const text = `${name(label)} as ${name(prediction)}`;
    return (
      `<g><title>sample ${place}: ${escapeHtml(text)}</title>${image(png, shown)}` +
      `<text x="${x}" y="${y + SIDE + 14}" font-size="11" fill="currentColor">${escapeHtml(text)}</text></g>`
    );
  });
  return {
    id: 'wrong',
    title: 'Pictures that it got wrong',
    caption: `The first ${wrong.length}: label, and what the hardware took it for.`,
    figures: [
      {
        id: 'wrong-pictures',
        title: 'Wrong pictures',
        caption: 'As the network reads them, from the least value to the largest.',
        ...pictureDrawing(
          ROOM * Math.min(ACROSS, wrong.length),
          height,
          'Pictures with another label than the hardware gives',
          pictures.join(''),
        ),
      },
    ],
    tables: [],
  };
}
