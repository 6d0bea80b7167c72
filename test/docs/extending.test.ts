import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(join(root, 'docs/extending.md'), 'utf8');
const copy = mkdtempSync(join(tmpdir(), 'xbarflow-extending-'));

const run = (...args: string[]): { stdout: string; stderr: string; status: number | null } =>
  spawnSync(process.execPath, [join(copy, 'dist/cli/main.js'), ...args], { encoding: 'utf8', cwd: copy });

/** Where the build puts a source file. */
const built = (source: string): string => join(copy, source.replace(/^src/, 'dist').replace(/\.ts$/, '.js'));

// What the build does with these files: types away, commands listed.
beforeAll(() => {
  for (const part of ['dist', 'package.json', 'configs', 'scripts', 'traces'])
    cpSync(join(root, part), join(copy, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  const touched: string[] = [];
  for (const [, source, code] of page.matchAll(/<!-- file: (\S+) -->\n```ts\n(.*?)```/gs)) {
    const { outputText } = ts.transpileModule(code!, {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, verbatimModuleSyntax: true },
    });
    writeFileSync(built(source!), outputText);
    touched.push(source!);
  }
  for (const [, source, old, fresh] of page.matchAll(/<!-- edit: (\S+) -->\n```diff\n-(.*?)\n\+(.*?)\n```/g)) {
    const text = readFileSync(join(root, source!), 'utf8');
    expect(text.split(old!).length).toBe(2);
    const code = readFileSync(built(source!), 'utf8');
    expect(code).toContain(old!);
    writeFileSync(built(source!), code.replace(old!, fresh!));
    touched.push(source!);
  }
  // A command is one file, an activation one word in one file.
  expect(touched).toEqual(['src/cli/commands/hello.ts', 'src/workload/graph/operators.ts']);
  const listed = spawnSync(process.execPath, [join(copy, 'scripts/list-commands.mjs')], { encoding: 'utf8' });
  expect(listed.stderr).toBe('');
});
afterAll(() => {
  rmSync(copy, { recursive: true, force: true });
});

describe('docs/extending.md', () => {
  it('a command is one file: it runs, stands in the help in its place, and its flags are checked', () => {
    expect(run('hello', 'pipelayer', '--loud').stdout).toBe('VGG-A HAS 11 WEIGHT LAYERS\n');
    expect(run('--help').stdout).toMatch(/list \[kind\][^]*hello <config>[^]*schema \[kind\]/);
    expect(run('hello', 'pipelayer', '--loud=maybe')).toMatchObject({
      status: 2,
      stderr: '--loud=maybe: expected true or false, or the flag alone\n',
    });
  });

  it('an activation is one word in one file: checked, suggested, simulated', () => {
    writeFileSync(
      join(copy, 'net.yaml'),
      'name: net\ninput: { features: 16 }\nlayers:\n  - { name: fc1, type: dense, features: 8 }\n' +
        '  - { name: act, type: logsigmoid }\n',
    );
    const { stdout, stderr } = run('run', 'pipelayer', '--set', 'network=net.yaml', '--format', 'json', '--quiet');
    expect(stderr).toBe('');
    const { actions } = JSON.parse(stdout) as { actions: { component: string; action: string; count: number }[] };
    const looked = actions.filter(({ component, action }) => component === 'activation' && action === 'lookup');
    expect(looked.length).toBeGreaterThan(0);
  });
});
