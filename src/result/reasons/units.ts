// Units of a stage's chain: latency and initiation interval, as the chain says what they are made of.

import type { Result } from '../result-types.js';
import { sum } from './derivation.js';
import { derivationOf } from './factors.js';
import type { Define } from './figure.js';
import type { Sources } from './sources.js';

type Stage = Result['stages'][number];

/** Keys of a stage's units in their order. */
export function unitKeys({ name, units }: Stage): string[] {
  const seen = new Map<string, number>();
  return units.map(({ component, role }) => {
    const word = component === 'buffer' || component === 'bus' ? `${component}.${role}` : component;
    const times = (seen.get(word) ?? 0) + 1;
    seen.set(word, times);
    return `stages.${name}.units.${word}${times === 1 ? '' : `#${times}`}`;
  });
}

/** Figures of `stages.<name>.units`. */
export function describeUnits(sources: Sources, stage: Stage, define: Define): void {
  const keys = unitKeys(stage);
  stage.units.forEach(({ component, role, latency, interval }, u) => {
    const key = keys[u]!;
    define(`${key}.latencyS`, 's', `${component} (${role}): start to result`, () =>
      derivationOf(sources, latency, stage.layer),
    );
    define(`${key}.intervalS`, 's', `${component} (${role}): one start to the next`, () =>
      interval === null
        ? sum(`${key}.intervalS`, 's', [sources.figure(`${key}.latencyS`)], 'starts again when it is done')
        : derivationOf(sources, interval, stage.layer),
    );
  });
}
