// Digital blocks by node and roadmap.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ROADMAP_BLOCKS, roadmapAccumulator, roadmapBlock } from '../../src/estimators/roadmap.js';

describe('blocks by node and roadmap', () => {
  it('NeuroSim V1.4 between 22 and 32 nm: the values at 27 nm, and those of the runs themselves', () => {
    const adder = roadmapBlock('adder', { bits: 16 }, 27e-9, 'lp');
    expect(adder.energy * 1e12).toBeCloseTo(0.0243, 4);
    expect(adder.area * 1e6).toBeCloseTo(33.5, 0);
    expect(adder.leakage * 1e9).toBeCloseTo(2.8, 1);
    expect(roadmapBlock('adder', { bits: 16 }, 27e-9, 'hp').energy * 1e12).toBeCloseTo(0.0151, 4);
    expect(roadmapBlock('register', { bits: 16 }, 27e-9, 'lp').energy * 1e12).toBeCloseTo(0.032, 3);
    expect(roadmapAccumulator({ bits: 16 }, 27e-9, 'lp').energy * 1e12).toBeCloseTo(0.089, 3);
    expect(roadmapAccumulator({ bits: 16 }, 27e-9, 'lp').area * 1e6).toBeCloseTo(71.3, 0);
    expect(roadmapBlock('comparator', { bits: 16 }, 27e-9, 'lp').energy * 1e12).toBeCloseTo(0.0078, 4);
    expect(roadmapBlock('switch-matrix', { bits: 1 }, 27e-9, 'lp').energy * 1e15).toBeCloseTo(2.28, 1);
    expect(roadmapBlock('switch-matrix', { bits: 128 }, 27e-9, 'lp').area * 1e6).toBeCloseTo(318, -1);
    expect(roadmapBlock('max-pool', { bits: 16 }, 65e-9, 'hp').energy * 1e12).toBeCloseTo(0.0469, 6);
    expect(() => roadmapBlock('adder', { bits: 16 }, 21e-9, 'lp')).toThrow(/22 to 65 nm, found 21 nm/);
  });

  it('grow with the node and with width', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ROADMAP_BLOCKS),
        fc.double({ min: 22e-9, max: 64e-9, noNaN: true }),
        fc.constantFrom('lp' as const, 'hp' as const),
        (name, node, roadmap) => {
          const [here, there] = [
            roadmapBlock(name, { bits: 16 }, node, roadmap),
            roadmapBlock(name, { bits: 16 }, node * 1.01, roadmap),
          ];
          for (const key of ['energy', 'area', 'leakage'] as const) {
            expect(there[key]).toBeGreaterThan(here[key]);
            expect(roadmapBlock(name, { bits: 32 }, node, roadmap)[key]).toBeCloseTo(2 * here[key], 20);
          }
        },
      ),
    );
  });
});
