// Keeps the presets parsed in dist/presets/: each beside its text, which a run reads instead of parsing YAML, and all
// of them with the traces as one module, which a browser bundles.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseDocument, storeDocument } from '../dist/config/index.js';

const root = new URL('../', import.meta.url).pathname;
const folder = `${root}dist/presets/`;
rmSync(folder, { recursive: true, force: true });
const all = { documents: {}, texts: {} };
for (const name of readdirSync(`${root}configs`, { recursive: true }).sort()) {
  if (!name.endsWith('.yaml')) continue;
  const text = readFileSync(`${root}configs/${name}`, 'utf8');
  const stored = storeDocument(text, parseDocument(text, name));
  mkdirSync(dirname(`${folder}${name}`), { recursive: true });
  writeFileSync(`${folder}${name}.json`, JSON.stringify(stored));
  all.documents[`configs/${name}`] = stored;
}
for (const name of readdirSync(`${root}traces`).sort())
  if (name.endsWith('.csv')) all.texts[`traces/${name}`] = readFileSync(`${root}traces/${name}`, 'utf8');
writeFileSync(`${folder}all.js`, `export default JSON.parse(${JSON.stringify(JSON.stringify(all))});\n`);
