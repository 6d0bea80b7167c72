// Runs a graph on numbers, forward and backward: nodes in order, values freed when their last reader is done.

import { InvariantError } from '../kernel/index.js';
import type { Graph, Node, Parameters, Tensor } from '../workload/graph/index.js';
import { runNode, type MaybeValues, type NodeProducts, type Step } from './nodes/index.js';
import type { Round } from './operators/in-format.js';
import type { CellSignals } from './operators/cells/cell.js';
import type { PairProduct } from './operators/matmul.js';
import { accumulate, reshaped, type Values } from './operators/values.js';
import { expand } from './operators/broadcast.js';
import { ParameterStore, type Precision } from './parameter-store.js';

/** Values by the names of the graph's inputs or outputs, [images, ...sample shape]. */
export type NamedValues = ReadonlyMap<string, Values>;

/** What the draws to come and the integers of a network hang on, beside its numbers: for checkpoints. */
export interface Progress {
  /** Images read and times that the arrays were written, which name the draws of noise. */
  readonly images: number;
  readonly writes: number;
  /** Largest magnitudes of tensors by id, which set the grids of integers. */
  readonly ranges: readonly (readonly [tensor: number, largest: number])[];
}

/** How an executor computes. */
export interface ExecutorOptions {
  readonly precision: Precision;
  /** Products of a node by a backend; undefined: in the executor's own precision. */
  readonly products?: (node: Node) => NodeProducts | undefined;
  /** What becomes of the signals inside a recurrent layer; undefined: they are exact. */
  readonly signals?: (node: Node) => CellSignals | undefined;
  /** Products of two activations by hardware; undefined: in the executor's own precision. */
  readonly pairs?: (node: Node) => PairProduct | undefined;
  /** Rounds what the vector unit gives to its format; undefined: the executor's own precision. */
  readonly round?: Round | undefined;
  /** Nodes that hand their first input on: norms that a backend's weights have taken in. */
  readonly skipped?: ReadonlySet<number>;
  /** Errors of a node's outputs as its backward pass takes them (a grid); default: as they are. */
  readonly errors?: (node: Node, error: Values) => Values;
  /** Gradients of a node's parameters as those of what is stored (norms taken in); default: as they are. */
  readonly stored?: (node: Node, gradients: ReadonlyMap<string, Values>) => Iterable<RoleGradient>;
}

/** A gradient of a node's parameter, in the shape that its operator uses. */
export type RoleGradient = readonly [node: Node, role: string, gradient: Values];

/** What a forward pass may be asked for. */
export interface ForwardOptions {
  /** Keep what `backward` needs. */
  readonly record?: boolean;
  /** Batch norms take the batch's own statistics, and stored ones move towards them (torch's training mode). */
  readonly training?: boolean;
  /** Takes a node's output and gives the one that its readers see (a requantization). */
  readonly adjust?: (node: Node, output: Tensor, values: Values) => Values;
  /** Sees each node's values as its readers will. */
  readonly observe?: (node: Node, inputs: readonly Values[], outputs: readonly Values[]) => void;
}

/** Errors of the graph's inputs by name, and of its numbers by key, in the shape in which they are stored. */
export interface Gradients {
  readonly inputGradients: ReadonlyMap<string, Values>;
  readonly parameterGradients: ReadonlyMap<string, Values>;
}

/** Which gradients `backward` is asked for (default: both). `tensors`: names of tensors whose errors are kept too. */
export interface BackwardOptions {
  readonly inputs?: boolean;
  readonly parameters?: boolean;
  readonly tensors?: ReadonlySet<string>;
}

/** Operators whose results the vector unit computes; what only moves or compares values needs no rounding. */
const VECTOR_KINDS: ReadonlySet<string> = new Set([
  ...['unary', 'elementwise', 'prelu', 'softmax', 'norm', 'lrn', 'pool', 'adaptivePool', 'reduce', 'resize'],
]);

/** What a batch adds to running statistics (torch's momentum). */
const NEW_SHARE = 0.1;

interface Recorded {
  readonly steps: readonly (Step | undefined)[];
  readonly images: number;
}

/** A graph with numbers that can be run (a `Computation`). Inputs and outputs are [images, ...sample shape]. */
export class Executor {
  readonly graph: Graph;
  readonly parameters: ParameterStore;
  /** Nothing is drawn, nothing has a range. */
  readonly progress: Progress = { images: 0, writes: 0, ranges: [] };
  readonly #products: (node: Node) => NodeProducts | undefined;
  readonly #signals: (node: Node) => CellSignals | undefined;
  readonly #pairs: (node: Node) => PairProduct | undefined;
  readonly #round: Round | undefined;
  readonly #skipped: ReadonlySet<number>;
  readonly #errors: (node: Node, error: Values) => Values;
  readonly #storedGradients: NonNullable<ExecutorOptions['stored']>;
  readonly #reads: Int32Array;
  #recorded: Recorded | undefined;

