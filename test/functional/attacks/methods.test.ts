// Attack methods on a network of 2-2-2 units: exact vectors, and what each method promises.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CarliniWagner } from '../../../src/functional/attacks/carlini-wagner.js';
import { DeepFool } from '../../../src/functional/attacks/deepfool.js';
import { Jsma } from '../../../src/functional/attacks/jsma.js';
import { OnePixel } from '../../../src/functional/attacks/one-pixel.js';
import { Rp2, type Rp2Options } from '../../../src/functional/attacks/rp2.js';
import { SignSteps, type SignStepOptions } from '../../../src/functional/attacks/sign-steps.js';
import { Universal } from '../../../src/functional/attacks/universal.js';
import { predictions, type AttackRun, type AttackTask, type Victim } from '../../../src/functional/attacks/victim.js';
import { streamOf } from '../../../src/functional/streams.js';
import { crossEntropy } from '../../../src/functional/training/loss.js';
import { SMALL } from './small.js';
import { PLAIN_RP2 } from './rp2-options.js';

const task = (clean: number[], over: Partial<AttackTask> = {}): AttackTask => {
  const pictures = Float64Array.from(clean);
  const count = clean.length / 2;
  return {
    victim: SMALL,
    clean: pictures,
    count,
    labels: predictions(SMALL.logits(pictures, count), count),
    targets: null,
    range: [-10, 10],
    start: null,
    stream: (name) => streamOf(1, name),
    ...over,
  };
};

const FGSM: SignStepOptions = {
  epsilon: 0.3,
  step: 0.3,
  iterations: 1,
  norm: 'linf',
  randomStart: false,
  decay: null,
};

/** All iterations. */
function done(run: AttackRun): AttackRun {
  while (run.iteration < run.total) run.step();
  return run;
}

describe('FGSM', () => {
  const rows: [number[], number, number[], number, number[], number[], number[]][] = [
    [
      [0.2, 0.7],
      0,
      [-0.315829294, -1.004625808],
      0.406917434,
      [0.269305601, -0.519932061],
      [0.5, 0.4],
      [0.337978522, 0.4336132],
    ],
    [
      [0.5, 0.5],
      0,
      [-0.763555139, -0.79582959],
      0.677140155,
      [0.552822982, -0.972800809],
      [0.8, 0.2],
      [0.648222128, 0.239174003],
    ],
    [
      [-2, 3],
      0,
      [0.286925111, -1.321069715],
      0.182562216,
      [-0.034154165, -0.034413574],
      [-2.3, 2.7],
      [-2.211327975, 2.787066943],
    ],
    [
      [1, -1],
      1,
      [-2.079650646, 0.014825323],
      0.116123662,
      [0.006178328, 0.045483324],
      [1.3, -0.7],
      [1.040380326, -0.70273004],
    ],
  ];

  it('exact vectors of a 2-2-2 network: logits, loss, gradient, L-infinity and L2 steps to nine decimals', () => {
    for (const [x, label, logits, loss, gradient, linf, l2] of rows) {
      const one = task(x);
      expect(one.labels[0]).toBe(label);
      let seen = 0;
      const back = SMALL.gradient(one.clean, 1, (out) => {
        const { losses, error } = crossEntropy(out, one.labels, 1);
        seen = losses[0]!;
        return error;
      });
      const near = (found: ArrayLike<number>, expected: number[]): void => {
        expected.forEach((value, j) => {
          expect(found[j]).toBeCloseTo(value, 9);
        });
      };
      near(back.logits, logits);
      near(back.gradient, gradient);
      expect(seen).toBeCloseTo(loss, 9);
      near(done(new SignSteps(one, FGSM)).adversarial(), linf);
      near(done(new SignSteps(one, { ...FGSM, norm: 'l2' })).adversarial(), l2);
    }
  });

  it('property: pictures stay within epsilon and the range, whatever the method of steps', () => {
    const options = fc.record({
      epsilon: fc.double({ min: 0.01, max: 1, noNaN: true }),
      step: fc.double({ min: 0.001, max: 2, noNaN: true }),
      iterations: fc.integer({ min: 1, max: 6 }),
      norm: fc.constantFrom('linf' as const, 'l2' as const),
      randomStart: fc.boolean(),
      decay: fc.constantFrom(null, 0, 1),
    });
    const picture = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 2 });
    fc.assert(
      fc.property(options, picture, fc.boolean(), (o, x, targeted) => {
        const one = task(x, { range: [0, 1], targets: targeted ? Int32Array.of(1) : null });
        const out = done(new SignSteps(one, o)).adversarial();
        const [a, b] = [out[0]! - x[0]!, out[1]! - x[1]!];
        const size = o.norm === 'linf' ? Math.max(Math.abs(a), Math.abs(b)) : Math.hypot(a, b);
        expect(size).toBeLessThanOrEqual(o.epsilon * (1 + 1e-12));
        for (const value of out) expect(value >= 0 && value <= 1).toBe(true);
      }),
    );
  });
});

