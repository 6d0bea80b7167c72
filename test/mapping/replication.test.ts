// Copies of layers' arrays by every scheme, worked out by hand.

import { describe, expect, it } from 'vitest';
import { ReplicationError, replicate, wavesFor, type ReplicationKnobs } from '../../src/mapping/replication.js';
import { CONV_DENSE, LSTM, layersOf } from './networks.js';

const knobs: ReplicationKnobs = { scheme: 'given', byLayer: {}, otherwise: 'one', steps: 4, arrays: 0 };
const two = (): number => 2;
/** Layers of 36, 16 and 1 vectors. */
const THREE = layersOf(
  'channels: 1, height: 6, width: 6',
  'name: a, type: conv2d, channels: 1, kernel: 3, padding: 1',
  'name: b, type: conv2d, channels: 1, kernel: 3',
  'name: c, type: dense, features: 1',
);

describe('replication', () => {
  it('given: the first pattern that fits, at least one, no more than vectors', () => {
    const given = (byLayer: Record<string, number>): number[] => replicate(CONV_DENSE, { ...knobs, byLayer }, two);
    expect(given({ 'c*': 3, conv: 5 })).toEqual([3, 1]);
    expect(given({ conv: 5, 'c*': 3 })).toEqual([5, 1]);
    expect(given({ '*': 99 })).toEqual([15, 1]);
    expect(given({ '*': 0 })).toEqual([1, 1]);
    expect(given({})).toEqual([1, 1]);
    expect(replicate(CONV_DENSE, { ...knobs, otherwise: 'balanced', byLayer: { fc: 1 } }, two)).toEqual([4, 1]);
  });

  it('balanced: as many as take the steps; time steps follow each other', () => {
    expect(replicate(THREE, { ...knobs, scheme: 'balanced', steps: 5 }, two)).toEqual([8, 4, 1]);
    expect(replicate(THREE, { ...knobs, scheme: 'balanced', steps: 1 }, two)).toEqual([36, 16, 1]);
    expect(replicate([LSTM], { ...knobs, scheme: 'balanced', steps: 1 }, two)).toEqual([1]);
  });

  it('by strides: all positions at once, halved until the arrays hold them', () => {
    const by = (arrays: number): number[] => replicate(THREE, { ...knobs, scheme: 'strides', arrays }, two);
    expect(by(106)).toEqual([36, 16, 1]);
    expect(by(105)).toEqual([18, 8, 1]);
    expect(by(54)).toEqual([18, 8, 1]);
    expect(by(53)).toEqual([9, 4, 1]);
    expect(by(6)).toEqual([1, 1, 1]);
    expect(() => by(5)).toThrow(new ReplicationError('one copy of each layer takes 6 logical arrays, the budget is 5'));
  });

  it('within a budget: the layer with the most steps gets what saves it a step, while the arrays last', () => {
    const arraysOf = ({ name }: { name: string }): number => (name === 'a' ? 3 : 1);
    const within = (arrays: number): number[] => replicate(THREE, { ...knobs, scheme: 'budget', arrays }, arraysOf);
    expect(() => within(4)).toThrow(
      new ReplicationError('one copy of each layer takes 5 logical arrays, the budget is 4'),
    );
    // Nothing to spare; 36 steps against 16 and 1.
    expect(within(5)).toEqual([1, 1, 1]);
    // a: 36 to 18 steps for 3 arrays, then it needs 3 more for 12 steps; b: 16 to 8 for one.
    expect(within(8)).toEqual([2, 1, 1]);
    expect(within(9)).toEqual([2, 2, 1]);
    expect(within(11)).toEqual([3, 1, 1]);
    // What a cannot afford b still takes.
    expect(within(7)).toEqual([1, 3, 1]);
    // All positions at once, and no more.
    expect(within(3 * 36 + 16 + 1)).toEqual([36, 16, 1]);
    expect(within(1e6)).toEqual([36, 16, 1]);
  });

  it('within a budget: of equal layers the first; steps saved, not copies added', () => {
    const twins = layersOf('features: 3', 'name: a, type: dense, features: 3', 'name: b, type: dense, features: 3').map(
      (layer) => ({ ...layer, positions: 5 }),
    );
    const one = (): number => 1;
    const within = (arrays: number): number[] => replicate(twins, { ...knobs, scheme: 'budget', arrays }, one);
    expect(within(3)).toEqual([2, 1]);
    expect(within(4)).toEqual([2, 2]);
    // 5 vectors: 3 steps by 2, 2 steps by 3, 1 step by 5; 4 copies would save nothing.
    expect(within(5)).toEqual([3, 2]);
    expect(within(7)).toEqual([3, 3]);
    expect(within(8)).toEqual([5, 3]);
    expect(within(10)).toEqual([5, 5]);
  });

  it('waves: vectors by copies, rounded up', () => {
    expect([wavesFor(10, 3), wavesFor(9, 3), wavesFor(1, 8)]).toEqual([4, 3, 1]);
  });
});
