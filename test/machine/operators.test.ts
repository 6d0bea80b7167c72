import { describe, expect, it } from 'vitest';
import { plainStyle } from '../../src/report/index.js';
import { runTables } from '../../src/report/terminal/index.js';
import { resultOf, simulated } from '../helpers.js';
import { transformer } from './networks.js';

const SIZE = { steps: 16, width: 32, heads: 4, inner: 64 };
const FILES = { 'block.yaml': transformer(SIZE) };
const BLOCK = ['network=block.yaml', 'workload.mode=inference', 'workload.images=4'];
const PLACES = ['isaac', 'pipelayer', 'digital-int8'] as const;

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

describe('a transformer block: every operator has its unit', () => {
  it('what part attention takes stands on a line of its own below the table of operators', () => {
    const lines = runTables(resultOf('isaac', BLOCK, FILES), plainStyle(120), true).split('\n');
    expect(lines.filter((line) => line.startsWith('attention (products of activations and the softmax'))).toHaveLength(
      1,
    );
  });

  it.each(PLACES)('%s: products of activations on digital units, softmax and norms on a vector unit', (preset) => {
    const { operators, networkTotals, energy } = resultOf(preset, BLOCK, FILES);
    const on = new Map(operators.map((operator) => [operator.name, operator]));
    // 4 heads x 16 x 16 x 8, twice.
    expect(networkTotals.dynamicMacs).toBe(2 * 4 * 16 * 16 * 8);
    expect(networkTotals.macs).toBe(16 * 32 * (5 * 32 + 2 * 64) + 32 * 10 + networkTotals.dynamicMacs);
    expect(networkTotals.parameters).toBe(32 * (5 * 32 + 2 * 64) + 32 * 10);
    expect(networkTotals.biases).toBe(5 * 32 + 64 + 32 + 10);
    expect(on.get('scores')).toMatchObject({ place: 'dynamic', on: 'mac', layer: 'scores', cellWrites: 0 });
    expect(on.get('weights')).toMatchObject({ on: 'vector', layer: 'scores' });
    expect(on.get('norm1')).toMatchObject({ on: 'vector', layer: 'embed' });
    expect(on.get('gelu')).toMatchObject({ on: 'activation', layer: 'mlp1' });
    expect(on.get('sum1')).toMatchObject({ on: 'add', layer: 'out' });
    expect(on.get('q.t')).toMatchObject({ on: 'addresses', layer: null, energyJ: 0 });
    expect(on.get('q.h')).toMatchObject({ on: 'folded', energyJ: 0 });
    // Softmax of 1024 values in 64 rows, 4 images; a norm of 16 rows of 32 with factors and summands.
    const actionsOf = (name: string): Record<string, number> =>
      Object.fromEntries(
        on.get(name)!.actions.map(({ component, action, count }) => [`${component}.${action}`, count]),
      );
    expect(actionsOf('weights')).toEqual({
      'vector.compare': 4 * (1024 - 64),
      'vector.add': 4 * (2 * 1024 - 64),
      'vector.function': 4 * 1024,
      'vector.divide': 4 * 1024,
    });
    expect(actionsOf('norm1')).toMatchObject({
      // Mean: 31 additions and a factor a row; differences; squares; their sum and epsilon; root; factor, scale, shift.
      'vector.add': 4 * (16 * 31 + 512 + 16 * 31 + 16 + 512),
      'vector.multiply': 4 * (16 + 512 + 16 + 512 + 512),
      'vector.function': 4 * 16,
    });
    for (const { name, timeS, place, on: unit } of operators)
      expect([name, timeS > 0]).toEqual([name, place !== 'folded' && !['addresses', 'add'].includes(unit)]);
    expect(sum(energy.byOperatorJ.map(({ energyJ }) => energyJ)) + energy.leakageJ).toBeCloseTo(energy.totalJ, 18);
  });

  it('energies of operators and leakage are the total, also where what is built never rests (chip.idle: on)', () => {
    const { energy } = resultOf('isaac', ['network=lenet-5', 'workload.images=3']);
    expect(energy.totalJ).toBeGreaterThan(energy.activityJ);
    expect(sum(energy.byOperatorJ.map(({ energyJ }) => energyJ)) + energy.leakageJ).toBeCloseTo(energy.totalJ, 18);
  });

  it('dynamic.on: crossbar writes the second operand into every copy, for each image, before its vectors', () => {
    const { result, machine } = simulated('pipelayer', [...BLOCK, 'dynamic.on=crossbar'], FILES);
    const scores = result.operators.find(({ name }) => name === 'scores')!;
    // 4 heads x 8 rows x 16 columns, 4 slices, a positive and a negative cell; 4 images.
    const { replication } = machine.plans.find(({ layer }) => layer.name === 'scores')!.forward;
    expect(scores).toMatchObject({ on: 'crossbar', cellWrites: 4 * 4 * 8 * 16 * 4 * 2 * replication });
    expect(result.endurance!.operands).toMatchObject({ writesPerCell: 4 });
    const crossbar = result.stages
      .find(({ layer }) => layer === 'scores')!
      .units.find(({ component }) => component === 'crossbar')!;
    const plain = result.stages
      .find(({ layer }) => layer === 'out')!
      .units.find(({ component }) => component === 'crossbar')!;
    // 8 rows, one after the other, spread over the waves of an image.
    const waves = Math.ceil(16 / replication);
    const write = 8 * 50.88e-9;
    expect((crossbar.latencyS - plain.latencyS) * waves).toBeGreaterThanOrEqual(write * 0.999);
    expect((crossbar.latencyS - plain.latencyS) * waves).toBeLessThan(write + waves * 1e-12);
  });

  it('a digital design has no arrays to write: refused by the key', () => {
    expect(() => resultOf('digital-int8', [...BLOCK, 'dynamic.on=crossbar'], FILES)).toThrow(
      /dynamic\.on.*a digital design has no arrays/,
    );
  });

  it('lanes divide the time of the vector unit; a shared unit makes stages wait', () => {
    const unit = (sets: string[]): number =>
      resultOf('digital-int8', [...BLOCK, ...sets], FILES)
        .stages.find(({ layer }) => layer === 'embed')!
        .units.find(({ component }) => component === 'vector')!.intervalS;
    // 4,672 operations of norm1 in the waves of embed, at 1 GHz, up to an edge of 500 MHz.
    expect(unit(['vector.lanes=1'])).toBeGreaterThan(60 * unit(['vector.lanes=64']));
    const waits = (shared: boolean): number =>
      resultOf('pipelayer', [...BLOCK, `vector.shared=${shared}`, 'vector.lanes=1', 'pipeline.advance=elastic'], FILES)
        .stalls.unit;
    expect(waits(true)).toBeGreaterThan(waits(false));
  });
});

