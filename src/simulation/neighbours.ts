// Stages that share a buffer: who reads what a stage writes.

import type { Flow } from '../pipeline/index.js';

/** By stage, those that write a buffer which it reads, and those that read one which it writes; in order, each once. */
export function neighbours({ stages }: Pick<Flow, 'stages'>): { writers: number[][]; readers: number[][] } {
  const ofBuffer = new Map<number, number[]>();
  stages.forEach(({ outputs }, writer) => {
    for (const buffer of outputs) ofBuffer.set(buffer, [...(ofBuffer.get(buffer) ?? []), writer]);
  });
  const readers: number[][] = stages.map(() => []);
  const writers = stages.map(({ inputs }, reader) => {
    const own = [...new Set(inputs.flatMap((buffer) => ofBuffer.get(buffer) ?? []))].sort((a, b) => a - b);
    for (const writer of own) readers[writer]!.push(reader);
    return own;
  });
  return { writers, readers };
}
