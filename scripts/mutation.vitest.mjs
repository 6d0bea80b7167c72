// Vitest of `npm run mutation`: the room's tests over sources that hold all mutants, a tenth of the random cases.

import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';
import { ROOMS, instrumented } from './mutation-rooms.mjs';

const room = ROOMS[process.env.MUTATION_ROOM ?? ''] ?? { mutate: [], tests: [] };
const { files } = await instrumented(room);
const sources = new Map(files.map(({ name, content }) => [resolve(name), content]));

/** Test files as the room names them, the quickest first. */
class AsNamed extends BaseSequencer {
  sort(specifications) {
    const place = ({ moduleId }) => room.tests.findIndex((name) => moduleId.endsWith(name));
    return specifications.sort((a, b) => place(a) - place(b));
  }
}

export default defineConfig({
  plugins: [
    {
      name: 'mutants',
      enforce: 'pre',
      transform: (_code, id) => sources.get(id.replace(/\?.*$/, '')),
    },
  ],
  test: {
    include: room.tests,
    env: { RUNS: '0.1' },
    runner: './scripts/mutation.runner.mjs',
    setupFiles: ['scripts/mutation.setup.mjs'],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    maxWorkers: 1,
    sequence: { sequencer: AsNamed },
    reporters: ['dot'],
  },
});
