// Energy if everything built never rests, component by component.

import { actionEnergy } from './cell-actions.js';
import { maximum, product, quotient, sum, type Derivation } from './derivation.js';
import { derivationOf } from './factors.js';
import type { Define } from './figure.js';
import type { Leaf } from './leaves.js';
import type { Sources } from './sources.js';

/** What belongs to no layer. */
const NETWORK = '';

/** Figures of `poweredOn`, and the two ends of the energy. */
export function describePoweredOn(sources: Sources, leaves: readonly Leaf[], define: Define): void {
  const { poweredOn, instances } = sources.result;
  const counts = leaves.filter(({ key }) => key.startsWith('instances.') && key.endsWith('.count'));
  const all = (word: string): Derivation[] =>
    sources.figures(poweredOn.map(({ component }) => `poweredOn.${component}.${word}`));
  define('energy.activityJ', 'J', 'what was done, and leakage', () =>
    sum('energy.activityJ', 'J', all('activityJ'), 'all components'),
  );
  define('energy.poweredOnJ', 'J', 'if everything built never rests', () =>
    sum('energy.poweredOnJ', 'J', all('energyJ'), 'all components'),
  );
  for (const { component, work } of poweredOn) {
    const key = `poweredOn.${component}`;
    const built = instances.flatMap((of, i) => (of.component === component ? [counts[i]!.key] : []));
    define(`${key}.instances`, '', `${component} as built`, () =>
      sum(`${key}.instances`, '', sources.figures(built), 'of all layers'),
    );
    define(`${key}.powerW`, 'W', `${component} that never rests`, () => {
      const count = sources.figure(`${key}.instances`);
      const own = `components.${component}.power`;
      if (sources.hasConstant(own))
        return product(`${key}.powerW`, 'W', [count, sources.constant(own)], 'instances x power of one');
      const leakage = sources.constant(`components.${component}.leakage`);
      const rest = product('at rest', 'W', [count, leakage], 'instances x leakage of one');
      if (work === null) return { ...rest, name: `${key}.powerW`, says: 'no power is known: its leakage' };
      const times = work.times.map((factor) => derivationOf(sources, factor, NETWORK));
      const energy = product('energy of a beat', 'J', [actionEnergy(sources, component, work.action), ...times]);
      const busy = quotient('busy in every beat', 'W', {
        over: energy,
        under: derivationOf(sources, work.beat, NETWORK),
      });
      return sum(`${key}.powerW`, 'W', [busy, rest]);
    });
    define(`${key}.energyJ`, 'J', `${component} that never rests, over the run`, () =>
      maximum(`${key}.energyJ`, 'J', [
        product('never at rest', 'J', [sources.figure(`${key}.powerW`), sources.figure('time.totalS')]),
        sources.figure(`${key}.activityJ`),
      ]),
    );
  }
}
