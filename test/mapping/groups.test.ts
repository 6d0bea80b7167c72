// Packed groups: figures worked out by hand for a depthwise layer of 32 channels and 3 x 3 kernels over 4 x 4 places.

import { describe, expect, it } from 'vitest';
import { resultOf, simulated } from '../helpers.js';

const FILES = {
  'depthwise.yaml': [
    'name: depthwise',
    'input: { channels: 32, height: 4, width: 4 }',
    'layers:',
    '  - { name: dw, type: conv2d, channels: 32, kernel: 3, padding: same, groups: 32, bias: false }',
    '',
  ].join('\n'),
};
const ISAAC = ['network=depthwise.yaml', 'workload.images=1', 'workload.mode=inference'];

type Run = ReturnType<typeof resultOf>;
const count = ({ actions }: Run, component: string, action: string, pass = 'F'): number =>
  actions
    .filter((of) => of.component === component && of.action === action && of.pass === pass)
    .reduce((sum, { count: n }) => sum + Number(n), 0);

describe('isaac: 9 rows and 8 bitlines a group, 14 fit, 11 + 11 + 10 stand in three arrays', () => {
  const packed = resultOf('isaac', [...ISAAC, 'mapping.groups=packed'], FILES);
  const separate = resultOf('isaac', ISAAC, FILES);

  it('arrays', () => {
    expect(packed.placements[0]).toMatchObject({ groups: 32, groupsPerArray: 11, groupSets: 3 });
    const copies = packed.layers[0]!.replication;
    expect(packed.arrays.physical).toBe(3 * copies);
    expect(separate.arrays.physical).toBe(32 * separate.layers[0]!.replication);
  });

  it('one reference column an array is converted, not one a group; arrays are read once a vector and slot', () => {
    expect(count(packed, 'adc', 'convert')).toBe(16 * 16 * (32 * 8 + 3));
    expect(count(separate, 'adc', 'convert')).toBe(16 * 16 * (32 * 8 + 32));
    expect(count(packed, 'crossbar', 'read')).toBe(16 * 16 * 3);
    expect(count(separate, 'crossbar', 'read')).toBe(16 * 16 * 32);
    expect(count(packed, 'dac', 'convert')).toBe(16 * 16 * 32 * 9);
    expect(count(packed, 'shiftAdd', 'subtract-offset')).toBe(16 * 32);
  });

  it('spatial utilization: 32 x 9 x 8 cells of 3 (32) arrays of 128 x 129', () => {
    expect(packed.utilization.spatial).toBeCloseTo(2304 / (3 * 128 * 129), 12);
    expect(separate.utilization.spatial).toBeCloseTo(2304 / (32 * 128 * 129), 12);
  });

  it('cells beside the blocks hold the code of a zero and are written before the first read', () => {
    const beside = (2 * 11 * 10 + 10 * 9) * 9 * 8;
    const { cells } = packed.device!.programming;
    expect(cells).toBe((2304 + beside) * packed.layers[0]!.replication);
  });
});

describe('pipelayer, training: forward, backward and gradient arrays', () => {
  const { result, machine } = simulated(
    'pipelayer',
    [
      'network=depthwise.yaml',
      'workload.mode=training',
      'workload.batch=2',
      'workload.images=2',
      'mapping.groups=packed',
    ],
    FILES,
  );

  it('differential storage leaves cells beside the blocks alone; 2 signs x 4 slices of arrays for each set', () => {
    const { forward, gradient } = machine.plans[0]!;
    expect(forward.matrix).toMatchObject({ groups: 32 });
    const [f, g] = result.placements;
    expect(f).toMatchObject({ use: 'forward', groupsPerArray: 11, groupSets: 3, arraysPerLogical: 8 });
    expect(result.arrays.byLayer[0]!.forward.physical).toBe(3 * 8 * forward.replication);
    // 16 rows (positions) x 9 columns a group: 8 fit in 128 wordlines, four arrays.
    expect(g).toMatchObject({ use: 'gradient', groupsPerArray: 8, groupSets: 4 });
    expect(gradient!.pass.vectors).toBe(1);
    expect(result.device!.programming.cells).toBe(32 * 9 * 8 * forward.replication);
  });
});

it('a read that counts crossed cells crosses the columns of the groups beside it', () => {
  const sets = [...ISAAC, 'crossbar.device=reram-nvsim', 'crossbar.cellBits=1', 'inputs.density=1'];
  const crossed = (groups: string): number =>
    count(resultOf('isaac', [...sets, `mapping.groups=${groups}`], FILES), 'crossbar', 'read');
  // 16 slices a weight: 8 groups fill 128 bitlines, a reference column beside them.
  expect(crossed('packed')).toBe(16 * 16 * 32 * 9 * (8 * 16 + 1));
  expect(crossed('separate')).toBe(16 * 16 * 32 * 9 * (16 + 1));
});

it('groups that fill more than half an array stand alone, as before', () => {
  const file = FILES['depthwise.yaml']
    .replace('channels: 32, kernel', 'channels: 64, kernel')
    .replace('groups: 32', 'groups: 2');
  const run = (groups: string): Run =>
    resultOf('isaac', [...ISAAC, `mapping.groups=${groups}`], { 'depthwise.yaml': file });
  const [packed, separate] = [run('packed'), run('separate')];
  expect(packed.actions).toEqual(separate.actions);
  expect(packed.arrays).toEqual(separate.arrays);
});
