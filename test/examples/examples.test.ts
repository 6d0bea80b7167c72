import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const out = mkdtempSync(join(tmpdir(), 'xbarflow-examples-'));
afterAll(() => {
  rmSync(out, { recursive: true, force: true });
});

/** Runs a command in the project; its standard output. */
function output(program: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: root, encoding: 'utf8' });
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
}
const xbarflow = (...args: string[]): string => output(process.execPath, 'dist/cli/xbarflow.cjs', ...args);
const program = (name: string, ...args: string[]): string => output(process.execPath, `examples/${name}`, ...args);

describe('examples', () => {
  it('README names every file', () => {
    const page = readFileSync(join(root, 'examples/README.md'), 'utf8');
    for (const file of readdirSync(join(root, 'examples')).filter((name) => name !== 'README.md'))
      expect(page).toContain(`\`${file}\``);
  });

  it('my-chip.yaml with my-device.yaml runs', () => {
    const { architecture, device } = JSON.parse(
      xbarflow('run', 'examples/my-chip.yaml', '--format', 'json', '--quiet'),
    ) as { architecture: string; device: { name: string } };
    expect([architecture, device.name]).toEqual(['example-chip', 'example-cell']);
  });

  it('library.mjs compares and explains', () => {
    expect(program('library.mjs')).toMatch(
      /^pipelayer: .* J\na3: .* J\nenergy of a3 is 0?\.?\d.*\n( {2}made of .*\n)+$/,
    );
  });

  it('plot.mjs writes an SVG', () => {
    program('plot.mjs', join(out, 'plot.svg'));
    expect(readFileSync(join(out, 'plot.svg'), 'utf8')).toMatch(/^<svg[^]*bits of a cell/);
  });

  it('array-size.yaml sweeps, from a program and on the command line', () => {
    expect(program('sweep.mjs', join(out, 'sweep'))).toMatch(/^4 points simulated, 0 kept; front: points /);
    expect(readdirSync(join(out, 'sweep'))).toContain('report.html');
    expect(program('sweep.mjs', join(out, 'sweep'))).toMatch(/^0 points simulated, 4 kept/);
  });

  it('slurm.sh hands its flags on', () => {
    expect(output('sh', 'examples/slurm.sh', join(out, 'slurm'), '--dry-run')).toMatch(/4 points; all are valid/);
  });
});
