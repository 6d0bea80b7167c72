// Makes the reader of ONNX files, src/tensors/generated/onnx_pb.ts, from ONNX's own definition,
// src/tensors/proto/onnx.proto (onnx 1.23.1, Apache-2.0). `--check` only compares.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const made = join(root, 'src/tensors/generated/onnx_pb.ts');
const out = mkdtempSync(join(tmpdir(), 'onnx-'));
const bin = join(root, 'node_modules/.bin');
try {
  const plugin = { local: join(bin, 'protoc-gen-es'), out, opt: ['target=ts', 'import_extension=js'] };
  const template = JSON.stringify({ version: 'v2', plugins: [plugin] });
  const cache = { ...process.env, BUF_CACHE_DIR: out };
  execFileSync(join(bin, 'buf'), ['generate', join(root, 'src/tensors/proto'), '--template', template], { env: cache });
  // No linter reads generated folders.
  const text = readFileSync(join(out, 'onnx_pb.ts'), 'utf8').replace('/* eslint-disable */\n', '');
  if (!process.argv.includes('--check')) writeFileSync(made, text);
  else if (readFileSync(made, 'utf8') !== text) {
    console.error('src/tensors/generated/onnx_pb.ts is old: run npm run onnx');
    process.exitCode = 1;
  }
} finally {
  rmSync(out, { recursive: true, force: true });
}
