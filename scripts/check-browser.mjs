// Bundles the library for the browser and fails on imports that stay unresolved, on Node's modules and on globals that
// only Node has. `npm run browser` checks; tests take the bundle.
import { fileURLToPath } from 'node:url';
import { Linter } from 'eslint';
import { rolldown } from 'rolldown';

/** Globals that a window, a worker and Node have alike. */
const SHARED = [
  'AbortController',
  'AbortSignal',
  'Blob',
  'TextDecoder',
  'TextEncoder',
  'URL',
  'URLSearchParams',
  'WebAssembly',
  'atob',
  'btoa',
  'clearTimeout',
  'console',
  'crypto',
  'fetch',
  'navigator',
  'performance',
  'queueMicrotask',
  'self',
  'setTimeout',
  'structuredClone',
];

/** A loader of modules that packages ask for before they use it. */
const ASKED_FOR = ['define'];

/**
 * The files of the bundle, and what is wrong with it.
 * @param {string} entry what is bundled; the library by default.
 * @returns {Promise<{ files: Map<string, string>, faults: string[] }>}
 */
export async function browserBundle(entry = fileURLToPath(new URL('../dist/index.js', import.meta.url))) {
  const faults = [];
  const bundle = await rolldown({
    input: { xbarflow: entry },
    platform: 'browser',
    onLog: (level, log) => {
      if (level === 'warn') faults.push(log.message);
    },
  });
  const { output } = await bundle.generate({ format: 'esm', chunkFileNames: '[name]-[hash].js' });
  const chunks = output.filter(({ type }) => type === 'chunk');
  const files = new Map(chunks.map(({ fileName, code }) => [fileName, code]));
  for (const { fileName, imports, dynamicImports } of chunks)
    for (const name of [...imports, ...dynamicImports])
      if (!files.has(name)) faults.push(`${fileName}: imports ${name}, which a browser does not have`);
  const globals = Object.fromEntries([...SHARED, ...ASKED_FOR].map((key) => [key, 'readonly']));
  const linter = new Linter();
  for (const [name, code] of files) {
    const found = linter.verify(code, {
      languageOptions: { sourceType: 'module', globals },
      linterOptions: { reportUnusedDisableDirectives: 'off', noInlineConfig: true },
      rules: { 'no-undef': 'error' },
    });
    faults.push(...new Set(found.map(({ line, message }) => `${name}:${line}: ${message}`)));
  }
  return { files, faults };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { files, faults } = await browserBundle();
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exit(1);
  const bytes = [...files.values()].reduce((sum, code) => sum + code.length, 0);
  console.log(`${files.size} files, ${Math.round(bytes / 1024)} KiB: no import and no global that a browser lacks`);
}
