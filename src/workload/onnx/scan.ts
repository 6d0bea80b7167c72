// ONNX's Scan as the nodes of its steps, one after the other.

import type { NodeContext } from './context.js';
import { Layout, whole, type LaidOut } from './lay-out.js';
import { axisOf } from './resolve.js';

/** Below it a Scan has sequence lengths and a batch axis of its own. */
const FIRST_OPSET = 9;

/**
 * The nodes of a Scan's steps, NODE/STEP/NAME each: parts of its inputs, its body, and its outputs joined.
 * @throws UserError as `sorted` for its body, ShapeError for steps that differ between its inputs, none, or too many
 */
export function layOutScan(context: NodeContext, file: string): LaidOut {
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
  const axes = node.input.slice(states).map((_, i) => {
    const shape = context.fullShape(states + i);
    const axis = axisOf(attributes.ints('scan_input_axes')?.[i] ?? 0, shape.length);
    return { axis, steps: shape[axis] ?? 0, backwards: attributes.ints('scan_input_directions')?.[i] === 1 };
  });
  const [{ steps } = { steps: 0 }] = axes;
  if (axes.some((one) => one.steps !== steps))
    context.fail(`its inputs have different numbers of steps: ${axes.map((one) => one.steps).join(', ')}`);
  if (steps < 1) context.fail('it has no steps');

  const layout = new Layout(context, body, steps, file);
  let last = node.input.slice(0, states);
  const results = body.output.slice(states).map((): string[] => []);
  for (let step = 0; step < steps; step++) {
    const parts = axes.map(({ axis, backwards }, i) => {
      const place = backwards ? steps - 1 - step : step;
      const input = `${name}/${step}/${body.input[states + i]!.name}`;
      const part = layout.add(
        'Slice',
        [node.input[states + i]!],
        `${input}/part`,
        whole({ starts: [place], ends: [place + 1], axes: [axis] }),
      );
      return layout.add('Squeeze', [part], input, whole({ axes: [axis] }));
    });
    const made = layout.run(`${name}/${step}`, [...last, ...parts]);
    last = made.slice(0, states);
    results.forEach((one, i) => one.push(made[states + i]!));
  }
  node.output.forEach((output, i) => {
    if (output === '') return;
    if (i < states) {
      layout.hand(last[i]!, output);
      return;
    }
    const parts = results[i - states]!;
    if (attributes.ints('scan_output_directions')?.[i - states] === 1) parts.reverse();
    layout.stack(parts, attributes.ints('scan_output_axes')?.[i - states] ?? 0, output);
  });
  return layout;
}
