// Networks of other programs that were dropped, as network files.

import { UserError } from '../../config/index.js';
import { foreignNetwork } from '../../workload/foreign.js';
import { networkText } from '../../workload/yaml/text.js';
import { faultOf } from './faults.js';
import type { Answers } from './protocol.js';

/** Most bytes that an import's arrays may take: a page has less room than a process. */
const MOST_MEMORY = 2 ** 30;

/** The network file of a model or table. Faults are part of the answer. */
export function imported(bytes: Uint8Array, name: string): Answers['import'] {
  try {
    const { loaded, report } = foreignNetwork(bytes, name, { maxMemory: MOST_MEMORY });
    const named = { ...loaded.tree, name: EXPORTED.test(report.name) ? plainName(name) : report.name };
    const tree = Object.fromEntries(Object.entries(named).filter(([key]) => key !== 'weights'));
    return { text: `# ${named.name}, imported from ${shown(name)}\n${networkText(tree)}`, fault: null };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { text: null, fault: faultOf(error) };
  }
}

/** What exporters call every model. */
const EXPORTED = /^(torch[-_]jit.*|main[-_]graph|graph|)$/i;

/** A file's name without its ending. */
const plainName = (name: string): string => shown(name).replace(/\.\w+$/, '') || 'model';

/** A file's name in a comment. */
const shown = (name: string): string => name.replace(/[^\w. -]+/g, '-');
