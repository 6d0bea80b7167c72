// Einsum as products, sums and moves: operands are taken in two by two, from the left.

import { TensorProto_DataType } from '../../tensors/generated/onnx_pb.js';
import type { NodeContext } from './context.js';
import { Nodes, whole, type LaidOut } from './lay-out.js';

/** A tensor with a label for each of its axes. */
interface Labelled {
  readonly tensor: string;
  readonly labels: readonly string[];
  /** True where it depends on the network's input. */
  readonly active: boolean;
}

const without = (labels: readonly string[], others: readonly string[]): string[] =>
  labels.filter((label) => !others.includes(label));
const within = (labels: readonly string[], others: readonly string[]): string[] =>
  labels.filter((label) => others.includes(label));

/** @throws ShapeError where the equation does not fit its inputs, or takes a diagonal */
export function einsum(context: NodeContext): LaidOut {
  const { node } = context;
  const equation = context.attributes.text('equation', '').replaceAll(' ', '');
  const { operands, output } = labelsOf(context, equation);
  const work = new Einsum(context, operands);
  const terms = operands.map((labels, i): Labelled => ({
    tensor: node.input[i] ?? '',
    labels,
    active: context.value(i)?.kind === 'active',
  }));
  let made = terms[0]!;
  for (let next = 1; next < terms.length; next++) {
    const needed = new Set([...output, ...terms.slice(next + 1).flatMap(({ labels }) => labels)]);
    made = work.product(made, terms[next]!, [...needed]);
  }
  made = work.ordered(work.summed(made, output), output);
  work.nodes.finish(made.tensor, node.output[0] ?? '');
  return work.nodes;
}

/** Labels of each operand and of the output; axes that `...` stands for are numbered from behind. */
function labelsOf(
  context: NodeContext,
  equation: string,
): { readonly operands: readonly (readonly string[])[]; readonly output: readonly string[] } {
  const wrong = (what: string): never => context.fail(`equation "${equation}": ${what}`);
  const [read = '', written, ...more] = equation.split('->');
  const terms = read.split(',');
  if (more.length > 0 || terms.length !== context.inputCount)
    wrong(`${terms.length} operands, found ${context.inputCount} inputs`);
  const split = (term: string, rest: number): string[] => {
    if (!/^[A-Za-z]*(\.\.\.)?[A-Za-z]*$/.test(term)) return wrong(`"${term}" is no list of letters`);
    const hidden = Array.from({ length: rest }, (_, i) => `.${rest - i}`);
    const [before = '', behind] = term.split('...');
    return behind === undefined ? Array.from(before) : [...Array.from(before), ...hidden, ...Array.from(behind)];
  };
  const ranks = terms.map((term, i) => context.fullShape(i).length - term.replace('...', '').length);
  const operands = terms.map((term, i) => split(term, term.includes('...') ? ranks[i]! : 0));
  operands.forEach((labels, i) => {
    const rank = context.fullShape(i).length;
    if (labels.length !== rank) wrong(`"${terms[i]}" has ${labels.length} axes, input ${i} has ${rank}`);
    if (new Set(labels).size < labels.length) wrong(`a diagonal ("${terms[i]}") is not supported`);
  });
  const all = operands.flat();
  const hidden = [...new Set(all.filter((label) => label.startsWith('.')))].sort().reverse();
  const once = all.filter((label) => !label.startsWith('.') && all.indexOf(label) === all.lastIndexOf(label)).sort();
  const output = written === undefined ? [...hidden, ...once] : split(written, hidden.length);
  const unknown = without(output, all)[0];
  if (unknown !== undefined) wrong(`no operand has "${unknown}"`);
  if (new Set(output).size < output.length) wrong(`"${written}" has a letter twice`);
  return { operands, output };
}

/** Nodes of an Einsum as they grow. */
class Einsum {
  readonly nodes = new Nodes();
  readonly #name: string;
  readonly #sizes = new Map<string, number>();

  constructor(context: NodeContext, operands: readonly (readonly string[])[]) {
    this.#name = context.name;
    operands.forEach((labels, i) => {
      const shape = context.fullShape(i);
      labels.forEach((label, axis) => {
        const known = this.#sizes.get(label) ?? shape[axis]!;
        if (known !== shape[axis]) context.fail(`"${label}" is ${known} and ${shape[axis]}, input ${i}`);
        this.#sizes.set(label, known);
      });
    });
  }

