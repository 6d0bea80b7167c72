// What can be chosen on the page, and what every knob means: from the presets and the schema of configs.

import { listPresets, parseDocument, toJsonSchema, type Presets } from '../../config/index.js';
import { configSchema } from '../../run-config/index.js';
import type { Catalogue, Choice, KnobDoc } from './protocol.js';
import { isRecord } from '../../config/typed.js';

/** Presets and knobs. */
export function catalogueOf(presets: Presets, version: string): Catalogue {
  const kind = (name: string): Choice[] =>
    listPresets(presets, name).map((preset) => ({ name: preset, description: aboutOf(presets, name, preset) }));
  return {
    version,
    architectures: kind('architectures'),
    networks: kind('networks'),
    devices: kind('devices'),
    knobs: knobDocs(),
  };
}

/** The key `description` with all its lines. */
const ABOUT = /^description:.*(?:\n[ \t]+.*)*/m;

/** The `description` that a preset's file gives. */
function aboutOf(presets: Presets, kind: string, name: string): string {
  const path = `${presets.folder(kind)}/${name}.yaml`;
  const [lines = ''] = ABOUT.exec(presets.files.read(path) ?? '') ?? [];
  const { description } = parseDocument(lines, path).tree;
  return typeof description === 'string' ? description : '';
}

/** Groups whose keys are many and the same: they are found by the constants of a result instead. */
const NO_KNOBS = new Set(['extends', 'name', 'description', 'source', 'device', 'components']);

/** Every knob of the schema, groups taken apart. */
export function knobDocs(): KnobDoc[] {
  const found: KnobDoc[] = [];
  const walk = (node: unknown, path: readonly string[]): void => {
    if (!isRecord(node)) return;
    if (isRecord(node.properties)) {
      for (const [key, inner] of Object.entries(node.properties))
        if (path.length > 0 || !NO_KNOBS.has(key)) walk(inner, [...path, key]);
      return;
    }
    const choices = node.enum === undefined ? listOf(node.anyOf).flatMap(wordsOf) : wordsOf(node);
    found.push({
      key: path.join('.'),
      description: typeof node.description === 'string' ? node.description : '',
      choices: node.type === 'boolean' ? ['true', 'false'] : choices.length === 0 ? null : choices,
      standard: ['string', 'number', 'boolean'].includes(typeof node.default) ? JSON.stringify(node.default) : null,
    });
  };
  walk(toJsonSchema(configSchema, 'config', { layered: true }), []);
  return found;
}

const listOf = (given: unknown): unknown[] => (Array.isArray(given) ? given : []);

/** The words that a schema has to choose from. */
const wordsOf = (node: unknown): string[] => (isRecord(node) ? listOf(node.enum).map(String) : []);
