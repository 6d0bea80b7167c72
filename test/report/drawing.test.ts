import { describe, expect, it } from 'vitest';
import { machineFigure } from '../../src/report/html/drawing/machine.js';
import type { Result } from '../../src/simulation/index.js';
import { denseChain, resultOf } from '../helpers.js';

/** What the boxes of a drawing say when pointed at. */
function said(result: Result): { titles: string[]; svg: string } {
  const figure = machineFigure(result);
  if (!('svg' in figure)) throw new Error('the machine is no drawing');
  return { svg: figure.svg, titles: [...figure.svg.matchAll(/<title>(.*?)<\/title>/g)].map(([, title]) => title!) };
}

const RUNS: [string, string, string[]][] = [
  ['PipeLayer training', 'pipelayer', ['network=mnist-b', 'workload.images=8', 'workload.batch=4']],
  ['A3 attacking on shared arrays', 'a3-shared', ['workload.iterations=1']],
  ['ISAAC by rows', 'isaac', ['network=vgg-8', 'workload.images=1']],
  ['a digital design', 'digital-int8', ['network=lenet-5']],
  ['branches in training', 'pipelayer', ['network=resnet-18', 'workload.images=2', 'workload.batch=2']],
];

describe.each(RUNS)('the drawing of %s', (_, label, sets) => {
  const result = resultOf(label, sets);
  const { titles, svg } = said(result);

  it('has a box for every stage, with its arrays as counted, how busy it is and what it reads', () => {
    for (const { name, pass, layer, busyS, stallsS } of result.stages) {
      const title = titles.find((text) => new RegExp(`^${name}[ :]`).test(text))!;
      expect(title, name).toBeDefined();
      expect(Number(/busy ([\d.e-]+) %/.exec(title)![1]) / 100, title).toBeCloseTo(
        (busyS - stallsS.unit) / result.time.totalS,
        3,
      );
      if (pass !== 'F' && pass !== 'B' && pass !== 'G') continue;
      const use = ({ F: 'forward', B: 'backward', G: 'gradient' } as const)[pass];
      const physical = result.arrays.byLayer.find((one) => one.name === layer)![use].physical;
      if (physical > 0) expect(title).toContain(`; ${physical.toLocaleString('en-US')} arrays, `);
      else expect(title).not.toContain('arrays,');
      const reads = result.buffers.filter(({ readers }) => readers.includes(name)).map((buffer) => buffer.name);
      expect(/reads (.*)$/.exec(title)?.[1] ?? '', title).toBe(reads.join(', '));
    }
  });

  it('has a box that names every buffer', () => {
    const named = titles.filter((text) => / entries of /.test(text)).flatMap((text) => text.split(':')[0]!.split(', '));
    expect(named.sort()).toEqual(result.buffers.map(({ name }) => name).sort());
  });

  it('stands within its frame', () => {
    const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg)!.map(Number);
    for (const [, x, y, w, h] of svg.matchAll(
      /<rect x="([-\d.]+)" y="([-\d.]+)" width="([\d.]+)" height="([\d.]+)"/g,
    )) {
      expect(Number(x)).toBeGreaterThanOrEqual(0);
      expect(Number(x) + Number(w)).toBeLessThanOrEqual(width!);
      expect(Number(y) + Number(h)).toBeLessThanOrEqual(height!);
    }
    for (const [, path] of svg.matchAll(/<path d="M([^v"Z]+)"/g)) {
      for (const point of path!.split('L')) {
        const [x, y] = point.split(' ').map(Number);
        expect(x!).toBeGreaterThanOrEqual(0);
        expect(x!).toBeLessThanOrEqual(width!);
        expect(y!).toBeLessThanOrEqual(height!);
      }
    }
  });
});

describe.each([...RUNS, ['VGG-A training', 'pipelayer', ['workload.images=64']] as (typeof RUNS)[number]])(
  'words in the drawing of %s',
  (_, label, sets) => {
    const figure = machineFigure(resultOf(label, sets));
    if (!('svg' in figure)) throw new Error('the machine is no drawing');

    it.each([
      ['the screen', figure.svg],
      ['paper', figure.paper!.svg],
    ])('are whole on %s: no number, unit or name of a pass is cut', (_where, svg) => {
      expect([...svg.matchAll(/>([^<]*…)</g)].map(([, text]) => text)).toEqual([]);
    });

    it('are explained in the form in which they stand', () => {
      const [screen, paper] = [figure.caption, figure.paper!.caption];
      if (figure.paper!.svg.includes(' arrays (')) expect(paper).toContain('In brackets');
      expect(paper).not.toContain('A square is one array');
      if (screen.includes('A square is one array')) expect(figure.svg).not.toContain(' arrays (');
    });
  },
);

