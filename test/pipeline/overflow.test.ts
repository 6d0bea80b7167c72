// Numbers beyond what doubles count: exact, or refused at the key.

import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/config/index.js';
import { Buffers } from '../../src/kernel/index.js';
import { buildMachine } from '../../src/machine/machine.js';
import { runFlow } from '../../src/pipeline/index.js';
import { loaded } from '../helpers.js';
import { trainingChain } from './flows.js';

const failure = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'ran';
};

describe('images', () => {
  it('an attack of more than 2^53 images is refused at its iterations, or its batch where they are the default', () => {
    const attack = ['network=lisa-cnn', 'workload.mode=attack', 'workload.batch=1000000000000'];
    expect(failure(() => loaded('a3', [...attack, 'workload.iterations=1000000000000']))).toMatch(
      /workload\.iterations: batch x iterations are about 1\.00e\+24 images, more than the 2\^53/,
    );
    expect(failure(() => loaded('a3', [...attack.slice(0, 2), 'workload.batch=1000000000000000']))).toMatch(
      /workload\.batch: batch x iterations/,
    );
    expect(failure(() => loaded('a3', [...attack, 'workload.iterations=9007']))).toBe('ran');
  });

  it.each(['digital-int8', 'pipelayer'])('%s trains on one batch of 2^53 - 2 images and one more', (preset) => {
    const images = Number.MAX_SAFE_INTEGER;
    const sets = ['network=lenet-5', 'workload.mode=training', `workload.images=${images}`];
    const { flow } = buildMachine(loaded(preset, [...sets, `workload.batch=${images - 1}`]));
    const { stages } = runFlow(flow);
    const served = flow.stages.filter(({ serves }) => serves === 'image').length;
    expect(stages.map(({ services }) => services)).toEqual([
      ...Array.from({ length: served }, () => BigInt(images)),
      ...stages.slice(served).map(() => 2n),
    ]);
  });
});

describe('ticks', () => {
  it('entries x ticks of a buffer are exact where one service takes 2^50 ticks and many entries wait', () => {
    const buffers = new Buffers([Infinity]);
    for (let i = 0; i < 1001; i++) {
      buffers.reserve(0, 0);
      buffers.publish(0, 0);
    }
    buffers.settle(2 ** 50 - 1);
    expect(buffers.takeArea(0)).toBe(1001n * (2n ** 50n - 1n));
    expect(buffers.takeArea(0)).toBe(0n);
  });

  it('waits of services of 2^50 ticks add up exactly', () => {
    const flow = trainingChain({ layers: 1, images: 40, batch: 40, ticks: () => 2 ** 48 + 1, advance: 'elastic' });
    const shared = {
      ...flow,
      stages: flow.stages.map((stage) => ({
        ...stage,
        waves: 1,
        units: stage.units.map((unit) => ({ ...unit, server: 0 })),
      })),
    };
    const [fast, exact] = [runFlow(shared), runFlow(shared, { exact: true })];
    expect(fast.stages).toEqual(exact.stages);
    // One unit serves every stage of every image, and the update.
    expect(exact.makespan).toBe((40n * 3n + 1n) * (2n ** 48n + 1n));
  });

  it('stages that could wait for each other longer than ticks count are refused', () => {
    const sets = ['network=lenet-5', 'workload.mode=training', 'components.mac.latency=20 s'];
    expect(failure(() => buildMachine(loaded('digital-int8', sets)))).toMatch(/units may wait for each other up to/);
  });
});
