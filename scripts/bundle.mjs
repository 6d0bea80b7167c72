// Joins what a process loads into a few files in dist/cli: hundreds of small modules cost more to find and open than to
// run.
// Heavy packages stay outside and load when they are used. The entries stand as deep as their sources, so that paths
// from `import.meta.url` hold.
// The bundler must leave constants constants (esbuild makes them `var`): hot loops are a fifth slower without.
import { chmodSync, readdirSync, rmSync } from 'node:fs';
import { rolldown } from 'rolldown';

const folder = new URL('../dist/cli/', import.meta.url).pathname;
for (const name of readdirSync(folder)) if (name.startsWith('chunk-')) rmSync(`${folder}${name}`);
const bundle = await rolldown({
  input: {
    xbarflow: 'dist/cli/main.js',
    worker: 'dist/experiment/sweep/worker.js',
    'evaluate-worker': 'dist/experiment/evaluate/evaluate-worker.js',
    'slurm-task': 'dist/experiment/sweep/slurm-task.js',
  },
  platform: 'node',
  external: [
    '@duckdb/node-api',
    '@resvg/resvg-js',
    'pdfkit',
    'piscina',
    'svg-to-pdfkit',
    'vega',
    'vega-embed',
    'vega-lite',
  ],
});
await bundle.write({ dir: folder, format: 'esm', chunkFileNames: 'chunk-[hash].js' });
chmodSync(`${folder}xbarflow.js`, 0o755);
