// Inputs of property tests are those of one seed, so that a suite tells of the code alone; `SEED=7 npm test` draws
// others. A property with a seed of its own keeps it.

import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env['SEED'] ?? 1) });