describe('the drawing of a machine', () => {
  it('leads a branch past the layers between, and not to the next', () => {
    const chain = machineFigure(resultOf('pipelayer', ['network=lenet-5', 'workload.mode=inference']));
    const branches = machineFigure(
      resultOf('pipelayer', ['network=resnet-18', 'workload.mode=inference', 'workload.images=1']),
    );
    expect(chain.caption).not.toContain('layers that do not follow');
    expect(branches.caption).toContain('layers that do not follow');
  });

  it('of a deep network has short boxes; paper may cut it between any two layers', () => {
    const widths = Array.from({ length: 30 }, (_, i) => `  - { name: fc${i}, type: dense, features: ${20 + i} }`);
    const net = { '/mine/net.yaml': `name: deep\ninput: { features: 20 }\nlayers:\n${widths.join('\n')}\n` };
    const deep = machineFigure(resultOf('pipelayer', ['network=/mine/net.yaml', 'workload.mode=inference'], net));
    if (!('svg' in deep)) throw new Error('the machine is no drawing');
    expect(deep.height).toBeLessThan(30 * 80);
    expect(deep.cuts).toHaveLength(29);
  });

  it('draws a block of layers that repeats once, with how often', () => {
    const net = { '/mine/net.yaml': denseChain(30) };
    const { svg } = said(resultOf('pipelayer', ['network=/mine/net.yaml', 'workload.mode=inference'], net));
    expect(svg).toContain('>× 30</text>');
    expect(svg.match(/<rect /g)!.length).toBeLessThan(20);
  });

  it('has the recurrence of an LSTM, and buffers whose bars are as long as they hold bits', () => {
    const lstm = said(resultOf('pipelayer', ['network=lstm-small', 'workload.mode=inference']));
    expect(lstm.svg).toContain('recurs × 28');
    const { svg } = said(resultOf('pipelayer', ['network=lisa-cnn', 'workload.mode=attack', 'workload.iterations=1']));
    const bars = [...svg.matchAll(/<title>(d\d): [^<]*<\/title>.*?width="([\d.]+)" height="5"/g)].map(([, , w]) =>
      Number(w),
    );
    const result = resultOf('pipelayer', ['network=lisa-cnn', 'workload.mode=attack', 'workload.iterations=1']);
    const bits = result.buffers
      .filter(({ kind }) => kind === 'neurons')
      .map((one) => one.capacityEntries * one.entryBits);
    expect(bars.length).toBe(bits.length);
    bars.forEach((bar, i) => {
      expect(bar).toBeCloseTo(Math.max(1, (bars[0]! * bits[i]!) / bits[0]!), 0);
    });
  });

  it('outlines what differs from another design', () => {
    const [one, two] = ['pipelayer', 'a3-shared'].map((label) =>
      resultOf(label, ['network=lisa-cnn', 'workload.mode=attack', 'workload.iterations=1']),
    );
    const figure = machineFigure(two!, 'machine', { reference: one! });
    const alike = machineFigure(one!, 'machine', { reference: one! });
    if (!('svg' in figure) || !('svg' in alike)) throw new Error('the machine is no drawing');
    expect(figure.svg).toMatch(/B2 [^<]*; differs: [^<]*steps for 256 steps/);
    expect(alike.svg).not.toContain('differs');
  });

  it('shows at a glance what A3 saves: one sign, no arrays of its own backward, short buffers', () => {
    const attack = (label: string) =>
      said(resultOf(label, ['network=lisa-cnn', 'workload.mode=attack', 'workload.iterations=1'])).titles;
    const [pipelayer, a3] = [attack('pipelayer'), attack('a3-shared')];
    const boxOf = (titles: string[], start: string): string => titles.find((title) => title.startsWith(start))!;
    expect(boxOf(pipelayer, 'B2 ')).toMatch(/arrays/);
    expect(boxOf(a3, 'B2 ')).not.toMatch(/\d arrays/);
    expect(boxOf(pipelayer, 'd1:')).toContain('7 entries');
    expect(boxOf(a3, 'd1:')).toContain('2 entries');
    expect(boxOf(a3, 'm1:')).toContain('7 entries');
  });
});
