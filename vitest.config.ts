import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['./test/seed.ts'],
    // No test changes a module's state: files of a worker share what they import (it took 150 s of processors).
    isolate: false,
    // Short-lived results fill a young heap of 16 MB too soon: a tenth of the processor time was its collection.
    execArgv: ['--max-semi-space-size=32'],
    // A machine of two cores runs two files at once; the default leaves one core to the runner.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A page on a loaded machine takes more than the second that is the default.
    expect: { poll: { timeout: 20_000 } },
    reporters: ['default', './test/skipped-tests.ts'],
    coverage: {
      reporter: ['text'],
      // Of the rooms that `npm run coverage:rooms` looks at, in per cent of lines and branches.
      thresholds: {
        'src/kernel/**': { lines: 100, branches: 100 },
        'src/mapping/**': { lines: 98, branches: 96 },
        'src/estimators/**': { lines: 97, branches: 90 },
        'src/pipeline/**': { lines: 97, branches: 94 },
        'src/numerics/**': { lines: 97, branches: 90 },
      },
    },
  },
});
