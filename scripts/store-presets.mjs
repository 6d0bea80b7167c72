// Keeps the presets parsed in dist/presets/, each beside its text: a run reads them instead of parsing YAML.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseDocument, storeDocument } from '../dist/config/index.js';

const configs = new URL('../configs/', import.meta.url).pathname;
const folder = new URL('../dist/presets/', import.meta.url).pathname;
rmSync(folder, { recursive: true, force: true });
for (const name of readdirSync(configs, { recursive: true })) {
  if (!name.endsWith('.yaml')) continue;
  const text = readFileSync(`${configs}${name}`, 'utf8');
  mkdirSync(dirname(`${folder}${name}`), { recursive: true });
  writeFileSync(`${folder}${name}.json`, JSON.stringify(storeDocument(text, parseDocument(text, name))));
}
