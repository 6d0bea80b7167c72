import fc from 'fast-check';
import seedrandom from 'seedrandom';
import { describe, expect, it } from 'vitest';
import { combinations, gridPlaces, latinColumn } from '../../src/experiment/sweep/points.js';
import { loadSweep, planSweep, type Point } from '../../src/experiment/sweep/index.js';
import { presetsWith } from '../helpers.js';

const HEAD = 'config: pipelayer\nset: { network: mnist-0 }\n';

/** Points of a sweep file; its `axes` begin at line 3. */
async function planned(text: string, head = HEAD): Promise<Point[]> {
  const presets = presetsWith({ '/s.yaml': `${head}${text}` });
  return [...(await planSweep(presets, loadSweep(presets, '/s.yaml')))];
}
const valuesOf = async (text: string): Promise<unknown[]> => (await planned(text)).map(({ values }) => values);
const axis = async (text: string): Promise<unknown[]> =>
  (await valuesOf(`axes:\n  - ${text}\n`)).map((values) => Object.values(values as Record<string, unknown>)[0]);

describe('axes', () => {
  it('lists, ranges by step and by count, log ranges, rounding, units', async () => {
    expect(await axis('{ key: crossbar.rows, values: [128, 64] }')).toEqual([128, 64]);
    expect(await axis('{ key: crossbar.rows, range: { from: 32, to: 100, step: 32 } }')).toEqual([32, 64, 96]);
    expect(await axis('{ key: inputs.density, range: { from: 0.1, to: 0.4, step: 0.1 } }')).toEqual([
      0.1, 0.2, 0.3, 0.4,
    ]);
    expect(await axis('{ key: inputs.density, range: { from: 0, to: 1, count: 5 } }')).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(await axis('{ key: crossbar.rows, logRange: { from: 16, to: 256, count: 5 } }')).toEqual([
      16, 32, 64, 128, 256,
    ]);
    expect(await axis('{ key: crossbar.rows, logRange: { from: 10, to: 100, count: 4 }, round: 8 }')).toEqual([
      8, 24, 48, 104,
    ]);
    expect(await axis('{ key: crossbar.rows, range: { from: 1, to: 2, count: 9 }, round: true }')).toEqual([1, 2]);
    expect(await axis('{ key: device.read.latency, range: { from: 10, to: 30, count: 2 }, unit: ns }')).toEqual([
      '10 ns',
      '30 ns',
    ]);
  });

  it('a product has the last axis fastest; a zip goes together; points are taken as they are', async () => {
    expect(
      await valuesOf(
        'axes:\n  - product:\n      - { key: crossbar.rows, values: [64, 128] }\n      - { key: ' +
          'crossbar.cellBits, values: [1, 2] }\n',
      ),
    ).toEqual([
      { 'crossbar.rows': 64, 'crossbar.cellBits': 1 },
      { 'crossbar.rows': 64, 'crossbar.cellBits': 2 },
      { 'crossbar.rows': 128, 'crossbar.cellBits': 1 },
      { 'crossbar.rows': 128, 'crossbar.cellBits': 2 },
    ]);
    const zip =
      'axes:\n  - zip:\n      - { key: crossbar.rows, values: [64, 128] }\n      - { key: crossbar.columns, ' +
      'range: { from: 32, to: 64, count: 2 } }\n  - points: [{ crossbar.cellBits: 2 }, { crossbar.cellBits: ' +
      '4, inputs.bits: 8 }]\n';
    expect(await valuesOf(zip)).toEqual([
      { 'crossbar.rows': 64, 'crossbar.columns': 32, 'crossbar.cellBits': 2 },
      { 'crossbar.rows': 64, 'crossbar.columns': 32, 'crossbar.cellBits': 4, 'inputs.bits': 8 },
      { 'crossbar.rows': 128, 'crossbar.columns': 64, 'crossbar.cellBits': 2 },
      { 'crossbar.rows': 128, 'crossbar.columns': 64, 'crossbar.cellBits': 4, 'inputs.bits': 8 },
    ]);
  });

  it('the grid has every combination once, in the order of counting', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }), (sizes) => {
        const axes = sizes.map((size, a) => {
          const choices = Array.from({ length: size }, (_, i) => [{ key: `k${a}`, value: i }]);
          return { keys: [`k${a}`], choices, ordered: true, at: () => choices[0]! };
        });
        const numbers = Array.from(gridPlaces(axes), (places) =>
          places.reduce((number, place, a) => number * sizes[a]! + place, 0),
        );
        expect(numbers).toEqual(Array.from({ length: combinations(axes) }, (_, i) => i));
      }),
    );
  });

  it('conditions leave points out; they see base knobs and axes, and `or`', async () => {
    const rows = '  - { key: crossbar.rows, values: [32, 64, 128, 256] }\n';
    expect(
      await valuesOf(`axes:\n${rows}conditions: ["crossbar.rows <= crossbar.columns", "crossbar.rows != 64"]\n`),
    ).toEqual([{ 'crossbar.rows': 32 }, { 'crossbar.rows': 128 }]);
    expect(await valuesOf(`axes:\n${rows}conditions: ["crossbar.rows < 64 or crossbar.rows == 256"]\n`)).toEqual([
      { 'crossbar.rows': 32 },
      { 'crossbar.rows': 256 },
    ]);
    expect(
      await valuesOf('axes:\n  - { key: network, values: [mnist-0, mnist-a] }\nconditions: ["network != mnist-a"]\n'),
    ).toEqual([{ network: 'mnist-0' }]);
  });

  it('limit keeps the first; indices follow the order; equal configs have equal keys', async () => {
    const points = await planned(
      'axes:\n  - { key: crossbar.rows, values: [32, 64, 128] }\n  - { key: simulation.exact, values: [false, ' +
        'true] }\nlimit: 5\n',
    );
    expect(points.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4]);
    expect(points[0]!.key).toBe(points[1]!.key);
    expect(new Set(points.map(({ key }) => key)).size).toBe(3);
  });

  it('`config` sweeps the base config itself', async () => {
    const points = await planned(
      'axes:\n  - { key: config, values: [a3, a3-single] }\n  - { key: workload.iterations, values: [1, 2] }\n',
      'config: a3\nset: { network: lisa-cnn }\n',
    );
    expect(new Set(points.map(({ key }) => key)).size).toBe(4);
  });
});

