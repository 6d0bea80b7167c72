// Where the time of a service goes, worked out by hand.

import { describe, expect, it } from 'vitest';
import { bookOf } from '../../src/explain/index.js';
import { TIME_PARTS } from '../../src/simulation/index.js';
import { denseChain, resultOf } from '../helpers.js';

const FILES = {
  'chain.yaml': denseChain(1),
  'map.yaml':
    'name: map\ninput: { channels: 1, height: 6, width: 6 }\n' +
    'layers:\n  - { name: c, type: conv2d, channels: 4, kernel: 3 }\n',
};
const SMALL = ['workload.mode=inference', 'workload.images=3', 'mapping.replication={ scheme: given, otherwise: one }'];
const partsOf = (preset: string, sets: string[], stage = 0): Record<string, number> => {
  const { partsS, serviceS } = resultOf(preset, [...SMALL, ...sets], FILES).stages[stage]!;
  expect(TIME_PARTS.reduce((sum, part) => sum + partsS[part], 0)).toBeCloseTo(serviceS, 15);
  return Object.fromEntries(
    Object.entries(partsS).flatMap(([part, seconds]) => (seconds === 0 ? [] : [[part, Math.round(seconds * 1e12)]])),
  );
};

describe('parts of a service', () => {
  it('one wave: every unit its latency', () => {
    // PipeLayer: a read of 29.31 ns, 16 slots, integrate&fire and shift&add a slot behind each, 1 ns, a write.
    expect(partsOf('pipelayer', ['network=chain.yaml'])).toEqual({
      buffer: 29_310 + 50_880,
      array: 16 * 29_310,
      converter: 29_310,
      accumulation: 29_310,
      activation: 1000,
    });
  });

  it('further waves: the interval of the unit that sets the pace', () => {
    // 16 positions one after the other.
    expect(partsOf('pipelayer', ['network=map.yaml'])).toMatchObject({ array: 16 * 16 * 29_310, converter: 29_310 });
  });

  it('slots as long as conversions: what they take beyond a read belongs to the converters', () => {
    // 128 columns of a converter of 1 GS/s: 128 ns a slot, of which a read is 29.31 ns.
    const slow = ['sensing={ kind: adc, bits: 8, columnsPerConverter: 128, rate: 1 GSps }', 'network=chain.yaml'];
    expect(partsOf('pipelayer', slow)).toMatchObject({
      array: 16 * 29_310,
      converter: 16 * (128_000 - 29_310) + 128_000,
    });
  });

  it('slots that are written before the next belong to the buffer', () => {
    expect(partsOf('pipelayer', ['pipeline.write=serial', 'network=chain.yaml'])).toMatchObject({
      array: 16 * 29_310,
      buffer: 29_310 + 50_880 + 16 * 50_880,
    });
  });

  it('cells that are written first', () => {
    const training = ['workload.mode=training', 'workload.batch=3', 'gradient.write=serial', 'network=map.yaml'];
    const { stages } = resultOf('pipelayer', [...SMALL, ...training], FILES);
    const g = stages.find(({ pass }) => pass === 'G')!;
    // 16 rows of 50.88 ns, shared out over its waves and rounded up in each.
    expect(Math.round(g.partsS.write * 1e12)).toBe(g.waves * Math.ceil((16 * 50_880) / g.waves));
    expect(stages.find(({ pass }) => pass === 'U')!.partsS.write).toBeGreaterThan(0);
  });

  it('units that others have are waited for', () => {
    const attack = ['workload.mode=attack', 'workload.batch=4', 'workload.iterations=2', 'network=chain.yaml'];
    const { stages } = resultOf('a3-shared', attack, FILES);
    expect(stages.reduce((sum, { partsS }) => sum + partsS.waits, 0)).toBeGreaterThan(0);
  });
});

describe('parts of a service, explained', () => {
  const TRAINING = ['workload.mode=training', 'workload.images=4', 'workload.batch=2'];
  const INFERENCE = ['workload.mode=inference', 'workload.images=3'];
  it.each([
    ['pipelayer', INFERENCE],
    ['pipelayer', TRAINING],
    ['pipelayer', [...INFERENCE, 'pipeline.write=serial']],
    ['pipelayer', [...INFERENCE, 'pipeline.advance=elastic', 'links.bus={ used: true, shared: true }']],
    ['isaac', INFERENCE],
    ['prime', INFERENCE],
    ['vgg-8-neurosim', INFERENCE],
    ['digital-int8', INFERENCE],
    ['a3-shared', ['workload.batch=2', 'workload.iterations=2']],
  ] as const)('%s %s: go on to units, and give the figure', (preset, sets) => {
    const result = resultOf(preset, ['network=map.yaml', ...sets], FILES);
    const book = bookOf(result);
    let explained = 0;
    for (const { name, partsS } of result.stages)
      for (const part of TIME_PARTS.filter((one) => partsS[one] > 0)) {
        const derivation = book.get(`stages.${name}.partsS.${part}`)!.derive();
        expect([name, part, derivation.op]).not.toEqual([name, part, 'timed']);
        expect(derivation.value / partsS[part]).toBeCloseTo(1, 10);
        explained++;
      }
    expect(explained).toBeGreaterThan(0);
  });
});
