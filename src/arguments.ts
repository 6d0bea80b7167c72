// Arguments of the library's functions, for callers whose types nobody checks: what is wrong is said in one line, as of
// a config.

import { UserError, suggestion } from './config/errors.js';
import { isRecord } from './config/typed.js';

/** @throws UserError "compare: results: found undefined, expected ..." unless the argument `fits`. */
export function expectArgument(fits: boolean, name: string, found: unknown, expected: string): asserts fits {
  if (!fits) throw new UserError(`${name}: found ${textOf(found)}, expected ${expected}`);
}

/** Options are an object with these names only. @throws UserError for others, with the nearest one that there is. */
export function expectOptions(of: string, options: unknown, names: readonly string[]): void {
  const list = names.join(', ');
  expectArgument(isRecord(options), `${of}: options`, options, `an object with some of ${list}`);
  for (const name of Object.keys(options))
    if (!names.includes(name))
      throw new UserError(`${of}: option "${name}" is unknown, expected one of ${list}${suggestion(name, names)}`);
}

/** Overrides as on the command line, where there are any. @throws UserError for anything else. */
export function expectOverrides(of: string, set: unknown): void {
  const fits = set === undefined || (Array.isArray(set) && set.every((one) => typeof one === 'string'));
  expectArgument(fits, `${of}: set`, set, 'a list of overrides such as ["crossbar.rows=256"]');
}

/** Whether this is a result, as `simulate` and `result.json` have it. */
export const isResult = (value: unknown): boolean => isRecord(value) && value.schema === 'xbarflow/result@1';

/** Letters of a value that a message shows. */
const MOST_SHOWN = 40;

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'string') return String(value);
  return JSON.stringify(value.length > MOST_SHOWN ? `${value.slice(0, MOST_SHOWN)}...` : value);
}
