import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(join(root, 'docs/extending.md'), 'utf8');
const devices = readFileSync(join(root, 'docs/devices.md'), 'utf8');
const copy = mkdtempSync(join(tmpdir(), 'xbarflow-extending-'));

interface Action {
  component: string;
  action: string;
  layer: string;
  count: number;
  energyJ: number;
}
interface Answer {
  actions: Action[];
  layers: { name: string; rows: number; columns: number; macs: number }[];
  instances: { component: string; count: number }[];
  device: { name: string };
}

const run = (...args: string[]): { stdout: string; stderr: string; status: number | null } =>
  spawnSync(process.execPath, [join(copy, 'dist/cli/main.js'), ...args], { encoding: 'utf8', cwd: copy });

/** The result of a run in the copy. */
function resultOf(...args: string[]): Answer {
  const { stdout, stderr } = run('run', ...args, '--format', 'json', '--quiet');
  expect(stderr).toBe('');
  return JSON.parse(stdout) as Answer;
}

/** Writes a source file of the copy as the build would: types away. */
function build(source: string, code: string): void {
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, verbatimModuleSyntax: true },
  });
  writeFileSync(join(copy, source.replace(/^src/, 'dist').replace(/\.ts$/, '.js')), outputText);
}

/** A file of the copy as an edit of the page leaves it: lines with - go, those with + come, others must stand there. */
function edited(text: string, diff: string): string {
  const lines = diff.split('\n');
  const side = (other: string): string =>
    lines
      .filter((line) => !line.startsWith(other))
      .map((line) => line.slice(1))
      .join('\n');
  expect(text.split(side('+')).length, side('+')).toBe(2);
  return text.replace(side('+'), side('-'));
}

/** Source files that the page's section of a heading makes or edits. */
function touched(heading: string): string[] {
  const section = page.split(/^## /m).find((one) => one.startsWith(heading))!;
  return [...new Set([...section.matchAll(/<!-- (?:file|edit): (\S+) -->/g)].map(([, source]) => source!))];
}

beforeAll(() => {
  for (const part of ['dist', 'package.json', 'configs', 'scripts', 'src', 'traces'])
    cpSync(join(root, part), join(copy, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  for (const [, source, code] of page.matchAll(/<!-- file: (\S+) -->\n```ts\n(.*?)```/gs)) {
    writeFileSync(join(copy, source!), code!);
    build(source!, code!);
  }
  const edits = new Map<string, string>();
  for (const [, source, diff] of page.matchAll(/<!-- edit: (\S+) -->\n```diff\n(.*?)\n```/gs))
    edits.set(source!, edited(edits.get(source!) ?? readFileSync(join(copy, source!), 'utf8'), diff!));
  for (const [source, code] of edits) build(source, code);
  // What the build lists: components, commands.
  for (const script of ['list-components.mjs', 'list-commands.mjs'])
    expect(spawnSync(process.execPath, [join(copy, 'scripts', script)], { encoding: 'utf8' }).stderr).toBe('');
  const catalogue = 'src/components/generated/catalogue.ts';
  build(catalogue, readFileSync(join(copy, catalogue), 'utf8'));
  for (const [, name, text] of page.matchAll(/<!-- config: (\S+) -->\n```yaml\n(.*?)```/gs))
    writeFileSync(join(copy, name!), text!);
  for (const [, name, text] of devices.matchAll(/^`(\S+\.yaml)`\n\n```yaml\n(.*?)```/gms))
    writeFileSync(join(copy, name!), text!);
});
afterAll(() => {
  rmSync(copy, { recursive: true, force: true });
});

const network = (name: string, layers: string): string => {
  const text = `name: net\ninput: { channels: 2, height: 6, width: 6 }\nlayers:\n${layers}`;
  writeFileSync(join(copy, name), text);
  return `network=${name}`;
};

describe('docs/extending.md', () => {
  it('touches 1 file for a component, 2 for an activation, 4 for a layer type with weights, 1 for a command', () => {
    expect(touched('A component')).toEqual(['src/components/catalogue/wordline-booster.ts']);
    expect(touched('A layer type without weights')).toEqual([
      'src/workload/graph/operators.ts',
      'src/functional/operators/activations.ts',
    ]);
    expect(touched('A layer type with weights')).toEqual([
      'src/workload/graph/products.ts',
      'src/workload/yaml/schema.ts',
      'src/workload/yaml/layers.ts',
      'src/functional/nodes/products.ts',
    ]);
    expect(touched('A command')).toEqual(['src/cli/commands/hello.ts']);
    expect(touched('A device, an architecture')).toEqual([]);
  });

  it('a device and an architecture are YAML files (docs/devices.md)', () => {
    const { device, layers } = resultOf('my-chip.yaml', '--set', 'workload.images=32');
    expect(device.name).toBe('my-cell');
    expect(layers.length).toBeGreaterThan(2);
  });

  it('a command is one file: it runs, stands in the help in its place, and its flags are checked', () => {
    expect(run('hello', 'pipelayer', '--loud').stdout).toBe('VGG-A HAS 11 WEIGHT LAYERS\n');
    expect(run('--help').stdout).toMatch(/list \[kind\][^]*hello <config>[^]*schema \[kind\]/);
    expect(run('hello', 'pipelayer', '--loud=maybe')).toMatchObject({
      status: 2,
      stderr: '--loud=maybe: expected true or false, or the flag alone\n',
    });
  });

  it('an activation is a word and its functions: checked, suggested, simulated', () => {
    const net = network('act.yaml', '  - { name: fc1, type: dense, features: 8 }\n  - { name: a, type: logsigmoid }\n');
    const { actions } = resultOf('pipelayer', '--set', net);
    const looked = actions.filter(({ component, action }) => component === 'activation' && action === 'lookup');
    expect(looked.length).toBeGreaterThan(0);
  });

  it('a layer type with weights: 4 x 4 places of 6 x 6 with a 3 x 3 kernel over 2 channels each, to 5', () => {
    const net = network('local.yaml', '  - { name: own, type: local2d, channels: 5, kernel: 3 }\n');
    const { layers, actions } = resultOf('pipelayer', '--set', net);
    expect(layers[0]).toMatchObject({ name: 'own', rows: 18, columns: 80, macs: 16 * 18 * 5 });
    const reads = actions.filter(
      ({ component, action, layer }) => component === 'crossbar' && action !== 'leakage' && layer === 'own',
    );
    expect(reads.length).toBeGreaterThan(0);
    expect(reads.every(({ energyJ }) => energyJ > 0)).toBe(true);
    const wrong = network('wrong.yaml', '  - { name: own, type: local2d, channels: 5, kernel: 7 }\n');
    expect(run('run', 'pipelayer', '--set', wrong)).toMatchObject({ status: 2 });
  });

  it('a component is one file: listed, checked, counted, billed, explained', () => {
    expect(run('list', 'components').stdout).toContain('wordlineBooster');
    const { actions, instances, layers } = resultOf('wordline-booster.yaml', '--out', 'boosted');
    const lifts = actions.filter(({ component, action }) => component === 'wordlineBooster' && action === 'lift');
    expect(lifts.map(({ layer }) => layer)).toEqual(layers.map(({ name }) => name));
    for (const { count, energyJ } of lifts) expect(energyJ).toBeCloseTo(count * 1e-13, 20);
    expect(instances.filter(({ component }) => component === 'wordlineBooster').length).toBeGreaterThan(0);
    const explained = run('explain', 'boosted', 'energy.byComponent.wordlineBooster').stdout;
    expect(explained).toContain('lift');
    expect(explained).toContain('wordline-booster.yaml');
  });
});
