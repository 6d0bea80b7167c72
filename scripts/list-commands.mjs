// Lists the commands: every file of dist/cli/commands/ is loaded once, and what it declares is kept as data beside an
// import that loads the file when the command runs. So a command is one file, and `--help` loads none.
import { readdirSync, writeFileSync } from 'node:fs';

const folder = new URL('../dist/cli/commands/', import.meta.url);
const listed = [];
for (const file of readdirSync(folder).filter((name) => name.endsWith('.js'))) {
  const exported = Object.entries(await import(new URL(file, folder).href));
  for (const [name, value] of exported) {
    if (typeof value !== 'object' || value === null || typeof value.run !== 'function') continue;
    const { run: _, ...declaration } = value;
    const text = JSON.stringify(declaration, (key, part) => {
      if (typeof part === 'function') throw new Error(`${file}: ${key} of a command's flags is a function, not data`);
      return part;
    });
    listed.push({ order: declaration.order, text, load: `import('./commands/${file}').then((m) => m.${name})` });
  }
}
listed.sort((a, b) => a.order - b.order);
const entries = listed.map(({ text, load }) => `  { ...${text}, load: () => ${load} },`);
writeFileSync(new URL('../command-list.js', folder), `export default [\n${entries.join('\n')}\n];\n`);
