// The report of one run.

import type { Result } from '../../simulation/index.js';
import { count } from '../../config/numbers.js';
import type { TimelineDocument } from '../timeline.js';
import { arraysSection } from './charts/arrays.js';
import { buffersSection } from './charts/buffers.js';
import { componentOrder, energySection } from './charts/energy.js';
import { ganttSection } from './charts/gantt.js';
import { stallsSection } from './charts/stalls.js';
import { utilizationSection } from './charts/utilization.js';
import { machineFigure } from './drawing/machine.js';
import type { ReportPage, Section } from './sections.js';
import { sourcesSection } from './sources.js';
import { summarySection } from './summary.js';

/** Puts a run's report together; the timeline is the document of `timeline.json`. */
export function runReport(result: Result, timeline: TimelineDocument): ReportPage {
  const { architecture, network, mode } = result;
  const components = componentOrder([result]);
  return {
    title: `${architecture}: ${mode} of ${network}`,
    subtitle: workWords(result),
    sections: [
      summarySection(result),
      machineSection(result),
      energySection(result, components),
      ganttSection(result, timeline),
      stallsSection(result),
      utilizationSection(result),
      buffersSection(result, timeline),
      arraysSection(result, components),
      sourcesSection(result),
    ],
    footer: footer([result]),
  };
}

/** `640 images in batches of 64`. */
export const workWords = ({ mode, images, batch }: Result): string =>
  mode === 'inference'
    ? `${count(images)} images`
    : mode === 'training'
      ? `${count(images)} images in batches of ${count(batch)}`
      : `${count(images / batch)} iterations of ${count(batch)} images`;

/** The drawing of the machine. */
const machineSection = (result: Result): Section => ({
  id: 'machine-section',
  title: 'The machine',
  figures: [machineFigure(result)],
  tables: [],
  caption:
    'Stages are boxes, in the order in which an image passes them: what is built for each layer, what is kept ' +
    'between the passes, and how busy each stage is. The drawing is made from the result; the tables below ' +
    'have its numbers.',
});

/** Versions and hashes by which a run can be repeated. */
export const footer = (results: readonly Result[]): string =>
  results
    .map(
      ({ architecture, version, configHash, seed }) =>
        `${architecture}: xbarflow ${version}, config ${configHash}, seed ${seed}`,
    )
    .join('; ');
