// What a writer of ONNX nodes is given, and what several of them write.

import type { Node, Operator, OperatorKind, Tensor, Window } from '../graph/index.js';
import type { AttributeValue, ModelWriter } from './write-model.js';

/** A node with what its writer needs. */
export interface Written<O extends Operator> {
  readonly writer: ModelWriter;
  readonly operator: O;
  readonly node: Node;
  /** Names of its inputs and outputs. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** First input and output. */
  readonly x: Tensor;
  readonly y: Tensor;
  /** A parameter's name; empty where the node has none of this role. */
  readonly role: (role: string) => string;
}

/** The operator of a kind. */
export type Of<K extends OperatorKind> = Extract<Operator, { kind: K }>;
/** Adds the nodes of an operator. @returns why there are none; null where there are */
export type Write<O extends Operator> = (written: Written<O>) => string | null | undefined;

/** Whole numbers as an attribute. */
export const ints = (values: readonly number[]): bigint[] => values.map(BigInt);
/** The attributes of a window: kernel, strides, dilations, padding. */
export const windowOf = ({ kernel, strides, dilations, padBegin, padEnd }: Window): Record<string, AttributeValue> => ({
  kernel_shape: ints(kernel),
  strides: ints(strides),
  dilations: ints(dilations),
  pads: ints([...padBegin, ...padEnd]),
});
