// Joins what a process loads into a few files in dist/cli: hundreds of small modules cost more to find and open than to run.
// Heavy packages stay outside and load when they are used. The entries stand as deep as their sources, so that paths from `import.meta.url` hold.
import { readdirSync, rmSync } from 'node:fs';
import { build } from 'esbuild';

const folder = new URL('../dist/cli/', import.meta.url).pathname;
for (const name of readdirSync(folder)) if (name.startsWith('chunk-')) rmSync(`${folder}${name}`);
await build({
  entryPoints: { xbarflow: 'src/cli/main.ts', worker: 'src/experiment/sweep/worker.ts', 'slurm-task': 'src/experiment/sweep/slurm-task.ts' },
  outdir: folder,
  chunkNames: 'chunk-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external: ['@duckdb/node-api', '@resvg/resvg-js', 'piscina', 'vega', 'vega-embed', 'vega-lite'],
  // CommonJS packages call require.
  banner: { js: "import { createRequire as nodeRequire } from 'node:module'; const require = nodeRequire(import.meta.url);" },
  logLevel: 'warning',
});
