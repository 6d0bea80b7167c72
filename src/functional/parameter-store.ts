// The numbers of a network as an executor uses them: by key as they are stored, by node as operators take them.

import { UserError } from '../config/index.js';
import {
  elementsOf,
  type Graph,
  type Node,
  type Parameter,
  type Parameters,
  type Tensor,
} from '../workload/graph/index.js';
import { inverseAxes, transpose } from './operators/moves.js';
import { dequantize } from './operators/quantize.js';
import { accumulate, reshaped, type Numbers, type Values } from './operators/values.js';

/** Elements of all values. */
export type Precision = 'float32' | 'float64';

const toNumbers = (data: ArrayLike<number | bigint>, precision: Precision): Numbers => {
  const out = precision === 'float32' ? new Float32Array(data.length) : new Float64Array(data.length);
  for (let i = 0; i < out.length; i++) out[i] = Number(data[i]);
  return out;
};

/** Numbers of a graph in one precision. Arrays may be changed in place, followed by `changed()`. */
export class ParameterStore {
  readonly precision: Precision;
  readonly #stored = new Map<string, Values>();
  readonly #used = new Map<Parameter, Values>();
  readonly #nodes = new Map<Node, ReadonlyMap<string, Values>>();

  /** @throws UserError where `parameters` lacks a key, or an array has another number of elements, or is no number */
  constructor(graph: Graph, parameters: Parameters | null, precision: Precision) {
    this.precision = precision;
    const name = graph.source ?? graph.name;
    for (const parameter of allParameters(graph))
      for (const key of keysOf(parameter)) {
        if (this.#stored.has(key)) continue;
        if (parameters === null) throw new UserError(`${name}: the network has no weights ("${key}")`);
        const { shape, data } = parameters.get(key);
        this.#stored.set(key, { shape, data: toNumbers(data, precision) });
      }
    for (const parameter of allParameters(graph)) {
      const { shape } = this.#stored.get(parameter.key)!;
      if (elementsOf(shape) !== elementsOf(parameter.shape))
        throw new UserError(
          `${name}: "${parameter.key}" has shape [${shape.join(', ')}], expected [${parameter.shape.join(', ')}]`,
        );
    }
  }

  /** Keys of all arrays. */
  get keys(): string[] {
    return [...this.#stored.keys()];
  }

  /** A stored array by key; may be changed in place (then call `changed`). */
  stored(key: string): Values | undefined {
    return this.#stored.get(key);
  }

  /** The stored arrays as they are now, copied, for another store. */
  snapshot(): Parameters {
    const stored = new Map([...this.#stored].map(([key, { shape, data }]) => [key, { shape, data: data.slice() }]));
    return { keys: [...stored.keys()], get: (key) => stored.get(key)! };
  }

  /** Forgets what was derived from stored arrays: call after changing them. */
  changed(): void {
    this.#used.clear();
    this.#nodes.clear();
  }

  /** A parameter as its operator uses it. */
  used(parameter: Parameter): Values {
    let values = this.#used.get(parameter);
    if (values === undefined) {
      const { quantization, permutation, key, shape } = parameter;
      const stored = this.#stored.get(key)!;
      const real =
        quantization === null
          ? stored
          : dequantize(
              stored,
              this.#stored.get(quantization.scale)!,
              quantization.zeroPoint === null ? undefined : this.#stored.get(quantization.zeroPoint),
              quantization.axis,
            );
      values = reshaped(permutation === null ? real : transpose(real, permutation), shape);
      this.#used.set(parameter, values);
    }
    return values;
  }

  /** Parameters of a node by role. */
  ofNode(node: Node): ReadonlyMap<string, Values> {
    let values = this.#nodes.get(node);
    if (values === undefined) {
      values = new Map([...node.parameters].map(([role, parameter]) => [role, this.used(parameter)]));
      this.#nodes.set(node, values);
    }
    return values;
  }

  /** Replaces what a node uses (weights that took in a norm, quantized weights), until `changed`. */
  replace(node: Node, values: ReadonlyMap<string, Values>): void {
    this.#nodes.set(node, values);
  }

  /** A constant tensor's values, with an axis of 1 for images in front. */
  constant({ constant, shape, batchAxis }: Tensor): Values {
    const values = this.used(constant!);
    return reshaped(values, batchAxis === null ? [1, ...shape] : [values.data.length / elementsOf(shape), ...shape]);
  }

  /** Values in this precision. */
  converted(values: Values): Values {
    const fits =
      this.precision === 'float32' ? values.data instanceof Float32Array : values.data instanceof Float64Array;
    return fits ? values : { shape: values.shape, data: toNumbers(values.data, this.precision) };
  }

  /** Adds a gradient, as the operator has it, to that of the stored array. Stored integers have none. */
  addGradient(to: Map<string, Values>, parameter: Parameter, gradient: Values): void {
    if (parameter.quantization !== null) return;
    const { shape } = this.#stored.get(parameter.key)!;
    const { permutation } = parameter;
    const natural =
      permutation === null
        ? gradient
        : transpose(
            reshaped(
              gradient,
              permutation.map((axis) => shape[axis]!),
            ),
            inverseAxes(permutation),
          );
    const known = to.get(parameter.key);
    if (known === undefined) to.set(parameter.key, { shape, data: natural.data.slice() });
    else accumulate(known.data, natural.data);
  }
}

function allParameters(graph: Graph): Parameter[] {
  return [
    ...graph.nodes.flatMap(({ parameters }) => [...parameters.values()]),
    ...graph.tensors.flatMap(({ constant }) => (constant === null ? [] : [constant])),
  ];
}

const keysOf = ({ key, quantization }: Parameter): string[] => [
  key,
  ...(quantization === null ? [] : [quantization.scale]),
  ...(quantization?.zeroPoint == null ? [] : [quantization.zeroPoint]),
];
