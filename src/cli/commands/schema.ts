// `xbarflow schema [kind]`: JSON Schemas of the files that people write.

import { deviceSchema } from '../../components/index.js';
import { toJsonSchema } from '../../config/index.js';
import { sweepSchema } from '../../experiment/sweep/sweep-file.js';
import { configSchema } from '../../run-config/index.js';
import { networkSchema } from '../../workload/index.js';
import { command } from '../command.js';
import { print } from '../output.js';

const SCHEMAS = { config: configSchema, network: networkSchema, device: deviceSchema, sweep: sweepSchema };

const KINDS = ['config', 'network', 'device', 'sweep'] as const satisfies readonly (keyof typeof SCHEMAS)[];

/** `xbarflow schema`. */
export const schemaCommand = command({
  usage: 'schema [kind]',
  describe: 'JSON Schema for editors',
  order: 100,
  arguments: { kind: { choices: KINDS, default: 'config' } },
  flags: {},
  run: ({ kind }) => {
    const layered = kind === 'config' || kind === 'device';
    print(JSON.stringify(toJsonSchema(SCHEMAS[kind], `xbarflow ${kind}`, { layered }), null, 2));
  },
});
