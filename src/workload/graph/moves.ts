// Moves of numbers: which of them are a matter of addresses, and which go through the buffer.

import { inputOf, outputOf, type Graph, type Node, type Tensor } from './graph.js';
import { elementsOf } from './shapes.js';

/**
 * The axis whose neighbours stand in one word of a buffer: channels of a map (a position is stored at once, as layers
 * read it), else the last.
 */
export const innermostAxis = ({ layout, shape }: Tensor): number => (layout === 'map' ? 0 : shape.length - 1);

/**
 * Values of a sample that a move reads from the buffer and writes back: all that it makes where other values come to
 * stand in a word, and rows that are looked up in a table; 0 where readers find them by their addresses (joined and
 * parted tensors, axes exchanged around whole words, padding, repetition of rows).
 */
export function movedValues(graph: Graph, node: Node): number {
  const { operator } = node;
  const from = inputOf(graph, node);
  const to = outputOf(graph, node);
  const inner = innermostAxis(from);
  const all = elementsOf(to.shape);
  switch (operator.kind) {
    case 'transpose':
      return inner < 0 || from.shape[inner] === 1 || operator.permutation[innermostAxis(to)] === inner ? 0 : all;
    case 'shuffle':
      return all;
    case 'slice':
      return inner >= 0 && Math.abs(operator.steps[inner]!) > 1 ? all : 0;
    case 'expand':
    case 'tile': {
      const [own, made] = [from.shape.at(-1) ?? 1, to.shape.at(-1) ?? 1];
      return own === made || from.layout === 'map' ? 0 : all;
    }
    case 'gather':
      return operator.lookup || operator.axis === inner ? all : 0;
    default:
      return 0;
  }
}
