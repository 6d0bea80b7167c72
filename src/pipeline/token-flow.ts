// Who fills and who empties the buffers of a flow.

import { mapped } from '../kernel/index.js';
import type { Flow } from './flow.js';

/** Stages of a flow by the buffers between them; all lists ascending. */
export interface TokenFlow {
  /** Of each buffer the stages that read it. */
  readonly readers: readonly (readonly number[])[];
  /** Of each stage those that read one of its outputs, and those that fill one of its inputs. */
  readonly readersOf: readonly (readonly number[])[];
  readonly writersOf: readonly (readonly number[])[];
}

/** Who fills and who empties the buffers of these stages. */
export function tokenFlow({ stages, buffers }: Pick<Flow, 'stages' | 'buffers'>): TokenFlow {
  const stagesBy = (side: 'inputs' | 'outputs'): number[][] => {
    const found = mapped(buffers, (): number[] => []);
    stages.forEach((stage, s) => {
      for (const buffer of new Set(stage[side])) found[buffer]!.push(s);
    });
    return found;
  };
  const readers = stagesBy('inputs');
  const writers = stagesBy('outputs');
  const readersOf = mapped(stages, ({ outputs }) => ascending(outputs.flatMap((buffer) => readers[buffer]!)));
  const writersOf = mapped(stages, ({ inputs }) => ascending(inputs.flatMap((buffer) => writers[buffer]!)));
  return { readers, readersOf, writersOf };
}

const ascending = (stages: readonly number[]): number[] => [...new Set(stages)].sort((a, b) => a - b);
