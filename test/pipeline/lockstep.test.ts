import { describe, expect, it } from 'vitest';
import { runFlow } from '../../src/pipeline/index.js';
import { trainingChain } from './flows.js';

const cycles = (
  { L, B, N }: { readonly L: number; readonly B: number; readonly N: number },
  pipelined: boolean,
  exact = false,
): bigint | null =>
  runFlow(trainingChain({ layers: L, images: N, batch: B, ticks: () => 7, pipelined }), { exact }).logicalCycles;

describe('logical cycles of training (PipeLayer, HPCA 2017, Sec. 3.3 and Table 2)', () => {
  it('pipelined: (N/B)(2L+B+1), a short last batch of r images adds 2L+r+1', () => {
    for (let L = 1; L <= 20; L++) {
      for (const B of [1, 2, 7, 64, 128]) {
        for (const N of [B, 3 * B, 5 * B + (B >> 1)]) {
          const rest = N % B;
          const published = Math.floor(N / B) * (2 * L + B + 1) + (rest > 0 ? 2 * L + rest + 1 : 0);
          expect(cycles({ L, B, N }, true)).toBe(BigInt(published));
        }
      }
    }
  });

  it('not pipelined: (2L+1)N + N/B', () => {
    for (const L of [1, 2, 3, 8, 20]) {
      for (const B of [1, 5, 64]) {
        for (const N of [B, 4 * B, 4 * B + (B >> 1)])
          expect(cycles({ L, B, N }, false)).toBe(BigInt((2 * L + 1) * N + Math.ceil(N / B)));
      }
    }
  });

  it('event by event gives the same cycles', () => {
    expect(cycles({ L: 3, B: 64, N: 640 }, true, true)).toBe(710n);
    expect(cycles({ L: 5, B: 64, N: 6400 }, true, true)).toBe(7500n);
    expect(cycles({ L: 3, B: 64, N: 640 }, false, true)).toBe(4490n);
  });
});

describe('buffers of training (PipeLayer Sec. 3.3, Fig. 8)', () => {
  it('d_l lives 2(L-l)+1 logical cycles and needs as many entries; every e_l lives one', () => {
    for (const L of [1, 3, 8]) {
      const { buffers } = runFlow(trainingChain({ layers: L, images: 64, batch: 32, ticks: () => 5 }), { exact: true });
      for (let l = 1; l <= L; l++) {
        expect(buffers[l - 1]!.lifetimeCycles).toBe(2 * (L - l) + 1);
        expect(buffers[l - 1]!.peak).toBe(Math.min(32, 2 * (L - l) + 1));
        expect(buffers[L + l - 1]!.lifetimeCycles).toBe(1);
      }
      expect(buffers.slice(0, L).reduce((sum, b) => sum + b.peak, 0)).toBe(L * L);
    }
  });
});

describe('a cycle of lockstep', () => {
  const ticks = (stage: number): number => 10 + 3 * stage;
  it('lasts as long as its slowest active stage, or with cycle: fixed as the slowest of all', () => {
    const L = 3;
    const slowestImageStage = ticks(2 * L + (L - 1));
    const active = runFlow(trainingChain({ layers: L, images: 1, batch: 1, ticks }));
    // T1..T3 = F1..F3, T4 = E, T5 = B3 and G3, T6 = B2 and G2, T7 = G1, T8 = U (PipeLayer Fig. 3).
    const expected = [ticks(0), ticks(1), ticks(2), ticks(3), ticks(6), ticks(7), ticks(8), ticks(9)].reduce(
      (a, b) => a + b,
      0,
    );
    expect(active.makespan).toBe(BigInt(expected));
    const fixed = runFlow(trainingChain({ layers: L, images: 1, batch: 1, ticks, cycle: 'fixed' }));
    expect(fixed.makespan).toBe(BigInt(8 * Math.max(slowestImageStage, ticks(9))));
  });

  it('every tick of an image stage until its last finish is busy or a stall of one cause', () => {
    const L = 3;
    const run = runFlow(trainingChain({ layers: L, images: 13, batch: 5, ticks }));
    const g1 = run.stages[2 * L + L - 1 + 0]!;
    const total = g1.busy + Object.values(g1.stalls).reduce((a, b) => a + b, 0n);
    // G1 is the last image stage to finish; after it only U of the last batch runs.
    expect(total).toBe(run.makespan - BigInt(ticks(2 * L + L)));
  });
});
