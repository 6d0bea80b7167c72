// Who fills and who empties the buffers between stages.

import { expect, it } from 'vitest';
import { tokenFlow } from '../../src/pipeline/index.js';
import type { FlowStage } from '../../src/pipeline/index.js';

const stage = (inputs: number[], outputs: number[]): FlowStage => ({
  ...{ name: 'S', serves: 'image', turn: 0, waves: 1, serial: false, units: [], source: false, needs: [] },
  ...{ inputs, outputs },
});

it('a graph with a way round, a stage that reads a buffer twice and one that stands before what it reads', () => {
  // 0 fills a, read by 1 and 3; 1 fills b, read by 3 (twice); 3 fills c, read by 2.
  const stages = [stage([], [0]), stage([0], [1]), stage([2], []), stage([0, 1, 1], [2])];
  const buffers = ['a', 'b', 'c'].map((name) => ({ name, capacity: 2 }));
  expect(tokenFlow({ stages, buffers })).toEqual({
    readers: [[1, 3], [3], [2]],
    readersOf: [[1, 3], [3], [], [2]],
    writersOf: [[], [0], [3], [0, 1]],
  });
});
