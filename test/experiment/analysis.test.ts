import fc from 'fast-check';
import seedrandom from 'seedrandom';
import { describe, expect, it } from 'vitest';
import { analyse } from '../../src/experiment/analysis/analyse.js';
import { crowdingOf, nsga2 } from '../../src/experiment/analysis/nsga2.js';
import {
  dominates,
  frontsOf,
  hypervolume,
  kneeOf,
  nonDominated,
  type Costs,
} from '../../src/experiment/analysis/pareto.js';
import { knobOf, oneAtATime, sobolFirstOrder, type Knob } from '../../src/experiment/analysis/sensitivity.js';

const clouds = (dimensions: number): fc.Arbitrary<number[][]> =>
  fc.array(fc.array(fc.integer({ min: 0, max: 8 }), { minLength: dimensions, maxLength: dimensions }), {
    minLength: 1,
    maxLength: 25,
  });

describe('fronts', () => {
  it('the non-dominated points are those that no point dominates', () => {
    fc.assert(
      fc.property(clouds(3), (points) => {
        expect(nonDominated(points)).toEqual(
          points.flatMap((point, i) => (points.some((other) => dominates(other, point)) ? [] : [i])),
        );
      }),
    );
  });

  it('fronts part the points, and each point of a later front is dominated by one of the front before', () => {
    fc.assert(
      fc.property(clouds(2), (points) => {
        const fronts = frontsOf(points);
        expect(fronts.flat().sort((a, b) => a - b)).toEqual(points.map((_, i) => i));
        fronts.slice(1).forEach((front, f) => {
          for (const i of front) expect(fronts[f]!.some((j) => dominates(points[j]!, points[i]!))).toBe(true);
        });
      }),
    );
  });

  it.each([1, 2, 3, 4])('hypervolume of %d objectives counts the unit cubes that are dominated', (dimensions) => {
    const cubes = Array.from({ length: 5 ** dimensions }, (_, i) =>
      Array.from({ length: dimensions }, (__, d) => Math.floor(i / 5 ** d) % 5),
    );
    fc.assert(
      fc.property(clouds(dimensions), (points) => {
        const dominated = cubes.filter((cube) => points.some((point) => point.every((cost, d) => cost <= cube[d]!)));
        expect(
          hypervolume(
            points,
            cubes[0]!.map(() => 5),
          ),
        ).toBe(dominated.length);
      }),
      { numRuns: 50 },
    );
  });

  it('hypervolume of 3,000 points on a sphere is near that of the sphere (the octant beyond it: 1 - pi/6)', () => {
    const random = seedrandom.alea('sphere');
    const points = Array.from({ length: 3000 }, () => {
      const [x, y, z] = [random(), random(), random()];
      const length = Math.hypot(x, y, z);
      return [1 - x / length, 1 - y / length, 1 - z / length];
    });
    expect(hypervolume(points, [1, 1, 1])).toBeGreaterThan(0.97 * (Math.PI / 6));
    expect(hypervolume(points, [1, 1, 1])).toBeLessThan(Math.PI / 6);
  });

  it('the knee of a bent front is its bend', () => {
    expect(
      kneeOf([
        [0, 10],
        [1, 2],
        [2, 1.5],
        [10, 0],
      ]),
    ).toBe(1);
    expect(kneeOf([])).toBeUndefined();
  });

  it("crowding: ends infinite, a middle point has its neighbours' distance over the span", () => {
    expect(crowdingOf([{ costs: [0, 4] }, { costs: [1, 1] }, { costs: [4, 0] }])).toEqual([Infinity, 2, Infinity]);
  });
});

describe('sensitivity', () => {
  it('Sobol first-order indices of the Ishigami function (Ishigami & Homma 1990: 0.3139, 0.4424, 0)', () => {
    const random = seedrandom.alea('ishigami');
    const draw = (): number[] => Array.from({ length: 8192 }, () => Math.PI * (2 * random() - 1));
    const [x, y, z] = [draw(), draw(), draw()];
    const figure = x.map((a, i) => Math.sin(a) + 7 * Math.sin(y[i]!) ** 2 + 0.1 * z[i]! ** 4 * Math.sin(a));
    const indices = sobolFirstOrder([knobOf('x', x), knobOf('y', y), knobOf('z', z)], figure).map(({ index }) => index);
    expect(indices[0]).toBeCloseTo(0.3139, 1);
    expect(indices[1]).toBeCloseTo(0.4424, 1);
    expect(indices[2]!).toBeLessThan(0.02);
  });

  it('an additive function on a full grid has the exact shares; a knob of names too', () => {
    const rows = [0, 1, 2, 3].flatMap((a) => ['p', 'q'].map((b) => ({ a, b, f: 2 * a + (b === 'p' ? 0 : 3) })));
    const knobsOf = (some: typeof rows): Knob[] => [
      knobOf(
        'a',
        some.map(({ a }) => a),
      ),
      knobOf(
        'b',
        some.map(({ b }) => b),
      ),
    ];
    const knobs = knobsOf(rows);
    const shares = sobolFirstOrder(
      knobs,
      rows.map(({ f }) => f),
    );
    // Variances 4 x 1.25 = 5 and 9 x 0.25 = 2.25.
    expect(shares[0]!.index).toBeCloseTo(5 / 7.25, 12);
    expect(shares[1]!.index).toBeCloseTo(2.25 / 7.25, 12);
    // A knob that goes with another (a zip) has the same share; without a row it is no grid any more, and chance is
    // taken off.
    const zipped = [
      ...knobs,
      knobOf(
        'c',
        rows.map(({ b }) => `${b}!`),
      ),
    ];
    expect(
      sobolFirstOrder(
        zipped,
        rows.map(({ f }) => f),
      )[2]!.index,
    ).toBeCloseTo(2.25 / 7.25, 12);
    expect(
      sobolFirstOrder(
        knobsOf(rows.slice(1)),
        rows.slice(1).map(({ f }) => f),
      )[1]!.index,
    ).toBeLessThan(2.25 / 7.25);
    const single = oneAtATime(
      knobs,
      rows.map(({ f }) => f),
      0,
    );
    expect(single).toEqual([
      { knob: 'a', points: 3, base: 0, least: 0, most: 6, swing: null },
      { knob: 'b', points: 1, base: 0, least: 0, most: 3, swing: null },
    ]);
    expect(
      oneAtATime(
        knobs,
        rows.map(({ f }) => f),
        2,
      )[0]!.swing,
    ).toBe(3);
  });
});

