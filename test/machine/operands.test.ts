// A product of two activations whose second operand is written into arrays: counts and times worked out by hand.

import { describe, expect, it } from 'vitest';
import { resultOf, simulated } from '../helpers.js';

// Two heads, each 5 x 20 by 20 x 5: the second operand is a matrix of 20 rows and 5 columns a head.
const FILES = {
  'heads.yaml': [
    'name: heads',
    'input: { features: 40, steps: 5 }',
    'layers:',
    ...['q', 'k'].flatMap((name) => [
      `  - { name: ${name}, type: dense, features: 40, from: input }`,
      `  - { name: ${name}.h, type: reshape, shape: [5, 2, 20] }`,
      `  - { name: ${name}.t, type: transpose, permutation: [1, 0, 2] }`,
    ]),
    '  - { name: scores, type: matmul, transposeB: true, from: [q.t, k.t] }',
    '  - { name: fc, type: dense, features: 2 }',
    '',
  ].join('\n'),
};
const IMAGES = 3;
const SETS = [
  ...['network=heads.yaml', 'workload.mode=inference', `workload.images=${IMAGES}`],
  ...[
    'crossbar.rows=16',
    'crossbar.columns=16',
    'sensing.columnsPerConverter=1',
    'mapping.replication={ scheme: given, byLayer: {} }',
  ],
];
type Run = ReturnType<typeof resultOf>;
const run = (preset: string, on: string, sets: string[] = []): Run =>
  resultOf(preset, [...SETS, `dynamic.on=${on}`, ...sets], FILES);
const scores = ({ operators }: Run) => operators.find(({ name }) => name === 'scores')!;
const count = (result: Run, component: string, action: string): number =>
  result.actions.reduce(
    (sum, of) =>
      sum + (of.layer === 'scores' && of.component === component && of.action === action ? Number(of.count) : 0),
    0,
  );

describe('dynamic.on: crossbar, 20 x 5 a head on arrays of 16 x 16', () => {
  it('pipelayer (4 slices in arrays of their own, differential): two tiles of rows a head', () => {
    const { result, machine } = simulated('pipelayer', [...SETS, 'dynamic.on=crossbar'], FILES);
    // 2 tiles x 2 heads x 4 slices x 2 signs.
    expect(result.placements.find(({ layer }) => layer === 'scores')).toMatchObject({
      ...{ rows: 20, columns: 5, groups: 2, rowTiles: 2, columnTiles: 1, vectors: 5, copies: 1 },
      ...{ cells: 32 * 16 * 16, weightCells: 20 * 5 * 2 * 4 * 2 },
    });
    expect(scores(result).cellWrites).toBe(IMAGES * 1600);
    const write = result.actions.find(
      ({ layer, component, action }) => layer === 'scores' && component === 'crossbar' && action === 'write',
    )!;
    expect(write.energyJ).toBeCloseTo(IMAGES * 1600 * machine.constants.energy('crossbar', 'write'), 18);
    expect(result.endurance!.operands!.writesPerCell).toBe(IMAGES);
    // Both tiles of a head at once, row by row: 16 rows of 50.88 ns, shared by 5 waves, each up to a tick.
    const crossbar = result.stages
      .find(({ name }) => name === `F${result.layers.findIndex(({ name: of }) => of === 'scores') + 1}`)!
      .units.find(({ component }) => component === 'crossbar')!;
    const reads = 16 * machine.cells!.slot.value;
    expect(Math.round(crossbar.latencyS * 1e12)).toBe(reads + Math.ceil((16 * 50_880) / 5));
  });

  it('isaac (8 slices in neighbouring columns, offset): 40 columns a head take three tiles', () => {
    const result = run('isaac', 'crossbar');
    expect(result.placements.find(({ layer }) => layer === 'scores')).toMatchObject({
      ...{ rowTiles: 2, columnTiles: 3, groups: 2, cells: 12 * 16 * 17, weightCells: 20 * 5 * 2 * 8 },
    });
    expect(scores(result).cellWrites).toBe(IMAGES * 1600);
  });

  it.each(['digital', 'crossbar'])('%s: vectors and the second operand go over the bus and out of the buffer', (on) => {
    const result = run('isaac', on);
    // 5 vectors of 2 x 20 values and 2 x 20 x 5 of the operand in, 5 x 10 out; words of the buffer are 16 values.
    expect(count(result, 'bus', 'transfer')).toBe(IMAGES * 16 * (5 * 40 + 200 + 50));
    expect(count(result, 'buffer', 'read')).toBe(IMAGES * (5 * Math.ceil(40 / 16) + Math.ceil(200 / 16)));
  });

  it.each(['training', 'attack'])('%s is refused by the key', (mode) => {
    const sets = ['network=heads.yaml', `workload.mode=${mode}`, 'dynamic.on=crossbar'];
    expect(() => resultOf('pipelayer', sets, FILES)).toThrow(/dynamic\.on.*found "?crossbar/);
  });
});
