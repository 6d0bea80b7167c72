// `type: repeat`: a block written once stands for its layers one behind the other.

import { describe, expect, it } from 'vitest';
import { parseDocument } from '../../src/config/index.js';
import { readNetwork } from '../../src/workload/yaml/reader.js';
import type { Graph } from '../../src/workload/graph/index.js';

const graphOf = (layers: string, input = 'input: { channels: 4, height: 8, width: 8 }'): Graph =>
  readNetwork(parseDocument(`name: x\n${input}\nlayers:\n${layers}`, 'x.yaml'));
const refused = (layers: string): string => {
  try {
    graphOf(layers);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};

const BLOCK = `
  - name: block
    type: repeat
    times: 3
    layers:
      - { name: conv, type: conv2d, channels: 4, kernel: 3, padding: 1 }
      - { name: half, type: split, parts: 2 }
      - { name: whole, from: [half:1, half], type: concat }
      - { name: add, from: [input, whole], type: add }
`;

describe('blocks of layers', () => {
  it('equal the layers written out, residual connections and parts of a split too', () => {
    const written = [1, 2, 3].map((i) => {
      const before = i === 1 ? 'stem' : `block${i - 1}_add`;
      return `
  - { name: block${i}_conv, from: ${before}, type: conv2d, channels: 4, kernel: 3, padding: 1 }
  - { name: block${i}_half, type: split, parts: 2 }
  - { name: block${i}_whole, from: [block${i}_half:1, block${i}_half], type: concat }
  - { name: block${i}_add, from: [${before}, block${i}_whole], type: add }`;
    });
    const stem = '  - { name: stem, type: relu }';
    expect(graphOf(`${stem}\n${BLOCK}  - { name: out, from: block, type: relu }`)).toEqual(
      graphOf(`${stem}\n${written.join('')}\n  - { name: out, from: block3_add, type: relu }`),
    );
  });

  it('read what `from` says, and the network where they come first', () => {
    const { nodes, tensors } = graphOf(`
  - { name: a, type: relu }
  - { name: b, type: relu }
  - { name: block, from: a, type: repeat, times: 1, layers: [{ name: c, type: relu }] }
  - { name: out, from: [b, block], type: add }`);
    const maker = (name: string): string | undefined => {
      const node = nodes.find((one) => one.name === name)!;
      const made = tensors[node.inputs[0]!]!.maker;
      return made === null ? undefined : nodes[made.node]!.name;
    };
    expect(maker('block1_c')).toBe('a');
    expect(graphOf(BLOCK).nodes[0]!.inputs).toEqual(graphOf(BLOCK).inputs);
  });

  it('are refused with the place of the fault in the file', () => {
    expect(refused(BLOCK.replace('times: 3', 'times: 0'))).toMatch(/x\.yaml:7.*times.*0/);
    expect(refused(BLOCK.replace('times: 3', 'times: 1000000000'))).toMatch(
      /x\.yaml:7.*layers\.0\.times: the network would have more than 100000 layers/,
    );
    expect(refused(BLOCK.replace('[input, whole]', '[input, nothing]'))).toMatch(
      /x\.yaml:12.*layers\.0\.layers\.3\.from: layer "block1_add": there is no layer "nothing"/,
    );
    expect(refused(`${BLOCK}  - { name: block, type: relu }`)).toMatch(/x\.yaml:13.*another layer has this name/);
    expect(refused(BLOCK.replace('name: block', 'name: input'))).toMatch(/an input or constant has this name/);
    expect(refused(BLOCK.replace('conv2d', 'repeat'))).toMatch(/x\.yaml:9.*expected a layer type/);
  });
});
