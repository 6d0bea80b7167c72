// Times that once were wrong without a word: pools by rows, waves over a row's end, clocks and ticks. The right values
// are worked out by hand in each title.

import { describe, expect, it } from 'vitest';
import { resultOf } from '../helpers.js';

const text = (layers: readonly string[], input: string): string =>
  `name: n\ninput: ${input}\nlayers:\n${layers.map((layer) => `  - { ${layer} }\n`).join('')}`;
const of = (preset: string, layers: readonly string[], input: string, sets: readonly string[] = []) =>
  resultOf(preset, ['network=n.yaml', 'workload.mode=inference', 'workload.images=1', ...sets], {
    'n.yaml': text(layers, input),
  });

/** Picoseconds of a time. */
const ps = (seconds: number): number => Math.round(seconds * 1e12);

describe('global and large pools by rows', () => {
  const MAP = '{ channels: 8, height: 28, width: 28 }';
  const poolOf = (pool: string, copies = 1) => {
    const layers = [
      'name: c, type: conv2d, channels: 8, kernel: 1',
      ...(pool === '' ? [] : [`name: p, ${pool}`]),
      'name: d, type: dense, features: 4',
    ];
    return of('isaac', layers, MAP, [`mapping.replication={ scheme: given, byLayer: { c: ${copies} } }`]);
  };
  const cycles = (run: ReturnType<typeof poolOf>) => {
    const unit = run.stages[0]!.units.find(({ component }) => component === 'pooling')!;
    return [unit.latencyS, unit.intervalS].map((seconds) => ps(seconds) / 100_000);
  };

  it.each([
    ['globalavgpool', 1, [2, 2]],
    ['globalavgpool', 16, [17, 17]],
    // 784 places are read back once, when all are there; a wave brings one of them.
    ['globalmaxpool', 1, [785, 2]],
    ['avgpool, kernel: 14', 1, [2, 2]],
    ['maxpool, kernel: 14', 1, [197, 2]],
    // ISAAC Fig. 4b: four values read back and one written; a wave of four positions brings one whole window.
    ['maxpool, kernel: 2', 4, [5, 5]],
  ])('%s, %i copies: a wave pays what it brings, and a write', (pool, copies, [latency, interval]) => {
    const known = pool
      .replace('globalavgpool', 'adaptiveavgpool, size: 1')
      .replace('globalmaxpool', 'adaptivemaxpool, size: 1');
    expect(cycles(poolOf(`type: ${known}`, copies))).toEqual([latency, interval]);
  });

  it('784 waves of 16 cycles take no longer with a global average pool than without', () => {
    const [plain, pooled] = ['', 'type: adaptiveavgpool, size: 1'].map((pool) => ps(poolOf(pool).stages[0]!.busyS));
    expect(plain).toBe(784 * 16 * 100_000);
    expect(pooled).toBe(plain);
  });

  it('MobileNetV1 on isaac: the layer before the global pool is no slower than the one before it', () => {
    const { stages } = resultOf('isaac', ['network=mobilenet-v1', 'workload.mode=inference', 'workload.images=2']);
    const busy = stages.map(({ busyS }) => busyS);
    expect(busy.at(-2)!).toBeLessThanOrEqual(busy.at(-3)!);
  });
});

describe('`granularity: row`', () => {
  const UNITS = [
    'chip.clock=1000 GHz',
    'inputs.bits=1',
    'device.read.latency=1000 ps',
    'sensing.rate=1000000 GSps',
    'components.verticalAdder.latency=0 cycles',
  ];
  const layers = [
    'name: a, type: conv2d, channels: 1, kernel: 1',
    'name: b, type: conv2d, channels: 1, kernel: 3, padding: 1',
  ];
  const time = (copies: number): number =>
    ps(
      of('isaac', layers, '{ channels: 1, height: 3, width: 3 }', [
        ...UNITS,
        `mapping.replication={ scheme: given, byLayer: { b: ${copies} } }`,
      ]).time.totalS,
    );

  it('a wave over the end of a row waits for the most that any of its positions needs: 11,010 ps, not 10,010', () => {
    // Nine waves of 1,000 ps and five units of 1 ps; the first seven of nine positions need them all (the sixth is a
    // row's last); their wave and the next take 1,000 ps each, and the five units.
    expect(time(7)).toBe(9 * 1000 + 5 + 2 * 1000 + 5);
  });

  it.each([
    // Position k in raster order needs 5, 6, 6, 8, 9, 9, 9, 9, 9 positions; waves of `copies` follow by 1,000 ps.
    [1, Math.max(...[5, 6, 6, 8, 9, 9, 9, 9, 9].map((need, k) => need * 1000 + 5 + (9 - k) * 1000 + 5))],
    [2, Math.max(...[6, 8, 9, 9, 9].map((need, k) => need * 1000 + 5 + (5 - k) * 1000 + 5))],
    [4, Math.max(...[8, 9, 9].map((need, k) => need * 1000 + 5 + (3 - k) * 1000 + 5))],
    [9, 9 * 1000 + 5 + 1000 + 5],
  ])('in %i copies: %i ps', (copies, expected) => {
    expect(time(copies)).toBe(expected);
  });
});

