// Passes of layers in every mode.

import { describe, expect, it } from 'vitest';
import { placeMatrix } from '../../src/mapping/matrix.js';
import { backpropagates, planLayers, vectorsOf, type MappingKnobs } from '../../src/mapping/plan.js';
import { CONV_DENSE, LSTM, layersOf } from './networks.js';

const knobs: MappingKnobs = {
  layout: {
    rows: 16,
    columns: 16,
    cellBits: 4,
    weightBits: 8,
    sign: 'differential',
    slices: 'arrays',
    referenceColumn: 'extra',
    biasRow: true,
    foldsNorms: true,
    groups: 'separate',
  },
  copies: 'dedicated',
  replication: { scheme: 'given', byLayer: { conv: 4 }, otherwise: 'one', steps: 1, arrays: 0 },
  gradient: { mapping: 'plain', copies: 6, steps: 1 },
  padded: 'read',
  mode: 'training',
  gradientImages: 3,
};
const [conv, fc] = CONV_DENSE as [(typeof CONV_DENSE)[0], (typeof CONV_DENSE)[0]];

describe('the mapped network', () => {
  it('training: the error does not reach the input; gradients of every layer', () => {
    const [first, second] = planLayers(CONV_DENSE, knobs);
    expect(first).toMatchObject({ layer: conv, backward: null, transposed: false });
    expect(first!.forward).toMatchObject({ replication: 4, vectors: 15, waves: 4, serial: false });
    expect(first!.forward.matrix).toEqual(placeMatrix({ rows: 19, columns: 4, groups: 2 }, knobs.layout));
    expect(first!.gradient).toMatchObject({
      images: 3,
      pass: { vectors: 36, replication: 6, waves: 6, serial: false },
    });
    // A column of ones a group gives the gradients of the biases.
    expect(first!.gradient!.pass.matrix).toEqual(placeMatrix({ rows: 60, columns: 3, groups: 2 }, knobs.layout));
    expect(second!.backward).toMatchObject({ replication: 1, vectors: 1, waves: 1, serial: false });
    expect(second!.backward!.matrix).toEqual(placeMatrix({ rows: 10, columns: 120, groups: 1 }, knobs.layout));
  });

  it('attack: the error reaches the input, over input positions, without gradients', () => {
    const [first] = planLayers(CONV_DENSE, { ...knobs, mode: 'attack' });
    expect(first!.backward).toMatchObject({ replication: 4, vectors: 60, waves: 15 });
    expect(first!.gradient).toBeNull();
  });

  it('shared copies are read transposed, by as many vectors as forward', () => {
    const [first] = planLayers(CONV_DENSE, { ...knobs, mode: 'attack', copies: 'shared' });
    expect(first!.transposed).toBe(true);
    expect(first!.backward).toEqual(first!.forward);
  });

  it('inference has the forward pass alone', () => {
    for (const plan of planLayers(CONV_DENSE, { ...knobs, mode: 'inference' }))
      expect([plan.backward, plan.gradient]).toEqual([null, null]);
  });

  it('a recurrent layer goes step by step in both directions; its gradient does not', () => {
    const [plan] = planLayers([LSTM], knobs);
    // Its own earlier steps wait for the error.
    expect(plan).toMatchObject({ backward: { vectors: 5, serial: true }, gradient: { pass: { serial: false } } });
    expect(planLayers([{ ...LSTM, steps: 1 }], knobs)[0]!.backward).toBeNull();
    const [attacked] = planLayers([LSTM], { ...knobs, mode: 'attack' });
    expect(attacked!.forward).toMatchObject({ vectors: 5, waves: 5, serial: true });
    expect(attacked!.backward).toMatchObject({ vectors: 5, waves: 5, serial: true });
  });

  it('the budget counts the arrays of a forward copy', () => {
    const replication = { ...knobs.replication, scheme: 'budget' as const };
    // conv: 2 x 1 x 2 groups, fc: 121 rows on 8 tiles.
    const copies = (arrays: number): number[] =>
      planLayers(CONV_DENSE, { ...knobs, replication: { ...replication, arrays } }).map(
        (plan) => plan.forward.replication,
      );
    expect(() => copies(11)).toThrow('takes 12 logical arrays');
    expect(copies(12)).toEqual([1, 1]);
    expect(copies(16)).toEqual([2, 1]);
  });

  it('the error goes through what reads another layer, also beside the input', () => {
    const layers = layersOf(
      'features: 4',
      'name: a, type: dense, features: 4',
      'name: sum, type: add, from: [input, a]',
      'name: b, type: dense, features: 2',
    );
    expect(layers.map((layer) => backpropagates(layer, 'training'))).toEqual([false, true]);
    expect(layers.map((layer) => backpropagates(layer, 'attack'))).toEqual([true, true]);
    expect(layers.map((layer) => backpropagates(layer, 'inference'))).toEqual([false, false]);
    // Constants that made the input are trained too; a layer of steps that do not depend on each other waits for none.
    expect(backpropagates({ ...conv, trainsInput: true }, 'training')).toBe(true);
    expect(backpropagates({ ...conv, steps: 3 }, 'training')).toBe(false);
    const [input] = conv.inputs;
    const joined = {
      ...fc,
      inputs: [
        { ...input!, producer: 0 },
        { ...input!, producer: 1 },
      ],
    };
    expect(backpropagates(joined, 'training')).toBe(true);
    expect([vectorsOf(conv), vectorsOf(fc), vectorsOf(LSTM)]).toEqual([15, 1, 5]);
  });
});
