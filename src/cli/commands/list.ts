// `xbarflow list [kind]` and `xbarflow schema [kind]`: what can be named in a config, and its JSON Schema.

import { configSchema } from '../../run-config/index.js';
import { UserError, listPresets, loadConfig, suggestion, toJsonSchema } from '../../config/index.js';
import { diskPresets } from '../../config/files.node.js';
import { sweepSchema } from '../../experiment/sweep/schema.js';
import { COMPONENTS, COMPONENT_NAMES, deviceSchema, type ComponentDeclaration } from '../../components/index.js';
import { folded, toCsv } from '../../report/index.js';
import { LAWS } from '../../estimators/index.js';
import { networkSchema } from '../../workload/index.js';
import { LIST_KINDS, type CommonOptions } from '../flags.js';
import { print, terminalStyle } from '../output.js';

interface Row extends Record<string, string> {
  kind: string;
  name: string;
  description: string;
  source: string;
}

function rowsOf(kind: (typeof LIST_KINDS)[number]): Row[] {
  if (kind === 'components') {
    return COMPONENT_NAMES.map((name) => {
      const { description, actions, scope }: ComponentDeclaration = COMPONENTS[name];
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
    const { tree } = loadConfig(
      diskPresets,
      kind === 'networks' || kind === 'devices' ? [kind] : [kind, 'architectures', 'circuits'],
      name,
    );
    const text = (key: string): string => (typeof tree[key] === 'string' ? tree[key] : '');
    return { kind, name, description: text('description'), source: text('source') };
  });
}

export function list({ kind, format }: CommonOptions & { kind?: string | undefined }): void {
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
}

/** A line each in a pipe; on a terminal folded under the description, which stands behind names of this length. */
function line({ name, description, source }: Row, names: number, width: number): string {
  const head = `  ${name.padEnd(names)} `;
  const text = `${description}${source === '' ? '' : ` [${source}]`}`;
  const indent = ' '.repeat(head.length);
  return `${head}${process.stdout.isTTY ? folded(text, width, indent) : text}`;
}

const SCHEMAS = { config: configSchema, network: networkSchema, device: deviceSchema, sweep: sweepSchema };

export function schema({ kind }: { kind: keyof typeof SCHEMAS }): void {
  print(
    JSON.stringify(
      toJsonSchema(SCHEMAS[kind], `xbarflow ${kind}`, { layered: kind === 'config' || kind === 'device' }),
      null,
      2,
    ),
  );
}
