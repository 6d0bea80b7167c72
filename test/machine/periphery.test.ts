// What stands at the edges of arrays: counts worked out by hand, laws at their points and in their ranges.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LAWS, evaluateLaw, type LawValues } from '../../src/estimators/index.js';
import { levelShifter, muxOfLine, rowDecoderArea, settlingTime } from '../../src/estimators/periphery.js';
import { roadmapBlock } from '../../src/estimators/roadmap.js';
import { resultOf } from '../helpers.js';

const FILES = {
  'fc.yaml': 'name: fc\ninput: { features: 40 }\nlayers:\n  - { name: fc, type: dense, features: 5 }\n',
  'conv.yaml':
    'name: conv\ninput: { channels: 1, height: 8, width: 8 }\nlayers:\n' +
    '  - { name: same, type: conv2d, channels: 1, kernel: 3, padding: 1 }\n' +
    '  - { name: half, type: conv2d, channels: 1, kernel: 3, padding: 1, stride: 2 }\n',
};
// 40 rows on 3 arrays of 16, 5 weights of 4 cells on 2 arrays; cores of 2 x 2 arrays, tiles of 4 x 4.
const SETS = [
  'network=fc.yaml',
  'crossbar.rows=16',
  'crossbar.columns=16',
  'workload={ mode: inference, images: 1 }',
  'inputs.density=0.5',
  'chip.arraysPerCore=4',
  'chip.arraysPerTile=16',
  'mapping.replication={ scheme: given, byLayer: {}, otherwise: one }',
];
type Run = ReturnType<typeof resultOf>;
const run = (...sets: string[]): Run => resultOf('vgg-8-neurosim', [...SETS, ...sets], FILES);
const count = (result: Run, key: string, pass?: string): number =>
  result.actions.reduce(
    (sum, of) =>
      `${of.component}.${of.action}` === key && (pass === undefined || of.pass === pass) ? sum + Number(of.count) : sum,
    0,
  );
const instances = (result: Run, component: string): number =>
  result.instances.reduce((sum, of) => (of.component === component ? sum + of.count : sum), 0);

describe('components at the edges of arrays', () => {
  const result = run();

  it('a switch matrix sets 40 lines in 2 columns of arrays and 8 slots; a shifter passes the half with ones', () => {
    expect(count(result, 'switchMatrix.set')).toBe(40 * 2 * 8);
    expect(count(result, 'levelShifter.follow')).toBe((40 * 2 * 8) / 2);
    expect(count(result, 'dac.convert')).toBe(0);
  });

  it('a multiplexer leads every line that is converted: 20 and 2 reference columns, 3 arrays high, 8 slots', () => {
    expect(count(result, 'columnMux.select')).toBe(22 * 3 * 8);
    expect(count(result, 'adc.convert')).toBe(22 * 3 * 8);
  });

  it('of 2 additions a result one is done in a core of 2 x 2 arrays, one in the tile, none above', () => {
    expect(count(result, 'coreAdder.add')).toBe(5);
    expect(count(result, 'tileAdder.add')).toBe(5);
    expect(count(result, 'verticalAdder.add')).toBe(0);
    const without = run('chip.arraysPerCore=1', 'chip.arraysPerTile=1');
    expect(count(without, 'verticalAdder.add')).toBe(10);
    expect(without.time.totalS).toBe(result.time.totalS);
  });

  it('with mapping.adderLevels: 0 the same are added, in no time', () => {
    const [none, two] = [run('mapping.adderLevels=0'), run('mapping.adderLevels=2')];
    expect(['coreAdder.add', 'tileAdder.add'].map((key) => count(none, key))).toEqual([5, 5]);
    expect(none.time.totalS).toBeLessThan(two.time.totalS);
    const apart = ['chip.arraysPerCore=1', 'chip.arraysPerTile=1'];
    expect(count(run(...apart, 'mapping.adderLevels=0'), 'verticalAdder.add')).toBe(10);
    expect(run(...apart, 'mapping.adderLevels=0', 'simulation.exact=true').time).toEqual(
      run(...apart, 'mapping.adderLevels=0').time,
    );
  });

  it('6 arrays have a row decoder each, 3 level shifters a wordline, a multiplexer a line', () => {
    expect(instances(result, 'rowDecoder')).toBe(6);
    expect(instances(result, 'levelShifter')).toBe(6 * 16 * 3);
    expect(instances(result, 'columnMux')).toBe(6 * 17);
  });

  it('an update selects and lifts each row of each array: 40 rows in 2 columns of arrays', () => {
    const training = run('workload={ mode: training, images: 2, batch: 2 }', 'mapping.padded=read');
    expect(count(training, 'rowDecoder.select', 'U')).toBe(80);
    expect(count(training, 'levelShifter.shift', 'U')).toBe(80);
  });

  it('are in no other design: ISAAC has none of them', () => {
    const names = new Set<string>(resultOf('isaac', ['network=fc.yaml'], FILES).instances.map((of) => of.component));
    for (const name of ['switchMatrix', 'rowDecoder', 'levelShifter', 'columnMux', 'coreAdder', 'tileAdder'])
      expect(names.has(name)).toBe(false);
  });

  it('a switch matrix sets one bit a slot', () => {
    expect(() => run('inputs.bitsPerSlot=2')).toThrow(/driver\.kind: switch-matrix sets one bit a slot/);
  });
});

