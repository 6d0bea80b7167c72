// Rooms whose tests are tried by mutation: files (or folders of them) that are changed, and tests that must notice.

import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Instrumenter } from '@stryker-mutator/instrumenter';

/** @type {Record<string, { mutate: string[], tests: string[] }>} */
export const ROOMS = {
  units: { mutate: ['src/config/units.ts'], tests: ['test/config/units.test.ts'] },
  quantizers: {
    mutate: ['src/numerics/quantizers'],
    tests: ['test/numerics/{codebooks,quantizers,quantizer-search,golden-quantization}.test.ts'],
  },
  mapping: { mutate: ['src/mapping'], tests: ['test/mapping/*.test.ts'] },
  counts: {
    mutate: ['src/workload/graph/counts.ts', 'src/components/count.ts'],
    tests: ['test/workload/counts.test.ts', 'test/components/count.test.ts'],
  },
  kernel: { mutate: ['src/kernel'], tests: ['test/kernel/{event-queue,parts,timing}.test.ts'] },
  pipeline: {
    mutate: ['src/pipeline'],
    tests: ['test/pipeline/{max-plus,recurrences,lockstep,overflow,fast-paths,flow-results}.test.ts'],
  },
};

const silent = { ...console, info: () => {}, debug: () => {}, isDebugEnabled: () => false };

/**
 * The sources of a room with all mutants in them, and what these are (Stryker's instrumenter). Words of messages are no
 * behaviour: strings stay.
 */
export async function instrumented({ mutate }) {
  const { files, mutants } = await new Instrumenter(silent).instrument(
    mutate
      .flatMap((path) => (statSync(path).isFile() ? path : readdirSync(path).map((name) => join(path, name))))
      .sort()
      .map((name) => ({ name, mutate: true, content: readFileSync(name, 'utf8') })),
    { plugins: null, excludedMutations: ['StringLiteral'], ignorers: [] },
  );
  return { files, mutants: mutants.filter(({ status }) => status !== 'Ignored') };
}