describe('random starts', () => {
  it('are even in the ball of the 2-norm: as many near diagonals as near axes, a quarter in half of the radius', () => {
    const COUNT = 8000;
    const options: SignStepOptions = { ...FGSM, epsilon: 1, norm: 'l2', randomStart: true };
    const start = new SignSteps(task(new Array<number>(2 * COUNT).fill(0)), options).adversarial();
    let diagonal = 0;
    let within = 0;
    for (let i = 0; i < COUNT; i++) {
      const [x, y] = [Math.abs(start[2 * i]!), Math.abs(start[2 * i + 1]!)];
      // Directions of a square would be 1 - tan(pi / 8) = 0.586 within pi / 8 of a diagonal, those of a circle half.
      if (Math.abs(Math.atan2(y, x) - Math.PI / 4) < Math.PI / 8) diagonal++;
      if (Math.hypot(x, y) < 0.5) within++;
    }
    // Four standard deviations of a share of 8000.
    expect(Math.abs(diagonal / COUNT - 1 / 2)).toBeLessThan(0.023);
    expect(Math.abs(within / COUNT - 1 / 4)).toBeLessThan(0.02);
  });
});

describe('methods that search for the border', () => {
  const X = [0.2, 0.7, 0.5, 0.5, 1, -1];

  it('DeepFool crosses every border, and pictures that are wrong stay where they are', () => {
    const run = new DeepFool(task(X), { iterations: 50, overshoot: 0.02 });
    expect(done(run).state().success).toBe(1);
    const wrong = new DeepFool(task(X, { labels: Int32Array.of(1, 1, 0) }), { iterations: 3, overshoot: 0.02 });
    expect([...done(wrong).adversarial()]).toEqual(X);
  });

  it('Carlini-Wagner: all are fooled, and the distance falls as the constant falls', () => {
    const distance = (constant: number): number => {
      const one = task(X, { range: [-2, 2] });
      const run = new CarliniWagner(one, { constant, confidence: 0, iterations: 400, learningRate: 0.01 });
      const out = done(run).adversarial();
      expect(predictions(SMALL.logits(out, 3), 3)).not.toContain(undefined);
      return out.reduce((sum, x, j) => sum + (x - one.clean[j]!) ** 2, 0);
    };
    expect(distance(1)).toBeLessThanOrEqual(distance(100));
  });

  it('JSMA raises two places for the target and leaves full ones alone', () => {
    const one = task([0.4, 0.2], { range: [0, 1], targets: Int32Array.of(1) });
    const out = done(new Jsma(one, { theta: 1, gamma: 1 })).adversarial();
    expect([...out].every((x) => x === 1 || x === 0.4 || x === 0.2)).toBe(true);
    expect(() => new Jsma(task([0.4, 0.2]), { theta: 1, gamma: 1 })).toThrow(/target/);
  });

  it('JSMA lowers pixels by the mirrored rule: it fools what it fools from the other side', () => {
    // SMALL seen through 1 - x: its gradients have the other sign, so that raising there is lowering here.
    const negative = (x: Float64Array): Float64Array => x.map((value) => 1 - value);
    const mirror: Victim = {
      ...SMALL,
      logits: (x, count) => SMALL.logits(negative(x), count),
      gradient(x, count, errorOf) {
        const { logits, gradient } = SMALL.gradient(negative(x), count, errorOf);
        return { logits, gradient: gradient.map((value) => -value) };
      },
    };
    for (const clean of [0.1, 0.4, 0.995].flatMap((a) => [0.005, 0.3, 0.8].map((b) => [a, b])))
      for (const target of [0, 1]) {
        const over = { range: [0, 1], targets: Int32Array.of(target) } as const;
        const up = done(new Jsma(task(clean, over), { theta: 0.3, gamma: 1 }));
        const there = task([...negative(Float64Array.from(clean))], { ...over, victim: mirror });
        const down = done(new Jsma(there, { theta: -0.3, gamma: 1 }));
        expect([...negative(down.adversarial())].map((x) => x.toFixed(12))).toEqual(
          [...up.adversarial()].map((x) => x.toFixed(12)),
        );
      }
  });

  it('Carlini-Wagner takes what rounding has put beyond the range for its end', () => {
    const at = (x: number): number[] => {
      const one = task([x, 0.5], { range: [0, 1] });
      const run = new CarliniWagner(one, { constant: 1, confidence: 0, iterations: 5, learningRate: 0.01 });
      return [run.step().loss, ...done(run).adversarial()];
    };
    const near = (found: number[], right: number[]): void => {
      found.forEach((value, j) => {
        expect(value).toBeCloseTo(right[j]!, 4);
      });
    };
    near(at(1.000005), at(1));
    near(at(-0.000005), at(0));
  });

  it('universal perturbation: one for all pictures, inside its ball', () => {
    const one = task(X);
    const options = { epsilon: 0.4, iterations: 10, delta: 0, overshoot: 0.02, steps: 50 } as const;
    for (const norm of ['linf', 'l2'] as const) {
      const out = done(new Universal(one, { ...options, norm })).adversarial();
      const [a, b] = [out[0]! - X[0]!, out[1]! - X[1]!];
      expect(out[2]! - X[2]!).toBeCloseTo(a, 12);
      expect(norm === 'linf' ? Math.max(Math.abs(a), Math.abs(b)) : Math.hypot(a, b)).toBeLessThanOrEqual(0.4 + 1e-12);
    }
  });

  it('one pixel: one place of a picture changes, and the loss never falls', () => {
    const one = task([0.2, 0.7], { range: [0, 1] });
    const run = new OnePixel(one, { pixels: 1, iterations: 8, population: 12 }, { channels: 1, height: 1, width: 2 });
    const losses: number[] = [];
    while (run.iteration < run.total) losses.push(run.step().loss);
    const out = run.adversarial();
    expect([...out].filter((x, j) => x !== one.clean[j])).toHaveLength(1);
    losses.slice(2).forEach((loss, k) => {
      expect(loss).toBeGreaterThanOrEqual(losses[k + 1]!);
    });
  });
});

