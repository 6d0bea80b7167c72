// Protocol buffers before they are read: what their messages would take as objects, found in one walk over the bytes.

import type { DescField, DescMessage } from '@bufbuild/protobuf';
import type { MemoryBudget } from '../config/budget.js';

/** Memory of a message, of a number in a list, and of a byte of text, as objects. */
const MESSAGE_BYTES = 400;
const NUMBER_BYTES = 16;
const TEXT_BYTES = 2;
/** Messages within each other (graphs of branches). */
const MOST_DEPTH = 64;

/**
 * Takes from a budget what a message and those in it will need. Malformed bytes are left for the reader to name.
 * @throws UserError where it is more than the budget, Error where messages stand too deep in each other
 */
export function takeMessage(bytes: Uint8Array, type: DescMessage, budget: MemoryBudget): void {
  new Walk(bytes, budget).message(type, 0, bytes.length, 0);
}

class Walk {
  readonly #bytes: Uint8Array;
  readonly #budget: MemoryBudget;
  #at = 0;

  constructor(bytes: Uint8Array, budget: MemoryBudget) {
    this.#bytes = bytes;
    this.#budget = budget;
  }

  /** False where the bytes are none of a message. */
  message(type: DescMessage, from: number, to: number, depth: number): boolean {
    if (depth > MOST_DEPTH) throw new Error(`messages within more than ${MOST_DEPTH} others`);
    const fields = fieldsOf(type);
    this.#budget.take(MESSAGE_BYTES);
    this.#at = from;
    while (this.#at < to) {
      const tag = this.#varint(to);
      const wire = tag % 8;
      const field = fields.get(Math.floor(tag / 8));
      if (wire === 0) this.#varint(to);
      else if (wire === 1) this.#at += 8;
      else if (wire === 5) this.#at += 4;
      else if (wire === 2) {
        const length = this.#varint(to);
        const start = this.#at;
        const end = start + length;
        if (!(end <= to)) return false;
        if (field?.message !== undefined) this.message(field.message, start, end, depth + 1);
        else this.#budget.take(bytesOfList(field, length));
        this.#at = end;
      } else return false;
      this.#budget.take(NUMBER_BYTES);
    }
    return this.#at === to;
  }

  /** The next number; NaN beyond the end. */
  #varint(to: number): number {
    let value = 0;
    for (let scale = 1; this.#at < to; scale *= 128) {
      const byte = this.#bytes[this.#at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    return NaN;
  }
}

/** What a field of so many bytes takes: data as it is, text, numbers of at least a byte each. */
function bytesOfList(field: DescField | undefined, length: number): number {
  if (field === undefined) return length;
  const { scalar } = field;
  if (scalar === BYTES) return length;
  if (scalar === STRING) return TEXT_BYTES * length;
  const width = scalar === FLOAT ? 4 : scalar === DOUBLE ? 8 : 1;
  return (NUMBER_BYTES * length) / width;
}

/** Numbers of scalar types (descriptor.proto, FieldDescriptorProto.Type). */
const DOUBLE = 1;
const FLOAT = 2;
const STRING = 9;
const BYTES = 12;

const known = new WeakMap<DescMessage, ReadonlyMap<number, DescField>>();

function fieldsOf(type: DescMessage): ReadonlyMap<number, DescField> {
  let fields = known.get(type);
  if (fields === undefined) {
    fields = new Map(type.fields.map((field) => [field.number, field]));
    known.set(type, fields);
  }
  return fields;
}
