// Training and attacks from a config: on digits that the project draws itself, nothing from outside.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { afterAll, describe, expect, it } from 'vitest';
import { attackDesigns } from '../../src/experiment/functional/attack-designs.js';
import { runAttack } from '../../src/experiment/functional/attack.js';
import { runTraining } from '../../src/experiment/functional/train.js';
import { COMPARED_TITLES } from '../../src/experiment/index.js';
import { attackReport, trainingReport } from '../../src/report/html/index.js';
import { readTensors, writeNpz } from '../../src/tensors/index.js';
import { readNpz } from '../../src/tensors/numpy.js';
import { importOnnx } from '../../src/workload/onnx/index.js';
import { loaded } from '../helpers.js';

const folder = mkdtempSync(join(tmpdir(), 'xbarflow-functional-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const SMALL = ['data.count=320', 'test.count=100', 'training.epochs=3'];
const none = { folder: undefined, resume: false, progress: () => undefined };
const train = (sets: string[] = [], options = {}) =>
  runTraining(loaded('train-digits', [...SMALL, ...sets]), { ...none, ...options });

/** The same bytes, one of them another. */
function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at]! ^= 255;
  return copy;
}

describe('train', () => {
  it('learns: the loss falls, tests are well above chance; time, energy and lifetime are as timed', async () => {
    const { result, files } = await train();
    expect(result.epochs).toHaveLength(3);
    expect(result.epochs[2]!.loss).toBeLessThan(result.epochs[0]!.loss);
    expect(result.epochs[2]!.testAccuracy).toBeGreaterThan(0.5);
    expect(result.epochs[2]!.timeS).toBeGreaterThan(0);
    expect(result.epochs[2]!.energyJ).toBeGreaterThan(0);
    expect(result.lifetimeS).toBeGreaterThan(0);
    const { sections } = trainingReport('digits', result);
    expect(sections.map(({ id }) => id)).toEqual(['training']);
    expect(sections[0]!.tables[0]!.rows.map((cells) => cells[3]!.value)).toEqual(
      result.epochs.map(({ testAccuracy }) => testAccuracy),
    );
    writeFileSync(join(folder, 'model.safetensors'), files['model.safetensors']!);
    // Both files hold the same numbers under the same names.
    const { parameters } = importOnnx(Buffer.from(files['model.onnx']!), 'model.onnx');
    const stored = await readTensors(Buffer.from(files['model.safetensors']!), 'model.safetensors');
    for (const { name, data } of stored) expect(parameters.get(name).data).toEqual(data);
  });

  it('a run that is taken up again ends with the same bytes as one that was not interrupted', async () => {
    const out = join(folder, 'resumed');
    const whole = await train();
    let done = 0;
    const stop = new Error('stopped');
    const first = train([], {
      folder: out,
      progress: () => {
        if (++done === 15) throw stop;
      },
    });
    await expect(first).rejects.toBe(stop);
    const again = await train([], { folder: out, resume: true });
    expect(again.files['model.safetensors']).toEqual(whole.files['model.safetensors']);
    expect(again.result.iterations).toEqual(whole.result.iterations);
    await expect(train(['training.learningRate=0.01'], { folder: out, resume: true })).rejects.toThrow(/another run/);
  });

  it("through devices: ideal ones learn, the worst of NeuroSim's table learns less", async () => {
    const accuracy = async (device: string): Promise<number> => {
      const sets = [
        `crossbar.device=${device}`,
        'crossbar.cellBits=4',
        'training.update=device',
        'training.device.rounding=stochastic',
      ];
      return (await train(sets)).result.epochs[2]!.testAccuracy!;
    };
    expect(await accuracy('reram-neurosim-ideal')).toBeGreaterThan(await accuracy('reram-neurosim-pcmo'));
  });

  it('adversarial: batches are attacked first; time and energy give the share of the attack, on A3 too', async () => {
    const sets = ['data.count=64', 'test.count=50', 'training.epochs=1', 'training.adversarial=true'];
    const attack = 'attack={ method: bim, epsilon: 0.1, step: 0.05, iterations: 2 }';
    const { result } = await train([...sets, attack]);
    const plain = await train(sets.slice(0, 3));
    expect(result.iterations[0]!.loss).toBeGreaterThan(plain.result.iterations[0]!.loss);
    const { adversarial, epochs } = result;
    // 2 rounds of 32 pictures, forward and back.
    expect(adversarial).toMatchObject({ method: 'bim', pictures: 32, passes: 64, untimed: [] });
    expect(adversarial!.designs.map(({ training, attack: on }) => [training, on])).toEqual([
      ['train-digits', 'train-digits'],
      ['train-digits', 'a3'],
    ]);
    const [own] = adversarial!.designs;
    expect(own!.attackTimeShare).toBeCloseTo(own!.attackS / (own!.attackS + own!.trainingS), 12);
    // Two batches, each with its attack.
    expect(epochs[0]!.timeS).toBeCloseTo(2 * (own!.trainingS + own!.attackS), 12);
    expect(epochs[0]!.timeS).toBeGreaterThan(plain.result.epochs[0]!.timeS!);
    // A share of 0 attacks nobody.
    const none = await train([...sets, attack, 'training.adversarialShare=0']);
    expect(none.result.iterations).toEqual(plain.result.iterations);
  });

  it('a softmax at the end is left to the cross entropy; the mean square looks at what the network says', async () => {
    const first = async (network: string, ...sets: string[]): Promise<number> => {
      const path = join(folder, 'ends.yaml');
      writeFileSync(path, network);
      const small = [`network=${path}`, 'data.count=32', 'test.count=1', 'training.epochs=1', ...sets];
      return (await train(small)).result.iterations[0]!.loss;
    };
    const input = 'name: ends\ninput: { channels: 1, height: 28, width: 28 }\nlayers:\n';
    const dense = '  - { name: fc1, type: dense, features: 10 }\n';
    const softmax = '  - { name: end, type: softmax }\n';
    expect(await first(input + dense + softmax)).toBe(await first(input + dense));
    const square = await first(input + dense + softmax, 'training.loss=mse');
    // Ten outputs near 0.1: (0.9^2 + 9 x 0.1^2) / 10.
    expect(square).toBeGreaterThan(0.08);
    expect(square).toBeLessThan(0.11);
  });

  it('a checkpoint that is damaged, or of another network, is refused', async () => {
    const out = join(folder, 'damaged');
    const sets = ['data.count=32', 'test.count=1', 'training.epochs=1'];
    await train(sets, { folder: out });
    const path = join(out, 'checkpoint', 'checkpoint.npz');
    const whole = readFileSync(path);
    for (const damaged of [whole.subarray(0, whole.length / 2), Buffer.from('no archive'), flipped(whole, 60)]) {
      writeFileSync(path, damaged);
      await expect(train(sets, { folder: out, resume: true })).rejects.toThrow(/checkpoint\.npz/);
    }
    writeFileSync(path, whole);
    await expect(train([...sets, 'network=lenet-5'], { folder: out, resume: true })).rejects.toThrow(/another run/);
  });

  it('what cannot be is refused at its key', async () => {
    await expect(train(['training.update=device'])).rejects.toThrow(
      /device\.update: .*does not say how updates move it/,
    );
    await expect(train(['training.optimizer=sgd', 'training.learningRate=1e30'])).rejects.toThrow(
      /(loss of iteration \d+ is|would become) (NaN|Infinity)/,
    );
    expect(() => loaded('train-digits', ['crossbar.device=fefet-neurosim-hzo', 'device.update.states=1'])).toThrow(
      /device\.update\.states: found 1, expected a whole number of at least 2/,
    );
  });
});

