// What a functional product counts is what the timing run of the same layer counts, action by action.

import { expect, test } from 'vitest';
import { diskPresets } from '../../../src/config/files.node.js';
import { crossbarOptions } from '../../../src/functional/crossbar/hardware.js';
import { CrossbarProduct } from '../../../src/functional/crossbar/product.js';
import { loaded, simulated } from '../../helpers.js';

const NETWORK = `name: small
input: { features: 300 }
layers:
  - { name: fc1, type: dense, features: 70 }
  - { name: relu1, type: relu }
  - { name: fc2, type: dense, features: 40 }
  - { name: relu2, type: relu }
`;
const IMAGES = 3;

const cases = [
  ['isaac', 'inference', 'offset, slices in columns'],
  ['pipelayer', 'inference', 'differential, slices in arrays, integrate&fire'],
  ['puma', 'inference', 'PUMA'],
  ['a3-shared', 'attack', 'one offset crossbar, read transposed'],
] as const;

test.each([false, true])('a GRU reads its joint matrix twice a step, reset behind the product: %s', (behind) => {
  const network = `name: g
input: { features: 7, steps: 5 }
layers:
  - { name: gru, type: gru, hidden: 9, linearBeforeReset: ${behind} }
`;
  const run = (mode: string): ReturnType<typeof simulated>['result'] =>
    simulated('isaac', ['network=g.yaml', `workload.mode=${mode}`, 'workload.batch=1', 'workload.images=1'], {
      'g.yaml': network,
    }).result;
  const { actions, stages } = run('inference');
  const count = (component: string, action: string): number =>
    Number(actions.find((entry) => entry.component === component && entry.action === action)?.count);
  // Matrix (7 + 9) x 27 of 16 bits in cells of 2: 216 bitlines in two arrays, each with a reference column; 16 slots.
  expect(count('adc', 'convert')).toBe(2 * 5 * (216 + 2) * 16);
  expect(count('crossbar', 'read')).toBe(2 * 5 * 2 * 16);
  expect(count('activation', 'lookup')).toBe(5 * 27);
  // A value and step: r times the state (or its product), h = n + z (h - n); reset behind, the halves of z, r and n,
  // which the two reads give apart, meet outside the arrays.
  expect(count('vector', 'multiply')).toBe(5 * 9 * 2);
  expect(count('vector', 'add')).toBe(5 * 9 * (behind ? 2 + 3 : 2));
  expect(stages.find(({ layer, pass }) => layer === 'gru' && pass === 'F')!.waves).toBe(5);
});

test.each(cases)('%s, %s: %s', (preset, mode) => {
  const sets = [
    'network=small.yaml',
    `workload.mode=${mode}`,
    ...(mode === 'attack' ? [`workload.batch=${IMAGES}`, 'workload.iterations=1'] : [`workload.images=${IMAGES}`]),
    'functional.backend=crossbar',
  ];
  const files = { 'small.yaml': NETWORK };
  const { result } = simulated(preset, sets, files);
  const run = loaded(preset, sets, files);
  const options = crossbarOptions(run, diskPresets);
  const { bits } = run.config.inputs;
  const counted = (pass: string, layer: string, component: string, action: string): number =>
    Number(
      result.actions.find(
        (entry) =>
          entry.pass === pass && entry.layer === layer && entry.component === component && entry.action === action,
      )?.count ?? 0,
    );
  const [sensor, sense] = {
    adc: ['adc', 'convert'],
    'integrate-fire': ['integrateFire', 'integrate'],
    'spin-neuron': ['spinNeuron', 'fire'],
  }[run.config.sensing.kind] as [string, string];
  for (const [name, rows, columns] of [
    ['fc1', 300, 70],
    ['fc2', 70, 40],
  ] as const) {
    const values = new Int32Array(rows * columns).fill(1);
    const prepare = { inputs: { bits, signed: false } };
    const product = new CrossbarProduct({ name, rows, columns, values }, options, prepare);
    product.forward(new Int32Array(rows * IMAGES), IMAGES, new Float64Array(columns * IMAGES));
    const forward = { ...product.statistics };
    expect(forward.conversions).toBe(counted('F', name, sensor, sense));
    expect(forward.shiftAdds).toBe(counted('F', name, 'shiftAdd', 'shift-add'));
    expect(forward.offsetSubtractions).toBe(counted('F', name, 'shiftAdd', 'subtract-offset'));
    expect(forward.verticalAdds).toBe(counted('F', name, 'verticalAdder', 'add'));
    if (run.config.device.read.per === 'array') expect(forward.reads).toBe(counted('F', name, 'crossbar', 'read'));
    if (run.config.driver.kind === 'dac') expect(forward.drivenSettings).toBe(counted('F', name, 'dac', 'convert'));
    if (run.config.weights.copies !== 'shared' || mode === 'inference') continue;
    product.calibrate();
    product.transposed(new Int32Array(columns * IMAGES), IMAGES, new Float64Array(rows * IMAGES));
    const back = product.statistics;
    expect(back.conversions).toBe(counted('B', name, sensor, sense));
    expect(back.shiftAdds).toBe(counted('B', name, 'shiftAdd', 'shift-add'));
    expect(back.offsetSubtractions).toBe(counted('B', name, 'shiftAdd', 'subtract-offset'));
    expect(back.inputSums).toBe(counted('B', name, 'shiftAdd', 'sum-inputs'));
    expect(back.verticalAdds).toBe(counted('B', name, 'verticalAdder', 'add'));
  }
});
