// Builds the explorer's page into dist/explorer/index.html: one file with style, script and worker inside, so that it
// works from a server, below any path, and by a double click. Its policy names the script by its hash, and nothing may
// be fetched; two scripts beside it are loaded when they are needed: late.js (numbers, imports, reports), charts.js
// (what draws a report's charts). Fails where the page grows beyond what a slow link takes.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import presets from '../dist/presets/all.js';
import { scriptCode } from '../dist/report/html/escape.js';
import { chartLibraries } from '../dist/report/html/libraries.node.js';

/** Bytes of the page, gzipped. */
const MOST_BYTES = 400_000;

const page = fileURLToPath(new URL('../src/explorer/page/', import.meta.url));

/** The presets as texts alone: a third of their size, and a worker parses what it reads once. */
const texts = {
  name: 'presets-as-texts',
  resolveId: (id) => (id === '#presets' ? '\0presets' : null),
  load(id) {
    if (id !== '\0presets') return null;
    const documents = Object.entries(presets.documents).map(([path, { text }]) => [path, text]);
    const all = { documents: {}, texts: { ...Object.fromEntries(documents), ...presets.texts } };
    return `export default JSON.parse(${JSON.stringify(JSON.stringify(all))});`;
  },
};

/** The code of an entry with all it imports, as a classic script: modules do not load from a file. */
async function codeOf(entry) {
  const faults = [];
  const bundle = await rolldown({
    input: `${page}${entry}`,
    platform: 'browser',
    plugins: [texts],
    tsconfig: `${page}tsconfig.json`,
    resolve: { extensionAlias: { '.js': ['.ts', '.tsx', '.js'] } },
    onLog: (level, log) => {
      if (level === 'warn') faults.push(log.message);
    },
  });
  const { output } = await bundle.generate({ format: 'iife', minify: true, codeSplitting: false });
  if (faults.length > 0 || output.length > 1) throw new Error(`${entry}: ${faults.join('\n') || 'several files'}`);
  return scriptCode(output[0].code);
}

const hash = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

const [script, worker, late] = await Promise.all(['main.tsx', 'worker.ts', 'late-worker.ts'].map(codeOf));
const style = readFileSync(`${page}style.css`, 'utf8');
const policy = [
  "default-src 'none'",
  `script-src ${hash(script)} 'self' file: 'wasm-unsafe-eval'`,
  `style-src ${hash(style)}`,
  'img-src data: blob:',
  'worker-src blob:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');
const parts = { POLICY: policy, STYLE: style, WORKER: worker, SCRIPT: script };
const html = readFileSync(`${page}index.html`, 'utf8').replace(/%([A-Z]+)%/g, (_, name) => parts[name]);
const bytes = gzipSync(html, { level: 9 }).length;
if (bytes > MOST_BYTES) throw new Error(`the explorer's page has ${bytes} bytes gzipped, at most ${MOST_BYTES}`);
const folder = fileURLToPath(new URL('../dist/explorer/', import.meta.url));
mkdirSync(folder, { recursive: true });
const beside = (name, value) =>
  writeFileSync(
    `${folder}${name}.js`,
    `(globalThis.explorerLate ??= {}).${name === 'late' ? 'worker' : name} = ${JSON.stringify(value)};\n`,
  );
beside('late', late);
beside('charts', chartLibraries());
writeFileSync(`${folder}index.html`, html);
