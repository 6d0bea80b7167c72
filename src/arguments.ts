// Arguments of the library's functions, for callers whose types nobody checks: what is wrong is said in one line, as of
// a config.

import { UserError, suggestion } from './config/errors.js';
import { showValue } from './config/faults.js';
import { isRecord } from './config/typed.js';
import { checkParts, isResult } from './explain/index.js';

/** @throws UserError "compare: results: found undefined, expected ..." unless the argument `fits`. */
export function expectArgument(fits: boolean, name: string, found: unknown, expected: string): asserts fits {
  if (!fits) throw new UserError(`${name}: found ${showValue(found)}, expected ${expected}`);
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

/** @throws UserError unless this is a whole result, as `simulate` and `result.json` have it. */
export function expectResult(name: string, value: unknown): void {
  const expected = 'a result, as `simulate(run).result` or a read result.json is';
  expectArgument(isResult(value), name, value, expected);
  if (isResult(value)) checkParts(value, name);
}
