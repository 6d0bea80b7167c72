import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decode } from 'fast-png';
import PDFDocument from 'pdfkit';
import { compile, type TopLevelSpec } from 'vega-lite';
import { describe, expect, it } from 'vitest';
import { figureSvg } from '../../src/report/html/draw.js';
import { STYLES } from '../../src/report/html/figure-styles.js';
import { textWidth } from '../../src/report/html/letter-widths.js';
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

  it('cuts no text off, and leaves the plot its room: PNGs end in white, plots take most of the width', () => {
    const folder = mkdtempSync(join(tmpdir(), 'xbarflow-figures-'));
    const sets = ['--set', 'network=lisa-cnn', '--set', 'workload.mode=attack'];
    const args = ['compare', 'a3', 'a3-shared', ...sets, '--out', folder, '--figures'];
    expect(xbarflow(args).status).toBe(0);
    const charts = readdirSync(join(folder, 'figures')).filter((name) => /^(?!machine).*\.png$/.test(name));
    expect(charts.length).toBeGreaterThan(5);
    for (const name of charts) {
      const { width, height, data, channels } = decode(readFileSync(join(folder, 'figures', name)));
      const dark = (x: number): boolean =>
        Array.from({ length: height }, (_, y) => data[(y * width + x) * channels]!).some((red) => red < 128);
      expect([name, dark(0), dark(width - 1)]).toEqual([name, false, false]);
    }
    const svg = readFileSync(join(folder, 'figures/energy-by-component.svg'), 'utf8');
    // The axis of energies: its line is as long as the plot is wide. The longest name, "a3-shared", takes 40 points.
    const lengths = [...svg.matchAll(/<line[^>]* x2="([\d.]+)" y2="0"/g)].map(([, x]) => Number(x));
    expect(Math.max(...lengths)).toBeGreaterThan(242 - 40 - 20);
  });

  it.each([
    ['DejaVuSans', 'DejaVu Sans, Helvetica'],
    ['DejaVuSerif', 'Times New Roman, DejaVu Serif'],
  ])('widths of texts are those of %s', (file, families) => {
    const document = new PDFDocument();
    document.font(createRequire(import.meta.url).resolve(`dejavu-fonts-ttf/ttf/${file}.ttf`)).fontSize(8);
    const letters = String.fromCharCode(...Array.from({ length: 95 }, (_, i) => 32 + i));
    for (const letter of letters)
      expect(textWidth(letter, 8, families), letter).toBeCloseTo(document.widthOfString(letter), 2);
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
