// The JSON Schemas that editors get, read back and held against every file that ships and against wrong ones.

import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { configSchema } from '../../src/run-config/index.js';
import { toJsonSchema } from '../../src/config/index.js';
import { sweepSchema } from '../../src/experiment/sweep/sweep-file.js';
import { deviceSchema } from '../../src/components/index.js';
import { networkSchema } from '../../src/workload/index.js';

const editor = (schema: z.ZodType, layered: boolean): z.ZodType =>
  z.fromJSONSchema(toJsonSchema(schema, 'test', { layered }));
const schemas = {
  config: editor(configSchema, true),
  device: editor(deviceSchema, true),
  network: editor(networkSchema, false),
  sweep: editor(sweepSchema, false),
};
const accepts = (kind: keyof typeof schemas, text: string): boolean => schemas[kind].safeParse(parse(text)).success;

describe('JSON Schema', () => {
  it.each([
    ['architectures', 'config'],
    ['runs', 'config'],
    ['validation', 'config'],
    ['circuits', 'config'],
    ['devices', 'device'],
    ['networks', 'network'],
    ['sweeps', 'sweep'],
  ] as const)('accepts every file of configs/%s', (folder, kind) => {
    const url = new URL(`../../configs/${folder}/`, import.meta.url);
    expect(readdirSync(url).filter((file) => !accepts(kind, readFileSync(new URL(file, url), 'utf8')))).toEqual([]);
  });

  it.each([
    ['config', 'crossbar: { rowz: 3 }'],
    ['config', 'crossbar: { rows: -1 }'],
    ['config', 'crossbar: { rows: 1.5 }'],
    ['config', 'extends: 5'],
    ['config', 'workload: { mode: train }'],
    ['config', 'chip: { clock: 3 }'],
    ['config', 'chip: { clock: 3 mm }'],
    ['config', 'device: { read: { latency: 5 pJ } }'],
    ['config', 'device: { read: { latency: 5 } }'],
    ['config', 'components: { adc: { energy: { convert: 1 ns } } }'],
    ['config', 'components: { adc: { latncy: 1 ns } }'],
    ['config', 'inputs: { density: 2 }'],
    ['config', 'device: { write: { energy: { source: x } } }'],
    ['device', 'read: { latency: 3 }'],
    ['network', 'name: a'],
    ['network', 'name: a\ninput: { features: 3 }\nlayers: [{ name: a, type: dense }]'],
    ['network', 'name: a\ninput: { features: 3 }\nlayers: [{ name: a, type: relu, kernel: 3 }]'],
    ['sweep', 'foo: 1'],
  ] as const)('%s: refuses %s', (kind, text) => {
    expect(accepts(kind, text)).toBe(false);
  });

  it('accepts what its refusals are near to', () => {
    expect(
      accepts(
        'config',
        'crossbar: { rows: 3 }\nchip: { clock: 3 GHz }\ndevice: { read: { latency: 5 ns } }\nbuffers: { ' +
          'capacity: 64 KiB }\ncomponents: { adc: { latency: 2 cycles, energy: { convert: 2 mW / 1.28 GHz }, ' +
          'area: 3 um2 } }',
      ),
    ).toBe(true);
  });
});
