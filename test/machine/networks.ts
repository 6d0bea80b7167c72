// Networks for the tests of machines: a transformer block of any size.

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