describe('RP2', () => {
  const OPTIONS: Rp2Options = { ...PLAIN_RP2, iterations: 40 };
  const SHAPE = { channels: 1, height: 1, width: 2 };

  it('a mask keeps the noise where it is; the loss falls to the target', () => {
    const one = task([0.2, 0.7, 0.5, 0.5], { targets: Int32Array.of(1, 1), start: Float64Array.of(0.1, 0.1) });
    const run = new Rp2(one, OPTIONS, SHAPE, Float64Array.of(1, 0));
    const first = run.step().loss;
    const out = done(run).adversarial();
    expect(out[1]).toBe(0.7);
    expect(out[0]! - 0.2).toBeCloseTo(out[2]! - 0.5, 12);
    expect(run.state().loss).toBeLessThan(first);
  });

  it('its gradient is that of its loss: finite differences, with every term and a shift', () => {
    const full = { ...OPTIONS, iterations: 1, totalVariation: 0.1, nonPrintability: 0.3, printable: [0, 0.4, 1] };
    const options: Rp2Options = {
      ...full,
      replay: [
        [1, 0, 0.9],
        [1, 0, 0.9],
      ],
    };
    const loss = (noise: number[]): number => {
      const one = task([0.2, 0.7, 0.5, 0.5], { targets: Int32Array.of(1, 1), start: Float64Array.from(noise) });
      return new Rp2(one, options, SHAPE, Float64Array.of(1, 1)).step().loss;
    };
    const at = [0.13, -0.21];
    const slope = at.map((_, j) => {
      const moved = (by: number): number[] => at.map((x, k) => (k === j ? x + by : x));
      return (loss(moved(1e-6)) - loss(moved(-1e-6))) / 2e-6;
    });
    // The first Adam step is learningRate x sign(gradient) to within epsilon, so its sign tells; its state tells the
    // rest.
    const one = task([0.2, 0.7, 0.5, 0.5], { targets: Int32Array.of(1, 1), start: Float64Array.from(at) });
    const run = new Rp2(one, options, SHAPE, Float64Array.of(1, 1));
    run.step();
    const first = run.arrays.get('adam.first')!;
    slope.forEach((value, j) => {
      expect(first[j]! / 0.1).toBeCloseTo(value, 6);
    });
  });
});

describe('a run that is taken up again', () => {
  it('equals one that was not interrupted, for every method with state', () => {
    const make: (() => AttackRun)[] = [
      () => new SignSteps(task([0.2, 0.7]), { ...FGSM, step: 0.05, iterations: 6, decay: 1, randomStart: true }),
      () => new CarliniWagner(task([0.2, 0.7]), { constant: 1, confidence: 0, iterations: 6, learningRate: 0.1 }),
      () =>
        new OnePixel(
          task([0.2, 0.7], { range: [0, 1] }),
          { pixels: 1, iterations: 6, population: 6 },
          { channels: 1, height: 1, width: 2 },
        ),
    ];
    for (const made of make) {
      const whole = done(made());
      const half = made();
      for (let i = 0; i < 3; i++) half.step();
      const again = made();
      for (const [name, array] of half.arrays) again.arrays.get(name)!.set(array);
      again.iteration = half.iteration;
      expect(done(again).adversarial()).toEqual(whole.adversarial());
    }
  });
});
