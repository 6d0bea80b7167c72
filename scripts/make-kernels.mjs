// Compiles kernels/*/*.as to WebAssembly, a module a folder, and writes the files below; `--check` compares instead.
// The compiler is deterministic: the same sources give the same bytes.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';

/** Modules: their sources, what they hold, and where they go. */
const MODULES = [
  {
    folder: 'kernels/sums',
    constant: 'KERNELS',
    what: 'the kernels of sums and products',
    target: 'src/functional/wasm/generated/kernels.ts',
  },
  {
    folder: 'kernels/events',
    constant: 'WAVES',
    what: 'waves, event by event',
    target: 'src/pipeline/generated/waves.ts',
  },
  {
    folder: 'kernels/steps',
    constant: 'STEPS',
    what: 'contended waves in closed steps',
    target: 'src/pipeline/generated/steps.ts',
  },
];

// AssemblyScript is no TypeScript: its files end in .as, so that no tool takes them for it.
const readFile = (name, base) => {
  const path = join(base, name.replace(/\.ts$/, '.as'));
  return existsSync(path) ? readFileSync(path, 'utf8') : null;
};

/** The module of a folder's index, base64. */
async function compiled(source) {
  const folder = mkdtempSync(join(tmpdir(), 'kernels-'));
  try {
    const file = join(folder, 'module.wasm');
    const options = ['--enable', 'simd', '--runtime', 'stub', '-O3', '--noAssert', '--converge'];
    const { error, stderr } = await asc.main([`${source}/index.ts`, '--outFile', file, ...options], { readFile });
    if (error) throw new Error(stderr.toString());
    return readFileSync(file).toString('base64');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

for (const { folder, constant, what, target } of MODULES) {
  const lines = (await compiled(folder)).match(/.{1,112}/g).map((line) => `  '${line}',`);
  const text = `// Made by scripts/make-kernels.mjs from ${folder}/*.as; do not edit.

/** The WebAssembly module of ${what}, base64. */
export const ${constant} = [
${lines.join('\n')}
].join('');
`;
  if (!process.argv.includes('--check')) writeFileSync(target, text);
  else if (readFileSync(target, 'utf8') !== text) {
    process.stderr.write(`${target} does not follow from ${folder}/*.as; run node scripts/make-kernels.mjs\n`);
    process.exit(1);
  }
}
