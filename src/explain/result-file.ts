// Results that come from files: what makes one, and what an older one lacks.

import { UserError } from '../config/index.js';
import { isRecord } from '../config/typed.js';
import { notFinite } from '../result/finite.js';
import type { Result } from '../result/result-types.js';

/** `schema` of a result. */
export const RESULT_SCHEMA = 'xbarflow/result@1';

type Kind = 'mapping' | 'list' | 'text';
/** What explanations and drawings of a result read. */
const PARTS: readonly (readonly [part: keyof Result, kind: Kind])[] = [
  ['architecture', 'text'],
  ['mode', 'text'],
  ['config', 'mapping'],
  ['time', 'mapping'],
  ['energy', 'mapping'],
  ['power', 'mapping'],
  ['area', 'mapping'],
  ['arrays', 'mapping'],
  ['placements', 'list'],
  ['utilization', 'mapping'],
  ['storage', 'mapping'],
  ['buffers', 'list'],
  ['stalls', 'mapping'],
  ['instances', 'list'],
  ['layers', 'list'],
  ['stages', 'list'],
  ['actions', 'list'],
  ['constants', 'list'],
  ['places', 'mapping'],
];
const ARE: Readonly<Record<Kind, (value: unknown) => boolean>> = {
  mapping: isRecord,
  list: Array.isArray,
  text: (value) => typeof value === 'string',
};
/** Figures that everything shows first. */
const SHOWN = [
  ['time', 'totalS'],
  ['energy', 'totalJ'],
  ['area', 'totalMm2'],
  ['utilization', 'spatial'],
] as const;
const MODES: readonly string[] = ['inference', 'training', 'attack'];

/** True for what says that it is a result. */
export const isResult = (given: unknown): given is Result => isRecord(given) && given.schema === RESULT_SCHEMA;

/** @throws UserError where a result lacks a part that this version writes, or one is of another kind */
export function checkParts(result: Result, file: string): void {
  const missing = PARTS.find(([part]) => !Object.hasOwn(result, part));
  if (missing !== undefined)
    throw new UserError(`${file}: has no ${missing[0]}, it was written by another version or changed; run it again`);
  const wrong = PARTS.find(([part, kind]) => !ARE[kind](result[part]));
  const refuse = (found: string): never => {
    throw new UserError(`${file}: ${found}: it was changed, or written by another version; run it again`);
  };
  if (wrong !== undefined) refuse(`${wrong[0]} is no ${wrong[1]}`);
  if (typeof result.config.network !== 'string') refuse('config.network is no text');
  if (!MODES.includes(result.mode)) refuse(`mode is none of ${MODES.join(', ')}`);
  for (const [part, figure] of SHOWN) {
    const own: unknown = result[part];
    if (!isRecord(own) || typeof own[figure] !== 'number') refuse(`${part}.${figure} is no number`);
  }
  const odd = notFinite(result);
  if (odd !== undefined) refuse(`${odd.path} is ${odd.value}`);
}
