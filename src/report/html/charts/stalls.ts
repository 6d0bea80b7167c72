// What the stages do with their time: work, and waiting by its cause.

import { STALL_CAUSES, type Result } from '../../../simulation/index.js';
import { countCell, numberColumn, textCell, textColumn, timeCell } from '../cells.js';
import type { Section } from '../sections.js';
import { stageLabel } from './gantt.js';
import { NAME_AXIS, axisUnit, engineeringAxis } from './scales.js';
import { BLUE, GREY, ORANGE, PINK, SKY, VERMILLION } from './theme.js';

const PARTS = [
  { key: 'works', title: 'works', color: BLUE },
  { key: 'input', title: 'waits for input', color: SKY },
  { key: 'output', title: 'waits for room', color: ORANGE },
  { key: 'unit', title: 'waits for a shared unit', color: VERMILLION },
  { key: 'lockstep', title: 'waits for the cycle', color: GREY },
  { key: 'batch', title: 'waits for the batch', color: PINK },
] as const;

type Stage = Result['stages'][number];

/**
 * Seconds of each part; with those in which there is nothing to do they make the run. Waits for units are within
 * services: what is left of these is work.
 */
function partsOf({ busyS, stallsS }: Stage): Record<(typeof PARTS)[number]['key'], number> {
  // Waves that wait at several units at once count several times.
  const unit = Math.min(stallsS.unit, busyS);
  return { ...stallsS, works: busyS - unit, unit };
}

const titleOf = (part: (typeof PARTS)[number]['key']): string => PARTS.find(({ key }) => key === part)!.title;

/** The section of stalls. */
export function stallsSection(result: Result): Section {
  const { stages, stalls } = result;
  const labels = stages.map(stageLabel);
  const values = stages
    .flatMap((stage) => {
      const parts = partsOf(stage);
      return PARTS.map(({ key, title }, place) => ({
        stage: stageLabel(stage),
        part: title,
        place,
        seconds: parts[key],
      }));
    })
    .filter(({ seconds }) => seconds > 0);
  const present = PARTS.filter(({ title }) => values.some(({ part }) => part === title));
  const { totalS } = result.time;
  return {
    id: 'stalls',
    title: 'Work and waiting',
    caption:
      'What each stage does with the time of the run. It waits for input (nothing to read yet), for room (its ' +
      'output buffer is full), for a shared unit (another stage holds it), for the cycle (in lockstep all ' +
      'wait for the slowest stage), or for the batch (the last images drain before weights or the ' +
      'perturbation change). It has nothing to do when its last image is done; an update, between two ' +
      'batches. The stage that works most and waits least is the bottleneck.',
    figures: [
      {
        id: 'stalls-by-cause',
        title: 'By stage',
        caption:
          'The axis is the whole run. Colour: work, or the cause of waiting; blank: nothing to do. A wait for ' +
          'a shared unit lies within the service of an image, and is not counted as work here.',
        spec: {
          description: 'Stacked bars: working and waiting time of each stage by cause',
          data: { values },
          height: 22 * stages.length,
          mark: { type: 'bar' },
          encoding: {
            y: {
              field: 'stage',
              type: 'nominal',
              sort: labels,
              scale: { domain: labels },
              title: null,
              axis: NAME_AXIS,
            },
            x: {
              field: 'seconds',
              type: 'quantitative',
              scale: { domain: [0, totalS], nice: false },
              axis: engineeringAxis('time of the run', axisUnit([totalS], 's')),
            },
            color: {
              field: 'part',
              type: 'nominal',
              scale: { domain: present.map(({ title }) => title), range: present.map(({ color }) => color) },
              title: null,
            },
            order: { field: 'place', sort: 'ascending' },
            tooltip: [{ field: 'stage' }, { field: 'part' }, { field: 'seconds', title: 'time (s)', format: '.4s' }],
          },
        },
      },
    ],
    tables: [
      {
        id: 'stall-causes',
        title: 'Waiting, summed over stages',
        columns: [textColumn('cause', 'cause'), numberColumn('timeS', 'time')],
        rows: STALL_CAUSES.map((cause) => [textCell(titleOf(cause)), timeCell(stalls[cause], `stalls.${cause}`)]),
      },
      {
        id: 'stages',
        title: 'Stages',
        columns: [
          textColumn('stage', 'stage'),
          textColumn('layer', 'layer'),
          numberColumn('waves', 'waves'),
          numberColumn('serviceS', 'one service'),
          numberColumn('starts', 'services'),
          numberColumn('busyS', 'serves'),
          ...STALL_CAUSES.map((cause) => numberColumn(`${cause}S`, titleOf(cause))),
          numberColumn('restS', 'has nothing to do'),
        ],
        rows: stages.map((stage, i) => [
          textCell(stage.name),
          textCell(stage.layer),
          countCell(stage.waves, `stages[${i}].waves`),
          timeCell(stage.serviceS, `stages[${i}].serviceS`),
          countCell(stage.starts, `stages[${i}].starts`),
          timeCell(stage.busyS, `stages[${i}].busyS`),
          ...STALL_CAUSES.map((cause) => timeCell(stage.stallsS[cause], `stages[${i}].stallsS.${cause}`)),
          timeCell(stage.restS, `stages[${i}].restS`),
        ]),
      },
    ],
  };
}
