// What a comparison says of its work and of where its ratios come from.

import { describe, expect, it } from 'vitest';
import { compareResults } from '../../src/experiment/compare.js';
import { resultOf } from '../helpers.js';

describe('the work of a comparison', () => {
  const net = (features: number): string =>
    `name: mine\ninput: { features: 16 }\nlayers: [{ name: fc1, type: dense, features: ${features} }]\n`;
  const onNet = (architecture: string, features: number) =>
    resultOf(architecture, ['network=/net.yaml', 'workload.mode=inference'], { '/net.yaml': net(features) });

  it('is not the same of networks that share a name: 16 x 8 weights and 8 biases against 16 x 64 and 64', () => {
    const { work } = compareResults([onNet('isaac', 8), onNet('prime', 64)]);
    expect(work.same).toBe(false);
    expect(work.text).toContain(
      'isaac inference of mine, 64 images (128 multiply-accumulates an image, 128 weights, 8 biases); ' +
        'prime inference of mine, 64 images (1,024 multiply-accumulates an image, 1,024 weights, 64 biases)',
    );
  });

  it('is the same of one network on two designs', () => {
    const { work } = compareResults([onNet('isaac', 8), onNet('prime', 8)]);
    expect(work).toEqual({ same: true, text: 'inference of mine, 64 images' });
  });
});

describe('the cause of a lifetime', () => {
  it('is the cells of operands where they wear out first: a write a pulse and image, 2 and 4 images', () => {
    const on = (images: number) =>
      resultOf('isaac', [
        'network=vit-s-16',
        'dynamic.on=crossbar',
        'device.endurance=1e9',
        `workload.images=${images}`,
      ]);
    const [two, four] = [on(2), on(4)];
    const { weights, gradients, buffers, operands } = four.endurance!;
    expect([weights, gradients, buffers]).toEqual([null, null, null]);
    const pulses = operands!.writesPerCell / 4;
    const { rows } = compareResults([two, four]);
    const cause = rows.find(({ metric, cause: of }) => metric === 'endurance.firstWornS' && of !== '')?.cause;
    expect(cause).toMatch(
      new RegExp(`^${2 * pulses} writes a cell in .*, rated 1 G -> ${4 * pulses} writes a cell in .*, rated 1 G$`),
    );
  });
});