  /** @throws UserError where the file lacks numbers that the graph needs */
  constructor(graph: Graph, parameters: Parameters | ParameterStore | null, options: ExecutorOptions) {
    this.graph = graph;
    this.parameters =
      parameters instanceof ParameterStore ? parameters : new ParameterStore(graph, parameters, options.precision);
    this.#products = options.products ?? (() => undefined);
    this.#signals = options.signals ?? (() => undefined);
    this.#pairs = options.pairs ?? (() => undefined);
    this.#round = options.round;
    this.#skipped = options.skipped ?? new Set();
    this.#errors = options.errors ?? ((_, error) => error);
    this.#storedGradients =
      options.stored ??
      ((node, gradients) => [...gradients].map(([role, gradient]): RoleGradient => [node, role, gradient]));
    this.#reads = new Int32Array(graph.tensors.length);
    for (const { inputs } of graph.nodes) for (const id of new Set(inputs)) this.#reads[id]!++;
    for (const id of graph.outputs) this.#reads[id]!++;
  }

  /** Outputs by name. Inputs in another precision are converted. @throws InvariantError for missing or other shapes */
  forward(inputs: NamedValues, options: ForwardOptions = {}): Map<string, Values> {
    const { graph } = this;
    const images = this.#imagesOf(inputs);
    const values = new Array<Values | undefined>(graph.tensors.length);
    for (const id of graph.inputs) values[id] = this.#inputOf(graph.tensors[id]!, inputs);
    for (const { id, constant } of graph.tensors)
      if (constant !== null) values[id] = this.parameters.constant(graph.tensors[id]!);
    const left = this.#reads.slice();
    const steps = new Array<Step | undefined>(graph.nodes.length);
    for (const node of graph.nodes) {
      const read = node.inputs.map((id) => valueOf(values, graph.tensors[id]!));
      const taken = this.#step(node, read, images, options);
      node.outputs.forEach((id, i) => (values[id] = taken.outputs[i]!));
      options.observe?.(node, read, taken.outputs);
      if (options.record === true) steps[node.id] = taken;
      for (const id of new Set(node.inputs)) if (--left[id]! === 0) values[id] = undefined;
      for (const id of node.outputs) if (left[id] === 0) values[id] = undefined;
    }
    this.#recorded = options.record === true ? { steps, images } : undefined;
    return new Map(
      graph.outputs.map((id) => {
        const tensor = graph.tensors[id]!;
        const value = valueOf(values, tensor);
        return [tensor.name, expand(value, [images, ...value.shape.slice(1)])];
      }),
    );
  }

