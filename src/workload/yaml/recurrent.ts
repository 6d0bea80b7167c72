// Recurrent layers: several on each other, directions joined, the last state alone.

import { directionsOf, elementsOf, gatesOf, type Recurrent } from '../graph/index.js';
import type { Adder, LayerContext, Of, Read } from './context.js';
import { leading } from '../../config/typed.js';

const ACTIVATIONS = { lstm: ['sigmoid', 'tanh', 'tanh'], gru: ['sigmoid', 'tanh'], rnn: ['tanh'] } as const;

/** Adds recurrent layers on each other. */
export const recurrent: Adder<Of<'lstm'>> = (file, given, context) => {
  let x = given;
  if (x.layout === 'map' || x.shape.length < 2)
    x = context.helper('sequence', { kind: 'reshape', shape: [1, elementsOf(x.shape)] }, [x]);
  if (file.layers > 1 && (file.output === 'full' || file.states.length > 0))
    context.fail('layers', 'initial states and `output: full` are for one layer');
  const { type: cell, hidden, direction } = file;
  const directions = direction === 'bidirectional' ? 2 : 1;
  let made: Read[] = [];
  for (let k = 1; k <= file.layers; k++) {
    const last = k === file.layers;
    const results: Recurrent['results'] =
      last && file.output === 'last'
        ? ['hidden']
        : last && file.output === 'full'
          ? cell === 'lstm'
            ? ['sequence', 'hidden', 'cell']
            : ['sequence', 'hidden']
          : ['sequence'];
    const operator: Recurrent = {
      kind: 'recurrent',
      cell,
      hidden,
      direction,
      states: file.states,
      results,
      activations: (file.activations ?? Array.from({ length: directions }, () => ACTIVATIONS[cell]).flat()).map(
        (name) => ({ name }),
      ),
      clip: file.clip ?? null,
      linearBeforeReset: file.linearBeforeReset,
      inputForget: file.inputForget,
    };
    const rows = gatesOf(cell) * hidden;
    const count = directionsOf(operator);
    const parameters = {
      weight: [count, rows, x.shape.at(-1)!],
      recurrent: [count, rows, hidden],
      ...(file.bias ? { bias: [count, 2 * rows] } : {}),
      ...file.parameters,
    };
    const read = [x, ...context.inputs.slice(1)];
    if (last) made = context.add(operator, read, parameters);
    else x = joined(context, `layer${k}`, context.helper(`layer${k}`, operator, read, parameters));
  }
  if (file.output === 'full') return made;
  return [joined(context, 'out', made[0]!)];
};

/** Directions joined to the features: [steps, D, H] to [steps, D H]. */
function joined(context: LayerContext, suffix: string, x: Read): Read {
  const [directions, hidden] = leading(2, x.shape.slice(-2));
  const shape = [...x.shape.slice(0, -2), directions * hidden];
  return context.helper(`${suffix}/join`, { kind: 'reshape', shape }, [x]);
}
