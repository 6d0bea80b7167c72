// The report of one run.

import type { Result } from '../../simulation/index.js';
import { count } from '../tables.js';
import type { TimelineDocument } from '../timeline.js';
import { arraysSection } from './charts/arrays.js';
import { buffersSection } from './charts/buffers.js';
import { componentOrder, energySection } from './charts/energy.js';
import { ganttSection } from './charts/gantt.js';
import { stallsSection } from './charts/stalls.js';
import { utilizationSection } from './charts/utilization.js';
import { machineFigure } from './drawing/machine.js';
import type { ReportPage } from './sections.js';
import { sourcesSection } from './sources.js';
import { summarySection } from './summary.js';

/** Puts a run's report together; the timeline is the document of `timeline.json`. */
export function runReport(result: Result, timeline: TimelineDocument): ReportPage {
  const { architecture, network, mode, images, batch } = result;
  const components = componentOrder([result]);
  return {
    title: `${architecture}: ${mode} of ${network}`,
    subtitle: mode === 'inference' ? `${count(images)} images` : `${count(images)} images in batches of ${count(batch)}`,
    sections: [
      summarySection(result, [machineFigure(result)]), energySection(result, components), ganttSection(result, timeline), stallsSection(result),
      utilizationSection(result), buffersSection(result, timeline), arraysSection(result, components), sourcesSection(result),
    ],
    footer: footer([result]),
  };
}

/** Versions and hashes by which a run can be repeated. */
export const footer = (results: readonly Result[]): string =>
  results.map(({ architecture, version, configHash, seed }) => `${architecture}: xbarflow ${version}, config ${configHash}, seed ${seed}`).join('; ');
