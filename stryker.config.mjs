// Mutation testing of one room (MUTATION_ROOM): run by scripts/mutation.mjs.

import { room } from './scripts/mutation-rooms.mjs';

const name = process.env.MUTATION_ROOM ?? '';

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  testRunner: 'vitest',
  vitest: { configFile: 'scripts/mutation.vitest.mjs', related: false },
  plugins: ['@stryker-mutator/vitest-runner'],
  mutate: room.mutate,
  // Words of messages are no behaviour; what runs once while a file is loaded would run all tests.
  mutator: { excludedMutations: ['StringLiteral'] },
  ignoreStatic: true,
  disableTypeChecks: false,
  ignorePatterns: ['dist', 'dist-bench', 'results', 'coverage', 'docs', 'examples', 'bench', 'traces/*.bin'],
  concurrency: 1,
  timeoutMS: 60_000,
  incremental: true,
  incrementalFile: `results/mutation/${name}.incremental.json`,
  reporters: ['json', 'clear-text'],
  clearTextReporter: { allowColor: false, reportTests: false, reportMutants: false },
  jsonReporter: { fileName: `results/mutation/${name}.json` },
  tempDirName: '.stryker-tmp',
  allowConsoleColors: false,
};
