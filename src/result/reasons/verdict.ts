// The verdict's numbers: what its rules found.

import { law, quotient } from './derivation.js';
import type { Define } from './figure.js';
import type { Sources } from './sources.js';

/** Units of the figures of `verdict.peak`; the others are shares. */
const PEAK_UNITS: Readonly<Partial<Record<string, string>>> = { gops: 'GOPS', gopsPerW: 'GOPS/W' };

const OF = ['time', 'energy', 'area'] as const;

/** Figures of `verdict`. */
export function describeVerdict(sources: Sources, define: Define): void {
  const { verdict } = sources.result;
  const found = (key: string, unit: string, value: number, says: string): void => {
    define(key, unit, says, () => law({ name: key, unit, value, says }, []));
  };
  found(
    'verdict.idealS',
    's',
    verdict.idealS,
    'the busiest stage or shared unit alone, with the updates between batches, without filling, draining and waiting',
  );
  define('verdict.idealShare', '', 'share of the run that the same work takes in the steady state', () =>
    quotient('verdict.idealShare', '', {
      over: sources.figure('verdict.idealS'),
      under: sources.figure('time.totalS'),
    }),
  );
  if (verdict.peak !== null)
    for (const [word, value] of Object.entries(verdict.peak))
      found(
        `verdict.peak.${word}`,
        PEAK_UNITS[word] ?? '',
        value,
        'the peak of the arrays that the run uses, from the roll-up',
      );
  verdict.limits.forEach(({ code, of, share }, i) => {
    found(`verdict.limits.${i}.share`, '', share, `share of the ${of} that the rule ${code} found`);
  });
  for (const of of OF) {
    const { share, keyShare } = verdict.assumed[of];
    found(`verdict.assumed.${of}.share`, '', share, `share of the ${of} that rests on placeholders`);
    found(`verdict.assumed.${of}.keyShare`, '', keyShare, `share of the ${of} that rests on one placeholder`);
  }
}
