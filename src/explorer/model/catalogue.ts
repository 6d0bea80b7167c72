// What can be chosen on the page, and what every knob means: from the presets and the schema of configs.

import { listPresets, toJsonSchema, type Presets } from '../../config/index.js';
import { configSchema } from '../../run-config/index.js';
import type { Catalogue, Choice, KnobDoc } from './protocol.js';

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

/** The `description` that a preset's file gives. */
function aboutOf(presets: Presets, kind: string, name: string): string {
  const path = `${presets.folder(kind)}/${name}.yaml`;
  const text = presets.files.read(path);
  const description = text === undefined ? undefined : presets.parsed?.(path, text)?.tree.description;
  return typeof description === 'string' ? description : '';
}

interface Node {
  description?: string;
  type?: string;
  enum?: unknown[];
  default?: unknown;
  properties?: Record<string, Node>;
  anyOf?: Node[];
}

/** Groups whose keys are many and the same: they are found by the constants of a result instead. */
const NO_KNOBS = new Set(['extends', 'name', 'description', 'source', 'device', 'components']);

/** Every knob of the schema, groups taken apart. */
export function knobDocs(): KnobDoc[] {
  const root = toJsonSchema(configSchema, 'config', { layered: true }) as Node;
  const found: KnobDoc[] = [];
  const walk = (node: Node, path: readonly string[]): void => {
    if (node.properties !== undefined) {
      for (const [key, inner] of Object.entries(node.properties))
        if (path.length > 0 || !NO_KNOBS.has(key)) walk(inner, [...path, key]);
      return;
    }
    const choices = node.enum ?? node.anyOf?.flatMap((one) => one.enum ?? []);
    found.push({
      key: path.join('.'),
      description: node.description ?? '',
      choices:
        node.type === 'boolean'
          ? ['true', 'false']
          : choices === undefined || choices.length === 0
            ? null
            : choices.map(String),
      standard: ['string', 'number', 'boolean'].includes(typeof node.default) ? JSON.stringify(node.default) : null,
    });
  };
  walk(root, []);
  return found;
}
