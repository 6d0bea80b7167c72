// Networks of other programs that were dropped, as network files.

import { UserError } from '../../config/index.js';
import { isLayerShapes } from '../../workload/index.js';
import { foreignNetwork } from '../../workload/foreign.js';
import { networkText } from '../../workload/yaml/text.js';
import { isForeignFile } from './given.js';
import type { Answers } from './protocol.js';

/** Most bytes that an import's arrays may take: a page has less room than a process. */
const MOST_MEMORY = 2 ** 30;

/** The text of a file, which of another program's model or table is a network file. Faults are part of the answer. */
export function imported(bytes: Uint8Array, name: string): Answers['import'] {
  try {
    if (!isForeignFile(name)) {
      const text = new TextDecoder().decode(bytes);
      if (!isLayerShapes(text)) return { text, fault: null };
    }
    const { loaded, report } = foreignNetwork(bytes, name, { maxMemory: MOST_MEMORY });
    const tree = Object.fromEntries(Object.entries(loaded.tree).filter(([key]) => key !== 'weights'));
    return { text: `# ${report.name}, imported from ${shown(name)}\n${networkText(tree)}`, fault: null };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { text: null, fault: { message: error.message, key: null } };
  }
}

/** A file's name in a comment. */
const shown = (name: string): string => name.replace(/[^\w. -]+/g, '-');
