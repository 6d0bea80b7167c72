import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile, type TopLevelSpec } from 'vega-lite';
import { describe, expect, it } from 'vitest';
import { figureSvg } from '../../src/report/html/draw.js';
import { STYLES } from '../../src/report/html/figure-styles.js';
import { runReport } from '../../src/report/html/index.js';
import { figuresOf } from '../../src/report/html/sections.js';
import { timelineJson } from '../../src/report/index.js';
import { recordTimeline } from '../../src/simulation/index.js';
import { simulated } from '../helpers.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const CHARTS = [
  'area-by-component',
  'arrays-by-layer',
  'buffer-occupancy',
  'energy-by-component',
  'energy-by-layer',
  'energy-by-pass',
  'schedule',
  'stage-timeline',
  'stalls-by-cause',
  'utilization-by-layer',
];

const xbarflow = (args: string[]) =>
  spawnSync(process.execPath, [join(root, 'dist/cli/xbarflow.cjs'), ...args], { encoding: 'utf8' });

describe('--figures', () => {
  const out = mkdtempSync(join(tmpdir(), 'xbarflow-figures-'));
  const { status } = xbarflow(['run', 'pipelayer', '--set', 'network=mnist-a', '--out', out, '--figures']);
  const read = (name: string): Buffer => readFileSync(join(out, 'figures', name));

  it('writes each chart as SVG, PDF, PNG and spec, and the machine as SVG, PDF and PNG', () => {
    expect(status).toBe(0);
    expect(readdirSync(join(out, 'figures')).sort()).toEqual(
      [
        ...CHARTS.flatMap((name) => [`${name}.pdf`, `${name}.png`, `${name}.svg`, `${name}.vl.json`]),
        'machine.pdf',
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

  it('is one or two columns wide in all, with letters of 7 points and more', () => {
    for (const name of [...CHARTS, 'machine']) {
      const svg = read(`${name}.svg`).toString();
      const head = /<svg [^>]*>/.exec(svg)![0];
      const width = Number(/ width="([\d.]+)pt"/.exec(head)?.[1]);
      const room = Number(/viewBox="[-\d.]+ 0 ([\d.]+) /.exec(head)?.[1]);
      expect([242, 504], name).toContain(width);
      const letters = [...svg.matchAll(/font-size="([\d.]+)(?:px)?"/g)].map(
        ([, size]) => (Number(size) * width) / room,
      );
      expect(letters.length, name).toBeGreaterThan(0);
      expect(Math.min(...letters), name).toBeGreaterThanOrEqual(7);
      const pdf = read(`${name}.pdf`).toString('latin1');
      expect(pdf.startsWith('%PDF'), name).toBe(true);
      expect(Number(/MediaBox \[0 0 ([\d.]+) /.exec(pdf)?.[1]), name).toBe(width);
    }
  });

  it.each(['nature', 'acm', 'slides'] as const)('has a style for %s, in its widths and letters', async (name) => {
    const { machine, result } = simulated('pipelayer', ['network=mnist-0', 'workload.images=4', 'workload.batch=2']);
    const page = runReport(result, timelineJson(machine, recordTimeline(machine)));
    const style = STYLES[name];
    const figure = figuresOf(page).find(({ id }) => id === 'energy-by-pass')!;
    const svg = await figureSvg(figure, style);
    expect(svg).toContain(`width="${style.column}pt"`);
    const sizes = [...svg.matchAll(/font-size="([\d.]+)px"/g)].map(([, size]) => Number(size));
    expect(Math.min(...sizes)).toBe(style.letters);
    expect(svg).toContain(style.font.split(',')[0]!);
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
      'charts.js',
      'compare.csv',
      'compare.json',
      'pipelayer-1',
      'pipelayer-2',
      'report.html',
    ]);
  });
});
