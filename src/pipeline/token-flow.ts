// Who fills and who empties the buffers of a flow, and so who may start when a stage has finished.

import { mapped } from '../kernel/index.js';
import type { Flow } from './flow.js';

/** Stages of a flow by the buffers between them; all lists ascending. */
export interface TokenFlow {
  /** Of each buffer the stages that read it, and those that fill it. */
  readonly readers: readonly (readonly number[])[];
  readonly writers: readonly (readonly number[])[];
  /** Of each stage those that read one of its outputs. */
  readonly readersOf: readonly (readonly number[])[];
  /** Of each stage those that its end may let start: itself, readers of its outputs, writers of its inputs. */
  readonly neighbours: readonly (readonly number[])[];
}

export function tokenFlow(flow: Flow): TokenFlow {
  const readers = stagesOf(flow, 'inputs');
  const writers = stagesOf(flow, 'outputs');
  const readersOf = mapped(flow.stages, ({ outputs }) => ascending(outputs.flatMap((buffer) => readers[buffer]!)));
  const neighbours = mapped(flow.stages, ({ inputs }, s) =>
    ascending([s, ...readersOf[s]!, ...inputs.flatMap((buffer) => writers[buffer]!)]),
  );
  return { readers, writers, readersOf, neighbours };
}

/** For each buffer the stages among whose inputs (outputs) it is. */
function stagesOf({ stages, buffers }: Flow, side: 'inputs' | 'outputs'): number[][] {
  const found = mapped(buffers, (): number[] => []);
  stages.forEach((stage, s) => {
    for (const buffer of new Set(stage[side])) found[buffer]!.push(s);
  });
  return found;
}

const ascending = (stages: readonly number[]): number[] => [...new Set(stages)].sort((a, b) => a - b);
