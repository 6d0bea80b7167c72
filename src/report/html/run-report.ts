// The report of one run.

import type { Result } from '../../simulation/index.js';
import { count } from '../tables.js';
import { componentOrder, energySection } from './charts/energy.js';
import type { ReportPage } from './sections.js';

/** Puts a run's report together; the timeline is the document of `timeline.json`. */
export function runReport(result: Result): ReportPage {
  const { architecture, network, mode, images, batch } = result;
  const components = componentOrder([result]);
  return {
    title: `${architecture}: ${mode} of ${network}`,
    subtitle: `${count(images)} images, ${count(batch)} in a batch`,
    sections: [energySection(result, components)],
    footer: `xbarflow ${result.version}, config ${result.configHash}, seed ${result.seed}`,
  };
}
