// The section of time: logical cycles, stages over real time, work and waiting.

import type { Result } from '../../../simulation/index.js';
import type { TimelineDocument } from '../../trace-events.js';
import type { Section } from '../sections.js';
import { gantt } from './gantt.js';
import { scheduleFigure } from './schedule.js';
import { stallFigure, stallTables } from './stalls.js';

/** Up to so many stages paper has their bars over real time. */
const FEW_STAGES = 24;

/** What the stages do over time. */
export function timeSection(result: Result, timeline: TimelineDocument): Section {
  const { figure, table } = gantt(result, timeline);
  const schedule = scheduleFigure(result, timeline);
  const printed = schedule.length === 0 && result.stages.length <= FEW_STAGES;
  return {
    id: 'time',
    title: 'Time',
    caption:
      'xbarflow run with --timeline writes timeline.json: the same in trace-event form with every wave of a steady ' +
      'window, for Perfetto (ui.perfetto.dev). --set simulation.timeline.cycles=100 shows more of the run, ' +
      'simulation.timeline.from=200 a later part.',
    // Paper has the cycles; real time is for zooming, but for short pipelines that have no cycles.
    figures: [...schedule, printed ? figure : { ...figure, screenOnly: true }, stallFigure(result)],
    tables: [...stallTables(result), table],
  };
}
