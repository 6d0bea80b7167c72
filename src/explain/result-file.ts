// Results that come from files: what makes one, and what an older one lacks.

import { UserError } from '../config/index.js';
import { isRecord } from '../config/typed.js';
import type { Result } from '../result/result-types.js';

/** `schema` of a result. */
export const RESULT_SCHEMA = 'xbarflow/result@1';

/** What explanations and drawings of a result read. */
const PARTS = [
  'config',
  'time',
  'energy',
  'power',
  'area',
  'arrays',
  'placements',
  'utilization',
  'storage',
  'buffers',
  'stalls',
  'instances',
  'layers',
  'stages',
  'actions',
  'constants',
  'places',
] as const;

/** True for what says that it is a result. */
export const isResult = (given: unknown): given is Result => isRecord(given) && given.schema === RESULT_SCHEMA;

/** @throws UserError where a result lacks a part that this version writes */
export function checkParts(result: Result, file: string): void {
  const missing = PARTS.find((part) => !Object.hasOwn(result, part));
  if (missing !== undefined)
    throw new UserError(`${file}: has no ${missing}, it was written by another version or changed; run it again`);
}
