// Builds a graph node by node: tensors are numbered, shapes inferred, readers noted.

import { FreshNames } from '../fresh-names.js';
import type { Graph, Node, Parameter, Tensor } from './graph.js';
import { inferShapes, layoutOf } from './infer.js';
import type { Operator } from './operators.js';
import { fail, showShape, type Layout } from './shapes.js';

type Growing<T> = { -readonly [K in keyof T]: T[K] };
type GrowingTensor = Growing<Omit<Tensor, 'readers'>> & { readers: number[] };

/** A node to add; shapes follow from the operator and its inputs. */
export interface NodeSpec {
  readonly name: string;
  readonly type: string;
  readonly operator: Operator;
  readonly inputs: readonly number[];
  readonly parameters?: ReadonlyMap<string, Parameter>;
  /** Names of its outputs; the first: the node's own name where it is left out, others NAME:k. */
  readonly outputs?: readonly string[];
  readonly dtypes?: readonly string[];
  readonly batchAxis?: readonly (number | null)[];
}

const NO_PARAMETERS: ReadonlyMap<string, Parameter> = new Map();

/** A graph that grows, nodes in topological order. */
export class GraphBuilder {
  readonly #tensors: GrowingTensor[] = [];
  readonly #nodes: Node[] = [];
  readonly #inputs: number[] = [];
  readonly #names = new FreshNames('#');
  readonly #nodeNames = new FreshNames('#');

  /** A tensor that the network reads. */
  input(
    name: string,
    shape: readonly number[],
    layout: Layout,
    { dtype = 'f32', batchAxis = 0 }: { readonly dtype?: string; readonly batchAxis?: number | null } = {},
  ): number {
    const id = this.#tensor({ name, shape, layout, dtype, batchAxis, maker: null, constant: null });
    this.#inputs.push(id);
    return id;
  }

  /** A constant operand. */
  constant(name: string, parameter: Parameter, dtype = 'f32'): number {
    return this.#tensor({
      name,
      shape: parameter.shape,
      layout: 'plain',
      dtype,
      batchAxis: null,
      maker: null,
      constant: parameter,
    });
  }

  /** Adds a node. @returns ids of its outputs @throws ShapeError where its inputs do not fit */
  node(spec: NodeSpec): number[] {
    const { operator, inputs } = spec;
    const parameters = spec.parameters ?? NO_PARAMETERS;
    const read = inputs.map((tensor) => this.#tensors[tensor]!);
    const shapes = inferShapes(
      operator,
      read.map(({ shape }) => shape),
      (role) => parameters.get(role)?.shape,
    );
    for (const shape of shapes)
      if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0))
        fail(`its output would be ${showShape(shape)}, which is no shape`);
    const id = this.#nodes.length;
    const name = this.#nodeNames.take(spec.name);
    const outputs = shapes.map((shape, output) =>
      this.#tensor({
        name: spec.outputs?.[output] ?? (output === 0 ? name : `${name}:${output}`),
        shape,
        layout: layoutOf(
          operator,
          shape,
          read.map(({ layout }) => layout),
        ),
        dtype: spec.dtypes?.[output] ?? read[0]!.dtype,
        batchAxis: spec.batchAxis?.[output] ?? null,
        maker: { node: id, output },
        constant: null,
      }),
    );
    for (const { readers } of read) if (readers.at(-1) !== id) readers.push(id);
    this.#nodes.push({ id, name, operator, type: spec.type, inputs, outputs, parameters });
    return outputs;
  }

  /** A node that was added, as it stands. */
  made(node: number): Node {
    return this.#nodes[node]!;
  }

  /** Makes more of a node of one output, its shape kept. @param name the output's new name */
  amend(node: number, becomes: Pick<Node, 'operator' | 'parameters'>, name: string): void {
    const made = { ...this.#nodes[node]!, ...becomes };
    this.#nodes[node] = made;
    const tensor = this.#tensors[made.outputs[0]!]!;
    this.#names.release(tensor.name);
    tensor.name = this.#names.take(name);
  }

  shapeOf(tensor: number): readonly number[] {
    return this.#tensors[tensor]!.shape;
  }

  tensor(id: number): Tensor {
    return this.#tensors[id]!;
  }

  /** The graph, with these tensors as outputs. */
  build(name: string, source: string | undefined, outputs: readonly number[], batch = 1): Graph {
    return { name, source, inputs: this.#inputs, outputs, tensors: this.#tensors, nodes: this.#nodes, batch };
  }

  #tensor(tensor: Omit<GrowingTensor, 'id' | 'readers'>): number {
    const id = this.#tensors.length;
    this.#tensors.push({ ...tensor, name: this.#names.take(tensor.name), id, readers: [] });
    return id;
  }
}
