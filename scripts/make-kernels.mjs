// Compiles kernels/*.as to WebAssembly and writes src/functional/wasm/generated/kernels.ts; `--check` compares instead.
// The compiler is deterministic: the same sources give the same bytes.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';

const TARGET = 'src/functional/wasm/generated/kernels.ts';

const folder = mkdtempSync(join(tmpdir(), 'kernels-'));
const file = join(folder, 'kernels.wasm');
const options = ['--enable', 'simd', '--runtime', 'stub', '-O3', '--noAssert', '--converge'];
// AssemblyScript is no TypeScript: its files end in .as, so that no tool takes them for it.
const readFile = (name, base) => {
  const path = join(base, name.replace(/\.ts$/, '.as'));
  return existsSync(path) ? readFileSync(path, 'utf8') : null;
};
const { error, stderr } = await asc.main(['kernels/index.ts', '--outFile', file, ...options], { readFile });
if (error) {
  process.stderr.write(`${stderr.toString()}\n`);
  process.exit(1);
}
const base64 = readFileSync(file).toString('base64');
rmSync(folder, { recursive: true });
const lines = base64.match(/.{1,112}/g).map((line) => `  '${line}',`);
const text = `// Made by scripts/make-kernels.mjs from kernels/*.as; do not edit.

/** The WebAssembly module of the kernels, base64. */
export const KERNELS = [
${lines.join('\n')}
].join('');
`;
if (process.argv.includes('--check')) {
  if (readFileSync(TARGET, 'utf8') !== text) {
    process.stderr.write(`${TARGET} does not follow from kernels/*.as; run node scripts/make-kernels.mjs\n`);
    process.exit(1);
  }
} else writeFileSync(TARGET, text);
