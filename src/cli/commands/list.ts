// `xbarflow list [kind]` and `xbarflow schema [kind]`: what can be named in a config, and its JSON Schema.

import type { Argv, CommandModule } from 'yargs';
import { configSchema } from '../../architecture/index.js';
import { UserError, listPresets, loadConfig, suggestion, toJsonSchema } from '../../config/index.js';
import { diskPresets } from '../../config/files.node.js';
import { COMPONENTS, COMPONENT_NAMES, deviceSchema, type ComponentDeclaration } from '../../hardware/index.js';
import { toCsv } from '../../report/index.js';
import { networkSchema } from '../../workload/index.js';
import { print, terminalStyle, type CommonOptions } from '../output.js';

const PRESET_KINDS = ['architectures', 'networks', 'devices', 'circuits', 'runs', 'sweeps'] as const;
const KINDS = [...PRESET_KINDS, 'components'] as const;

interface Row extends Record<string, string> {
  kind: string;
  name: string;
  description: string;
  source: string;
}

function rowsOf(kind: (typeof KINDS)[number]): Row[] {
  if (kind === 'components') {
    return COMPONENT_NAMES.map((name) => {
      const { description, actions, scope }: ComponentDeclaration = COMPONENTS[name];
      return { kind, name, description: `${description}; actions: ${Object.keys(actions).join(', ')}`, source: `one per ${scope}` };
    });
  }
  return listPresets(diskPresets, kind).map((name) => {
    const { tree } = loadConfig(diskPresets, kind === 'networks' || kind === 'devices' ? [kind] : [kind, 'architectures', 'circuits'], name);
    const text = (key: string): string => (typeof tree[key] === 'string' ? tree[key] : '');
    return { kind, name, description: text('description'), source: text('source') };
  });
}

export const listCommand: CommandModule<object, CommonOptions & { kind: string | undefined }> = {
  command: 'list [kind]',
  describe: `What can be named in a config: ${KINDS.join(', ')}`,
  builder: (yargs) => yargs.positional('kind', { type: 'string', describe: KINDS.join(', ') }) as Argv<CommonOptions & { kind: string | undefined }>,
  handler: ({ kind, format }) => {
    const kinds = KINDS.filter((known) => kind === undefined || known === kind);
    if (kinds.length === 0) throw new UserError(`list ${kind!}: no such kind, expected one of ${KINDS.join(', ')}${suggestion(kind!, KINDS)}`);
    const rows = kinds.flatMap(rowsOf);
    if (format === 'json') { print(JSON.stringify(rows, null, 2)); return; }
    if (format === 'csv') { print(toCsv(rows)); return; }
    const style = terminalStyle();
    for (const known of kinds) {
      const own = rows.filter((row) => row.kind === known);
      if (own.length > 0) print(`${style.strong(known)}\n${own.map(({ name, description, source }) => `  ${name.padEnd(20)} ${description}${source === '' ? '' : ` [${source}]`}`).join('\n')}\n`);
    }
  },
};

const SCHEMAS = { config: configSchema, network: networkSchema, device: deviceSchema };

export const schemaCommand: CommandModule<object, CommonOptions & { kind: keyof typeof SCHEMAS }> = {
  command: 'schema [kind]',
  describe: 'JSON Schema for editors: config (default), network, device',
  builder: (yargs) => yargs.positional('kind', { choices: ['config', 'network', 'device'] as const, default: 'config' as const }) as Argv<CommonOptions & { kind: keyof typeof SCHEMAS }>,
  handler: ({ kind }) => { print(JSON.stringify(toJsonSchema(SCHEMAS[kind], `xbarflow ${kind}`), null, 2)); },
};

