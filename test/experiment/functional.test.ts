// Training and attacks from a config: on digits that the project draws itself, nothing from outside.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runAttack } from '../../src/experiment/functional/attack.js';
import { runTraining } from '../../src/experiment/functional/train.js';
import { loaded } from '../helpers.js';

const folder = mkdtempSync(join(tmpdir(), 'xbarflow-functional-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const SMALL = ['data.count=320', 'test.count=100', 'training.epochs=3'];
const none = { folder: undefined, resume: false, progress: () => undefined };
const train = (sets: string[] = [], options = {}) =>
  runTraining(loaded('train-digits', [...SMALL, ...sets]), { ...none, ...options });

describe('train', () => {
  it('learns: the loss falls, the test is well above chance; time, energy and lifetime come from the timing model', async () => {
    const { result, files } = await train();
    expect(result.epochs).toHaveLength(3);
    expect(result.epochs[2]!.loss).toBeLessThan(result.epochs[0]!.loss);
    expect(result.epochs[2]!.testAccuracy).toBeGreaterThan(0.5);
    expect(result.epochs[2]!.timeS).toBeGreaterThan(0);
    expect(result.epochs[2]!.energyJ).toBeGreaterThan(0);
    expect(result.lifetimeS).toBeGreaterThan(0);
    writeFileSync(join(folder, 'model.safetensors'), files['model.safetensors']!);
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

  it('what cannot be is refused at its key', async () => {
    await expect(train(['training.update=device'])).rejects.toThrow(
      /device\.update: .*does not say how updates move it/,
    );
    await expect(train(['training.optimizer=sgd', 'training.learningRate=1e30'])).rejects.toThrow(
      /loss of iteration \d+ is NaN|Infinity/,
    );
  });
});

describe('attack', () => {
  const attack = (sets: string[]) =>
    runAttack(
      loaded('a3', [
        'network=digits-cnn',
        `model.weights=${join(folder, 'model.safetensors')}`,
        'data={ kind: digits, count: 40, seed: 3 }',
        ...sets,
      ]),
      none,
    );

  it('FGSM with a wide step fools the trained network, on floats and on crossbars; an example has time and energy', async () => {
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

  it('a class that there is not is refused at its key', async () => {
    await expect(attack(['attack={ targeted: true, target: 12, backend: float32 }'])).rejects.toThrow(
      /attack\.target: found 12, the network has the classes 0 to 9/,
    );
  });
});
