// Files of the user's: names that are free, and what they are.

import { UserError } from '../../config/errors.js';
import { checkParts, isResult } from '../../explain/result-file.js';
import { isRecord } from '../../config/typed.js';
import type { Result } from '../../index.js';
import type { Accuracy } from './protocol.js';

/** True for the text of a network: it has layers and no base. */
export const isNetworkText = (text: string): boolean =>
  (/^layers\s*:/m.test(text) && !/^extends\s*:/m.test(text)) || /^\s*\{[^{[]*"layers"\s*:\s*\[/.test(text);

/** True for files of other programs, which a worker makes network files of. */
export const isForeignFile = (name: string): boolean => /\.(onnx|csv|pt|pth)$/i.test(name);

/** Files, by their content, whose results were read: a design asks again and again. */
const read = new Map<string, Result>();

/** The result that a file holds; null where it is none. @throws UserError for a result of another version */
export function givenResult(text: string | Uint8Array | undefined, name: string): Result | null {
  if (typeof text !== 'string' || !/^\s*\{/.test(text)) return null;
  const known = read.get(text);
  if (known !== undefined) return known;
  const given = jsonOf(text);
  if (!isResult(given)) return null;
  checkParts(given, name);
  read.clear();
  read.set(text, given);
  return given;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The work that a result's text says: its network and mode; null where it is no result. */
export function workOf(text: string, name: string): { network: string; mode: string } | null {
  try {
    const result = givenResult(text, name);
    return result === null ? null : { network: result.config.network, mode: result.mode };
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}

/** The accuracy that a file of `xbarflow evaluate --out` holds; null where it is none, or its samples had no labels. */
export function evaluationOf(text: string, name: string): Accuracy | null {
  if (!/^\s*\{/.test(text)) return null;
  const given = jsonOf(text);
  if (!isRecord(given) || given.schema !== 'xbarflow/evaluation@1' || !isRecord(given.accuracy)) return null;
  const { accuracy, architecture, network, images } = given;
  const hardware = isRecord(accuracy.hardware) ? accuracy.hardware.mean : null;
  if (typeof hardware !== 'number' || typeof accuracy.float !== 'number') return null;
  return {
    share: hardware,
    exact: accuracy.float,
    says:
      `${String(network)} on ${String(architecture)}, ${String(images)} samples, as ${name} says; ` +
      'knobs do not move it',
  };
}

/** A name for a file, ending as a path that `load` reads from the page's files; one that is free. */
export function given(files: Readonly<Record<string, string>>, name: string): string {
  const plain = name.replace(/[^\w.-]+/g, '-').replace(/^[.-]+/, '') || 'file';
  const whole = /\.(ya?ml|json)$/i.test(plain) ? plain : `${plain}.yaml`;
  if (!Object.hasOwn(files, whole)) return whole;
  for (let number = 2; ; number++) {
    const next = whole.replace(/(\.[^.]+)$/, `-${number}$1`);
    if (!Object.hasOwn(files, next)) return next;
  }
}
