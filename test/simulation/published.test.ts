import { describe, expect, it } from 'vitest';
import { denseChain, resultOf, simulated } from '../helpers.js';

const cyclesOf = (L: number, sets: string[]): number | null =>
  resultOf('pipelayer', ['network=chain.yaml', 'workload.mode=training', ...sets], { 'chain.yaml': denseChain(L) }).time
    .logicalCycles;

describe('whole runs against PipeLayer (HPCA 2017)', () => {
  it('Sec. 3.3: (N/B)(2L+B+1) logical cycles pipelined, L = 1..20, B up to 128, a short last batch included', () => {
    for (let L = 1; L <= 20; L++) {
      for (const [B, N] of [
        [1, 3],
        [10, 40],
        [64, 128],
        [128, 128],
        [7, 23],
      ] as const) {
        const rest = N % B;
        const published = Math.floor(N / B) * (2 * L + B + 1) + (rest > 0 ? 2 * L + rest + 1 : 0);
        expect(cyclesOf(L, [`workload.batch=${B}`, `workload.images=${N}`])).toBe(published);
      }
    }
  });

  it('Sec. 3.3: (2L+1)N + N/B not pipelined', () => {
    for (const L of [1, 3, 8])
      expect(cyclesOf(L, ['workload.batch=16', 'workload.images=48', 'pipeline.enabled=false'])).toBe(
        (2 * L + 1) * 48 + 3,
      );
  });

  it('Fig. 3: T1..T8 of three layers, B3 beside G3, B2 beside G2', () => {
    const { result } = simulated(
      'pipelayer',
      ['network=chain.yaml', 'workload.mode=training', 'workload.batch=1', 'workload.images=1'],
      { 'chain.yaml': denseChain(3) },
    );
    expect(result.time.logicalCycles).toBe(8);
    expect(result.stages.map(({ name }) => name)).toEqual(['F1', 'F2', 'F3', 'E', 'B3', 'B2', 'G3', 'G2', 'G1', 'U']);
  });

  it('Fig. 8: d_l lives 2(L-l)+1 cycles; the entries sum to L^2', () => {
    const L = 5;
    const { buffers } = resultOf('pipelayer', ['network=chain.yaml', 'workload.mode=training', 'workload.images=64'], {
      'chain.yaml': denseChain(L),
    });
    const neurons = buffers.filter(({ kind }) => kind === 'neurons');
    expect(neurons.map(({ lifetimeCycles }) => lifetimeCycles)).toEqual([9, 7, 5, 3, 1]);
    expect(neurons.map(({ peakEntries }) => peakEntries)).toEqual([9, 7, 5, 3, 1]);
    // d_L and every error are read and written in one cycle and so doubled: (L+1)^2 in all.
    expect(buffers.reduce((sum, { capacityEntries }) => sum + capacityEntries, 0)).toBe((L + 1) ** 2);
  });

  it('Table 2: array groups GL + G(L-1) + BL pipelined, GL + G(2L-1) not', () => {
    for (const [L, G, B] of [
      [3, 1, 4],
      [5, 1, 64],
    ] as const) {
      const { arrays } = resultOf(
        'pipelayer',
        ['network=chain.yaml', 'workload.mode=training', `workload.batch=${B}`],
        { 'chain.yaml': denseChain(L) },
      );
      expect(arrays.groups).toEqual({
        forward: G * L,
        backward: G * (L - 1),
        gradient: B * L,
        total: G * L + G * (L - 1) + B * L,
      });
    }
    const layer = (_: unknown, i: number): string =>
      `  - { name: c${i + 1}, type: conv2d, channels: 4, kernel: 3, padding: 1 }\n`;
    const conv = (L: number): string =>
      `name: convs\ninput: { channels: 4, height: 8, width: 8 }\nlayers:\n${Array.from({ length: L }, layer).join('')}`;
    for (const [enabled, groups] of [
      [true, 6 * 4 + 6 * 3 + 8 * 4],
      [false, 6 * 4 + 6 * (2 * 4 - 1)],
    ] as const) {
      const { arrays } = resultOf(
        'pipelayer',
        [
          'network=convs.yaml',
          'workload.mode=training',
          'mapping.replication.byLayer={ "c*": 6 }',
          'workload.batch=8',
          `pipeline.enabled=${enabled}`,
        ],
        { 'convs.yaml': conv(4) },
      );
      expect(arrays.groups.total).toBe(groups);
    }
  });

  it('Fig. 5: a matrix of 1152 x 256 takes 18 arrays, 12,544 positions, 49 steps with G = 256', () => {
    const network =
      'name: fig5\ninput: { channels: 128, height: 114, width: 114 }\nlayers:\n  - { name: conv, type: ' +
      'conv2d, channels: 256, kernel: 3 }\n';
    const run = (G: number): ReturnType<typeof resultOf>['layers'][number] =>
      resultOf(
        'pipelayer',
        ['network=fig5.yaml', 'workload.mode=inference', `mapping.replication.byLayer={ conv: ${G} }`],
        { 'fig5.yaml': network },
      ).layers[0]!;
    expect([run(1).rows, run(1).columns, run(1).arrays, run(1).positions, run(1).steps]).toEqual([
      1152, 256, 18, 12_544, 12_544,
    ]);
    expect([run(256).steps, run(256).arrays, run(256).physicalArrays]).toEqual([49, 18 * 256, 18 * 256 * 8]);
    expect(run(12_544).steps).toBe(1);
  });

  it('Table 5: every conv layer of every VGG takes 49 steps', () => {
    for (const network of ['vgg-a', 'vgg-b', 'vgg-c', 'vgg-d', 'vgg-e']) {
      const { layers } = resultOf('pipelayer', [`network=${network}`, 'workload.mode=inference', 'workload.images=2']);
      const conv = layers.filter(({ type }) => type === 'conv2d');
      expect(conv.every(({ steps }) => steps === 49)).toBe(true);
    }
  });
});

describe('whole runs against ISAAC (ISCA 2016, Fig. 4b and Sec. VI)', () => {
  const one = (pool: string): string =>
    `name: one\ninput: { channels: 8, height: 4, width: 4 }\nlayers:\n  - { name: conv, type: conv2d, ` +
    `channels: 16, kernel: 3 }\n${pool}`;
  const sets = ['network=one.yaml', 'workload.images=1', 'mapping.replication={ scheme: given, byLayer: { conv: 4 } }'];

  it('22 cycles of 100 ns for one operation', () => {
    const result = resultOf('isaac', sets, { 'one.yaml': one('') });
    expect(result.layers[0]!.operationCycles).toBe(22);
    expect(result.time.totalS).toBeCloseTo(22 * 100e-9, 12);
  });

  it('27 cycles with a 2x2 max pool behind it', () => {
    const result = resultOf('isaac', sets, { 'one.yaml': one('  - { name: pool, type: maxpool, kernel: 2 }\n') });
    expect(result.layers[0]!.operationCycles).toBe(27);
    expect(result.time.totalS).toBeCloseTo(27 * 100e-9, 12);
  });

  it('a further operation follows 16 cycles later', () => {
    const result = resultOf(
      'isaac',
      ['network=one.yaml', 'workload.images=1', 'mapping.replication={ scheme: given, byLayer: { conv: 1 } }'],
      { 'one.yaml': one('') },
    );
    expect(result.time.totalS).toBeCloseTo((22 + 3 * 16) * 100e-9, 12);
  });
});
