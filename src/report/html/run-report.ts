// The report of one run.

import type { Result } from '../../simulation/index.js';
import type { Uncertainty } from '../../result/uncertainty-types.js';
import type { TimelineDocument } from '../trace-events.js';
import { arraysSection } from './charts/arrays.js';
import { buffersSection } from './charts/buffers.js';
import { componentOrder, energySection } from './charts/energy.js';
import { timeSection } from './charts/time.js';
import { utilizationFigure, utilizationTable } from './charts/utilization.js';
import { machineFigure } from './drawing/machine.js';
import type { ReportPage, Section } from './sections.js';
import { sourcesSection } from './sources.js';
import { verdictSection } from './verdict-section.js';

/** Puts a run's report together; the timeline is the document of `timeline.json`. */
export function runReport(
  result: Result,
  timeline: TimelineDocument,
  uncertainty: Uncertainty | null = null,
): ReportPage {
  const { architecture, network, mode, verdict } = result;
  const components = componentOrder([result]);
  const arrays = arraysSection(result, components);
  return {
    title: `${architecture}: ${mode} of ${network}`,
    subtitle: verdict.work,
    sections: [
      verdictSection(result, uncertainty),
      machineSection(result),
      timeSection(result, timeline),
      energySection(result, components),
      {
        ...arrays,
        // The two tall ones beside each other.
        figures: [...arrays.figures.slice(0, -1), utilizationFigure(result), ...arrays.figures.slice(-1)],
        tables: [...arrays.tables, utilizationTable(result)],
      },
      buffersSection(result, timeline),
      sourcesSection([result]),
    ],
    footer: footer([result]),
  };
}

/** The drawing of the machine. */
const machineSection = (result: Result): Section => ({
  id: 'machine-section',
  title: 'The machine',
  figures: [machineFigure(result)],
  tables: [],
  caption: 'Drawn from the result: a box leads to its row in the table of stages.',
});

/** Versions and hashes by which a run can be repeated. */
export const footer = (results: readonly Result[]): string =>
  results
    .map(
      ({ architecture, version, configHash, seed }) =>
        `${architecture}: xbarflow ${version}, config ${configHash}, seed ${seed}`,
    )
    .join('; ');
