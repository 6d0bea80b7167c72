// Memory outside the chip: bits, energy, time and contention of small networks worked out by hand.

import { describe, expect, it } from 'vitest';
import { denseChain, resultOf, withoutSimulator } from '../helpers.js';

// Three layers of 16 x 16: 256 bits of inputs and of outputs an image, 3 x 4,096 bits of weights.
const FILES = {
  'chain.yaml': denseChain(3),
  'on.yaml': 'extends: [pipelayer, memory-ddr4]\nnetwork: chain.yaml\n',
};
const SMALL = ['mapping.replication={ scheme: balanced }', 'crossbar.rows=16', 'crossbar.columns=16'];
type Run = ReturnType<typeof resultOf>;
const run = (sets: string[]): Run => resultOf('on.yaml', [...SMALL, ...sets], FILES);
const FAST = ['verticalAdder', 'activation', 'pooling', 'integrateFire', 'shiftAdd', 'buffer']
  .map((name) => `${name}: { latency: 10 ps${name === 'buffer' ? ', writeLatency: 10 ps' : ''} }`)
  .join(', ');
const bits = ({ actions }: Run, action: string, pass?: string): number =>
  actions
    .filter((of) => of.component === 'outsideMemory' && of.action === action && of.pass === (pass ?? of.pass))
    .reduce((sum, { count }) => sum + Number(count), 0);
const operation = ({ layers }: Run, i: number): number => Math.round(layers[i]!.operationS * 1e12);

const INFERENCE = ['workload.mode=inference', 'workload.images=4'];

describe('inference', () => {
  it('reads inputs with the first layer and writes outputs with the last', () => {
    const result = run(INFERENCE);
    const moved = result.actions.filter(
      ({ component, action }) => component === 'outsideMemory' && action !== 'leakage',
    );
    expect(moved.map(({ layer, action, count }) => [layer, action, count])).toEqual([
      ['fc1', 'read', 4 * 256],
      ['fc3', 'write', 4 * 256],
    ]);
    // 1.3 nJ for 64 bits, and 0.76 W over the run.
    expect(result.energy.byComponentJ.outsideMemory).toBeCloseTo(
      (2 * 4 * 256 * 1.3e-9) / 64 + 0.76 * result.time.totalS,
      18,
    );
  });

  it('takes an access and the bits of a wave, in the first layer and the last alone', () => {
    const [without, result] = [run([...INFERENCE, 'memory.used=false']), run(INFERENCE)];
    // 50 ns, and 256 bits at 204.8 Gb/s: 1.25 ns.
    expect([0, 1, 2].map((i) => operation(result, i) - operation(without, i))).toEqual([51_250, 0, 51_250]);
    expect(without.energy.byComponentJ).not.toHaveProperty('outsideMemory');
  });

  it('is one memory for all stages: inputs and outputs of 8 us each take turns', () => {
    const slow = [...INFERENCE, 'memory.rate=0.004 GB/s', 'pipeline.advance=elastic'];
    const [some, more] = [20, 30].map((images) => run([...slow, `workload.images=${images}`]));
    expect(Math.round((more!.time.totalS - some!.time.totalS) * 1e12)).toBe(10 * 2 * 8_000_000);
    expect(some!.verdict.timeSetBy).toContain('outsideMemory');
    const exact = run([...slow, 'workload.images=20', 'simulation.exact=true']);
    const plain = (of: Run): unknown => ({ ...withoutSimulator(of), config: null, configHash: null });
    expect(plain(exact)).toEqual(plain(some!));
  });

  it('rounds what a tick does not hold up: 256 bits at 3,276.8 Gb/s take 79 ps', () => {
    const [without, result] = [run([...INFERENCE, 'memory.used=false']), run([...INFERENCE, 'memory.rate=409.6 GB/s'])];
    expect(operation(result, 0) - operation(without, 0)).toBe(50_079);
  });

  it('takes an access a wave where it has no bandwidth', () => {
    const dram = 'energy: { read: 1 pJ, write: 1 pJ }, latency: 50 ns, area: 0 mm2, leakage: 0 W';
    const bare = `extends: pipelayer\nmemory: { used: true }\ncomponents: { outsideMemory: { ${dram} } }\n`;
    const sets = [...SMALL, ...INFERENCE, 'network=chain.yaml'];
    const [result, without] = [sets, [...sets, 'memory.used=false']].map((of) =>
      resultOf('bare.yaml', of, { ...FILES, 'bare.yaml': bare }),
    );
    expect(operation(result!, 0) - operation(without!, 0)).toBe(50_000);
  });
});

it('reads the weights of each turn', () => {
  const turns = ['chip.arrays=8', 'mapping.overflow=reload', 'workload.images=6', 'workload.batch=2'];
  const result = run(['workload.mode=inference', ...turns]);
  // Three batches of three turns.
  expect(bits(result, 'read', 'W')).toBe(3 * 3 * 4096);
  expect(bits(result, 'read', 'F')).toBe(6 * 256);
});

it('is said to be free where a design leaves it out: weights of turns, inputs beyond a channel of DRAM', () => {
  const off = ['workload.mode=inference', 'memory.used=false', 'workload.images=6', 'workload.batch=2'];
  const free = (sets: string[]): string[] =>
    run([...off, ...sets]).notes.flatMap(({ code, text }) => (code === 'outside-free' ? [text] : []));
  expect(free([])).toEqual([]);
  expect(free(['chip.arrays=8', 'mapping.overflow=reload'])).toEqual([expect.stringContaining('of weights of turns')]);
  // 64 bytes an image each 0.87 us: 0.07 GB/s; within ticks of 10 ps they would be 45 GB/s.
  expect(free(['device.read.latency=10 ps', 'device.write.latency=10 ps', 'components={ ' + FAST + ' }'])).toEqual([
    expect.stringContaining('of inputs and outputs'),
  ]);
});

it('holds the sums of gradients that leave: each image reads and writes them, the update reads them', () => {
  const training = ['workload.mode=training', 'workload.images=8', 'workload.batch=4'];
  const inside = run(training);
  expect([bits(inside, 'read'), bits(inside, 'write')]).toEqual([8 * 256, 0]);
  const outside = run([...training, 'memory.gradients=outside']);
  expect(bits(outside, 'read', 'G')).toBe(8 * 3 * 4096);
  expect(bits(outside, 'write', 'G')).toBe(8 * 3 * 4096);
  expect(bits(outside, 'read', 'U')).toBe(2 * 3 * 4096);
  expect(bits(outside, 'read', 'F')).toBe(8 * 256);
});
