// Tests of the room that is mutated: a tenth of the random cases, found failing without a search for the smallest.

import { defineConfig } from 'vitest/config';
import { room } from './mutation-rooms.mjs';

export default defineConfig({
  test: {
    include: room.tests,
    env: { RUNS: '0.1' },
    setupFiles: ['scripts/mutation.setup.mjs'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
