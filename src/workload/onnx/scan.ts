// ONNX's Scan as the nodes of its steps, one after the other.

import { create } from '@bufbuild/protobuf';
import { NodeProtoSchema, type GraphProto, type NodeProto } from '../../tensors/generated/onnx_pb.js';
import type { NodeContext } from './context.js';
import { bodiesOf, freeNames } from './reads.js';
import { axisOf } from './resolve.js';
import { sorted } from './sort.js';
import { attributeOf } from './write-model.js';

/** Most nodes that a Scan becomes. */
const MOST_NODES = 100_000;
/** Below it a Scan has sequence lengths and a batch axis of its own. */
const FIRST_OPSET = 9;

/** A Scan laid out. */
export interface LaidOut {
  /** In an order that runs. */
  readonly nodes: readonly NodeProto[];
  /** The body's arrays, which all steps share, under the names that its nodes read. */
  readonly arrays: readonly (readonly [name: string, tensor: GraphProto['initializer'][number]])[];
}

/**
 * The nodes of a Scan's steps, NODE/STEP/NAME each: parts of its inputs, its body, and its outputs joined.
 * @throws UserError as `sorted` for its body, ShapeError
 * for steps that differ between its inputs, none, or too many, and for a body with graphs in it
 */
export function layOut(context: NodeContext, file: string): LaidOut {
  const { node, name, attributes } = context;
  const body = attributes.graph('body') ?? context.fail('its body is missing');
  if (context.opset < FIRST_OPSET)
    context.fail(`a Scan of opset ${context.opset} is not supported; supported is that of opset ${FIRST_OPSET} on`);
  const scanned = attributes.int('num_scan_inputs', 1);
  const states = node.input.length - scanned;
  if (scanned < 1 || states < 0 || body.input.length !== node.input.length)
    context.fail(`${node.input.length} inputs, ${scanned} of them scanned, its body takes ${body.input.length}`);
  if (body.output.length < states || node.output.length > body.output.length)
    context.fail(`its body makes ${body.output.length} outputs of ${states} states and ${node.output.length} results`);
  const known = [...body.input, ...body.initializer].map((one) => one.name).concat(freeNames(body));
  const inner = sorted(body.node, new Set(known), file);
  const nested = inner.find((one) => bodiesOf(one).length > 0);
  if (nested !== undefined)
    context.fail(`its body holds a graph of its own (${nested.opType}), which is not supported`);
  const axes = node.input.slice(states).map((_, i) => {
    const shape = shapeAt(context, states + i);
    const axis = axisOf(attributes.ints('scan_input_axes')?.[i] ?? 0, shape.length);
    return { axis, steps: shape[axis] ?? 0, backwards: attributes.ints('scan_input_directions')?.[i] === 1 };
  });
  const [{ steps } = { steps: 0 }] = axes;
  if (axes.some((one) => one.steps !== steps))
    context.fail(`its inputs have different numbers of steps: ${axes.map((one) => one.steps).join(', ')}`);
  if (steps < 1) context.fail('it has no steps');
  if (steps * Math.max(1, inner.length) > MOST_NODES)
    context.fail(`${steps} steps of ${inner.length} nodes are more than ${MOST_NODES}; use LSTM, GRU or RNN`);

  const made: NodeProto[] = [];
  const add = (
    type: string,
    input: readonly string[],
    output: string,
    given: Record<string, number | number[]>,
  ): void => {
    made.push(
      create(NodeProtoSchema, {
        ...{ opType: type, name: output, input: [...input], output: [output] },
        attribute: Object.entries(given).map(([key, value]) =>
          attributeOf(key, typeof value === 'number' ? BigInt(value) : value.map(BigInt)),
        ),
      }),
    );
  };
  const shared = new Map(body.initializer.map((one) => [one.name, `${name}/${one.name}`]));
  let last = new Map<string, string>();
  const results = body.output.slice(states).map((): string[] => []);
  for (let step = 0; step < steps; step++) {
    const at = (inside: string): string => `${name}/${step}/${inside}`;
    const names = new Map(shared);
    body.input.slice(0, states).forEach((state, i) => {
      names.set(state.name, step === 0 ? node.input[i]! : last.get(body.output[i]!.name)!);
    });
    body.input.slice(states).forEach((input, i) => {
      const { axis, backwards } = axes[i]!;
      const place = backwards ? steps - 1 - step : step;
      const part = at(`${input.name}/part`);
      add('Slice', [node.input[states + i]!], part, { starts: [place], ends: [place + 1], axes: [axis] });
      add('Squeeze', [part], at(input.name), { axes: [axis] });
      names.set(input.name, at(input.name));
    });
    for (const one of inner) for (const output of one.output) if (output !== '') names.set(output, at(output));
    const inside = (outer: string): string => names.get(outer) ?? outer;
    for (const one of inner)
      made.push(
        create(NodeProtoSchema, {
          ...{ opType: one.opType, domain: one.domain, attribute: one.attribute },
          name: at(one.name === '' ? (one.output[0] ?? '') : one.name),
          input: one.input.map(inside),
          output: one.output.map(inside),
        }),
      );
    results.forEach((parts, i) => parts.push(inside(body.output[states + i]!.name)));
    last = new Map(body.output.map((output) => [output.name, inside(output.name)]));
  }
  node.output.forEach((output, i) => {
    if (output === '') return;
    if (i < states) {
      add('Identity', [last.get(body.output[i]!.name)!], output, {});
      return;
    }
    const parts = results[i - states]!;
    const along = attributes.ints('scan_output_axes')?.[i - states] ?? 0;
    const grown = parts.map((part, step) => {
      const whole = `${name}/${step}/${body.output[i]!.name}/${i}`;
      add('Unsqueeze', [part], whole, { axes: [along] });
      return whole;
    });
    if (attributes.ints('scan_output_directions')?.[i - states] === 1) grown.reverse();
    add('Concat', grown, output, { axis: along });
  });
  return { nodes: made, arrays: body.initializer.map((tensor) => [shared.get(tensor.name)!, tensor]) };
}

/** The file's shape of an input. @throws ShapeError where it is missing */
function shapeAt(context: NodeContext, index: number): readonly number[] {
  const value = context.value(index) ?? context.fail(`input ${index} is missing`);
  return value.kind === 'active' ? context.full(value) : value.constant.shape;
}
