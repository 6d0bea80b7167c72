import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/config/files.node.js';
import { parseDocument, restoreDocument, storeDocument, type StoredDocument } from '../../src/config/index.js';

const configs = join(packageRoot, 'configs');
const presets = readdirSync(configs, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'));

describe('presets that the build keeps parsed', () => {
  it.each(presets)('%s: data and places are those of its YAML', (name) => {
    const text = readFileSync(join(configs, name), 'utf8');
    const parsed = parseDocument(text, name);
    const stored = JSON.parse(JSON.stringify(storeDocument(text, parsed))) as StoredDocument;
    const restored = restoreDocument(stored, text, name)!;
    expect(restored).toEqual(parsed);
    expect([...restored.origins.entries()]).toEqual([...parsed.origins.entries()]);
    expect(restored.origins.at(['no such key'])).toEqual(parsed.origins.at(['no such key']));
  });

  it('a file that was changed since is parsed again', () => {
    const text = 'name: before\n';
    expect(
      restoreDocument(storeDocument(text, parseDocument(text, 'a.yaml')), 'name: after\n', 'a.yaml'),
    ).toBeUndefined();
  });
});