describe('moves', () => {
  const network = (last: string): Record<string, string> => ({
    'move.yaml': [
      'name: move',
      'input: { features: 8, steps: 4 }',
      'layers:',
      '  - { name: a, type: dense, features: 16 }',
      `  - { name: m, ${last} }`,
      '  - { name: b, type: dense, features: 3 }',
      '',
    ].join('\n'),
  });
  const moved = (last: string, sets: string[] = []): Record<string, unknown> => {
    const { operators } = resultOf('isaac', ['network=move.yaml', 'workload.images=1', ...sets], network(last));
    const { on, actions } = operators.find(({ name }) => name === 'm')!;
    return { on, actions: actions.map(({ component, action, count }) => `${component}.${action} ${count}`) };
  };

  it('a transpose of the innermost axis goes through the buffer: 64 values in words of 16', () => {
    expect(moved('type: transpose, permutation: [1, 0]')).toEqual({
      on: 'buffer',
      actions: ['buffer.read 4', 'buffer.write 4'],
    });
  });

  it('where a word holds one value it is a matter of addresses', () => {
    expect(moved('type: transpose, permutation: [1, 0]', ['buffers.wordBits=16'])).toEqual({
      on: 'addresses',
      actions: [],
    });
  });

  it('slices of whole words are addresses', () => {
    expect(moved('type: slice, starts: [1, 0], sizes: [2, 16]')).toEqual({ on: 'addresses', actions: [] });
  });
});
