// Explains a ratio of two designs: which parts of a figure differ, by how much, down to counts and constants.

import type { Book, Derivation, Operation, Origin } from '../result/reasons/index.js';
import { find } from './explain.js';

/** A part of a figure in two designs. */
export interface Change {
  name: string;
  unit: string;
  op: Operation;
  baseline: number;
  value: number;
  /** Null against nothing. */
  ratio: number | null;
  /** Share of its sum's change; null outside sums. */
  share: number | null;
  says: string;
  /** Constants and knobs: where each design has its value. */
  baselineOrigin: Origin | null;
  origin: Origin | null;
  /** What differs below it, the largest change first. */
  parts: Change[];
}

/** Why a figure of a design is another than the baseline's, as `explain --format json` prints it. */
export interface RatioExplanation {
  schema: 'xbarflow/explain-ratio@1';
  key: string;
  design: string;
  baseline: string;
  change: Change;
  /** Knobs that differ, with the places where they were written. */
  knobs: { key: string; baseline: string; value: string; baselineAt: string | null; at: string | null }[];
}

/** The change of a figure from the baseline's book to the design's. @throws UserError for a key that is not there. */
export function explainChange(book: Book, baseline: Book, wanted: string): { key: string; change: Change } {
  const figure = find(baseline, wanted);
  const { key } = figure;
  const seen = new Set<string>([key]);
  const own = find(book, key);
  return {
    key,
    change: { ...compare(own.derive(), figure.derive(), { book, baseline, seen }), name: key, unit: figure.unit },
  };
}

interface Designs {
  book: Book;
  baseline: Book;
  /** Figures that were followed before. */
  seen: Set<string>;
}

/** A figure stands for its derivation the first time it is met. */
function opened(derivation: Derivation, book: Book): Derivation {
  if (derivation.op !== 'figure') return derivation;
  const figure = book.get(derivation.name)!;
  const own = figure.derive();
  return { ...own, name: derivation.name, value: figure.value, unit: figure.unit };
}

function compare(ours: Derivation, theirs: Derivation, designs: Designs): Change {
  const [own, other] = [opened(ours, designs.book), opened(theirs, designs.baseline)];
  const again = ours.op === 'figure' && designs.seen.has(ours.name);
  if (ours.op === 'figure') designs.seen.add(ours.name);
  const parts = again || own.value === other.value || own.op !== other.op ? [] : changesBelow(own, other, designs);
  return {
    name: own.name,
    unit: own.unit,
    op: own.op,
    baseline: other.value,
    value: own.value,
    ratio: other.value === 0 ? null : own.value / other.value,
    share: null,
    says: again ? 'see above' : own.says === other.says ? own.says : `${other.says} -> ${own.says}`,
    baselineOrigin: other.origin,
    origin: own.origin,
    parts,
  };
}

/**
 * Parts that differ: by name in sums and products (what is missing adds nothing, or multiplies by 1), else by their
 * place.
 */
function changesBelow(own: Derivation, other: Derivation, designs: Designs): Change[] {
  const named = own.op === 'sum' || own.op === 'product';
  const pairs = named
    ? byName(own, other)
    : own.parts.flatMap((part, i): [Derivation, Derivation][] =>
        other.parts[i] === undefined ? [] : [[part, other.parts[i]]],
      );
  const changes = pairs
    .filter(([a, b]) => a.value !== b.value || opened(a, designs.book).value !== opened(b, designs.baseline).value)
    .map(([a, b]) => compare(a, b, designs));
  if (own.op !== 'sum') return changes;
  const total = own.value - other.value;
  return changes
    .map((change) => ({ ...change, share: (change.value - change.baseline) / total }))
    .sort((a, b) => Math.abs(b.share) - Math.abs(a.share));
}

function byName(own: Derivation, other: Derivation): [Derivation, Derivation][] {
  const none = (part: Derivation): Derivation => ({
    ...part,
    op: 'number',
    value: own.op === 'sum' ? 0 : 1,
    parts: [],
    origin: null,
    says: 'none',
  });
  const names = [...new Set([...other.parts, ...own.parts].map(({ name }) => name))];
  return names.map((name) => {
    const a = own.parts.find((part) => part.name === name);
    const b = other.parts.find((part) => part.name === name);
    return [a ?? none(b!), b ?? none(a!)];
  });
}