describe('order in the file', () => {
  const layers = {
    stem: 'name: stem, type: conv2d, channels: 4, kernel: 3, padding: 1',
    short: 'name: short, from: stem, type: conv2d, channels: 4, kernel: 1',
    one: 'name: one, from: stem, type: conv2d, channels: 4, kernel: 3, padding: 1',
    two: 'name: two, from: one, type: conv2d, channels: 4, kernel: 3, padding: 1',
    sum: 'name: sum, from: [two, short], type: add',
    relu: 'name: relu, from: sum, type: relu',
  };
  it.each(['isaac', 'pipelayer'])(
    '%s: a shortcut listed first, between or last gives the same first result',
    (preset) => {
      const { stem, short, one, two, sum, relu } = layers;
      const times = [
        [stem, short, one, two, sum, relu],
        [stem, one, short, two, sum, relu],
        [stem, one, two, short, sum, relu],
      ].map((order) => {
        const { time, energy } = of(preset, order, '{ channels: 4, height: 8, width: 8 }', ['workload.images=3']);
        return [ps(time.firstResultS), ps(time.totalS), energy.totalJ.toPrecision(12)];
      });
      expect(times[1]).toEqual(times[0]);
      expect(times[2]).toEqual(times[0]);
    },
  );
});

describe('clocks are exact fractions', () => {
  const matrix = (clock: string, read: string): number => {
    const { time } = resultOf('isaac', [
      'network=matrix-128',
      'workload.mode=inference',
      'workload.images=1',
      `chip.clock=${clock}`,
      `device.read.latency=${read}`,
      'sensing.rate=1000 GSps',
    ]);
    return ps(time.totalS);
  };

  it.each([
    ['3 GHz', '1 ns', 16_000 + 6 * (1000 / 3)],
    ['3 GHz', '3 cycles', 16_000 + 6 * (1000 / 3)],
    ['1.2 GHz', '10 ns', 160_000 + 6 * (10_000 / 12)],
    ['1.2 GHz', '12 cycles', 160_000 + 6 * (10_000 / 12)],
    // 1.1 ns is no whole cycle of 3 GHz: the read ends on the fourth edge.
    ['3 GHz', '1.1 ns', 16 * 4 * (1000 / 3) + 6 * (1000 / 3)],
    ['700 MHz', '7 cycles', 160_000 + 6 * (10_000 / 7)],
  ])('%s, a read of %s: 16 slots and six cycles', (clock, read, expected) => {
    expect(matrix(clock, read)).toBe(Math.round(expected));
  });
});

describe('what ticks of 1 ps do not hold to 1 % is refused by its key', () => {
  const run =
    (set: string, preset = 'pipelayer') =>
    () =>
      of(preset, ['name: d, type: dense, features: 4'], '{ features: 4 }', [set]);
  it.each(['0.4 ps', '0.5 ps', '0.99 fs', '1.4 ps', '1.02 ps', '49.5 ps'])('a read of %s', (latency) => {
    expect(run(`device.read.latency=${latency}`)).toThrow(
      /^--set device\.read\.latency=.*: device\.read\.latency: takes .* ps, which ticks of 1 ps do not hold to 1 %$/,
    );
  });
  it.each(['1 ps', '1.004 ps', '50.4 ps', '29.31 ns'])('a read of %s is held', (latency) => {
    expect(run(`device.read.latency=${latency}`)).not.toThrow();
  });
  it.each([
    ['components.shiftAdd.latency', '0.3 ps', 'pipelayer'],
    ['components.buffer.latency', '0.2 ps', 'pipelayer'],
    ['chip.clock', '1500 GHz', 'isaac'],
    ['chip.clock', '670 GHz', 'isaac'],
  ])('%s: %s', (key, value, preset) => {
    expect(run(`${key}=${value}`, preset)).toThrow(/: [\w.]+: .*(do not hold to 1 %|faster than the tick)/);
  });
});
