// Numbers that know their parts: values worked out by hand, and what each keeps.

import { describe, expect, it } from 'vitest';
import {
  Count,
  ceilOver,
  constant,
  largest,
  less,
  levelsOf,
  ofLayers,
  over,
  plus,
  roundedTimes,
  smallest,
  timeOf,
  times,
  valueOf,
} from '../../src/components/count.js';

const parts = { vectors: 7, waves: constant('some.key', 2), images: 3 };

describe('counts', () => {
  it.each([
    ['times', times, 42, 'product'],
    ['plus', plus, 12, 'sum'],
    ['less', less, 2, 'difference'],
    ['over', over, 7 / 2 / 3, 'quotient'],
    ['largest', largest, 7, 'maximum'],
    ['smallest', smallest, 2, 'minimum'],
    // ceil(log2 42)
    ['levelsOf', levelsOf, 6, 'levels'],
  ] as const)('%s', (_, make, value, op) => {
    const count = make(parts);
    expect(count).toMatchObject({ value, op, from: null });
    expect(count.parts).toBe(parts);
  });

  it('of nothing', () => {
    expect([times({}), plus({}), less({}), over({})].map(({ value }) => value)).toEqual([1, 0, 0, 0]);
    expect([largest({}).value, smallest({}).value]).toEqual([-Infinity, Infinity]);
  });

  it('the largest and the smallest wherever they stand', () => {
    expect(largest({ vectors: -5, waves: -3, images: -4 }).value).toBe(-3);
    expect(smallest({ vectors: 5, waves: 3, images: 4 }).value).toBe(3);
  });

  it('rounded up and to the nearest keep what was rounded', () => {
    const up = ceilOver({ vectors: 7, waves: 2 });
    expect(up).toMatchObject({ value: 4, op: 'ceiling', parts: { quotient: { value: 3.5, op: 'quotient' } } });
    expect(ceilOver({ vectors: 6, waves: 2 }).value).toBe(3);
    const near = roundedTimes({ vectors: 7, waves: 0.2 });
    expect(near).toMatchObject({ value: 1, op: 'rounded', parts: { product: { op: 'product' } } });
    expect(roundedTimes({ vectors: 7, waves: 0.22 }).value).toBe(2);
  });

  it('constants and times say where they come from', () => {
    expect(constant('a.b', 3)).toEqual(new Count(3, 'given', {}, 'a.b'));
    expect(timeOf(5, 'device.read.latency')).toEqual(new Count(5, 'ticks', {}, 'device.read.latency'));
    expect(timeOf(5, null, parts).parts).toBe(parts);
  });

  it('of layers are added', () => {
    const of = (value: number) => ({ name: 'a', layer: 1, use: 'forward' as const, count: constant('k', value) });
    expect(ofLayers([of(2), of(5)])).toMatchObject({ value: 7, op: 'sum' });
    expect(ofLayers([]).value).toBe(0);
  });

  it('the number alone', () => {
    expect([valueOf(4), valueOf(undefined), valueOf(constant('k', 6))]).toEqual([4, 0, 6]);
  });
});
