// Nodes of an operator that is others put together, as they grow.

import { TensorProto_DataType, type AttributeProto } from '../../tensors/generated/onnx_pb.js';
import type { NodeContext } from './context.js';
import { Nodes, type LaidOut } from './lay-out.js';

/** Adds an operator's nodes. @returns the tensor that is its first output. @throws ShapeError where it does not fit */
export type Compose = (work: Work) => string;

/** Operators by name, and what each is laid out into. */
export const laidOut = (
  operators: readonly (readonly [string, Compose])[],
): (readonly [string, (context: NodeContext) => LaidOut])[] =>
  operators.map(([name, compose]) => [name, (context) => Work.of(context, compose)]);

/** The nodes of one operator as they grow. */
export class Work {
  readonly nodes = new Nodes();

  private constructor(readonly context: NodeContext) {}

  /** What `compose` adds; what it returns is the operator's first output. */
  static of(context: NodeContext, compose: Compose): LaidOut {
    const work = new Work(context);
    work.nodes.finish(compose(work), context.node.output[0] ?? '');
    return work.nodes;
  }

  /** Adds a node. @returns its output */
  add(type: string, inputs: readonly string[], attributes: readonly AttributeProto[] = []): string {
    return this.nodes.add(type, inputs, `${this.context.name}/${this.nodes.nodes.length}`, attributes);
  }

  /** The name of an input. @throws ShapeError where it is missing */
  read(index: number): string {
    return this.optional(index) ?? this.context.fail(`input ${index} is missing`);
  }

  optional(index: number): string | undefined {
    return this.context.has(index) ? this.context.node.input[index] : undefined;
  }

  reads(): readonly string[] {
    return this.context.node.input;
  }

  /** The operator's attributes but those of these names. */
  without(names: RegExp): AttributeProto[] {
    return this.context.node.attribute.filter(({ name }) => !names.test(name));
  }

  /** A single real number. @returns its name */
  number(value: number): string {
    const name = `${this.context.name}/number${this.nodes.arrays.length}`;
    return this.nodes.numbers(name, TensorProto_DataType.FLOAT, value);
  }
}
