// Stages over time: the Gantt chart of the timeline's window, from the document of timeline.json.

import { chart } from './lite.js';
import type { Result } from '../../../simulation/index.js';
import type { TimelineDocument } from '../../trace-events.js';
import { countCell, numberColumn, textCell, textColumn, timeCell } from '../table-cells.js';
import { inkOn, lookOf } from '../../colors.js';
import { ZOOM_FIELD, type Figure, type TableData } from '../sections.js';
import { NAME_AXIS, axisUnit, engineeringAxis } from './scales.js';
import { PAGE_WIDE, passScale, passTitle } from './theme.js';

/** One service of a stage: it works on one image. Seconds of simulated time. */
export interface Service {
  stage: string;
  pass: string;
  /** Counted over the run, from 1. */
  image: number;
  startS: number;
  /** Where the window ends within it: the end of the window. */
  endS: number;
  whole: boolean;
}

/** Microseconds of a second: dividing keeps the short decimals of a tick. */
const MICROS = 1e6;
/** Half a picosecond: closer times are the same. */
const HALF_TICK_S = 5e-13;
/** Bars that the chart shows at most. */
const MOST_BARS = 3000;

/** How the timeline names a stage. */
export const stageLabel = ({ name, pass, layer }: Pick<Result['stages'][number], 'name' | 'pass' | 'layer'>): string =>
  name === pass ? name : `${name} ${layer}`;

/** The services of a timeline, by start; tracks are numbered as the result's stages, from 1. */
export function servicesOf(result: Result, timeline: TimelineDocument): Service[] {
  const end = timeline.traceEvents.reduce(
    (most, event) => (event.ph === 'X' ? Math.max(most, event.ts + event.dur) : most),
    0,
  );
  return timeline.traceEvents.flatMap((event): Service[] => {
    if (event.ph !== 'X' || event.cat !== 'service') return [];
    const stage = result.stages[event.pid - 1]!;
    const { image, whole } = event.args;
    return [
      {
        stage: stageLabel(stage),
        pass: stage.pass,
        image,
        startS: event.ts / MICROS,
        endS: (whole ? event.ts + event.dur : end) / MICROS,
        whole,
      },
    ];
  });
}

/** What to think of bars that lie over each other. */
function overlapWords(services: readonly Service[]): string {
  const ends = new Map<string, number>();
  let overlap = false;
  for (const { stage, startS, endS } of services) {
    overlap ||= startS < (ends.get(stage) ?? 0) - HALF_TICK_S;
    ends.set(stage, endS);
  }
  return overlap
    ? ' Where bars of a stage overlap, it takes the next image in while the last waves of the one before drain.'
    : '';
}

/** Stages over simulated time in a window, and its services as a table. */
export function gantt(result: Result, timeline: TimelineDocument): { figure: Figure; table: TableData } {
  const all = servicesOf(result, timeline);
  const services = all.slice(0, MOST_BARS);
  const shown = services.length < all.length ? ` The chart and its table stop after the first ${MOST_BARS} bars.` : '';
  const stages = result.stages.map(stageLabel);
  const end = services.reduce((most, { endS }) => Math.max(most, endS), 0);
  const start = services.reduce((least, { startS }) => Math.min(least, startS), end);
  const color = {
    field: 'passTitle',
    type: 'nominal' as const,
    scale: passScale(services.map(({ pass }) => pass)),
    title: null,
  };
  const cut = services.some(({ whole }) => !whole);
  const tooltip = [
    { field: 'stage' },
    { field: 'image' },
    { field: ZOOM_FIELD, title: 'start (s)', format: '.5s' },
    { field: 'endS', title: 'end (s)', format: '.5s' },
  ];
  const figure: Figure = {
    id: 'stage-timeline',
    title: 'Stages over time',
    zooms: ZOOM_FIELD,
    caption:
      'Real time. A bar is one image (in update and perturbation one batch), from its first wave in to its last wave ' +
      `out; the number is the image. Shown: ${timeline.otherData.window}.${shown} A gap is waiting; a stage with no ` +
      `bar begins later.${overlapWords(services)}${cut ? ' A bar at the right edge goes on after the window.' : ''} ` +
      'Drag to move; the buttons, or Ctrl and the wheel, zoom; a double click shows the whole window again.',
    spec: chart({
      description: 'Gantt chart: stages of the pipeline over simulated time, one bar for each image',
      data: {
        values: services.map((service) => ({
          ...service,
          passTitle: passTitle(service.pass),
          ink: inkOn(lookOf('pass', service.pass).color),
        })),
      },
      width: PAGE_WIDE,
      height: 17 * stages.length,
      encoding: {
        y: {
          field: 'stage',
          type: 'nominal',
          sort: stages,
          scale: { domain: stages },
          title: null,
          axis: NAME_AXIS,
        },
        x: {
          field: ZOOM_FIELD,
          type: 'quantitative',
          scale: { domain: [start, end], nice: false },
          axis: engineeringAxis('simulated time', axisUnit([end], 's')),
        },
      },
      layer: [
        {
          params: [
            {
              name: 'zoom',
              select: { type: 'interval', encodings: ['x'], zoom: 'wheel![event.ctrlKey]' },
              bind: 'scales',
            },
          ],
          mark: { type: 'bar', clip: true, stroke: 'white', strokeWidth: 0.5 },
          encoding: { x2: { field: 'endS' }, color, tooltip },
        },
        {
          // Too short to be seen as bars.
          transform: [{ filter: `datum.endS - datum.startS < ${(end - start) / 300}` }],
          mark: { type: 'tick', clip: true, thickness: 1.5 },
          encoding: { color, tooltip },
        },
        {
          transform: [{ filter: `datum.endS - datum.startS > ${(end - start) / 45}` }],
          mark: { type: 'text', clip: true, align: 'left', dx: 3, fontSize: 10 },
          encoding: {
            text: { field: 'image', type: 'quantitative' },
            fill: { field: 'ink', type: 'nominal', scale: null },
          },
        },
      ],
    }),
  };
  const table: TableData = {
    id: 'timeline-services',
    title: 'Services in the window',
    columns: [
      textColumn('stage', 'stage'),
      numberColumn('image', 'image'),
      numberColumn('startS', 'start'),
      numberColumn('endS', 'end'),
      numberColumn('durationS', 'duration'),
    ],
    rows: services.map(({ stage, image, startS, endS, whole }) => [
      textCell(stage),
      countCell(image),
      timeCell(startS),
      timeCell(whole ? endS : null),
      timeCell(whole ? endS - startS : null),
    ]),
  };
  return { figure, table };
}
