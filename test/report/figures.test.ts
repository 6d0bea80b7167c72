import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile, type TopLevelSpec } from 'vega-lite';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const CHARTS = [
  'area-by-component',
  'arrays-by-layer',
  'buffer-occupancy',
  'energy-by-component',
  'energy-by-layer',
  'energy-by-pass',
  'stage-timeline',
  'stalls-by-cause',
  'utilization-by-layer',
];

const xbarflow = (args: string[]) =>
  spawnSync(process.execPath, [join(root, 'dist/cli/xbarflow.js'), ...args], { encoding: 'utf8' });

describe('--figures', () => {
  const out = mkdtempSync(join(tmpdir(), 'xbarflow-figures-'));
  const { status } = xbarflow(['run', 'pipelayer', '--set', 'network=mnist-a', '--out', out, '--figures']);
  const read = (name: string): Buffer => readFileSync(join(out, 'figures', name));

  it('writes each chart as SVG, PNG and spec, and the machine as SVG and PNG', () => {
    expect(status).toBe(0);
    expect(readdirSync(join(out, 'figures')).sort()).toEqual(
      [
        ...CHARTS.flatMap((name) => [`${name}.png`, `${name}.svg`, `${name}.vl.json`]),
        'machine.png',
        'machine.svg',
      ].sort(),
    );
  });

  it('the SVGs stand on their own and have marks; the PNGs are large enough to print', () => {
    for (const name of [...CHARTS, 'machine']) {
      const svg = read(`${name}.svg`).toString();
      expect(svg).toMatch(/^<svg /);
      expect(svg).not.toMatch(/var\(|currentColor|NaN|undefined/);
      expect(svg).toMatch(name === 'machine' ? /<rect/ : /mark-(rect|symbol)[^>]*><path[^>]* d="M/);
      const png = read(`${name}.png`);
      expect(png.subarray(1, 4).toString()).toBe('PNG');
      expect(png.readUInt32BE(16)).toBeGreaterThan(1200);
    }
  });

  it('a spec compiles as it is, has a schema, its data and no title', () => {
    for (const name of CHARTS) {
      const spec = JSON.parse(read(`${name}.vl.json`).toString()) as TopLevelSpec & { $schema: string };
      expect(spec.$schema).toContain('vega-lite');
      expect(JSON.stringify(spec)).toContain('"values":');
      expect('title' in spec).toBe(false);
      expect(() => compile(spec)).not.toThrow();
    }
  });

  it('without a folder it is refused', () => {
    const { status: refused, stderr } = xbarflow(['run', 'pipelayer', '--figures']);
    expect([refused, stderr]).toEqual([2, expect.stringContaining('--out DIR')]);
  });

  it('compare gives designs of one name folders of their own', () => {
    const folder = mkdtempSync(join(tmpdir(), 'xbarflow-compare-'));
    expect(
      xbarflow(['compare', 'pipelayer', 'pipelayer', 'a3', '--set', 'network=mnist-a', '--out', folder]).status,
    ).toBe(0);
    expect(readdirSync(folder).sort()).toEqual([
      'a3',
      'compare.csv',
      'compare.json',
      'pipelayer-1',
      'pipelayer-2',
      'report.html',
    ]);
  });
});
