import { describe, expect, it } from 'vitest';
import { parseTrace } from '../../src/workload/index.js';
import { simulate, type Result } from '../../src/simulation/index.js';
import { loaded, resultOf } from '../helpers.js';

/** What one action of a layer costs; `name` is component.action.pass.layer. */
const oneOf = ({ actions }: Result, name: string) =>
  actions.find(({ component, action, pass, layer }) => [component, action, pass, layer].join('.') === name)?.one;

const SAR = [
  'network=mlp-784-100-10',
  'crossbar={ rows: 128, columns: 128, cellBits: 2, device: reram-neurosim }',
  'chip.node=22 nm',
  'sensing.bits=5',
  'inputs.density=0.25',
];

/** DNN+NeuroSim V1.3's SAR at 22 nm and 5 bits: 6 ns of a x 5 + c (uW) and k / R^(m / ln 10) (W). */
function sarJ(rows: number, density: number): number {
  const ohms = 1 / (rows * density * ((1 / 6e3 + 1 / 900e3) / 2));
  return ((0.538 * 5 + 4.3753) * 1e-6 + 0.072341 * Math.exp(-2.303 * Math.log10(ohms))) * 6e-9;
}

const CHIP = `extends: [generic, adc-sar, buffer-sram-lstp, blocks-roadmap]
name: sar
network: mlp-784-100-10
workload: { mode: inference, images: 4 }
weights: { bits: 8, sign: offset, referenceColumn: extra, slices: columns }
inputs: { bits: 8, bitsPerSlot: 1 }
sensing: { kind: adc, columnsPerConverter: 8, rate: 114.3 MSps }
pipeline: { granularity: image, advance: lockstep }
buffers: { capacity: 32 KiB, wordBits: 64, pooling: after }
chip: { clock: 436 MHz, roadmap: lp }
`;

describe('laws of what a layer drives are worked out layer by layer', () => {
  const files = { 'sar.yaml': CHIP };

  it('adc-sar: a conversion takes the rows that its layer drives', () => {
    const result = resultOf('sar.yaml', SAR, files);
    // 784 rows stand in 7 arrays: 112 an array on average.
    expect(oneOf(result, 'adc.convert.F.fc1')).toMatchObject({ rows: 112, density: 0.25 });
    expect(oneOf(result, 'adc.convert.F.fc1')!.energyJ / sarJ(112, 0.25)).toBeCloseTo(1, 12);
    expect(oneOf(result, 'adc.convert.F.fc2')!.energyJ / sarJ(100, 0.25)).toBeCloseTo(1, 12);
  });

  it('adc-sar: and the densities of its trace, over the images that were run', () => {
    const run = loaded('sar.yaml', SAR, files);
    const rows = ['F,fc1,0,1,784,100,0.5', 'F,fc1,1,1,784,100,0.1', 'F,fc1,2,1,784,100,0.3', 'F,fc2,,1,100,10,0.2'];
    const trace = parseTrace(`pass,layer,image,vectors,rows,columns,density\n${rows.join('\n')}\n`, 't.csv');
    const { result } = simulate(run, { trace });
    // Images 0, 1, 2, 0: (0.5 + 0.1 + 0.3 + 0.5) / 4.
    expect(oneOf(result, 'adc.convert.F.fc1')!.density).toBeCloseTo(0.35, 12);
    expect(oneOf(result, 'adc.convert.F.fc1')!.energyJ / sarJ(112, 0.35)).toBeCloseTo(1, 12);
    expect(oneOf(result, 'adc.convert.F.fc2')!.energyJ / sarJ(100, 0.2)).toBeCloseTo(1, 12);
  });

  it('what the user of a law gave stays', () => {
    const law = 'components.adc.energy.convert={ law: adc-sar-energy, rows: 64, density: 0.5 }';
    expect(oneOf(resultOf('sar.yaml', [...SAR, law], files), 'adc.convert.F.fc1')).toBeNull();
  });

  it("array-read-energy: ISAAC's 30 pJ of 128 rows, by the rows that LeNet-5's layers drive", () => {
    const result = resultOf('isaac', ['network=lenet-5', 'workload.images=2']);
    // 5 x 5 x 1 rows of conv1; 400 rows of fc3 in four arrays.
    expect(oneOf(result, 'crossbar.read.F.conv1')!.energyJ / 30e-12).toBeCloseTo(25 / 128, 12);
    expect(oneOf(result, 'crossbar.read.F.fc3')!.energyJ / 30e-12).toBeCloseTo(100 / 128, 12);
    for (const { count, energyJ, one } of result.actions)
      if (one !== null) expect(energyJ / (Number(count) * one.energyJ)).toBeCloseTo(1, 12);
  });

  it('a transposed read drives the columns', () => {
    const result = resultOf('isaac', [
      'network=mlp-784-100-10',
      'workload={ mode: attack, batch: 2, iterations: 1 }',
      'weights.copies=shared',
      'pipeline.granularity=image',
    ]);
    // fc2: 10 columns of 8 slices, a slice at a time.
    expect(oneOf(result, 'crossbar.read.B.fc2')).toMatchObject({ rows: 10, density: 0.5 });
  });
});