describe('padded positions', () => {
  const vectors = (padded: string): number[] => {
    const { placements } = run('network=conv.yaml', `mapping.padded=${padded}`);
    return placements.map((place) => place.vectors);
  };
  it('8 x 8 with 3 x 3 and a border of 1: 6 x 6 lie inside; by 2 of 4 x 4 places 3 x 3', () => {
    expect(vectors('read')).toEqual([64, 16]);
    expect(vectors('dropped')).toEqual([36, 9]);
  });
  it('a note says what is missing, and what is not inference of whole images is refused', () => {
    const { notes } = run('network=conv.yaml');
    expect(notes.find(({ code }) => code === 'padded-dropped')?.text).toMatch(/^35 of 80 input vectors/);
    expect(() => run('workload={ mode: training, images: 2, batch: 2 }')).toThrow(/mapping\.padded: dropped leaves/);
  });
});

describe('widths of ports and buses', () => {
  const codes = (...sets: string[]): string[] => run('network=vgg-8', ...sets).notes.map(({ code }) => code);
  it('wider than 1,024 bits a cycle is told of, set or not', () => {
    expect(codes()).toContain('bus-width');
    expect(codes('links.bus.bits=1024')).not.toContain('bus-width');
    expect(codes('links.bus.bits=4096')).toContain('bus-width');
    expect(codes('buffers.portBits=4096')).toContain('port-width');
    expect(codes('buffers.portBits=1024')).not.toContain('port-width');
  });
});

const law = (name: string, values: LawValues): number => evaluateLaw(LAWS[name]!, values).value;