  #step(node: Node, inputs: readonly Values[], images: number, options: ForwardOptions): Step {
    if (this.#skipped.has(node.id))
      return { outputs: [inputs[0]!], back: ([dy]) => ({ inputs: [dy], parameters: new Map() }) };
    const taken = this.#rounded(
      node,
      runNode({
        graph: this.graph,
        node,
        operator: node.operator,
        inputs,
        parameters: this.parameters.ofNode(node),
        products: this.#products(node),
        signals: this.#signals(node),
        pairs: this.#pairs(node),
        round: this.#round,
        images,
        seen: options.training === true ? this.#seen(node) : undefined,
      }),
    );
    const { adjust } = options;
    if (adjust === undefined) return taken;
    return {
      outputs: taken.outputs.map((values, i) => adjust(node, this.graph.tensors[node.outputs[i]!]!, values)),
      back: taken.back,
    };
  }

  /** Stored statistics of a batch norm a tenth of the way to those of a batch. */
  #seen(node: Node): (mean: Values, variance: Values) => void {
    return (mean, variance) => {
      for (const [role, batch] of [['mean', mean] as const, ['variance', variance] as const]) {
        const stored = this.parameters.stored(node.parameters.get(role)!.key)!.data;
        for (let c = 0; c < stored.length; c++) stored[c] = (1 - NEW_SHARE) * stored[c]! + NEW_SHARE * batch.data[c]!;
      }
    };
  }

  /** Results of the vector unit in its format; those of others as they are. */
  #rounded(node: Node, taken: Step): Step {
    const round = this.#round;
    if (round === undefined || !VECTOR_KINDS.has(node.operator.kind)) return taken;
    return {
      outputs: taken.outputs.map((values, i) =>
        this.graph.tensors[node.outputs[i]!]!.dtype.startsWith('f')
          ? { shape: values.shape, data: values.data.map(round) }
          : values,
      ),
      back: taken.back,
    };
  }

  #imagesOf(inputs: NamedValues): number {
    let images = 1;
    for (const id of this.graph.inputs) {
      const { name, batchAxis } = this.graph.tensors[id]!;
      if (batchAxis !== null) images = Math.max(images, inputs.get(name)?.shape[0] ?? 1);
    }
    return images;
  }

  #inputOf(tensor: Tensor, inputs: NamedValues): Values {
    const values = inputs.get(tensor.name);
    if (values === undefined) throw new InvariantError(`executor: input "${tensor.name}" is missing`);
    const sample = values.shape.slice(1);
    if (sample.length !== tensor.shape.length || sample.some((size, axis) => size !== tensor.shape[axis]))
      throw new InvariantError(
        `executor: input "${tensor.name}" takes [images, ${tensor.shape.join(', ')}], ` +
          `given [${values.shape.join(', ')}]`,
      );
    return this.parameters.converted(values);
  }

  /** Takes the numbers as they are now. */
  resume(): void {
    this.changed();
  }

  /**
   * Gradients of a sum over outputs and their elements of output x `outputGradients` (by output name; missing ones
   * are 0), at the last forward pass with `record`. It can be called again for other output gradients.
   */
  backward(outputGradients: NamedValues, options: BackwardOptions = {}): Gradients & { tensors: Map<string, Values> } {
    const recorded = this.#recorded;
    if (recorded === undefined) throw new InvariantError('executor: backward follows a forward pass with record: true');
    const { graph } = this;
    const wantInputs = options.inputs ?? true;
    const wantParameters = options.parameters ?? true;
    const carries = this.#carriers(wantInputs, wantParameters, options.tensors);
    const errors = new Array<MaybeValues>(graph.tensors.length);
    for (const id of graph.outputs) {
      const gradient = outputGradients.get(graph.tensors[id]!.name);
      if (gradient !== undefined) add(errors, id, this.parameters.converted(gradient));
    }
    const parameterGradients = new Map<string, Values>();
    const tensors = new Map<string, Values>();
    for (let n = graph.nodes.length - 1; n >= 0; n--) {
      const node = graph.nodes[n]!;
      const own = node.outputs.map((id) => errors[id]);
      for (const id of node.outputs) {
        const { name } = graph.tensors[id]!;
        const error = errors[id];
        if (error !== undefined && options.tensors?.has(name) === true) tensors.set(name, error);
        errors[id] = undefined;
      }
      const inputsCarry = node.inputs.some((id) => carries[id]);
      const parametersCarry = wantParameters && node.parameters.size > 0;
      if (own.every((error) => error === undefined) || (!inputsCarry && !parametersCarry)) continue;
      const step = recorded.steps[n]!;
      const gradients = step.back(
        own.map((error, i) => error && this.#errors(node, sameShape(error, step.outputs[i]!))),
        { inputs: inputsCarry, parameters: parametersCarry },
      );
      gradients.inputs.forEach((gradient, i) => {
        const id = node.inputs[i]!;
        if (gradient !== undefined && carries[id]) add(errors, id, gradient);
      });
      if (parametersCarry)
        for (const [owner, role, gradient] of this.#storedGradients(node, gradients.parameters))
          this.parameters.addGradient(parameterGradients, owner.parameters.get(role)!, gradient);
    }
    for (const { id, constant, name } of graph.tensors) {
      const error = errors[id];
      if (constant === null || error === undefined) continue;
      if (options.tensors?.has(name) === true) tensors.set(name, error);
      if (wantParameters) this.parameters.addGradient(parameterGradients, constant, error);
    }
    const inputGradients = new Map<string, Values>();
    for (const id of wantInputs ? graph.inputs : []) {
      const error = errors[id];
      if (error !== undefined) inputGradients.set(graph.tensors[id]!.name, error);
    }
    return { inputGradients, parameterGradients, tensors };
  }

  changed(): void {
    this.parameters.changed();
  }

  calibrate(): void {
    // Floats have no ranges.
  }

  /** Tensors that an error must reach, or pass on its way. */
  #carriers(inputs: boolean, parameters: boolean, names: ReadonlySet<string> | undefined): boolean[] {
    const { graph } = this;
    const carries = graph.tensors.map(
      ({ maker, constant, name }) =>
        (constant !== null ? parameters : maker === null && inputs) || names?.has(name) === true,
    );
    for (const node of graph.nodes)
      if ((parameters && node.parameters.size > 0) || node.inputs.some((id) => carries[id]))
        for (const id of node.outputs) carries[id] = true;
    return carries;
  }
}

function valueOf(values: readonly (Values | undefined)[], { id, name }: Tensor): Values {
  const value = values[id];
  if (value === undefined) throw new InvariantError(`executor: "${name}" is read before it is made`);
  return value;
}

function add(errors: MaybeValues[], id: number, gradient: Values): void {
  const known = errors[id];
  if (known === undefined) errors[id] = gradient;
  else if (known.data.length === gradient.data.length) {
    const sum = { shape: known.shape, data: known.data.slice() };
    accumulate(sum.data, gradient.data);
    errors[id] = sum;
  } else throw new InvariantError(`executor: gradients of tensor ${id} differ in size`);
}

/** An error seen under its output's shape; summed over images where the output has none. */
function sameShape(error: Values, output: Values): Values {
  if (error.data.length === output.data.length) return reshaped(error, output.shape);
  const data = error.data.slice(0, output.data.length);
  for (let from = data.length; from < error.data.length; from += data.length)
    accumulate(data, error.data.subarray(from, from + data.length));
  return { shape: output.shape, data };
}
