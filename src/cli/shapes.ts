// `--shape`: sizes of symbolic dimensions of ONNX models.

import { suggestion, UserError } from '../config/index.js';

/** Sizes of symbolic dimensions as flags give them. @throws UserError for what is no NAME=N, or given twice */
export function shapesOf(given: readonly string[]): Map<string, number> {
  const shapes = new Map<string, number>();
  for (const text of given) {
    const at = text.lastIndexOf('=');
    const size = Number(text.slice(at + 1));
    if (at < 1 || !/^\d+$/.test(text.slice(at + 1)) || !Number.isSafeInteger(size) || size < 1)
      throw new UserError(`--shape ${text}: expected NAME=N, e.g. --shape batch=1`);
    const name = text.slice(0, at);
    if (shapes.has(name)) throw new UserError(`--shape ${text}: ${name} is given more than once`);
    shapes.set(name, size);
  }
  return shapes;
}

/** Symbolic dimensions that a message names at most. */
const SHOWN = 20;

/**
 * Looks at sizes that nothing takes.
 * @param symbols names of the symbolic dimensions of all networks that were read
 * @throws UserError where no network has one of these dimensions
 */
export function checkShapes(shapes: ReadonlyMap<string, number>, symbols: ReadonlySet<string>): void {
  for (const [name, size] of shapes) {
    if (symbols.has(name)) continue;
    const known = [...symbols];
    const words =
      known.length === 0
        ? 'no network here has symbolic dimensions'
        : `no network here has this dimension; expected one of ${known.slice(0, SHOWN).join(', ')}` +
          (known.length > SHOWN ? ` (of ${known.length})` : '');
    throw new UserError(`--shape ${name}=${size}: ${words}${suggestion(name, known)}`);
  }
}
