// `xbarflow list [kind]`: what can be named in a config.

import { UserError, listPresets, loadConfig, suggestion } from '../../config/index.js';
import { diskPresets } from '../../config/files.node.js';
import { COMPONENT_NAMES, declarationOf } from '../../components/index.js';
import { folded, toCsv } from '../../report/index.js';
import { LAWS } from '../../estimators/index.js';
import { PRESET_KINDS, kindsWith } from '../../config/preset-kinds.js';
import { command } from '../command.js';
import { print, terminalStyle } from '../output.js';

const LIST_KINDS = [...PRESET_KINDS, 'components', 'laws'] as const;

interface Row extends Record<string, string> {
  kind: string;
  name: string;
  description: string;
  source: string;
}

function rowsOf(kind: (typeof LIST_KINDS)[number]): Row[] {
  if (kind === 'components') {
    return COMPONENT_NAMES.map((name) => {
      const { description, actions, scope } = declarationOf(name);
      return {
        kind,
        name,
        description: `${description}; actions: ${Object.keys(actions).join(', ')}`,
        source: `one per ${scope}`,
      };
    });
  }
  if (kind === 'laws') {
    return Object.entries(LAWS).map(([name, { description, source, arguments: own }]) => ({
      kind,
      name,
      description: `${description}; arguments: ${Object.entries(own)
        .map(([key, { from }]) => (from === undefined ? key : `${key} (${from})`))
        .join(', ')}`,
      source,
    }));
  }
  return listPresets(diskPresets, kind).map((name) => {
    const { tree } = loadConfig(diskPresets, kindsWith(kind), name);
    const text = (key: string): string => (typeof tree[key] === 'string' ? tree[key] : '');
    const { aliases } = tree;
    const also = Array.isArray(aliases) ? ` (also ${aliases.map((alias) => JSON.stringify(alias)).join(', ')})` : '';
    return { kind, name, description: text('description') + also, source: text('source') };
  });
}

/** `xbarflow list`. */
export const listCommand = command({
  usage: 'list [kind]',
  describe: `What can be named in a config: ${LIST_KINDS.join(', ')}`,
  order: 90,

  arguments: { kind: { type: 'string', describe: LIST_KINDS.join(', ') } },
  flags: {},
  run: (flags) => {
    const { kind, format } = flags;
    const kinds = LIST_KINDS.filter((known) => kind === undefined || known === kind);
    if (kinds.length === 0)
      throw new UserError(
        `list ${kind!}: no such kind, expected one of ${LIST_KINDS.join(', ')}${suggestion(kind!, LIST_KINDS)}`,
      );
    const rows = kinds.flatMap(rowsOf);
    if (format === 'json') {
      print(JSON.stringify(rows, null, 2));
      return;
    }
    if (format === 'csv') {
      print(toCsv(rows));
      return;
    }
    const style = terminalStyle();
    for (const known of kinds) {
      const own = rows.filter((row) => row.kind === known);
      const names = Math.max(20, ...own.map(({ name }) => name.length));
      if (own.length > 0)
        print(`${style.strong(known)}\n${own.map((row) => line(row, names, style.width)).join('\n')}\n`);
    }
  },
});

/** A line each in a pipe; on a terminal folded under the description, which stands behind names of this length. */
function line({ name, description, source }: Row, names: number, width: number): string {
  const head = `  ${name.padEnd(names)} `;
  const text = `${description}${source === '' ? '' : ` [${source}]`}`;
  const indent = ' '.repeat(head.length);
  return `${head}${process.stdout.isTTY ? folded(text, width, indent) : text}`;
}
