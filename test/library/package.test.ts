import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'xbarflow-package-'));

/** Runs a program in the empty project; what it printed. */
function output(program: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: folder, encoding: 'utf8' });
  expect({ status, stderr, printed: status === 0 ? '' : stdout }).toEqual({ status: 0, stderr: '', printed: '' });
  return stdout;
}

// The packed files in an empty project; what the package depends on is linked, not downloaded.
beforeAll(() => {
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, 'xbarflow'), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules')))
    if (!name.startsWith('.')) symlinkSync(join(root, 'node_modules', name), join(modules, name));
  const packed = spawnSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
    cwd: root,
    encoding: 'utf8',
  });
  const [{ filename }] = JSON.parse(packed.stdout) as [{ filename: string }];
  output('tar', 'xzf', filename, '-C', join(modules, 'xbarflow'), '--strip-components=1');
  writeFileSync(join(folder, 'package.json'), '{ "name": "empty", "private": true, "type": "module" }\n');
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the packed package in an empty project', () => {
  it('without TypeScript: both faces give the same figures, and the command runs', () => {
    writeFileSync(
      join(folder, 'program.js'),
      `import * as anywhere from 'xbarflow';
import * as node from 'xbarflow/node';
const config = { extends: 'a3', network: 'mnist-0', workload: { mode: 'attack', iterations: 1 } };
const joules = [];
for (const library of [anywhere, node]) joules.push(library.simulate(await library.load(config)).result.energy.totalJ);
const paths = await node.writeRun('out', node.simulate(await node.load('isaac', { set: ['network=mnist-0'] })));
console.log(joules[0] === joules[1] && joules[0] > 0, paths.length);
`,
    );
    expect(output(process.execPath, 'program.js')).toBe('true 4\n');
    expect(output(process.execPath, 'node_modules/xbarflow/dist/cli/xbarflow.cjs', 'list', 'devices')).toContain(
      'reram',
    );
  });

  it('with TypeScript: types of configs and results; a wrong key is an error', () => {
    writeFileSync(
      join(folder, 'program.ts'),
      `import { load, simulate, type ConfigInput, type Result } from 'xbarflow';
import { sweep } from 'xbarflow/node';
const config: ConfigInput = { extends: 'pipelayer', crossbar: { rows: 256 }, device: { read: { latency: '10 ns' } } };
export const result: Result = simulate(await load(config)).result;
export const seconds: number = result.time.totalS;
export const run = sweep;
// @ts-expect-error: no such knob
export const wrong: ConfigInput = { crossbar: { row: 256 } };
`,
    );
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const flags = ['--strict', '--noEmit', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2022'];
    output(process.execPath, tsc, ...flags, '--types', 'node', 'program.ts');
    // All declarations checked: in a project that has no types of Node, and in one that has none of a browser and is as
    // strict as can be.
    const base = { strict: true, noEmit: true, module: 'nodenext', target: 'es2022' };
    for (const more of [
      { types: [] },
      { types: ['node'], lib: ['es2023'], exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true },
    ]) {
      const compilerOptions = { ...base, ...more };
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['program.ts'] }));
      output(process.execPath, tsc, '--project', '.');
    }
  });
});
