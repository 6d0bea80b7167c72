// Data to take home, as `xbarflow run --out` writes it.

import { UserError } from '../../config/index.js';
import { energyCsv, layersCsv, recordTimeline, timelineJson, type Machine, type Result } from '../../index.js';
import type { DocumentKind, TakenHome } from './protocol.js';

/** A design's result; its machine is null where only the result was given. */
export interface Simulated {
  result: Result;
  machine: Machine | null;
}

/** A run event by event. @throws UserError where only a result was given */
export function timelineOf({ result, machine }: Simulated): ReturnType<typeof timelineJson> {
  if (machine === null)
    throw new UserError(`${result.label}: a result holds figures, no events; expected a config, whose run has both`);
  return timelineJson(machine, recordTimeline(machine));
}

/** A document of a design. @throws UserError where a result alone lacks it */
export function documentOf(what: DocumentKind, simulated: Simulated): TakenHome {
  const { result } = simulated;
  const csv = 'text/csv';
  const json = 'application/json';
  switch (what) {
    case 'result':
      return { name: 'result.json', type: json, text: `${JSON.stringify(result, null, 2)}\n` };
    case 'layers':
      return { name: 'layers.csv', type: csv, text: layersCsv(result) };
    case 'energy':
      return { name: 'energy.csv', type: csv, text: energyCsv(result) };
    case 'timeline':
      return { name: 'timeline.json', type: json, text: JSON.stringify(timelineOf(simulated)) };
  }
}