describe('sensitivity off full grids', () => {
  // Variances: f = a + 10 b over pairs a <= b of 0..3, each with five values of an idle knob.
  const triangle = [0, 1, 2, 3].flatMap((b) =>
    [0, 1, 2, 3].filter((a) => a <= b).flatMap((a) => [1, 2, 3, 4, 5].map((idle) => ({ a, b, idle, f: a + 10 * b }))),
  );
  const values = (key: 'a' | 'b' | 'idle' | 'f'): number[] => triangle.map((point) => point[key]);
  /** The correlation ratio of f by a, b, by its definition. */
  const ratio = (key: 'a' | 'b' | 'idle'): number => {
    const mean = (of: readonly number[]): number => of.reduce((sum, x) => sum + x, 0) / of.length;
    const variance = (of: readonly number[]): number => mean(of.map((x) => (x - mean(of)) ** 2));
    const conditional = triangle.map((point) =>
      mean(triangle.filter((other) => other[key] === point[key]).map(({ f }) => f)),
    );
    return variance(conditional) / variance(values('f'));
  };
  const columns = ['a', 'b', 'idle'] as const;

  it('what conditions leave of a grid is all there is: exact shares, nothing for a knob without effect', () => {
    const { sensitivity } = analyse(
      triangle.map(({ f, ...knobs }, index) => ({ index, values: knobs, figures: { f }, feasible: true })),
      columns,
      [{ key: 'f', goal: 'minimize' }],
    );
    for (const { knob, index } of sensitivity[0]!.firstOrder) {
      const own = columns.find((key) => key === knob)!;
      expect(index).toBeCloseTo(ratio(own), 12);
    }
    expect(sensitivity[0]!.firstOrder[2]!.index).toBe(0);
  });

  it('drawn values that come again stay together: of few values each has its group, of many none is in two', () => {
    const random = seedrandom.alea('ties');
    const draws = Array.from({ length: 500 }, () => [Math.floor(4 * random()), Math.floor(60 * random())] as const);
    const [few, many] = [draws.map(([a]) => a), draws.map(([, b]) => b)];
    // A figure that is 0 or 1 by a's evenness, which two groups of near values do not see; and the points' order.
    const shares = sobolFirstOrder(
      [knobOf('few', few), knobOf('many', many)],
      few.map((a) => a % 2),
    );
    expect(shares[0]!.index).toBeCloseTo(1, 6);
    const ordered = sobolFirstOrder(
      [
        knobOf(
          'many',
          Array.from({ length: 500 }, (_, i) => i % 40),
        ),
      ],
      Array.from({ length: 500 }, (_, i) => Math.floor(i / 40)),
      'drawn',
    );
    expect(ordered[0]!.index).toBeLessThan(0.001);
  });
});

describe('NSGA-II', () => {
  const zdt1 = (genes: readonly number[]): Costs => {
    const [first = 0, ...rest] = genes;
    const g = 1 + (9 * rest.reduce((sum, x) => sum + x, 0)) / rest.length;
    return [first, g * (1 - Math.sqrt(first / g))];
  };
  const search = (seed: number, generations: number, violation: (genes: readonly number[]) => number = () => 0) =>
    nsga2({
      population: 60,
      generations,
      seed,
      ordered: Array.from({ length: 10 }, () => true),
      evaluate: (all) => Promise.resolve(all.map((genes) => ({ costs: zdt1(genes), violation: violation(genes) }))),
    });

  it(
    'finds the front of ZDT1 (Zitzler, Deb, Thiele 2000: f2 = 1 - sqrt(f1)); the whole front has hypervolume ' +
      '0.8767 to (1.1, 1.1)',
    async () => {
      const found = await search(1, 120);
      expect(Math.max(...found.map(({ costs }) => costs![1]! - (1 - Math.sqrt(costs![0]!))))).toBeLessThan(0.05);
      expect(
        hypervolume(
          found.map(({ costs }) => costs!),
          [1.1, 1.1],
        ),
      ).toBeGreaterThan(0.84);
      const early = await search(1, 5);
      expect(
        hypervolume(
          early.map(({ costs }) => costs!),
          [1.1, 1.1],
        ),
      ).toBeLessThan(0.5);
    },
  );

  it('the same seed gives the same search, another seed another', async () => {
    expect(await search(3, 10)).toEqual(await search(3, 10));
    expect(await search(3, 10)).not.toEqual(await search(4, 10));
  });

  it('keeps to constraints, and survives points that cannot be evaluated', async () => {
    const found = await search(1, 60, ([first = 0]) => Math.max(0, 0.5 - first));
    expect(found.every(({ costs }) => costs![0]! >= 0.5)).toBe(true);
    const holed = await nsga2({
      population: 20,
      generations: 20,
      seed: 1,
      ordered: [true, false],
      evaluate: (all) =>
        Promise.resolve(all.map((genes) => ({ costs: genes[1]! < 0.3 ? null : zdt1(genes), violation: 0 }))),
    });
    expect(holed.every(({ costs }) => costs !== null)).toBe(true);
  });
});
