// Rooms whose tests are tried by mutation: files (or folders of them) that are changed, and tests that must notice.

import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Instrumenter } from '@stryker-mutator/instrumenter';
import seedrandom from 'seedrandom';

/**
 * `most`: of a room with more mutants, so many are tried.
 * @type {Record<string, { mutate: string[], tests: string[], most?: number }>}
 */
export const ROOMS = {
  units: { mutate: ['src/config/units.ts'], tests: ['test/config/units.test.ts'] },
  quantizers: {
    mutate: ['src/numerics/quantizers'],
    tests: ['method-parameters', 'codebooks', 'plain-quantizers', 'quantizer-search', 'quantizers'].map(
      (name) => `test/numerics/${name}.test.ts`,
    ),
    most: 400,
  },
  mapping: {
    mutate: ['src/mapping'],
    tests: ['matrix', 'gradient', 'replication', 'plan', 'tiling'].map((name) => `test/mapping/${name}.test.ts`),
  },
  counts: {
    mutate: ['src/workload/graph/counts.ts', 'src/components/count.ts'],
    tests: ['test/workload/counts.test.ts', 'test/components/count.test.ts'],
  },
  kernel: {
    mutate: ['src/kernel'],
    tests: ['parts', 'timing', 'event-queue'].map((name) => `test/kernel/${name}.test.ts`),
  },
  pipeline: {
    mutate: ['src/pipeline'],
    tests: [
      'stage-bank',
      'closed-steps',
      'in-units',
      'wave-queue',
      'drifting',
      'scaled',
      'max-plus',
      'recurrences',
      'lockstep',
      'overflow',
      'runs',
      'flow-results',
      'work',
      'long-periods',
      'fast-paths',
      'rounds',
      'end-queue',
      'token-bank',
    ].map((name) => `test/pipeline/${name}.test.ts`),
    most: 400,
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
      // Folders within a room hold what is generated.
      .filter((path) => statSync(path).isFile())
      .sort()
      .map((name) => ({ name, mutate: true, content: readFileSync(name, 'utf8') })),
    { plugins: null, excludedMutations: ['StringLiteral'], ignorers: [] },
  );
  return { files, mutants: mutants.filter(({ status }) => status !== 'Ignored') };
}

/** Those of a room's mutants that are tried: all, or `most` of them drawn with a seed of the room's name. */
export function chosenOf(room, mutants) {
  const { most = Infinity } = ROOMS[room];
  if (mutants.length <= most) return mutants;
  const random = seedrandom(`mutants/${room}`);
  const drawn = mutants.map((mutant) => ({ mutant, place: random() })).sort((a, b) => a.place - b.place);
  return drawn.slice(0, most).map(({ mutant }) => mutant);
}