describe('laws of the periphery', () => {
  const POINT = { rows: 128, on: 6e3, off: 900e3, access: 0.25, readVoltage: 0.5 };

  it('a multiplexer of 128 cells of 6 and 900 kohm at 22 nm passes a quarter of 116 ohm: 32.7 and 43.1 um wide', () => {
    const resistance = 0.25 / (128 * ((1 / 7500 + 1 / 901500) / 2));
    const [n, p] = [(1.77 * 0.85) / 791.9 / 2 / resistance, (1.77 * 0.85) / 600.2 / 2 / resistance];
    expect(n * 1e6).toBeCloseTo(32.7, 1);
    const { area, energy } = muxOfLine(POINT, 22e-9, 'lp');
    expect(area).toBeCloseTo((n + p) * 3.8 * 22e-9 * 1e6, 12);
    expect(energy).toBeCloseTo(n * 1.3249e-9 * 0.85 ** 2 + 2 * 4.002e-10 * (n + p) * 0.25, 18);
  });

  it('a level shifter takes 20,684 F2 (10 um2 at 22 nm), a row decoder of 128 rows 40 um2', () => {
    expect(law('level-shifter-area', { node: 22e-9 }) * 1e6).toBeCloseTo(20684 * 0.022 ** 2, 1);
    expect(rowDecoderArea(128, 22e-9) * 1e6).toBeCloseTo(128 * 638.4 * 0.022 ** 2, 6);
  });

  it('a SAR converter takes 8.75 ns with 5 bits, 12.95 ns with 8 (NeuroSim V1.4)', () => {
    expect(1e9 / law('adc-sar-rate', { bits: 5 })).toBeCloseTo(8.75, 12);
    expect(1e9 / law('adc-sar-clock', { bits: 8 })).toBeCloseTo(12.95, 12);
    expect(run('sensing.bits=8').config.sensing.rate! * 12.95e-9).toBeCloseTo(1, 12);
    expect(1 / run('sensing.bits=8').config.chip.clock! / 12.95e-9).toBeCloseTo(1, 12);
  });

  it('an adder of which every bit toggles takes 0.162 pJ at 27 nm; a switch matrix has no known activity', () => {
    expect(roadmapBlock('adder', { bits: 16, activity: 1 }, 27e-9, 'lp').energy * 1e12).toBeCloseTo(0.162, 3);
    expect(() => roadmapBlock('switch-matrix', { bits: 1, activity: 1 }, 27e-9, 'lp')).toThrow(/activity/);
  });

  it('grow with the node, with rows, and with falling resistance; continuous between nodes', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 22e-9, max: 64e-9, noNaN: true }),
        fc.integer({ min: 16, max: 1024 }),
        fc.double({ min: 1e3, max: 1e6, noNaN: true }),
        fc.constantFrom('lp' as const, 'hp' as const),
        (node, rows, on, roadmap) => {
          const at = (point: { rows?: number; on?: number }, of = node): ReturnType<typeof muxOfLine> =>
            muxOfLine({ ...POINT, off: 20 * on, on, rows, ...point }, of, roadmap);
          const here = at({});
          for (const more of [at({ rows: rows * 2 }), at({ on: on / 2 }), at({}, node * 1.01)]) {
            expect(more.area).toBeGreaterThanOrEqual(here.area);
            expect(more.area / here.area).toBeLessThan(2.5);
          }
          expect(at({ rows: rows * 2 }).energy).toBeGreaterThanOrEqual(here.energy);
          const line = { writeVoltage: 2, columns: rows };
          const [low, high] = [levelShifter(node, roadmap, line), levelShifter(node * 1.01, roadmap, line)];
          expect(high.shift).toBeGreaterThan(low.shift);
          expect(low.shift).toBeGreaterThan(low.follow);
        },
      ),
    );
    expect(() => muxOfLine(POINT, 14e-9, 'lp')).toThrow(/22 to 65 nm, found 14 nm/);
  });
});

describe('settling of wires', () => {
  const settled = (rows: number, columns: number, node = 32e-9): number =>
    settlingTime({ rows, columns, bits: 8, pitch: 4 }, node);

  it('65,536 cells of 4 F at 32 nm: 8.39 mm, 6.55 ohm and 0.2 fF a um: 46 ns; to 9 bits 6.2 times that', () => {
    const constant = (6.55e6 * 0.2e-9 * (65536 * 4 * 32e-9) ** 2) / 2;
    expect(constant * 1e9).toBeCloseTo(46.1, 1);
    expect(settled(65536, 1) / constant).toBeCloseTo(9 * Math.LN2, 3);
  });

  it('grows with rows and columns, falls with the node (thin wires), and is refused beside its table', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 65536 }),
        fc.integer({ min: 2, max: 65536 }),
        fc.double({ min: 7e-9, max: 128e-9, noNaN: true }),
        (rows, columns, node) => {
          expect(settled(rows + 1, columns, node)).toBeGreaterThan(settled(rows, columns, node));
          expect(settled(rows, columns + 1, node)).toBeGreaterThan(settled(rows, columns, node));
          expect(settled(rows, columns, node * 1.001) / settled(rows, columns, node)).toBeCloseTo(1, 2);
        },
      ),
    );
    expect(() => settled(128, 128, 5e-9)).toThrow(/7 to 130 nm, found 5 nm/);
  });

  it.each([
    ['isaac', 100e-9],
    ['puma', 100e-9],
    ['pipelayer', 29.31e-9],
  ])('%s reads in what it publishes at its point, and waits for the wires of large arrays', (preset, published) => {
    const latency = (...sets: string[]): unknown =>
      resultOf(preset, ['network=fc.yaml', 'workload={ mode: inference, images: 1 }', ...sets], FILES).config.device
        .read.latency.value;
    expect(latency()).toEqual({ seconds: published });
    expect(latency('crossbar.rows=65536')).not.toEqual({ seconds: published });
  });
});
