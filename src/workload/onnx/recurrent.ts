// ONNX's recurrent layers: LSTM, GRU, RNN.

import { DIRECTIONS, showShape, type Recurrent } from '../graph/index.js';
import { BatchError, type Active, type Importer, type NodeContext } from './context.js';
import { shapedAs } from './sizes.js';

/** Gates of a cell: matrices of a direction. */
const GATES = { lstm: 4, gru: 3, rnn: 1 } as const;
const GATE_ACTIVATIONS = { lstm: ['sigmoid', 'tanh', 'tanh'], gru: ['sigmoid', 'tanh'], rnn: ['tanh'] } as const;

/** Importer of a recurrent layer of this kind of cell. */
export function recurrent(cell: Recurrent['cell']): Importer {
  return (context) => {
    const { attributes } = context;
    const batchFirst = attributes.int('layout', 0) === 1;
    const x = context.withBatchAt(context.active(0), batchFirst ? 0 : 1);
    const weight = context.needParameter(1, 'its weight');
    const state = context.needParameter(2, 'its recurrent weight');
    const direction = context.word('direction', DIRECTIONS, 'forward');
    const directions = direction === 'bidirectional' ? 2 : 1;
    const [steps, features] = context.shape(x);
    const units = state.shape[2];
    if (steps === undefined || features === undefined || units === undefined) {
      const shapes = `its input is ${showShape(context.full(x))}, its recurrent weight ${showShape(state.shape)}`;
      return context.fail(`${shapes}, expected three axes`);
    }
    const hidden = attributes.int('hidden_size', units);
    if (weight.shape[0] !== directions || weight.shape[2] !== features)
      context.fail(`a weight of ${weight.shape.join('x')} does not fit ${features} features, ${direction}`);
    const wide = GATES[cell] * hidden;
    shapedAs(context, 1, 'its weight', [directions, wide, features]);
    shapedAs(context, 2, 'its recurrent weight', [directions, wide, hidden]);
    if (context.numbers(4, 'its sequence length')?.some((length) => length !== steps))
      context.fail('sequences of different length are not supported');
    const given = (cell === 'lstm' ? [5, 6] : [5]).filter((index) => startsAway(context, index));
    const states = given.map((index) => (index === 5 ? ('hidden' as const) : ('cell' as const)));
    const results = (['sequence', 'hidden', 'cell'] as const).filter((_, output) => context.wants(output));
    if (results.length === 0) context.fail('nobody reads its outputs');
    const batchOf = { sequence: batchFirst ? 0 : 2, hidden: batchFirst ? 0 : 1, cell: batchFirst ? 0 : 1 };
    const alphas = attributes.floats('activation_alpha') ?? [];
    const betas = attributes.floats('activation_beta') ?? [];
    const names =
      attributes.texts('activations') ?? Array.from({ length: directions }, () => GATE_ACTIVATIONS[cell]).flat();
    return spread(
      context,
      results,
      context.add(
        {
          kind: 'recurrent',
          cell,
          hidden,
          direction,
          states,
          results,
          activations: names.map((name, i) => ({
            name: name.toLowerCase(),
            ...(alphas[i] !== undefined && { alpha: alphas[i] }),
            ...(betas[i] !== undefined && { beta: betas[i] }),
          })),
          clip: attributes.has('clip') ? attributes.float('clip', 0) : null,
          linearBeforeReset: attributes.int('linear_before_reset', 0) === 1,
          inputForget: attributes.int('input_forget', 0) === 1,
        },
        [x, ...given.map((index) => initialState(context, index, batchFirst))],
        results.map((result) => batchOf[result]),
        {
          parameters: [
            ['weight', weight],
            ['recurrent', state],
            ['bias', shapedAs(context, 3, 'its bias', [directions, 2 * wide])],
            ['peephole', cell === 'lstm' ? shapedAs(context, 7, 'its peepholes', [directions, 3 * hidden]) : undefined],
          ],
        },
      ),
    );
  };
}

/** Outputs at the file's places. */
function spread(context: NodeContext, results: Recurrent['results'], made: readonly Active[]): Active[] {
  const order = ['sequence', 'hidden', 'cell'] as const;
  const first = made[0]!;
  return order.slice(0, context.node.output.length).map((result) => made[results.indexOf(result)] ?? first);
}

/** An initial state that is there and not zero. */
function startsAway(context: NodeContext, index: number): boolean {
  const value = context.value(index);
  if (!context.has(index) || value === undefined) return false;
  return value.kind === 'active' || value.constant.numbers().some((number: number) => number !== 0);
}

function initialState(context: NodeContext, index: number, batchFirst: boolean): Active {
  const axis = batchFirst ? 0 : 1;
  const value = context.value(index) ?? context.fail(`input ${index} is missing`);
  if (value.kind === 'active') return context.withBatchAt(value, axis);
  const { shape } = value.constant;
  if (shape[axis] !== 1 && context.batch !== 1) throw new BatchError('its initial states differ from sample to sample');
  return context.constantTensor(
    value.constant,
    shape.filter((_, i) => i !== axis),
  );
}
