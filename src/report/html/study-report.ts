// The report of a study: accuracy against bits, a chart and a table a network.

import { chart } from './charts/lite.js';
import { VERSION } from '../../config/version.js';
import { countCell, numberColumn, plainCell, shareCell, textCell, textColumn } from './table-cells.js';
import { INK } from './charts/theme.js';
import type { Figure, ReportPage, Section } from './sections.js';

/** A network's accuracy by method and bits. */
export interface StudyView {
  readonly network: string;
  readonly images: number;
  readonly float: { readonly accuracy: number | null; readonly nats: number | null };
  readonly points: readonly {
    readonly method: string;
    readonly bits: number;
    readonly accuracy: number | null;
    readonly nats: number | null;
  }[];
}

/** Puts the report together. @param words what each method does */
export function studyReport(networks: readonly StudyView[], words: Readonly<Record<string, string>>): ReportPage {
  const used = new Set(networks.flatMap(({ points }) => points.map(({ method }) => method)));
  return {
    title: 'Accuracy against bits',
    subtitle: networks.map(({ network, images }) => `${network} (${images} samples)`).join(', '),
    sections: [
      ...networks.map((network, place) => section(network, place)),
      {
        id: 'ways',
        title: 'What each way quantizes',
        caption: 'Nothing is retrained; codebooks are one a tensor.',
        figures: [],
        tables: [
          {
            id: 'methods',
            title: 'Ways of quantizing',
            open: true,
            columns: [textColumn('method', 'method'), textColumn('words', 'what it does')],
            rows: [...used].map((method) => [textCell(method), textCell(words[method] ?? '')]),
          },
        ],
      },
    ],
    footer: `xbarflow ${VERSION}`,
  };
}

const section = (view: StudyView, place: number): Section => ({
  id: `network-${place}`,
  title: view.network,
  caption: 'Accuracy against the bits of a code; the line is floating point.',
  figures: [figure(view, place)],
  tables: [
    {
      id: `points-${place}`,
      title: `${view.network}, all points`,
      columns: [
        textColumn('method', 'method'),
        numberColumn('bits', 'bits'),
        numberColumn('accuracy', 'accuracy'),
        numberColumn('nats', 'nats an answer'),
      ],
      rows: view.points.map(({ method, bits, accuracy, nats }) => [
        textCell(method),
        countCell(bits),
        shareCell(accuracy),
        plainCell(nats, ''),
      ]),
    },
  ],
});

function figure({ network, float, points }: StudyView, place: number): Figure {
  // The legend is laid out by the names of its domain.
  const scale = { domain: [...new Set(points.map(({ method }) => method))] };
  return {
    id: `accuracy-by-bits-${place}`,
    title: `${network}: accuracy against bits`,
    caption: 'A colour and a shape a way of quantizing.',
    spec: chart({
      description: `Lines: accuracy of ${network} against bits, by method`,
      height: 220,
      layer: [
        {
          data: { values: points.map((point) => ({ ...point })) },
          mark: { type: 'line', point: true },
          encoding: {
            x: { field: 'bits', type: 'quantitative', axis: { title: 'bits', tickMinStep: 1 }, scale: { zero: false } },
            y: { field: 'accuracy', type: 'quantitative', axis: { title: 'accuracy', format: '.0%' } },
            color: { field: 'method', type: 'nominal', sort: null, title: null, scale },
            shape: { field: 'method', type: 'nominal', sort: null, title: null, scale },
            tooltip: [{ field: 'method' }, { field: 'bits' }, { field: 'accuracy', format: '.2%' }],
          },
        },
        {
          data: { values: float.accuracy === null ? [] : [{ accuracy: float.accuracy }] },
          mark: { type: 'rule', color: INK, strokeDash: [4, 3] },
          encoding: { y: { field: 'accuracy', type: 'quantitative' } },
        },
      ],
    }),
  };
}
