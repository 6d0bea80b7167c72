// Knobs of how a run is simulated and watched; they change none of its figures.

import { count, flag, object } from '../config/index.js';

/** Knobs of `simulation`. */
export const simulation = object(
  {
    exact: flag('Event by event, no fast paths').default(false),
    check: flag("Watch the kernel's invariants (implies exact)").default(false),
    timeline: object(
      {
        from: count('First logical cycle (elastic: image) shown', { min: 0 }).default(0),
        cycles: count(
          'Logical cycles (elastic: images) shown (default: until the first image has passed the pipeline, and 4 more)',
        ).optional(),
      },
      'Window of the timeline',
    ).prefault({}),
  },
  'Simulation',
);