describe('samples', () => {
  const sample = (method: string, seed: number, more = ''): string =>
    `axes:\n  - { key: inputs.density, range: { from: 0.2, to: 0.6 } }\n  - { key: crossbar.rows, logRange: { ` +
    `from: 16, to: 1024 }, round: true }\n  - { key: crossbar.cellBits, values: [1, 2, 4] }\nsample: { ` +
    `method: ${method}, count: 60, seed: ${seed} }\n${more}`;

  it.each(['random', 'latin-hypercube'])('%s: seeded, between the ends, open ranges allowed', async (method) => {
    const points = await planned(sample(method, 1));
    expect(points).toHaveLength(60);
    expect(await planned(sample(method, 1))).toEqual(points);
    expect(await planned(sample(method, 2))).not.toEqual(points);
    for (const { values } of points) {
      expect(values['inputs.density']).toBeGreaterThanOrEqual(0.2);
      expect(values['inputs.density']).toBeLessThanOrEqual(0.6);
      expect(Number.isInteger(values['crossbar.rows'])).toBe(true);
    }
  });

  it('a Latin hypercube has one point in each stratum of each axis (McKay, Beckman, Conover 1979)', async () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.string(), (count, seed) => {
        const strata = latinColumn(count, seedrandom.alea(seed)).map((share) => Math.floor(share * count));
        expect(strata.sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
      }),
    );
    const points = await planned(sample('latin-hypercube', 5));
    const bits = points.map(({ values }) => values['crossbar.cellBits']);
    for (const value of [1, 2, 4]) expect(bits.filter((other) => other === value)).toHaveLength(20);
  });

  it('random draws go on until enough of them fulfil the conditions, or say that they are too rare', async () => {
    expect(await planned(sample('random', 1, 'conditions: ["crossbar.rows >= 512"]\n'))).toHaveLength(60);
    await expect(
      planned(sample('random', 1, 'conditions: ["crossbar.rows == 1023", "crossbar.cellBits == 4"]\n')),
    ).rejects.toThrow(/only \d+ of 60 points/);
  });
});

