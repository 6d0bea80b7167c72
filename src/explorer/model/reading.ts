// What a file is that was dropped or pasted: told by its text, before anything on the page changes.

import { UserError, parseDocument, toJsonSchema } from '../../config/index.js';
import { isRecord } from '../../config/typed.js';
import { configSchema } from '../../run-config/index.js';
import { isLayerShapes } from '../../workload/index.js';
import { evaluationOf, givenResult, isNetworkText } from './given.js';
import type { Answers } from './protocol.js';

/** What can be dropped. */
const READABLE =
  'expected a config, a result.json, an evaluation.json, or a network: its file, an ONNX model, a table of layers';

/** What a text is, or why the page has no use for it. */
export function readAs(name: string, text: string): Answers['reads'] {
  const nothing = (why: string): Answers['reads'] => ({
    is: null,
    fault: `${name} is nothing that this page reads: ${why}; ${READABLE}`,
  });
  // What UTF-8 cannot read stands there as the replacement character.
  if (/[\0\uFFFD]/.test(text)) return nothing('it is no text');
  if (text.trim() === '') return nothing('it is empty');
  try {
    if (isLayerShapes(text)) return { is: 'layers', fault: null };
    if (isNetworkText(text)) return { is: 'network', fault: null };
    if (evaluationOf(text, name) !== null) return { is: 'evaluation', fault: null };
    if (givenResult(text, name) !== null) return { is: 'machine', fault: null };
    const { tree } = parseDocument(text, name);
    const keys = Object.keys(tree);
    return keys.some((key) => configKeys().has(key))
      ? { is: 'machine', fault: null }
      : nothing(`${keys.slice(0, MOST_KEYS).join(', ')}: no key of a config`);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return nothing(error.message);
  }
}

/** Keys that a message names. */
const MOST_KEYS = 4;

let known: ReadonlySet<string> | undefined;

/** The keys that a config may begin with. */
function configKeys(): ReadonlySet<string> {
  if (known === undefined) {
    const { properties } = toJsonSchema(configSchema, 'config', { layered: true });
    known = new Set(['extends', ...Object.keys(isRecord(properties) ? properties : {})]);
  }
  return known;
}
