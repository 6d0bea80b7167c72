// Stages over time: the Gantt chart of the timeline's window, from the document of timeline.json.

import type { Result } from '../../../simulation/index.js';
import type { TimelineDocument } from '../../timeline.js';
import { countCell, numberColumn, textCell, textColumn, timeCell } from '../cells.js';
import { ZOOM_FIELD, type Section } from '../sections.js';
import { axisUnit, engineeringAxis } from './scales.js';
import { PAGE_WIDE, passScale, passTitle } from './theme.js';

/** One service of a stage: it works on one image. Seconds of simulated time. */
export interface Service {
  stage: string;
  pass: string;
  /** Counted within the window, from 1. */
  image: number;
  startS: number;
  endS: number;
}

const MICRO = 1e-6;

/** How the timeline names a stage. */
export const stageLabel = ({ name, layer }: Pick<Result['stages'][number], 'name' | 'layer'>): string => (layer === '(network)' ? name : `${name} ${layer}`);

/** Joins the waves on a stage's units into services: a service is the stage's number of waves on each unit. */
export function servicesOf(result: Result, timeline: TimelineDocument): Service[] {
  const stages = new Map(result.stages.map((stage) => [stageLabel(stage), stage]));
  const services = new Map<string, Service>();
  const seen = new Map<string, number>();
  for (const event of timeline.traceEvents) {
    const stage = event.ph === 'X' ? stages.get(event.name) : undefined;
    if (event.ph !== 'X' || stage === undefined) continue;
    const unit = `${event.name} ${event.tid}`;
    const wave = seen.get(unit) ?? 0;
    seen.set(unit, wave + 1);
    const image = Math.floor(wave / stage.waves) + 1;
    const startS = event.ts * MICRO;
    const endS = (event.ts + event.dur) * MICRO;
    const service = services.get(`${event.name} ${image}`);
    if (service === undefined) services.set(`${event.name} ${image}`, { stage: event.name, pass: stage.pass, image, startS, endS });
    else {
      service.startS = Math.min(service.startS, startS);
      service.endS = Math.max(service.endS, endS);
    }
  }
  return [...services.values()];
}

/** The section of the first logical cycles. */
export function ganttSection(result: Result, timeline: TimelineDocument): Section {
  const services = servicesOf(result, timeline);
  const stages = result.stages.map(stageLabel);
  const end = services.reduce((most, { endS }) => Math.max(most, endS), 0);
  const start = services.reduce((least, { startS }) => Math.min(least, startS), end);
  return {
    id: 'timeline', title: 'Stages over time',
    caption: `Each row is a stage of the pipeline in pipeline order, each bar one image (in update and perturbation one batch) that the stage works on; the number counts the images of the window. Shown: ${timeline.otherData.window}; a stage without a bar begins later. A gap is waiting: for input, for the slowest stage of the cycle, for a shared unit, or for the batch to end.\n\nThe same window, unit by unit and wave by wave, is in timeline.json for Perfetto. --set simulation.timeline.cycles=40 shows more of the run.`,
    figures: [{
      id: 'stage-timeline', title: 'Stages over time', zooms: ZOOM_FIELD,
      caption: 'Colour: pass. Drag to move; the buttons, or Ctrl and the wheel, zoom; a double click shows the whole window again.',
      spec: {
        description: 'Gantt chart: stages of the pipeline over simulated time, one bar for each image',
        data: { values: services.map((service) => ({ ...service, passTitle: passTitle(service.pass) })) },
        width: PAGE_WIDE, height: 20 * stages.length,
        encoding: {
          y: { field: 'stage', type: 'nominal', sort: stages, scale: { domain: stages }, title: null },
          x: { field: ZOOM_FIELD, type: 'quantitative', scale: { domain: [start, end], nice: false }, axis: engineeringAxis('simulated time', axisUnit([end], 's')) },
        },
        layer: [
          {
            params: [{ name: 'zoom', select: { type: 'interval', encodings: ['x'], zoom: 'wheel![event.ctrlKey]' }, bind: 'scales' }],
            mark: { type: 'bar', clip: true, stroke: 'white', strokeWidth: 0.5 },
            encoding: {
              x2: { field: 'endS' },
              color: { field: 'passTitle', type: 'nominal', scale: passScale(services.map(({ pass }) => pass)), title: null },
              tooltip: [{ field: 'stage' }, { field: 'image' }, { field: ZOOM_FIELD, title: 'start (s)', format: '.5s' }, { field: 'endS', title: 'end (s)', format: '.5s' }],
            },
          },
          {
            transform: [{ filter: `datum.endS - datum.startS > ${(end - start) / 60}` }],
            mark: { type: 'text', clip: true, align: 'left', dx: 3, fontSize: 10, fill: 'white' },
            encoding: { text: { field: 'image', type: 'quantitative' } },
          },
        ],
      },
    }],
    tables: [{
      id: 'timeline-services', title: 'Services in the window',
      columns: [textColumn('stage', 'stage'), numberColumn('image', 'image'), numberColumn('startS', 'start'), numberColumn('endS', 'end'), numberColumn('durationS', 'duration')],
      rows: services.map(({ stage, image, startS, endS }) => [textCell(stage), countCell(image), timeCell(startS), timeCell(endS), timeCell(endS - startS)]),
    }],
  };
}
