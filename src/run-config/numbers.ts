// How a design's numbers run where its config does not say it: the only place that chooses a backend.

import { isOneOf } from '../config/typed.js';
import { MINIFLOAT_NAMES } from '../numerics/formats/minifloat.js';
import type { Config } from './config.js';
import { BACKENDS, functionalSchema, type FunctionalConfig } from './functional.js';
import { failure, type LoadedRun } from './load.js';

/** The `functional` tree of a design with its backend. */
type DesignNumbers = FunctionalConfig & { readonly backend: (typeof BACKENDS)[number] };

/** The `functional` tree as written, or its defaults. */
export const functionalTree = ({ functional }: Pick<Config, 'functional'>): FunctionalConfig =>
  functional ?? functionalSchema.parse({});

/**
 * The `functional` tree of a run. Without `functional.backend` a design with arrays runs on its crossbars, one of
 * digital units on the numbers of its operation and format. @throws ConfigError for a format that no backend computes
 */
export function designNumbers({ config, loaded }: Pick<LoadedRun, 'config' | 'loaded'>): DesignNumbers {
  const tree = functionalTree(config);
  if (tree.backend !== undefined) return { ...tree, backend: tree.backend };
  if (config.digital === undefined) return { ...tree, backend: 'crossbar' };
  const own = unitNumbers(config.digital);
  if (own === null)
    return failure(loaded)(
      ['digital', 'format'],
      `found ${config.digital.format}, which no backend is known for; expected int8, float16, posit<8,1>, ` +
        'log (8,1,5,5,7) or the like, or functional.backend',
    );
  return { ...own, ...tree, backend: own.backend };
}

type UnitNumbers = Pick<DesignNumbers, 'backend' | 'format' | 'exponentBits'>;

/** What digital units compute with; null for formats without a backend. */
function unitNumbers({ operation, format }: NonNullable<Config['digital']>): UnitNumbers | null {
  if (operation === 'l1') return { backend: 'addernet' };
  if (operation === 'shift-add') return { backend: 'lognet' };
  if (format === 'float32' || format === 'float64') return { backend: format };
  if (isOneOf(MINIFLOAT_NAMES, format)) return { backend: 'minifloat', format };
  if (/^int\d+$/.test(format)) return { backend: 'integer' };
  if (/^log\b/.test(format)) return { backend: 'elma' };
  const posit = /^posit<\d+, ?(\d+)>$/.exec(format);
  return posit === null ? null : { backend: 'posit', exponentBits: Number(posit[1]) };
}
