// What the stages do with their time: work, and waiting by its cause.

import { chart } from './lite.js';
import { STALL_CAUSES, TIME_PARTS, type Result } from '../../../simulation/index.js';
import { countCell, numberColumn, textCell, textColumn, timeCell } from '../table-cells.js';
import type { Figure, TableData } from '../sections.js';
import { stageLabel } from './gantt.js';
import { NAME_AXIS, axisUnit, engineeringAxis } from './scales.js';
import { lookOf, lookScale } from '../../colors.js';

const PARTS = ['works', ...STALL_CAUSES] as const;
type Part = (typeof PARTS)[number];

type Stage = Result['stages'][number];

/**
 * Seconds of each part; with those in which there is nothing to do they make the run. Waits for units are within
 * services: what is left of these is work.
 */
function partsOf({ busyS, stallsS }: Stage): Record<Part, number> {
  // Waves that wait at several units at once count several times.
  const unit = Math.min(stallsS.unit, busyS);
  return { ...stallsS, works: busyS - unit, unit };
}

const titleOf = (part: Part): string => lookOf('cause', part).title;

/** What each stage does with the run, as a figure and as tables. */
export function stallFigure(result: Result): Figure {
  const { stages } = result;
  const labels = stages.map(stageLabel);
  const values = stages
    .flatMap((stage) => {
      const parts = partsOf(stage);
      return PARTS.map((key, place) => ({
        stage: stageLabel(stage),
        part: titleOf(key),
        place,
        seconds: parts[key],
      }));
    })
    .filter(({ seconds }) => seconds > 0);
  const present = PARTS.filter((key) => values.some(({ part }) => part === titleOf(key)));
  const { totalS } = result.time;
  return {
    id: 'stalls-by-cause',
    title: 'Work and waiting',
    wide: true,
    caption:
      "What each stage does with the run's time; blank: nothing to do. It waits for input (nothing to read yet), " +
      'for room (its output buffer is full), for a shared unit (within the service of an image, not counted as work ' +
      'here), for the cycle (in lockstep all wait for the slowest stage), or for the batch (the last images drain ' +
      'before weights or the perturbation change).',
    spec: chart({
      description: 'Stacked bars: working and waiting time of each stage by cause',
      data: { values },
      height: 13 * stages.length,
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
          scale: lookScale('cause', present),
          title: null,
        },
        order: { field: 'place', sort: 'ascending' },
        tooltip: [{ field: 'stage' }, { field: 'part' }, { field: 'seconds', title: 'time (s)', format: '.4s' }],
      },
    }),
  };
}

/** Where the time of each stage's service goes. */
function partsTable({ stages }: Result): TableData {
  const shown = TIME_PARTS.filter((part) => stages.some(({ partsS }) => partsS[part] > 0));
  return {
    id: 'time-parts',
    title: "Where a service's time goes",
    columns: [
      textColumn('stage', 'stage'),
      textColumn('layer', 'layer'),
      numberColumn('serviceS', 'one service'),
      ...shown.map((part) => numberColumn(`${part}S`, part)),
    ],
    rows: stages.map((stage, i) => [
      textCell(stage.name),
      textCell(stage.layer),
      timeCell(stage.serviceS, `stages[${i}].serviceS`),
      ...shown.map((part) => timeCell(stage.partsS[part], `stages[${i}].partsS.${part}`)),
    ]),
  };
}

/** Waiting by cause, where services' time goes, and the stages with all their times. */
export function stallTables(result: Result): TableData[] {
  const { stages, stalls } = result;
  return [
    partsTable(result),
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
      rowIds: stages.map((_, i) => `stage-${i + 1}`),
    },
  ];
}
