// QONNX's Quant and BipolarQuant by their definition, on activations and on weights; networks of Brevitas.

import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Executor } from '../../src/functional/execute.js';
import { importOnnx } from '../../src/workload/onnx/index.js';
import type { AttributeValue } from '../../src/workload/onnx/write-model.js';
import { hasShared, sharedUrl } from '../shared.js';
import { reals } from './onnx-agree/draw.js';
import type { CaseInput } from './onnx-agree/model.js';
import { active, outputOf } from './one-operator.js';

const number = (value: number): CaseInput => reals([value], []);
/** No zero is negative. */
const withoutSign = (value: number): number => value + 0;

interface Wanted {
  readonly scale?: CaseInput;
  readonly zeroPoint?: number;
  readonly bits: number;
  readonly signed?: boolean;
  readonly narrow?: boolean;
  readonly rounding?: string;
}

function quantized(x: CaseInput, wanted: Wanted, type = 'Quant'): readonly number[] {
  const { scale = number(0.5), zeroPoint = 0, bits, signed = true, narrow = false, rounding = 'ROUND' } = wanted;
  const attributes: Record<string, AttributeValue> = {
    signed: BigInt(Number(signed)),
    narrow: BigInt(Number(narrow)),
    rounding_mode: rounding,
  };
  const inputs = [x, scale, ...(type === 'Quant' ? [number(zeroPoint), number(bits)] : [])];
  const { values } = outputOf({ type, domain: 'qonnx.custom_op.general', opset: 13, attributes, inputs });
  return values.map(withoutSign);
}

describe('Quant', () => {
  const x = active([-9, -1.6, -0.25, 0.25, 0.75, 1.6, 9], [1, 7]);

  it('three bits in steps of a half: -4 .. 3, narrow -3 .. 3, unsigned 0 .. 7, narrow 0 .. 6', () => {
    expect(quantized(x, { bits: 3 })).toEqual([-2, -1.5, 0, 0, 1, 1.5, 1.5]);
    expect(quantized(x, { bits: 3, narrow: true })).toEqual([-1.5, -1.5, 0, 0, 1, 1.5, 1.5]);
    expect(quantized(x, { bits: 3, signed: false })).toEqual([0, 0, 0, 0, 1, 1.5, 3.5]);
    expect(quantized(x, { bits: 3, signed: false, narrow: true })).toEqual([0, 0, 0, 0, 1, 1.5, 3]);
  });

  it('rounding up and down, a zero point, a scale for each channel, one signed bit', () => {
    expect(quantized(x, { bits: 3, rounding: 'FLOOR' })).toEqual([-2, -2, -0.5, 0, 0.5, 1.5, 1.5]);
    expect(quantized(x, { bits: 3, rounding: 'CEIL' })).toEqual([-2, -1.5, 0, 0.5, 1, 1.5, 1.5]);
    // Codes -4 .. 3 less 1: -17, -2.2, 0.5, 1.5, 2.5, 4.2, 19 are -4, -2, 0, 2, 2, 3, 3.
    expect(quantized(x, { bits: 3, zeroPoint: 1 })).toEqual([-2.5, -1.5, -0.5, 0.5, 0.5, 1, 1]);
    expect(quantized(active([1, 1], [1, 2]), { bits: 4, scale: reals([0.5, 0.75], [1, 2]) })).toEqual([1, 0.75]);
    expect(quantized(x, { bits: 1 })).toEqual([-0.5, -0.5, -0.5, 0.5, 0.5, 0.5, 0.5]);
    expect(quantized(x, { bits: 3 }, 'BipolarQuant')).toEqual([-0.5, -0.5, -0.5, 0.5, 0.5, 0.5, 0.5]);
  });

  it('of weights it is computed when the file is read, to the same values', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -400, max: 400 }), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 8 }),
        fc.boolean(),
        (sixteenths, bits, signed) => {
          const data = sixteenths.map((value) => value / 16);
          const made = [active(data, [1, data.length]), reals(data, [1, data.length])].map((values) => {
            if (values.constant) {
              // A constant beside an input, so that the network has one.
              const inputs = [values, number(0.5), number(0), number(bits)];
              const attributes = { signed: BigInt(Number(signed)), rounding_mode: 'ROUND' };
              return outputOf({ type: 'Quant', domain: 'onnx.brevitas', opset: 13, attributes, inputs }).values;
            }
            return quantized(values, { bits, signed });
          });
          expect(made[1]!.map(withoutSign)).toEqual(made[0]);
        },
      ),
      { numRuns: 100, seed: 7 },
    );
  });

  it.each<[string, Wanted]>([
    ['its bit width is 2.5, expected one from 1 to 24', { bits: 2.5 }],
    ['its bit width is 32, expected one from 1 to 24', { bits: 32 }],
    ['rounding_mode is "DITHER", expected one of ROUND, HALF_EVEN, CEIL, FLOOR', { bits: 4, rounding: 'DITHER' }],
  ])('refused: %s', (message, wanted) => {
    expect(() => quantized(x, wanted)).toThrow(`(Quant): ${message}`);
  });
});

describe.skipIf(!hasShared)('networks of Brevitas (needs ../shared)', () => {
  it.each(['subpixel', 'nn_resize'])('espcn, %s: weights in arrays are multiples of their scales', (name) => {
    const path = `data/models/found/onnx_small/qonnx/bsd300x3-espcn/${name}/quant_model.onnx`;
    const { graph, parameters } = importOnnx(readFileSync(sharedUrl(path)), 'quant_model.onnx');
    const products = graph.nodes.filter(({ operator }) => operator.kind === 'conv');
    expect(products).toHaveLength(4);
    for (const { parameters: own } of products) {
      const { shape, data } = parameters.get(own.get('weight')!.key);
      const channel = Array.from(data, Number).slice(0, data.length / shape[0]!);
      const step = Math.min(...channel.map(Math.abs).filter((value) => value > 0));
      // Codes of 8 bits or fewer: at most 256 values a channel, and their smallest difference divides them.
      expect(new Set(channel).size).toBeLessThanOrEqual(256);
      expect(Math.max(...channel.map(Math.abs)) / step).toBeLessThan(129);
    }
    const [input] = graph.inputs.map((id) => graph.tensors[id]!);
    const size = input!.shape.reduce((product, side) => product * side, 1);
    const x = { shape: [1, ...input!.shape], data: Float64Array.from({ length: size }, (_, i) => (i % 17) / 17) };
    const made = new Executor(graph, parameters, { precision: 'float64' }).forward(new Map([[input!.name, x]]));
    expect([...made.values()][0]!.data.every(Number.isFinite)).toBe(true);
  });
});
