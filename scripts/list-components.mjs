// Lists the components: every file of src/components/catalogue/ declares one, named as the file is (`shift-add.ts`:
// `shiftAdd`). Writes src/components/generated/catalogue.ts; `--check` only compares.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';

const folder = new URL('../src/components/', import.meta.url);
const list = new URL('generated/catalogue.ts', folder);
const files = readdirSync(new URL('catalogue/', folder))
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.slice(0, -'.ts'.length))
  .sort();
const named = (file) => file.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
const text =
  '// Made by scripts/list-components.mjs from the files of catalogue/: npm run components.\n\n' +
  files.map((file) => `export { ${named(file)} } from '../catalogue/${file}.js';\n`).join('');
const old = (() => {
  try {
    return readFileSync(list, 'utf8');
  } catch {
    return '';
  }
})();
if (old !== text && process.argv.includes('--check')) {
  console.error('src/components/generated/catalogue.ts is old: run npm run components');
  process.exit(1);
}
if (old !== text) {
  mkdirSync(new URL('generated/', folder), { recursive: true });
  writeFileSync(list, text);
}
