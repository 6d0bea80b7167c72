// Softmax and norms in the vector unit's format, against numpy's float16 (2.x, each operation rounded); whole networks.

import { expect, it } from 'vitest';
import { initialParameters } from '../../src/functional/training/initial.js';
import { layerNorm } from '../../src/functional/operators/norm.js';
import { roundingOf, rowNormIn, softmaxIn } from '../../src/functional/operators/in-format.js';
import type { Values } from '../../src/functional/operators/values.js';
import { FoldedNetwork, QuantizedNetwork } from '../../src/functional/quantized/network.js';
import { integerWidths } from '../../src/functional/quantized/widths.js';
import { loaded } from '../helpers.js';

const half = roundingOf('float16')!;
const row = (...data: number[]): Values => ({ shape: [1, data.length], data: Float64Array.from(data) });
const X = row(1.3, -0.7, 2.9, 0.11, -3.2, 2.85);

it('softmax and its logarithm, step by step in float16', () => {
  const lines = { shape: [1, 6, 1], data: X.data };
  expect([...softmaxIn(half, lines, false).data]).toEqual([
    0.0899658203125, 0.01216888427734375, 0.446044921875, 0.027374267578125, 0.0009984970092773438, 0.424072265625,
  ]);
  expect([...softmaxIn(half, lines, true).data]).toEqual([
    -2.408203125, -4.41015625, -0.8076171875, -3.59765625, -6.91015625, -0.8583984375,
  ]);
});

it('a layer norm, step by step in float16', () => {
  const scale = row(1.1, 0.9, 1.5, -0.3, 0.77, 2.2);
  const shift = row(0.1, -0.2, 0.33, 0.4, 0.05, -1);
  expect([...rowNormIn(half, X, { scale, shift }, layerNorm([1, 6], 1, 1e-5)).data]).toEqual([
    0.49072265625, -0.7255859375, 1.9912109375, 0.4609375, -1.3037109375, 1.380859375,
  ]);
});

it('every result of the vector unit of a network is one of the format; products keep their grids', () => {
  const layers = `  - { name: fc, type: dense, features: 8 }
  - { name: norm, type: layernorm }
  - { name: act, type: gelu }
  - { name: out, type: softmax, axis: -1 }
`;
  const files = { 'net.yaml': `name: net\ninput: { features: 6, steps: 4 }\nlayers:\n${layers}` };
  const run = (vector: string): Values => {
    const own = loaded(
      'isaac',
      ['network=net.yaml', 'functional.backend=integer', `functional.vector=${vector}`],
      files,
    );
    const { graph } = own.network;
    const folded = new FoldedNetwork(graph, initialParameters(graph, 3));
    const { name } = graph.tensors[graph.inputs[0]!]!;
    const x = { shape: [3, 4, 6], data: Float64Array.from({ length: 72 }, (_, i) => Math.sin(i * i)) };
    const ranges = new Map<number, number>();
    folded.calibrate(new Map([[name, x]]), ranges);
    const network = new QuantizedNetwork(folded, { widths: integerWidths(own, false), ranges });
    return [...network.forward(new Map([[name, x]])).values()][0]!;
  };
  const exact = run('float64');
  const rounded = run('bfloat16');
  const round = roundingOf('bfloat16')!;
  expect([...rounded.data]).toEqual([...rounded.data].map(round));
  expect([...exact.data]).not.toEqual([...exact.data].map(round));
  const worst = Math.max(...Array.from(exact.data, (value, i) => Math.abs(value - rounded.data[i]!)));
  expect(worst).toBeLessThan(0.02);
});
