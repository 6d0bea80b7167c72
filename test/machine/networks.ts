// Networks for the tests of machines: a transformer block of any size, random networks over a sequence.

import fc from 'fast-check';

/** Sizes of a transformer block. */
export interface Block {
  steps: number;
  width: number;
  heads: number;
  inner: number;
}

/** A pre-norm transformer block with a classifier on the mean of its steps, as a network file. */
export function transformer({ steps, width, heads, inner }: Block): string {
  const head = width / heads;
  const split = (name: string, from: string): string[] => [
    `{ name: ${name}, type: dense, features: ${width}, from: ${from} }`,
    `{ name: ${name}.h, type: reshape, shape: [${steps}, ${heads}, ${head}] }`,
    `{ name: ${name}.t, type: transpose, permutation: [1, 0, 2] }`,
  ];
  const layers = [
    '{ name: embed, type: dense, features: ' + String(width) + ' }',
    '{ name: norm1, type: layernorm }',
    ...split('q', 'norm1'),
    ...split('k', 'norm1'),
    ...split('v', 'norm1'),
    '{ name: scores, type: matmul, transposeB: true, from: [q.t, k.t] }',
    `{ name: weights, type: softmax }`,
    '{ name: mixed, type: matmul, from: [weights, v.t] }',
    '{ name: mixed.t, type: transpose, permutation: [1, 0, 2] }',
    `{ name: mixed.j, type: reshape, shape: [${steps}, ${width}] }`,
    `{ name: out, type: dense, features: ${width} }`,
    '{ name: sum1, type: add, from: [out, embed] }',
    '{ name: norm2, type: layernorm }',
    `{ name: mlp1, type: dense, features: ${inner} }`,
    '{ name: gelu, type: gelu }',
    `{ name: mlp2, type: dense, features: ${width} }`,
    '{ name: sum2, type: add, from: [mlp2, sum1] }',
    '{ name: norm3, type: layernorm }',
    '{ name: pooled, type: reduce, function: mean, axes: [0], keep: false }',
    '{ name: classes, type: dense, features: 10 }',
  ];
  return [
    'name: block',
    `input: { features: ${width}, steps: ${steps} }`,
    'layers:',
    ...layers.map((layer) => `  - ${layer}`),
    '',
  ].join('\n');
}

/** A step of a random network over a sequence of 6 x 8 values. */
const step = fc.record({
  kind: fc.constantFrom('dense', 'layernorm', 'softmax', 'relu', 'gelu', 'mul', 'add', 'matmul', 'transpose', 'repeat'),
  /** Which earlier tensor is the other operand. */
  other: fc.nat(20),
});
/** Steps of a random network. */
export const sequenceSteps = fc.array(step, { minLength: 1, maxLength: 12 });

/**
 * A network file of these steps, as JSON: all tensors are 6 x 8 and square products go through 6 x 6, so that any two
 * may meet.
 */
export function sequenceNetwork(steps: readonly { kind: string; other: number }[]): string {
  const layers: Record<string, unknown>[] = [{ name: 'first', type: 'dense', features: 8 }];
  const made = ['first'];
  const add = (layer: Record<string, unknown>): string => {
    const name = `n${layers.length}`;
    layers.push({ name, ...layer });
    return name;
  };
  for (const { kind, other } of steps) {
    const last = made.at(-1)!;
    const second = made[other % made.length]!;
    switch (kind) {
      case 'dense':
        made.push(add({ type: 'dense', features: 8, from: last }));
        break;
      case 'matmul': {
        const scores = add({ type: 'matmul', transposeB: true, from: [last, second] });
        made.push(add({ type: 'matmul', from: [scores, second] }));
        break;
      }
      case 'transpose': {
        const turned = add({ type: 'transpose', permutation: [1, 0], from: last });
        made.push(add({ type: 'transpose', permutation: [1, 0], from: turned }));
        break;
      }
      case 'mul':
      case 'add':
        made.push(add({ type: kind, from: [last, second] }));
        break;
      case 'repeat':
        made.push(second);
        break;
      default:
        made.push(add({ type: kind, from: last }));
    }
  }
  add({ type: 'dense', features: 3, from: made.at(-1)! });
  const used = new Set(layers.flatMap(({ from }) => from ?? []));
  // Ends that nobody reads are outputs of the network.
  const outputs = layers.map(({ name }) => name as string).filter((name) => !used.has(name));
  return JSON.stringify({ name: 'random', input: { features: 8, steps: 6 }, layers, outputs });
}