  /** The product of two terms, summed over what only they have. @param needed labels that stay */
  product(first: Labelled, second: Labelled, needed: readonly string[]): Labelled {
    // Constants stand behind: the weights of a product.
    const [left, right] = !first.active && second.active ? [second, first] : [first, second];
    const a = this.summed(left, [...right.labels, ...needed]);
    const b = this.summed(right, [...left.labels, ...needed]);
    const shared = within(a.labels, b.labels);
    const batch = within(shared, needed);
    const inner = without(shared, needed);
    const [rows, columns] = [without(a.labels, shared), without(b.labels, shared)];
    const active = a.active || b.active;
    const labels = [...batch, ...rows, ...columns];
    if (inner.length === 0) {
      const x = this.#shaped(this.ordered(a, [...batch, ...rows]), [...batch, ...rows, ...columns.map(() => null)]);
      const y = this.#shaped(this.ordered(b, [...batch, ...columns]), [...batch, ...rows.map(() => null), ...columns]);
      return { tensor: this.nodes.add('Mul', [x, y], this.#fresh()), labels, active };
    }
    // Rows of a product without shared axes stay apart, so that the batch of the network does.
    const joins = batch.length > 0;
    const x = this.#shaped(this.ordered(a, [...batch, ...rows, ...inner]), [
      ...batch,
      ...(joins ? [rows] : rows),
      inner,
    ]);
    const y = this.#shaped(this.ordered(b, [...batch, ...inner, ...columns]), [
      ...batch,
      inner,
      ...(joins || columns.length > 0 ? [columns] : []),
    ]);
    const tensor = this.nodes.add('MatMul', [x, y], this.#fresh());
    const flat = (joins && rows.length !== 1) || (columns.length !== 1 && (joins || columns.length > 0));
    return { tensor: flat ? this.#reshape(tensor, labels) : tensor, labels, active };
  }

  /** A term summed over what nobody needs. */
  summed({ tensor, labels, active }: Labelled, needed: readonly string[]): Labelled {
    const kept = within(labels, needed);
    if (kept.length === labels.length) return { tensor, labels, active };
    const axes = without(labels, needed).map((label) => labels.indexOf(label));
    return {
      tensor: this.nodes.add('ReduceSum', [tensor], this.#fresh(), whole({ axes, keepdims: 0 })),
      labels: kept,
      active,
    };
  }

  /** A term with its axes in another order. */
  ordered({ tensor, labels, active }: Labelled, order: readonly string[]): Labelled {
    if (labels.join() === order.join()) return { tensor, labels, active };
    const perm = order.map((label) => labels.indexOf(label));
    return { tensor: this.nodes.add('Transpose', [tensor], this.#fresh(), whole({ perm })), labels: order, active };
  }

  /** A term whose axes are joined as they stand: a label, several as one axis, or null for one of 1. */
  #shaped({ tensor }: Labelled, axes: readonly (string | readonly string[] | null)[]): string {
    const isNew = (axis: (typeof axes)[number]): boolean => axis === null || axis.length === 0;
    const joined = axes.some((axis) => axis !== null && typeof axis !== 'string' && axis.length > 1);
    if (joined) return this.#reshape(tensor, axes);
    const added = [...axes.keys()].filter((at) => isNew(axes[at]!));
    return added.length === 0 ? tensor : this.nodes.add('Unsqueeze', [tensor], this.#fresh(), whole({ axes: added }));
  }

  #reshape(tensor: string, axes: readonly (string | readonly string[] | null)[]): string {
    const sizes = axes.map((axis) =>
      axis === null
        ? 1
        : (typeof axis === 'string' ? [axis] : axis).reduce((product, label) => product * this.#sizes.get(label)!, 1),
    );
    const name = this.#fresh();
    return this.nodes.add(
      'Reshape',
      [tensor, this.nodes.numbers(`${name}/shape`, TensorProto_DataType.INT64, sizes)],
      name,
    );
  }

  #fresh(): string {
    return `${this.#name}/${this.nodes.nodes.length}`;
  }
}