describe('mistakes in a sweep file are refused with their line', () => {
  const bad: [string, string, RegExp][] = [
    [
      'an unknown key of an axis',
      '  - { key: crossbar.rowz, values: [64] }\n',
      /^\/s\.yaml:4:\d+: crossbar\.rowz: unknown key; did you mean "rows"/,
    ],
    [
      'a value that the config refuses',
      '  - key: crossbar.rows\n    values:\n      - 64\n      - -1\n',
      /^\/s\.yaml:7:\d+: crossbar\.rows: found -1/,
    ],
    [
      'a value that does not go with the base',
      '  - { key: crossbar.cellBits, values: [4, 9] }\n',
      /^\/s\.yaml:4:.*crossbar\.cellBits: found 9/,
    ],
    ['no values', '  - { key: crossbar.rows }\n', /^\/s\.yaml:4:.*no values, expected one of values, range/],
    [
      'values and range',
      '  - { key: crossbar.rows, values: [1], range: { from: 1, to: 2 } }\n',
      /^\/s\.yaml:4:.*found values and range/,
    ],
    ['an empty list', '  - { key: crossbar.rows, values: [] }\n', /^\/s\.yaml:4:.*empty list/],
    [
      'a misspelt key of the axis',
      '  - { key: crossbar.rows, valuez: [1] }\n',
      /^\/s\.yaml:4:.*valuez: unknown key; did you mean "values"/,
    ],
    [
      'a step away from the end',
      '  - { key: crossbar.rows, range: { from: 1, to: 9, step: -1 } }\n',
      /^\/s\.yaml:4:.*step: found -1, which never gets from 1 to 9/,
    ],
    [
      'a log range from 0',
      '  - { key: crossbar.rows, logRange: { from: 0, to: 9, count: 3 } }\n',
      /^\/s\.yaml:4:.*from: found 0, expected a number above 0/,
    ],
    [
      'a range without an end to enumerate',
      '  - { key: inputs.density, range: { from: 0, to: 1 } }\n',
      /^\/s\.yaml:4:.*ends only/,
    ],
    [
      'a zip of unequal lengths',
      '  - zip: [{ key: crossbar.rows, values: [1, 2] }, { key: crossbar.columns, values: [1] }]\n',
      /^\/s\.yaml:4:.*2, 1 values, expected the same number/,
    ],
    [
      'a key on two axes',
      '  - { key: crossbar.rows, values: [1] }\n  - { key: crossbar.rows, values: [2] }\n',
      /^\/s\.yaml:5:.*crossbar\.rows is swept by two axes \(the other at line 4\)/,
    ],
    [
      'a condition on an unknown key',
      '  - { key: crossbar.rows, values: [1] }\nconditions: ["crossbar.rowz < 3"]\n',
      /^\/s\.yaml:5:.*crossbar\.rowz stands neither.*did you mean "crossbar\.rows"/,
    ],
    [
      'a condition that is none',
      '  - { key: crossbar.rows, values: [1] }\nconditions: ["rows"]\n',
      /^\/s\.yaml:5:.*expected a comparison/,
    ],
    [
      'a condition that nothing fulfils',
      '  - { key: crossbar.rows, values: [1] }\nconditions: ["crossbar.rows > 3"]\n',
      /no point fulfils/,
    ],
    [
      'an unknown objective',
      '  - { key: crossbar.rows, values: [1] }\nobjectives: { energy.total: minimize }\n',
      /^\/s\.yaml:5:.*not a figure that a sweep records; did you mean "energy\.totalJ"/,
    ],
    [
      'a misspelt knob as objective',
      '  - { key: weights.bits, values: [4, 8] }\nobjectives: { weights.bit: maximize }\n',
      /^\/s\.yaml:5:.*not a figure that a sweep records; did you mean "weights\.bits"/,
    ],
    [
      'an objective that is no number',
      '  - { key: sensing.kind, values: [adc, integrate-fire] }\nobjectives: { sensing.kind: maximize }\n',
      /^\/s\.yaml:5:.*sensing\.kind: is swept over values that are no numbers/,
    ],
    [
      'an objective that is drawn with its unit',
      '  - { key: device.read.latency, range: { from: 10, to: 30 }, unit: ns }\nsample: { method: random, ' +
        'count: 4, seed: 1 }\nobjectives: { device.read.latency: minimize }\n',
      /^\/s\.yaml:6:.*latency: is swept over values that are no numbers/,
    ],
    [
      'a constraint on an unknown figure',
      '  - { key: crossbar.rows, values: [1] }\nconstraints: ["area.total <= 3"]\n',
      /^\/s\.yaml:5:.*area\.total is not|^\/s\.yaml:5:.*not a figure/,
    ],
    [
      'a sweep without end',
      [1, 2, 3, 4].map((i) => `  - { key: inputs.k${i}, range: { from: 0, to: 1, count: 100 } }\n`).join(''),
      /points are more than 5,000,000/,
    ],
  ];
  it.each(bad)('%s', async (_, axes, message) => {
    await expect(planned(`axes:\n${axes}`)).rejects.toThrow(message);
  });

  it('the base config and its knobs', async () => {
    await expect(
      planned('axes:\n  - { key: crossbar.rows, values: [64] }\n', 'config: pipelayr\nset: {}\n'),
    ).rejects.toThrow(/^\/s\.yaml:1:1: config: .*did you mean "pipelayer"/);
    await expect(
      planned(
        'axes:\n  - { key: crossbar.rows, values: [64] }\n',
        'config: pipelayer\nset: { crossbar: { rowz: 3 } }\n',
      ),
    ).rejects.toThrow(/^\/s\.yaml:2:\d+: crossbar\.rowz: unknown key/);
  });
  it("a fault in the base's file, with the value of the point that it comes with", async () => {
    await expect(
      planned(
        'axes:\n  - { key: crossbar.columns, values: [128, 64] }\n',
        'config: isaac\nset: { network: mnist-0 }\n',
      ),
    ).rejects.toThrow(
      /isaac\.yaml:\d.*columnsPerConverter: found 128, .*; it comes with crossbar\.columns: 64 \(\/s\.yaml:4:/,
    );
  });
});