it('a layer with a learning rate of its own moves by it', async () => {
  const weightsAfter = async (sets: string[]): Promise<Map<string, number[]>> => {
    const { files } = await train(['training.iterations=1', 'training.optimizer=sgd', ...sets]);
    const tensors = await readTensors(Buffer.from(files['model.safetensors']!), 'model.safetensors');
    return new Map(tensors.map(({ name, data }) => [name, Array.from(data, Number)]));
  };
  const start = await weightsAfter(['training.learningRate=1e-30']);
  const one = await weightsAfter(['training.learningRate=0.5']);
  const own = await weightsAfter(['training.learningRate=0.5', 'training.learningRates={ fc3: 1e-30 }']);
  for (const [name, values] of own) expect(values).toEqual((/^fc3/.test(name) ? start : one).get(name));
  await expect(train(['training.learningRates={ fc4: 1 }'])).rejects.toThrow(
    /training\.learningRates\.fc4: no layer of this name has weights; expected conv1, conv2, fc3/,
  );
});

describe('attack', () => {
  const onDesign = (name: string, sets: string[]) =>
    loaded(name, [
      'network=digits-cnn',
      `model.weights=${join(folder, 'model.safetensors')}`,
      'data={ kind: digits, count: 40, seed: 3 }',
      ...sets,
    ]);
  const attack = (sets: string[]) => runAttack(onDesign('a3', sets), none);

  it('FGSM with a wide step fools the trained network, on floats and crossbars; examples have times', async () => {
    for (const backend of ['float64', 'crossbar']) {
      const { result, files } = await attack([`attack={ method: fgsm, epsilon: 0.3, backend: ${backend} }`]);
      expect(result.cleanAccuracy).toBeGreaterThan(0.5);
      expect(result.robustAccuracy).toBeLessThan(result.cleanAccuracy);
      expect(result.distortion.linf).toBeLessThanOrEqual(0.3 + 1e-9);
      expect(result.perExample!.timeS).toBeGreaterThan(0);
      expect(result.perExample!.energyJ).toBeGreaterThan(0);
      expect(Object.keys(files)).toContain('picture-0-adversarial.png');
    }
  });

  it('the same on several designs: each as alone, one comparison of the passes, one page', async () => {
    const sets = ['attack={ method: bim, epsilon: 0.3, step: 0.1, iterations: 3, backend: float64 }'];
    const names = ['pipelayer', 'a3', 'a3-shared'];
    const targets = names.map((name) => ({ name, run: onDesign(name, sets), folder: undefined }));
    const { result, files, pictures } = await attackDesigns(targets, { resume: false, progress: () => undefined });
    const alone = await attack(sets);
    const { simulator, ...attacked } = result.designs[1]!.attack;
    expect(simulator.wallS).toBeGreaterThan(0);
    expect(attacked).toEqual({ ...alone.result, simulator: undefined });
    expect(files[1]!['adversarial.npz']).toEqual(alone.files['adversarial.npz']);
    // A step is a pass forward and back of each picture, and the timing model runs just these.
    expect(attacked.passes.gradient).toBe(3 * 40);
    for (const [i, { time, energy, images }] of result.comparison!.results.entries()) {
      expect(images).toBe(3 * 40);
      const { perExample } = result.designs[i]!.attack;
      expect([time.totalS / 40, energy.totalJ / 40]).toEqual([perExample!.timeS, perExample!.energyJ]);
    }
    // PipeLayer meets the error with as many waves as positions; A3's shared arrays take turns on half the copies.
    const [pipelayer, , shared] = result.comparison!.results;
    expect(shared!.arrays.physical).toBeLessThan(pipelayer!.arrays.physical);
    const page = attackReport(result, pictures, COMPARED_TITLES);
    expect(page.sections.map(({ id }) => id).slice(0, 3)).toEqual(['attack', 'pictures', 'designs']);
    // Ideal designs agree, so that one figure shows the pictures of all, each with what the network says.
    const [figure, ...others] = page.sections[1]!.figures;
    expect(others).toEqual([]);
    expect(figure!.title).toBe('Pictures on pipelayer, a3, a3-shared');
    const drawn = pictures[0]!.pictures;
    expect(drawn.length).toBe(8);
    const npz = readNpz(files[0]!['adversarial.npz'] as Uint8Array, 'adversarial.npz');
    const [labels, said] = ['labels', 'predictions'].map((key) => npz.find(({ name }) => name === key)!.data);
    expect(drawn.map(({ label, after }) => [label, after])).toEqual(drawn.map((_, i) => [labels![i], said![i]]));
    expect(drawn.map(({ fooled }) => fooled)).toEqual(drawn.map((_, i) => labels![i] !== said![i]));
    for (const { clean, perturbation, adversarial } of drawn)
      for (const png of [clean, perturbation, adversarial])
        expect('svg' in figure! && figure.svg.includes(`data:image/png;base64,${png}`)).toBe(true);
    const [row] = page.sections[0]!.tables[0]!.rows;
    expect(row!.map(({ value }) => value).slice(0, 2)).toEqual(['pipelayer', result.designs[0]!.attack.success]);
  });

  it('a design without a timing of attacks stands apart, and says why', async () => {
    const sets = ['attack={ method: fgsm, epsilon: 0.3, backend: float32 }'];
    const targets = ['a3', 'isaac'].map((name) => ({ name, run: onDesign(name, sets), folder: undefined }));
    const { result, pictures } = await attackDesigns(targets, { resume: false, progress: () => undefined });
    expect(result.comparison).toBeNull();
    expect(result.designs[1]!.attack.perExample).toBeNull();
    expect(result.designs[1]!.attack.timing).toContain('row');
    expect(attackReport(result, pictures, COMPARED_TITLES).sections.map(({ id }) => id)).toEqual([
      'attack',
      'pictures',
    ]);
  });

  it('an epsilon below the step of a pixel, a mask or start of another size are refused at their key', async () => {
    await expect(attack(['attack={ method: pgd, epsilon: 0.003, backend: float32 }'])).rejects.toThrow(
      /attack\.epsilon: found 0\.003, below the distance of two neighbouring values of a picture, 0\.003922/,
    );
    const array = join(folder, 'small.npz');
    writeFileSync(array, writeNpz([{ name: 'mask', dtype: 'f64', shape: [9], data: new Float64Array(9) }]));
    for (const key of ['mask', 'start'])
      await expect(attack([`attack={ method: rp2, ${key}: ${array}, backend: float32 }`])).rejects.toThrow(
        new RegExp(`attack\\.${key}: has 9 values, expected 784`),
      );
    const masked = (shape: number[], share: number): Promise<unknown> => {
      const data = new Float64Array(784).fill(share);
      writeFileSync(array, writeNpz([{ name: 'mask', dtype: 'f64', shape, data }]));
      return attack([`attack={ method: rp2, iterations: 1, mask: ${array}, backend: float32 }`]);
    };
    await expect(masked([14, 56], 1)).rejects.toThrow(
      /attack\.mask: has shape \[14, 56\], expected \[\.\.\., 28, 28\]/,
    );
    await expect(masked([28, 28], 0)).rejects.toThrow(/attack\.mask: is 0 everywhere: no picture could change/);
    await expect(masked([28, 28, 1], 1)).resolves.toBeDefined();
  });

  it('pictures beyond the range, a brightness without its ends and masks that are no shares are refused', async () => {
    await expect(attack(['attack={ method: pgd, range: [0, 0.5], backend: float32 }'])).rejects.toThrow(
      /attack\.range: found \[0, 0\.5\], but picture 0 has the value \S+; expected all values of the data within/,
    );
    const rp2 = (knobs: string) => attack([`attack={ method: rp2, iterations: 1, ${knobs}, backend: float32 }`]);
    await expect(rp2('transforms: { brightness: [1, 0.5, 3] }')).rejects.toThrow(
      /attack\.transforms\.brightness: found \[1,0\.5,3\], expected \[lowest, highest\] brightness/,
    );
    await expect(rp2('nonPrintability: 0.1')).rejects.toThrow(/attack\.printable: this key is missing/);
    const bytes = join(folder, 'bytes.npz');
    const data = new Uint8Array(784).fill(255);
    writeFileSync(bytes, writeNpz([{ name: 'mask', dtype: 'u8', shape: [28, 28], data }]));
    await expect(rp2(`mask: ${bytes}`)).rejects.toThrow(/attack\.mask: element 0 is 255, expected shares from 0/);
  });

  it('a mask may be a PNG: its pixels are shares of 255; RP2 without a target leads away from the label', async () => {
    const half = Float64Array.from({ length: 784 }, (_, at) => (at < 392 ? 1 : 0));
    const [png, npz] = [join(folder, 'mask.png'), join(folder, 'mask.npz')];
    const data = Uint8Array.from(half, (share) => 255 * share);
    writeFileSync(png, encode({ width: 28, height: 28, data, channels: 1, depth: 8 }));
    writeFileSync(npz, writeNpz([{ name: 'mask', dtype: 'f64', shape: [784], data: half }]));
    const [one, other] = await Promise.all(
      [png, npz].map((mask) => attack([`attack={ method: rp2, mask: ${mask}, iterations: 20, backend: float32 }`])),
    );
    expect(one!.files['adversarial.npz']).toEqual(other!.files['adversarial.npz']);
    expect(one!.result.robustAccuracy).toBeLessThan(one!.result.cleanAccuracy);
    const losses = one!.result.iterations.map(({ loss }) => loss);
    expect(losses.at(-1)).toBeLessThan(losses[0]!);
  });

  it('calibrated converters take their range before the attack: few bits change it, training refuses', async () => {
    const loss = async (backend: string, bits: number): Promise<number> => {
      const sets = [
        'network=digits-cnn',
        'workload.mode=attack',
        `model.weights=${join(folder, 'model.safetensors')}`,
        'data={ kind: digits, count: 2, seed: 2 }',
        `attack={ method: fgsm, epsilon: 0.1, backend: ${backend} }`,
        'functional={ adcRange: calibrated, calibration: { count: 2 } }',
        `sensing.bits=${bits}`,
      ];
      return (await runAttack(loaded('a3-att', sets), none)).result.iterations[0]!.loss;
    };
    const [whole, wide, narrow] = [await loss('integer', 8), await loss('crossbar', 14), await loss('crossbar', 3)];
    // Of so many bits a code is less than a unit of the sums that two pictures reach: exact.
    expect(wide).toBe(whole);
    expect(narrow).not.toBeCloseTo(whole, 2);
    await expect(
      train(['training.backend=crossbar', 'functional.adcRange=calibrated', 'sensing.kind=adc']),
    ).rejects.toThrow(/functional\.adcRange: found calibrated, but training writes the arrays anew/);
  });

  it("on AdderNet's units: along the paper's errors, sum of e clip(w - x, -1, 1)", async () => {
    const network = join(folder, 'adders.yaml');
    const input = 'name: adders\ninput: { channels: 1, height: 28, width: 28 }\nlayers:\n';
    const layer = '  - { name: adder, type: adder2d, channels: 10, kernel: 28 }\n  - { name: flat, type: flatten }\n';
    writeFileSync(network, input + layer);
    const data = 'data={ kind: digits, count: 4, seed: 3 }';
    const trained = await runTraining(loaded('addernet', [`network=${network}`, data, 'training.batch=4']), none);
    expect(trained.result.timing).toContain('components.mac.energy.l1-gradient: this key is missing');
    const weights = join(folder, 'adders.safetensors');
    writeFileSync(weights, trained.files['model.safetensors']!);
    const sets = [`model.weights=${weights}`, data, 'attack.epsilon=0.25'];
    const { result, files } = await runAttack(loaded('addernet', [`network=${network}`, ...sets]), none);
    expect([result.backend, result.perExample]).toEqual(['float64', null]);
    const arrays = new Map(
      [
        ...readNpz(files['adversarial.npz'] as Uint8Array, 'adversarial.npz'),
        ...(await readTensors(Buffer.from(trained.files['model.safetensors']!), 'model.safetensors')),
      ].map(({ name, data: values }) => [name, Float64Array.from(values, Number)]),
    );
    const [clean, moved, labels, weight] = ['clean', 'adversarial', 'labels', 'adder.weight'].map((name) =>
      Array.from(arrays.get(name)!),
    );
    const bias = arrays.get('adder.bias') ?? new Float64Array(10);
    for (let i = 0; i < 4; i++) {
      const x = clean!.slice(784 * i, 784 * (i + 1));
      const rows = Array.from(bias, (_, k) => weight!.slice(784 * k, 784 * (k + 1)));
      const logits = rows.map((w, k) => w.reduce((sum, value, j) => sum - Math.abs(x[j]! - value), bias[k]!));
      const powers = logits.map((logit) => Math.exp(logit - Math.max(...logits)));
      const all = powers.reduce((sum, power) => sum + power, 0);
      const errors = powers.map((power, k) => power / all - (k === labels![i] ? 1 : 0));
      x.forEach((value, j) => {
        const slope = rows.reduce((sum, w, k) => sum + errors[k]! * Math.min(1, Math.max(-1, w[j]! - value)), 0);
        const right = Math.min(1, Math.max(0, value + 0.25 * Math.sign(slope)));
        expect(moved![784 * i + j]).toBeCloseTo(right, 12);
      });
    }
    // Its units take distances in every layer; errors of a product they do not have.
    await expect(runAttack(onDesign('addernet', []), none)).rejects.toThrow(
      /functional\.backend: found addernet, which has no errors of layer "conv1" \(conv2d\)/,
    );
  });

  it('a class that there is not is refused at its key', async () => {
    await expect(attack(['attack={ targeted: true, target: 12, backend: float32 }'])).rejects.toThrow(
      /attack\.target: found 12, the network has the classes 0 to 9/,
    );
  });

  it('errors that overflow on their way back end it, with nothing written', async () => {
    // Pictures of zeros: sums are finite, errors are 1e30 times 1e30.
    const [network, weights, zeros] = ['two.yaml', 'two.npz', 'zeros.npz'].map((name) => join(folder, name));
    writeFileSync(
      network!,
      'name: two\ninput: { channels: 1, height: 2, width: 2 }\nlayers:\n  - { name: flat, type: flatten }\n' +
        ['a', 'b'].map((name) => `  - { name: ${name}, type: dense, features: 4, bias: false }\n`).join(''),
    );
    const data = Float64Array.from({ length: 16 }, (_, i) => (i % 3 === 0 ? -1e30 : 1e30));
    const matrix = (name: string) => ({ name: `${name}.weight`, dtype: 'f64' as const, shape: [4, 4], data });
    writeFileSync(weights!, writeNpz([matrix('a'), matrix('b')]));
    writeFileSync(
      zeros!,
      writeNpz([
        { name: 'input', dtype: 'f64', shape: [2, 1, 2, 2], data: new Float64Array(8) },
        { name: 'label', dtype: 'i32', shape: [2], data: Int32Array.of(0, 1) },
      ]),
    );
    const run = (knobs: string) =>
      runAttack(
        loaded('a3', [
          ...[`network=${network}`, `model.weights=${weights}`, `data={ kind: npz, inputs: ${zeros} }`],
          `attack={ backend: float32, ${knobs} }`,
        ]),
        none,
      );
    for (const knobs of ['method: pgd, norm: l2, randomStart: false', 'method: mifgsm', 'method: deepfool'])
      await expect(run(knobs), knobs).rejects.toThrow(
        /attack: an error that came back to a picture is \S+; expected finite numbers/,
      );
  });
});
