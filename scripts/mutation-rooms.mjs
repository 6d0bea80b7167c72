// Rooms whose tests are tried by mutation: files that are changed, and tests that must notice.

/** @type {Record<string, { mutate: string[], tests: string[] }>} */
export const ROOMS = {
  units: {
    mutate: ['src/config/units.ts'],
    tests: ['test/config/units.test.ts'],
  },
  quantizers: { mutate: ['src/numerics/quantizers/*.ts'], tests: ['test/numerics/*quanti*.test.ts'] },
  mapping: {
    mutate: ['src/mapping/*.ts'],
    tests: ['test/mapping/*.test.ts'],
  },
  counts: {
    mutate: ['src/workload/graph/counts.ts', 'src/components/count.ts'],
    tests: ['test/workload/{zoo,networks,tensors}.test.ts', 'test/components/*.test.ts', 'test/result/factors.test.ts'],
  },
  kernel: { mutate: ['src/kernel/*.ts'], tests: ['test/kernel/{event-queue,parts,timing}.test.ts'] },
  pipeline: { mutate: ['src/pipeline/*.ts'], tests: ['test/pipeline/*.test.ts'] },
};

/** The room of this run, as `scripts/mutation.mjs` names it. */
export const room = ROOMS[process.env.MUTATION_ROOM ?? ''] ?? { mutate: [], tests: [] };
