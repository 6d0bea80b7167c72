// ONNX's If and Loop as the nodes that run: what they decide must be known when the file is read.

import { TensorProto_DataType, type GraphProto } from '../../tensors/generated/onnx_pb.js';
import type { NodeContext } from './context.js';
import { Layout, type LaidOut } from './lay-out.js';
import { layOutScan } from './scan.js';

/** Operators with graphs inside them, and how they are laid out. */
export const CONTROL: readonly (readonly [string, (context: NodeContext, file: string) => LaidOut])[] = [
  ['Scan', layOutScan],
  ['If', layOutIf],
  ['Loop', layOutLoop],
];

/**
 * The nodes of the branch that an If takes, NODE/NAME each. @throws ShapeError where its condition is computed from the
 * network's input
 */
function layOutIf(context: NodeContext, file: string): LaidOut {
  const { node, name, attributes } = context;
  const taken = single(context, 0, 'its condition') ?? context.fail('its condition is missing');
  const branch = taken === 0 ? 'else_branch' : 'then_branch';
  const body = attributes.graph(branch) ?? context.fail(`its ${branch} is missing`);
  if (body.input.length > 0) context.fail(`its ${branch} takes inputs`);
  if (body.output.length !== node.output.length)
    context.fail(`its ${branch} makes ${body.output.length} outputs, expected ${node.output.length}`);
  const layout = new Layout(context, body, 1, file);
  const made = layout.run(name, [], node.output);
  node.output.forEach((output, i) => {
    if (output !== '') layout.hand(made[i]!, output);
  });
  return layout;
}

/**
 * The nodes of a Loop's steps, NODE/STEP/NAME each. The number of steps must be known, so that a body that computes its
 * condition anew may but hand it on. @throws ShapeError for one that does not, and where there are too many steps
 */
function layOutLoop(context: NodeContext, file: string): LaidOut {
  const { node, name, attributes } = context;
  const body = attributes.graph('body') ?? context.fail('its body is missing');
  const states = node.input.slice(2);
  if (body.input.length !== states.length + 2)
    context.fail(`${states.length} states, its body takes ${body.input.length} inputs, expected ${states.length + 2}`);
  if (body.output.length < states.length + 1 || node.output.length > body.output.length - 1)
    context.fail(`its body makes ${body.output.length} outputs of a condition, ${states.length} states and results`);
  const most = single(context, 0, 'its number of steps') ?? Infinity;
  const first = single(context, 1, 'its condition') ?? 1;
  const goesOn = first !== 0 && handedOn(context, body);
  const steps = first === 0 ? 0 : goesOn ? Math.max(0, most) : Math.min(1, Math.max(0, most));
  if (steps !== Infinity && !Number.isSafeInteger(steps)) context.fail(`${most} is no number of steps`);
  if (steps === Infinity) context.fail('it has no end: neither a number of steps nor a condition that becomes false');

  const layout = new Layout(context, body, steps, file);
  let last = states;
  const results = body.output.slice(states.length + 1).map((): string[] => []);
  for (let step = 0; step < steps; step++) {
    const prefix = `${name}/${step}`;
    const [place, holds] = body.input;
    const inputs = [
      layout.numbers(`${prefix}/${place!.name}`, TensorProto_DataType.INT64, step),
      layout.numbers(`${prefix}/${holds!.name}`, TensorProto_DataType.BOOL, 1),
      ...last,
    ];
    const final = step === steps - 1 ? ['', ...node.output.slice(0, states.length)] : [];
    const made = layout.run(prefix, inputs, final);
    last = made.slice(1, states.length + 1);
    results.forEach((one, i) => one.push(made[states.length + 1 + i]!));
  }
  node.output.forEach((output, i) => {
    if (output === '') return;
    if (i < states.length) {
      layout.hand(last[i]!, output);
      return;
    }
    if (steps === 0) context.fail(`it takes no step, so that output "${output}" has no values`);
    layout.stack(results[i - states.length]!, 0, output);
  });
  return layout;
}

/** A constant input of one number; undefined where it is left out. @throws ShapeError for others */
function single(context: NodeContext, index: number, what: string): number | undefined {
  const numbers = context.numbers(index, what);
  if (numbers !== undefined && numbers.length !== 1) context.fail(`${what} has ${numbers.length} values, expected one`);
  return numbers?.[0];
}

/** True where a Loop's body hands its condition on or says true; false where it says false. @throws ShapeError else */
function handedOn(context: NodeContext, body: GraphProto): boolean {
  let name = body.output[0]!.name;
  // At most once by each node: they may form a cycle.
  for (let way = 0; way <= body.node.length; way++) {
    if (name === body.input[1]!.name) return true;
    const stored = body.initializer.find((one) => one.name === name);
    const maker = body.node.find(({ output }) => output.includes(name));
    const tensor = stored ?? (maker?.opType === 'Constant' ? maker.attribute[0]?.t : undefined);
    if (tensor?.dataType === TensorProto_DataType.BOOL) return (tensor.int32Data[0] ?? tensor.rawData[0] ?? 0) !== 0;
    if (maker === undefined || !['Identity', 'Cast'].includes(maker.opType)) break;
    name = maker.input[0] ?? '';
  }
  return context.fail('its body computes when it ends; a Loop is laid out where its number of steps is known');
}
