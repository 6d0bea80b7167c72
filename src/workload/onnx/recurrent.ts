// ONNX's recurrent layers: LSTM, GRU, RNN.

import { DIRECTIONS, showShape, type Recurrent } from '../graph/index.js';
import { BatchError, type Active, type Importer, type NodeContext } from './context.js';
import { shapedAs } from './sizes.js';
import { leading } from '../../config/typed.js';

/** Gates of a cell: matrices of a direction. */
const GATES = { lstm: 4, gru: 3, rnn: 1 } as const;
const GATE_ACTIVATIONS = { lstm: ['sigmoid', 'tanh', 'tanh'], gru: ['sigmoid', 'tanh'], rnn: ['tanh'] } as const;

const WITH_ALPHA = ['affine', 'leakyrelu', 'thresholdedrelu', 'scaledtanh', 'hardsigmoid', 'elu'];
const WITH_BETA = ['affine', 'scaledtanh', 'hardsigmoid'];

/** Values for functions: one each, or one for each that takes some, in their order. */
function handedOut(
  values: readonly number[] = [],
  names: readonly string[],
  takes: readonly string[],
): (number | undefined)[] {
  if (values.length === names.length) return [...values];
  let next = 0;
  return names.map((name) => (takes.includes(name) ? values[next++] : undefined));
}

/** Importer of a recurrent layer of this kind of cell. */
export function recurrent(cell: Recurrent['cell']): Importer {
  return (context) => {
    const { attributes } = context;
    const batchFirst = attributes.int('layout', 0) === 1;
    const whole = context.withBatchAt(context.active(0), batchFirst ? 0 : 1);
    const weight = context.needParameter(1, 'its weight');
    const state = context.needParameter(2, 'its recurrent weight');
    const direction = context.word('direction', DIRECTIONS, 'forward');
    const directions = direction === 'bidirectional' ? 2 : 1;
    const [steps, features] = context.shape(whole);
    const units = state.shape[2];
    if (steps === undefined || features === undefined || units === undefined) {
      const shapes = `its input is ${showShape(context.full(whole))}, its recurrent weight ${showShape(state.shape)}`;
      return context.fail(`${shapes}, expected three axes`);
    }
    const hidden = attributes.int('hidden_size', units);
    if (weight.shape[0] !== directions || weight.shape[2] !== features)
      context.fail(`a weight of ${weight.shape.join('x')} does not fit ${features} features, ${direction}`);
    const wide = GATES[cell] * hidden;
    shapedAs(context, 1, 'its weight', [directions, wide, features]);
    shapedAs(context, 2, 'its recurrent weight', [directions, wide, hidden]);
    const length = lengthOf(context, steps);
    const x = length === steps ? whole : firstSteps(context, whole, [length, features]);
    const given = (cell === 'lstm' ? [5, 6] : [5]).filter((index) => startsAway(context, index));
    const states = given.map((index) => (index === 5 ? ('hidden' as const) : ('cell' as const)));
    const results = (['sequence', 'hidden', 'cell'] as const).filter((_, output) => context.wants(output));
    if (results.length === 0) context.fail('nobody reads its outputs');
    const batchOf = { sequence: batchFirst ? 0 : 2, hidden: batchFirst ? 0 : 1, cell: batchFirst ? 0 : 1 };
    const names =
      attributes.texts('activations')?.map((name) => name.toLowerCase()) ??
      Array.from({ length: directions }, () => GATE_ACTIVATIONS[cell]).flat();
    const alphas = handedOut(attributes.floats('activation_alpha'), names, WITH_ALPHA);
    const betas = handedOut(attributes.floats('activation_beta'), names, WITH_BETA);
    const made = spread(
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
            name,
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
    if (length === steps || !context.wants(0)) return made;
    const [sequence] = leading(1, made);
    return [stepsOfZero(context, sequence, steps - length), ...made.slice(1)];
  };
}

/** How long all sequences are. @throws ShapeError where they differ, or are not within the steps */
function lengthOf(context: NodeContext, steps: number): number {
  const [length = steps, ...others] = context.numbers(4, 'its sequence length') ?? [];
  if (others.some((one) => one !== length)) context.fail('sequences of different length are not supported');
  if (!Number.isInteger(length) || length < 1 || length > steps)
    context.fail(`its sequences are ${length} steps long, expected 1 to ${steps}`);
  return length;
}

const firstSteps = (context: NodeContext, x: Active, sizes: readonly number[]): Active =>
  context.helper({ kind: 'slice', starts: [0, 0], sizes, steps: [1, 1] }, [x.tensor], x.batch);

/** Zeros in place of the results of steps behind the sequence's end. */
function stepsOfZero(context: NodeContext, sequence: Active, count: number): Active {
  const none = context.shape(sequence).map(() => 0);
  const end = none.map((_, axis) => (axis === 0 ? count : 0));
  const pad = { kind: 'pad', begin: none, end, mode: 'constant', value: 0 } as const;
  return context.behind(sequence, pad, [[sequence], sequence.batch]);
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
