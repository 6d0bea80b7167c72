// Joins what a process loads into a few files in dist/cli: hundreds of small modules cost more to find and open than to
// run.
// Heavy packages stay outside and load when they are used. The entries stand as deep as their sources, so that paths
// from `import.meta.url` hold. The command line and the workers of sweeps are CommonJS, which V8 runs from a cache
// (scripts/code-cache.mjs); so is the program, which starts without Node's loader of modules. What starts other threads
// and tasks is not.
// The bundler must leave constants constants (esbuild makes them `var`): hot loops are a fifth slower without.
import { chmodSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { rolldown } from 'rolldown';

const folder = new URL('../dist/cli/', import.meta.url).pathname;
for (const name of readdirSync(folder)) if (/^chunk-|\.cjs(\.|$)/.test(name)) rmSync(`${folder}${name}`);
/** The native library of DuckDB. */
const DATABASE = '@duckdb/node-bindings';
const external = [DATABASE, '@resvg/resvg-js', 'pdfkit', 'piscina', 'svg-to-pdfkit', 'vega', 'vega-embed', 'vega-lite'];
const modules = await rolldown({
  input: {
    worker: 'dist/cli/sweep-worker.js',
    'evaluate-worker': 'dist/experiment/evaluate/evaluate-worker.js',
    'slurm-task': 'dist/experiment/sweep/slurm-task.js',
  },
  platform: 'node',
  external,
});
await modules.write({ dir: folder, format: 'esm', chunkFileNames: 'chunk-[hash].js' });
const start = await rolldown({
  input: { xbarflow: 'dist/cli/start.js' },
  platform: 'node',
  checks: { emptyImportMeta: false },
});
await start.write({ dir: folder, format: 'cjs', entryFileNames: '[name].cjs' });
// By its earlier name.
writeFileSync(
  `${folder}xbarflow.js`,
  `#!/usr/bin/env node
process.getBuiltinModule('node:module').createRequire(import.meta.url)('./xbarflow.cjs');
`,
);

/** Text of ASCII alone with the same meaning: in strings, patterns and names an escape stands for what is not. */
function inAscii(text, name) {
  const odd = /\\[^\x00-\x7f].{0,40}/.exec(text) ?? /String\.raw`[^`]*[^\x00-\x7f].{0,40}/.exec(text);
  if (odd !== null) throw new Error(`${name}: no escape can stand in ${odd[0]}`);
  return text.replace(/[^\x00-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

// yargs resolves configs that extend packages by `import.meta.resolve`; no config of ours is yargs'.
const commands = await rolldown({
  input: { main: 'dist/cli/main.js', 'sweep-worker': 'dist/experiment/sweep/worker.js' },
  platform: 'node',
  external,
  checks: { emptyImportMeta: false },
  plugins: [
    {
      name: 'the tables of Unicode, which take V8 15 ms, are read where text needs them',
      transform(code, id) {
        if (!id.endsWith('/string-width/index.js') || !code.includes('Segmenter')) return null;
        const later = { 'new Intl.Segmenter()': 'segment', '/^\\p{RGI_Emoji}$/v': 'test' };
        return Object.entries(later).reduce((text, [made, method]) => {
          if (text.split(made).length !== 2)
            throw new Error(`${id}: ${made} stands no longer once, mend scripts/bundle.mjs`);
          return text.replace(
            made,
            () => `{ made: undefined, ${method}(text) { return (this.made ??= ${made}).${method}(text); } }`,
          );
        }, code);
      },
    },
    {
      name: 'packages by the importer that runs the bundle (src/cli/bundles.ts)',
      renderChunk: (code) =>
        external
          .reduce((text, name) => text.replaceAll(`import("${name}")`, `importPackage("${name}")`), code)
          // DuckDB's library is its package's dependency and not ours.
          .replaceAll(`require("${DATABASE}")`, `requireOf("@duckdb/node-api", "${DATABASE}")`),
    },
    {
      name: 'what src/cli/bundles.ts reads: a function of its scope, strict as the modules are that it was made of',
      generateBundle(_, bundle) {
        const names = 'exports, require, module, __filename, __dirname, importPackage, requireOf';
        for (const [name, chunk] of Object.entries(bundle))
          chunk.code = `'use strict'; (function ({ ${names} }) {${inAscii(chunk.code, name)}\n})`;
      },
    },
  ],
});
await commands.write({
  dir: folder,
  format: 'cjs',
  entryFileNames: '[name].cjs',
  chunkFileNames: 'chunk-[hash].cjs',
});
for (const name of ['xbarflow.cjs', 'xbarflow.js']) chmodSync(`${folder}${name}`, 0o755);
