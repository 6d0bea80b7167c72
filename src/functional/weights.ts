// Trained weights of a file for a graph's parameters: the same names, or PyTorch's conventions of norms and recurrent
// layers.

import { suggestion, UserError } from '../config/index.js';
import { isFloat, type Tensor, type TensorData } from '../tensors/tensor.js';
import { elementsOf, type Graph, type Node, type Parameter, type Parameters } from '../workload/graph/index.js';

interface Stored {
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** PyTorch's names of what norms keep, by the graph's roles. */
const NORM_NAMES: Record<string, string> = {
  scale: 'weight',
  bias: 'bias',
  mean: 'running_mean',
  variance: 'running_var',
};
/** PyTorch's gates in ONNX's order: LSTM i f g o to i o f c, GRU r z n to z r h. */
const GATE_ORDER = { lstm: [0, 3, 1, 2], gru: [1, 0, 2], rnn: [0] } as const;

/**
 * The numbers of a graph from a file's tensors. @throws UserError naming the file and tensor: one that is missing, has
 * another shape, or holds what is no finite number
 */
export function parametersFrom(graph: Graph, tensors: readonly Tensor[], file: string): Parameters {
  const byName = new Map<string, Tensor>();
  for (const tensor of tensors) {
    byName.set(tensor.name, tensor);
    // Data-parallel models of PyTorch.
    if (tensor.name.startsWith('module.')) byName.set(tensor.name.slice('module.'.length), tensor);
  }
  const found = new Map<string, Stored>();
  for (const [node, role, parameter] of rolesOf(graph)) {
    const { key, shape } = parameter;
    if (found.has(key)) continue;
    const own = byName.get(key);
    const stored = own ?? fromPyTorch(node, role, key, byName);
    if (own === undefined && stored !== undefined) checkReset(node, file);
    if (stored === undefined)
      throw new UserError(`${file}: has no tensor "${key}"${suggestion(key, byName.keys())}; ${namesOf(byName)}`);
    if (elementsOf(stored.shape) !== elementsOf(shape) || !sameSizes(stored.shape, shape))
      throw new UserError(
        `${file}: "${key}" has shape [${stored.shape.join(', ')}], the network has [${shape.join(', ')}]`,
      );
    checkFinite(stored, key, file);
    found.set(key, { shape, data: stored.data });
  }
  return {
    keys: [...found.keys()],
    get(key) {
      const stored = found.get(key);
      if (stored === undefined) throw new UserError(`${file}: has no tensor "${key}"`);
      return stored;
    },
  };
}

/** Refuses numbers of a network that are not finite. @throws UserError naming the first */
export function checkParameters(parameters: Parameters, file: string): void {
  for (const key of parameters.keys) checkFinite(parameters.get(key), key, file);
}

function checkFinite({ data }: Stored, key: string, file: string): void {
  if (!(data instanceof Float32Array || data instanceof Float64Array)) return;
  for (let i = 0; i < data.length; i++)
    if (!Number.isFinite(data[i]))
      throw new UserError(`${file}: "${key}": element ${i} is ${data[i]!}, expected a finite number`);
}

const namesOf = (tensors: ReadonlyMap<string, Tensor>): string => {
  const names = [...tensors.keys()];
  return `it has ${names.slice(0, 8).join(', ')}${names.length > 8 ? `, ... (${names.length})` : ''}`;
};

const sameSizes = (a: readonly number[], b: readonly number[]): boolean =>
  a.filter((size) => size !== 1).join() === b.filter((size) => size !== 1).join();

function rolesOf(graph: Graph): [Node | undefined, string, Parameter][] {
  return [
    ...graph.nodes.flatMap((node) =>
      [...node.parameters].map(([role, parameter]): [Node, string, Parameter] => [node, role, parameter]),
    ),
    ...graph.tensors.flatMap(({ constant }): [undefined, string, Parameter][] =>
      constant === null ? [] : [[undefined, '', constant]],
    ),
  ];
}

/** PyTorch's GRU multiplies the state before its reset gate. @throws UserError where the network does so behind it */
function checkReset(node: Node | undefined, file: string): void {
  if (node?.operator.kind !== 'recurrent' || node.operator.cell !== 'gru' || node.operator.linearBeforeReset) return;
  throw new UserError(
    `${file}: has the weights of "${node.name}" as PyTorch names them, whose GRU multiplies the state before the ` +
      'reset gate; expected linearBeforeReset: true in the network file',
  );
}

/** A tensor under the name and layout that PyTorch gives it. */
function fromPyTorch(
  node: Node | undefined,
  role: string,
  key: string,
  tensors: ReadonlyMap<string, Tensor>,
): Stored | undefined {
  if (node === undefined) return undefined;
  const layer = key.endsWith(`.${role}`) ? key.slice(0, -role.length - 1) : node.name;
  const { operator } = node;
  if (operator.kind === 'norm') return tensors.get(`${layer}.${NORM_NAMES[role] ?? role}`);
  if (operator.kind === 'prelu') return tensors.get(`${layer}.weight`);
  if (operator.kind === 'gather') return tensors.get(`${layer}.weight`);
  if (operator.kind !== 'recurrent') return undefined;
  const [, base, number] = /^(.*)\/layer(\d+)$/.exec(layer) ?? [];
  const name = base ?? layer;
  const last = [...tensors.keys()].flatMap((tensor) =>
    tensor.startsWith(`${name}.weight_ih_l`) ? [Number(/_l(\d+)/.exec(tensor)?.[1] ?? 0)] : [],
  );
  const index = number === undefined ? Math.max(0, ...last) : Number(number) - 1;
  const directions = operator.direction === 'bidirectional' ? ['', '_reverse'] : [''];
  const kinds = { weight: ['weight_ih'], recurrent: ['weight_hh'], bias: ['bias_ih', 'bias_hh'] }[role] ?? [];
  const order = GATE_ORDER[operator.cell];
  const parts = directions.flatMap((direction) =>
    kinds.map((kind) => tensors.get(`${name}.${kind}_l${index}${direction}`)),
  );
  if (
    parts.length === 0 ||
    !parts.every((part): part is Tensor & { data: Float32Array | Float64Array } => part !== undefined && isFloat(part))
  )
    return undefined;
  const arranged = parts.map(({ data }) => reordered(data, order));
  const data = new Float64Array(arranged.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of arranged) {
    data.set(part, at);
    at += part.length;
  }
  const { shape } = parts[0]!;
  return { shape: role === 'bias' ? [directions.length, 2 * shape[0]!] : [directions.length, ...shape], data };
}

function reordered(data: Float32Array | Float64Array, order: readonly number[]): Float64Array {
  const size = data.length / order.length;
  const out = new Float64Array(data.length);
  order.forEach((from, to) => {
    out.set(data.subarray(from * size, (from + 1) * size), to * size);
  });
  return out;
}
