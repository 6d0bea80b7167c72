// What the stages do with their time: work, and waiting by its cause.

import { STALL_CAUSES, type Result } from '../../../simulation/index.js';
import { countCell, numberColumn, textCell, textColumn, timeCell } from '../cells.js';
import type { Section } from '../sections.js';
import { stageLabel } from './gantt.js';
import { axisUnit, engineeringAxis } from './scales.js';
import { BLUE, GREY, ORANGE, PINK, SKY, VERMILLION } from './theme.js';

const PARTS = [
  { key: 'busy', title: 'works', color: BLUE },
  { key: 'input', title: 'waits for input', color: SKY },
  { key: 'output', title: 'waits for room', color: ORANGE },
  { key: 'unit', title: 'waits for a shared unit', color: VERMILLION },
  { key: 'lockstep', title: 'waits for the cycle', color: GREY },
  { key: 'batch', title: 'waits for the batch', color: PINK },
] as const;

/** The section of stalls. */
export function stallsSection(result: Result): Section {
  const { stages, stalls } = result;
  const labels = stages.map(stageLabel);
  const values = stages.flatMap((stage) => PARTS.map(({ key, title }) => ({ stage: stageLabel(stage), part: title, place: PARTS.findIndex((part) => part.key === key), seconds: key === 'busy' ? stage.busyS : stage.stallsS[key] }))).filter(({ seconds }) => seconds > 0);
  const present = PARTS.filter(({ title }) => values.some(({ part }) => part === title));
  const unit = axisUnit(stages.map(({ busyS, stallsS }) => busyS + STALL_CAUSES.reduce((sum, cause) => sum + stallsS[cause], 0)), 's');
  return {
    id: 'stalls', title: 'Work and waiting',
    caption: 'What each stage does with the time of the run. It waits for input (nothing to read yet), for room (its output buffer is full), for a shared unit (another stage holds it), for the cycle (in lockstep all wait for the slowest stage), or for the batch (the last images drain before weights or the perturbation change). The stage that waits least is the bottleneck.',
    figures: [{
      id: 'stalls-by-cause', title: 'By stage', caption: 'Length: time of the whole run. Colour: work, or the cause of waiting.',
      spec: {
        description: 'Stacked bars: working and waiting time of each stage by cause',
        data: { values },
        height: 22 * stages.length,
        mark: { type: 'bar' },
        encoding: {
          y: { field: 'stage', type: 'nominal', sort: labels, scale: { domain: labels }, title: null },
          x: { field: 'seconds', type: 'quantitative', axis: engineeringAxis('time', unit) },
          color: { field: 'part', type: 'nominal', scale: { domain: present.map(({ title }) => title), range: present.map(({ color }) => color) }, title: null },
          order: { field: 'place', sort: 'ascending' },
          tooltip: [{ field: 'stage' }, { field: 'part' }, { field: 'seconds', title: 'time (s)', format: '.4s' }],
        },
      },
    }],
    tables: [
      { id: 'stall-causes', title: 'Waiting, summed over stages', columns: [textColumn('cause', 'cause'), numberColumn('timeS', 'time')], rows: STALL_CAUSES.map((cause) => [textCell(PARTS.find(({ key }) => key === cause)!.title), timeCell(stalls[cause], `stalls.${cause}`)]) },
      {
        id: 'stages', title: 'Stages',
        columns: [textColumn('stage', 'stage'), textColumn('layer', 'layer'), numberColumn('waves', 'waves'), numberColumn('serviceS', 'one service'), numberColumn('starts', 'services'), ...PARTS.map(({ key, title }) => numberColumn(`${key}S`, title))],
        rows: stages.map((stage, i) => [
          textCell(stage.name), textCell(stage.layer), countCell(stage.waves, `stages[${i}].waves`), timeCell(stage.serviceS, `stages[${i}].serviceS`), countCell(stage.starts, `stages[${i}].starts`),
          timeCell(stage.busyS, `stages[${i}].busyS`), ...STALL_CAUSES.map((cause) => timeCell(stage.stallsS[cause], `stages[${i}].stallsS.${cause}`)),
        ]),
      },
    ],
  };
}
