// Logical cycles as equal columns: which stage serves which image in the first cycles, between batches, at the end.

import { chart } from './lite.js';
import { scriptJson, visible } from '../../../config/escape.js';
import { count } from '../../../config/numbers.js';
import type { Result } from '../../../simulation/index.js';
import { inkOn, lookOf, paintOf } from '../../colors.js';
import type { TimelineDocument } from '../../trace-events.js';
import type { Figure } from '../sections.js';
import { stageLabel } from './gantt.js';
import { NAME_AXIS } from './scales.js';
import { PAGE_WIDE, passTitle } from './theme.js';

/** Empty columns between parts of the run. */
const GAP = 1;
/** Columns beyond which images have no number. */
const MOST_NUMBERED = 48;

interface Cell {
  stage: string;
  x: number;
  x2: number;
  cycle: number;
  what: string;
  image: number | null;
  ink: string;
}

/** The schedule of a run in lockstep; none otherwise. */
export function scheduleFigure(result: Result, { schedule }: TimelineDocument): Figure[] {
  if (schedule === null || schedule.parts.length === 0) return [];
  const cells: Cell[] = [];
  const labels: (string | undefined)[] = [];
  const starts: { x: number; title: string }[] = [];
  let column = 0;
  for (const { title, cycles } of schedule.parts) {
    starts.push({ x: column, title });
    for (const { cycle, images, waits } of cycles) {
      labels[column] = `T${cycle}`;
      result.stages.forEach((stage, s) => {
        const image = images[s] ?? null;
        const cause = waits[s] ?? null;
        if (image === null && cause === null) return;
        const look = image === null ? lookOf('cause', cause!) : lookOf('pass', stage.pass);
        const place = { stage: stageLabel(stage), x: column, x2: column + 1, cycle };
        cells.push({ ...place, what: look.title, image, ink: inkOn(look.color) });
      });
      column++;
    }
    column += GAP;
  }
  column -= GAP;
  const numbered = column <= MOST_NUMBERED;
  const stages = result.stages.map(stageLabel);
  const passes = [...new Set(result.stages.map(({ pass }) => pass))].map((pass) => lookOf('pass', pass));
  const causes = (['input', 'output', 'batch'] as const).map((cause) => lookOf('cause', cause));
  const looks = [...passes, ...causes].filter(({ title }) => cells.some(({ what }) => what === title));
  const followed = schedule.complete
    ? `The run has ${count(schedule.cycles)} logical cycles.`
    : `The first ${count(schedule.cycles)} logical cycles were followed; the end of the run is not shown.`;
  return [
    {
      id: 'schedule',
      title: 'Logical cycles',
      wide: true,
      caption:
        `Equal columns, whatever their length: ${schedule.parts.map(({ title }) => title).join(', ')}. ` +
        (numbered
          ? `The number is the image (in ${passTitle('U')} and ${passTitle('X')} the batch) that a stage serves. `
          : '') +
        followed,
      spec: chart({
        description: 'Grid: stages by logical cycle, with the image that each serves or why it waits',
        data: { values: cells },
        width: PAGE_WIDE,
        height: 13 * stages.length,
        encoding: {
          y: { field: 'stage', type: 'nominal', sort: stages, scale: { domain: stages }, title: null, axis: NAME_AXIS },
          x: {
            field: 'x',
            type: 'quantitative',
            scale: { domain: [0, column], nice: false },
            axis: {
              title: 'logical cycle',
              values: labels.flatMap((label, i) => (label === undefined ? [] : [i + 0.5])),
              labelExpr: `${scriptJson(Array.from(labels, (label) => visible(label ?? '')))}[floor(datum.value)]`,
              labelOverlap: true,
              labelSeparation: 5,
              ticks: false,
              grid: false,
            },
          },
        },
        layer: [
          {
            mark: { type: 'rect', stroke: 'white', strokeWidth: 0.5 },
            encoding: {
              x2: { field: 'x2' },
              color: {
                field: 'what',
                type: 'nominal',
                scale: { domain: looks.map(({ title }) => title), range: looks.map(paintOf) },
                title: null,
              },
              tooltip: [{ field: 'stage' }, { field: 'cycle' }, { field: 'what' }, { field: 'image' }],
            },
          },
          ...(!numbered
            ? []
            : [
                {
                  transform: [{ filter: 'isValid(datum.image)' }, { calculate: 'datum.x + 0.5', as: 'middle' }],
                  mark: { type: 'text' as const, fontSize: 9 },
                  encoding: {
                    x: { field: 'middle', type: 'quantitative' as const },
                    text: { field: 'image', type: 'quantitative' as const },
                    fill: { field: 'ink', type: 'nominal' as const, scale: null },
                  },
                },
              ]),
          {
            data: { values: starts },
            mark: { type: 'text', align: 'left', baseline: 'bottom', dy: -4, fontSize: 10 },
            encoding: { x: { field: 'x', type: 'quantitative' }, y: { value: 0 }, text: { field: 'title' } },
          },
        ],
      }),
    },
  ];
}
