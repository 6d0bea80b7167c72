// Attacks on the trained LeNet-5 against reference curves in float64.

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { CarliniWagner } from '../../../src/functional/attacks/carlini-wagner.js';
import { DeepFool } from '../../../src/functional/attacks/deepfool.js';
import { Jsma } from '../../../src/functional/attacks/jsma.js';
import { NetworkVictim } from '../../../src/functional/attacks/network-victim.js';
import { Rp2, type Rp2Options } from '../../../src/functional/attacks/rp2.js';
import { SignSteps, type SignStepOptions } from '../../../src/functional/attacks/sign-steps.js';
import { fooled, predictions, type AttackRun, type AttackTask } from '../../../src/functional/attacks/victim.js';
import { Executor } from '../../../src/functional/execute.js';
import { crossEntropy } from '../../../src/functional/training/loss.js';
import { streamOf } from '../../../src/functional/streams.js';
import { readTensors } from '../../../src/tensors/index.js';
import { importOnnx } from '../../../src/workload/onnx/index.js';
import { hasShared, sharedUrl } from '../../shared.js';
import { PLAIN_RP2 } from './rp2-options.js';

const data = sharedUrl('data/');
/** All rounds and cases instead of a cheap part of them. */
const WHOLE = hasShared && process.env.WHOLE === '1';
/** Pictures of FGSM and PGD, of Carlini-Wagner, of the others; rounds of the others. */
const [MANY, MARGIN, FEW, ROUNDS] = hasShared ? [200, 100, 20, 20] : [12, 12, 4, 8];
const MINUTES = WHOLE ? 3_600_000 : 60_000;
const bytes = (path: string): Uint8Array => new Uint8Array(readFileSync(new URL(path, data)));

/** Arrays of an npz as doubles. */
async function arrays(path: string): Promise<ReadonlyMap<string, Float64Array>> {
  const tensors = await readTensors(bytes(path), path);
  return new Map(tensors.map(({ name, data: values }) => [name, Float64Array.from(values, Number)]));
}

type Curve = readonly (readonly number[])[];
/** Rows of a named attack of attacks.json: iteration, loss, ... */
const curvesOf = (path: string): Record<string, { f64: { curve: Curve; rows: Record<string, number>[] } }> =>
  JSON.parse(readFileSync(new URL(path, data), 'utf8')) as ReturnType<typeof curvesOf>;

const model = (): NetworkVictim => {
  const file = 'models/lenet5_mnist/lenet5_mnist.onnx';
  const { graph, parameters } = importOnnx(bytes(file), file);
  return new NetworkVictim(new Executor(graph, parameters, { precision: 'float64' }));
};

/** The first test pictures of MNIST or the slice, pixel / 255. */
function pictures(count: number): { clean: Float64Array; labels: Int32Array } {
  const images = bytes('datasets/mnist/t10k-first200-images-idx3-ubyte');
  const labels = bytes('datasets/mnist/t10k-first200-labels-idx1-ubyte');
  return {
    clean: Float64Array.from(images.subarray(16, 16 + count * 784), (pixel) => pixel / 255),
    labels: Int32Array.from(labels.subarray(8, 8 + count)),
  };
}

const task = (victim: NetworkVictim, count: number, over: Partial<AttackTask> = {}): AttackTask => ({
  victim,
  ...pictures(count),
  count,
  targets: null,
  range: [0, 1],
  start: null,
  stream: (name) => streamOf(1, name),
  ...over,
});
const next = (labels: Int32Array): Int32Array => labels.map((label) => (label + 1) % 10);

/** Runs up to `most` iterations; the states before each. */
function states(run: AttackRun, most = Infinity): { loss: number; success: number }[] {
  const out: { loss: number; success: number }[] = [];
  while (run.iteration < Math.min(run.total, most)) out.push(run.step());
  out.push(run.state());
  return out;
}

const STEPS: SignStepOptions = {
  epsilon: 0.2,
  step: 0.02,
  iterations: 20,
  norm: 'linf',
  randomStart: false,
  decay: null,
};

/** Rounds in which all losses are the reference's. */
const EARLY = 31;

/** Largest distance of a run's losses from a curve's. */
const lossGap = (found: { loss: number }[], curve: Curve, scale = 1): number =>
  Math.max(...found.map(({ loss }, i) => Math.abs(loss - curve[i]![1]! / scale)));

