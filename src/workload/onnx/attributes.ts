// The attributes of an ONNX node, typed, with ONNX's defaults given by who reads them.

import type { GraphProto, NodeProto, TensorProto } from '../../tensors/generated/onnx_pb.js';

const decoder = new TextDecoder();

/** Typed reads of a node's attributes. */
export class Attributes {
  readonly #byName: Map<string, NodeProto['attribute'][number]>;

  constructor({ attribute }: NodeProto) {
    this.#byName = new Map(attribute.map((one) => [one.name, one]));
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  int(name: string, otherwise: number): number {
    const found = this.#byName.get(name);
    return found === undefined ? otherwise : Number(found.i);
  }

  float(name: string, otherwise: number): number {
    return this.#byName.get(name)?.f ?? otherwise;
  }

  text(name: string, otherwise: string): string {
    const found = this.#byName.get(name);
    return found === undefined ? otherwise : decoder.decode(found.s);
  }

  ints(name: string): number[] | undefined {
    return this.#byName.get(name)?.ints.map(Number);
  }

  floats(name: string): number[] | undefined {
    return this.#byName.get(name)?.floats;
  }

  texts(name: string): string[] | undefined {
    return this.#byName.get(name)?.strings.map((bytes) => decoder.decode(bytes));
  }

  tensor(name: string): TensorProto | undefined {
    return this.#byName.get(name)?.t;
  }

  graph(name: string): GraphProto | undefined {
    return this.#byName.get(name)?.g;
  }
}