describe('LeNet-5 in float64', () => {
  const victim = model();

  it('FGSM: mean losses and success rates', () => {
    const { rows } = curvesOf('golden/attacks_lenet5/attacks.json').fgsm!.f64;
    for (const { epsilon, mean_loss, success_rate } of WHOLE ? rows : rows.slice(-2)) {
      const run = new SignSteps(task(victim, MANY), { ...STEPS, epsilon: epsilon!, step: epsilon!, iterations: 1 });
      run.step();
      const { loss, success } = run.state();
      expect(loss).toBeCloseTo(mean_loss!, 9);
      expect(success).toBe(success_rate);
    }
  });

  it(
    'PGD from a stored start, targeted and not: losses of the first rounds, success',
    async () => {
      const start = (await arrays('golden/attacks_lenet5/attacks.npz')).get('pgd_start_uniform_minus1_1')!;
      const reference = curvesOf('golden/attacks_lenet5/attacks.json');
      const rounds = { ...STEPS, iterations: WHOLE ? 40 : 3 };
      const cases = [
        ['pgd_untargeted_eps0.2', rounds],
        ['pgd_targeted_eps0.2', rounds],
        ['pgd_untargeted_eps0.1', { ...rounds, epsilon: 0.1, step: 0.01 }],
        ['pgd_targeted_eps0.3', { ...rounds, epsilon: 0.3, step: 0.01 }],
      ] as const;
      for (const [name, options] of WHOLE ? cases : cases.slice(0, 2)) {
        const one = task(victim, MANY, { start });
        const run = new SignSteps({ ...one, targets: name.includes('untargeted') ? null : next(one.labels) }, options);
        const found = states(run);
        const { curve } = reference[name]!.f64;
        expect(lossGap(found.slice(0, EARLY), curve), name).toBeLessThan(1e-8);
        // Until round 31 losses are within 1e-15. Then pixel 311 of picture 22 stands on a kink: 1e-13 on the pixels
        // turns its gradient's sign, and the other sign gives the reference's round 32 to 2e-16. From there on one
        // case is up to 6.6e-6 off; its rates are not.
        expect(lossGap(found, curve), name).toBeLessThan(name === 'pgd_untargeted_eps0.1' ? 1e-5 : 1e-8);
        expect(found.map(({ success }) => success)).toEqual(curve.slice(0, found.length).map(([, , share]) => share));
      }
    },
    MINUTES,
  );

  it(
    'MI-FGSM, PGD-L2 and DeepFool of attacks_more: losses 1e-9, predictions, pictures 1e-6',
    async () => {
      const runs: [string, AttackRun][] = [
        ['mi_fgsm', new SignSteps(task(victim, FEW), { ...STEPS, iterations: ROUNDS, decay: 1 })],
        [
          'pgd_l2',
          new SignSteps(task(victim, FEW), { ...STEPS, iterations: ROUNDS, epsilon: 1.5, step: 0.2, norm: 'l2' }),
        ],
        ['deepfool', new DeepFool(task(victim, FEW), { iterations: WHOLE ? 50 : 6, overshoot: 0.02 })],
      ];
      for (const [name, run] of runs) {
        const stored = await arrays(`golden/attacks_more/${name}.npz`);
        const [loss, prediction, moved] = ['loss', 'prediction', 'moved'].map((key) => stored.get(key));
        for (let k = 0; k <= run.total; k++) {
          const logits = victim.logits(run.adversarial(), FEW);
          const { losses } = crossEntropy(logits, pictures(FEW).labels, FEW);
          const said = predictions(logits, FEW);
          for (let i = 0; i < FEW; i++) {
            const right = loss![FEW * k + i]!;
            // DeepFool stands on the border from here on: which side a rounding decides.
            if (name === 'deepfool' && k > 0 && moved![FEW * (k - 1) + i]! < 1e-6) continue;
            if (!Number.isNaN(right)) expect(Math.abs(losses[i]! - right), `${name} ${k} ${i}`).toBeLessThan(1e-9);
            const wanted = prediction?.length === loss!.length ? prediction[FEW * k + i]! : -1;
            if (wanted >= 0) expect(said[i], `${name} ${k} ${i}`).toBe(wanted);
          }
          if (k < run.total) run.step();
        }
        if (name === 'deepfool' && !WHOLE) continue;
        const success = fooled(victim.logits(run.adversarial(), FEW), task(victim, FEW));
        const settled = stored.get('settled');
        stored.get('success')!.forEach((share, i) => {
          if (settled === undefined || settled[i] === 1) expect(success[i]).toBe(share);
        });
        const out = run.adversarial();
        stored.get('adversarial')!.forEach((x, j) => {
          if (Math.abs(out[j]! - x) > 1e-6) throw new Error(`${name}: value ${j} is ${out[j]}, expected ${x}`);
        });
      }
    },
    MINUTES,
  );

  it(
    `JSMA: the pixels of ${WHOLE ? 'all' : 'the first'} rounds, then pictures and success`,
    async () => {
      const stored = await arrays('golden/attacks_more/jsma.npz');
      const [count, rounds] = WHOLE ? [20, 40] : [4, 3];
      const one = task(victim, count);
      const run = new Jsma({ ...one, targets: next(one.labels) }, { theta: 1, gamma: 0.1 });
      for (let round = 0; round < rounds; round++) {
        const before = Float64Array.from(run.adversarial());
        run.step();
        const after = run.adversarial();
        for (let i = 0; i < count; i++) {
          const changed = [];
          for (let j = 0; j < 784; j++) if (after[784 * i + j] !== before[784 * i + j]) changed.push(j);
          const right = ['first_pixel', 'second_pixel'].map(
            (name) => stored.get(name)![(hasShared ? FEW : count) * round + i]!,
          );
          // A picture that has stopped has no pixels; one of a pair may be at its largest already.
          expect(changed.every((pixel) => right.includes(pixel))).toBe(true);
          expect(changed.length > 0).toBe(right[0]! >= 0);
        }
      }
      if (!WHOLE) return;
      expect([...fooled(victim.logits(run.adversarial(), FEW), { ...one, targets: next(one.labels) })]).toEqual([
        ...stored.get('success')!,
      ]);
      stored.get('adversarial')!.forEach((x, j) => {
        if (Math.abs(run.adversarial()[j]! - x) > 1e-6) throw new Error(`jsma: value ${j}`);
      });
    },
    MINUTES,
  );

  it(
    `Carlini-Wagner L2: losses of the first rounds${WHOLE ? ', rates of the last' : ''}`,
    () => {
      const one = task(victim, MARGIN);
      for (const constant of WHOLE ? [0.1, 1, 10] : [1]) {
        const options = { constant, confidence: 0, iterations: WHOLE ? 300 : 4, learningRate: 0.01 };
        const found = states(new CarliniWagner({ ...one, targets: next(one.labels) }, options));
        const { curve } = curvesOf('golden/attacks_lenet5/attacks.json')[`cw_l2_c${constant.toFixed(1)}`]!.f64;
        // The runs of the reference drift apart after 80 rounds.
        expect(lossGap(found.slice(0, 60), curve, MARGIN)).toBeLessThan(1e-7);
        const [last, right] = [found.at(-1)!, curve[found.length - 1]!];
        expect(Math.abs(last.success - right[3]!)).toBeLessThanOrEqual(0.03);
        expect(Math.abs(last.loss / (right[1]! / MARGIN) - 1)).toBeLessThan(0.03);
      }
    },
    MINUTES,
  );

  it(
    'RP2 on threes: plain, with shifts and brightness, non-printability: losses of first rounds',
    async () => {
      const stored = await arrays('golden/attacks_lenet5/attacks.npz');
      const indices = Array.from(stored.get('rp2_train_indices')!);
      const all = gunzipSync(bytes('datasets/mnist/t10k-images-idx3-ubyte.gz'));
      const count = indices.length;
      const clean = Float64Array.from({ length: count * 784 }, (_, at) => {
        return all[16 + indices[Math.floor(at / 784)]! * 784 + (at % 784)]! / 255;
      });
      const reference = JSON.parse(readFileSync(new URL('golden/attacks_lenet5/attacks.json', data), 'utf8')) as Record<
        string,
        {
          settings: { transformations: [number, number, number][] | null; printable: number[] | null };
          f64: { curve: Curve; held_out_target_rate: number };
        }
      >;
      const base: Rp2Options = { ...PLAIN_RP2, noiseLimit: Infinity };
      for (const name of [
        'rp2_lam0.02_eot0_nps0',
        'rp2_lam0.1_eot0_nps0',
        'rp2_lam0.02_eot1_nps0',
        'rp2_lam0.02_eot0_nps0.5',
      ]) {
        const { settings, f64 } = reference[name]!;
        const options: Rp2Options = {
          ...base,
          lambda: name.includes('lam0.1') ? 0.1 : 0.02,
          replay: settings.transformations,
          nonPrintability: name.endsWith('nps0.5') ? 0.5 : 0,
          printable: settings.printable ?? [],
        };
        const one = task(victim, count, {
          clean,
          labels: new Int32Array(count).fill(3),
          targets: new Int32Array(count).fill(8),
          start: stored.get('rp2_start_noise')!,
        });
        const run = new Rp2(one, options, { channels: 1, height: 28, width: 28 }, stored.get('rp2_mask')!);
        const found = [];
        for (let i = 0; i < (WHOLE ? 300 : 4); i++) found.push(run.step());
        expect(lossGap(found.slice(0, 60), f64.curve), name).toBeLessThan(1e-6);
        if (!WHOLE) continue;
        const [last, right] = [run.state(), f64.curve[300]!];
        expect(Math.abs(last.success - right[5]!), name).toBeLessThanOrEqual(name.endsWith('nps0.5') ? 0.05 : 0.026);
      }
    },
    MINUTES,
  );
});
