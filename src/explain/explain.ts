// Explains a figure of a result: its derivation with all that it rests on, and the figure that a wanted word names.

import { UserError, suggestion } from '../config/index.js';
import { recompute, type Book, type Derivation, type Figure } from '../result/reasons/index.js';

/** What `explain` says of one figure. */
export interface Explanation {
  schema: 'xbarflow/explain@1';
  key: string;
  value: number;
  unit: string;
  says: string;
  /** The value worked out again from the derivation. */
  recomputed: number;
  derivation: Derivation;
  /** Derivations of the figures that it refers to, and that these refer to. */
  figures: Record<string, Derivation>;
  /** Keys of the assumptions that it rests on. */
  placeholders: string[];
}

/** Explains a figure of the book. @throws UserError for a key that is not there, with the nearest one that is. */
export function explain(book: Book, wanted: string): Explanation {
  const figure = find(book, wanted);
  const derivation = figure.derive();
  const { figures, placeholders, timed } = follow(book, derivation);
  if (timed)
    for (const key of latencies(book))
      for (const name of follow(book, book.get(key)!.derive()).placeholders) placeholders.add(name);
  const recomputed = recompute(derivation, (key) => book.get(key)!.value);
  const { key, value, unit, says } = figure;
  return {
    schema: 'xbarflow/explain@1',
    key,
    value,
    unit,
    says,
    recomputed,
    derivation,
    figures,
    placeholders: [...placeholders],
  };
}

/** Keys of the times of all units: what the event simulation times rests on them. */
const latencies = (book: Book): string[] =>
  [...book.keys()].filter((key) => key.startsWith('stages.') && key.endsWith('.latencyS'));

/** All that a derivation refers to: figures, assumptions, and whether the event simulation timed any of it. */
function follow(
  book: Book,
  root: Derivation,
): { figures: Record<string, Derivation>; placeholders: Set<string>; timed: boolean } {
  const figures: Record<string, Derivation> = {};
  const placeholders = new Set<string>();
  let timed = false;
  const walk = (derivation: Derivation): void => {
    if (derivation.origin?.placeholder === true) placeholders.add(derivation.name);
    if (derivation.op === 'timed' && derivation.value !== 0) timed = true;
    if (derivation.op === 'figure' && figures[derivation.name] === undefined) {
      const own = book.get(derivation.name)!.derive();
      figures[derivation.name] = own;
      walk(own);
    }
    derivation.parts.forEach(walk);
  };
  walk(root);
  return { figures, placeholders, timed };
}

/**
 * The figure of a key; a key may leave out units (`energy.total`) start where it is clear (`crossbar.rows` for
 * `config.crossbar.rows`), or be the path in the JSON (`layers[0].macs`). @throws UserError for a key that is not
 * there, with the nearest one
 */
export function find(book: Book, wanted: string): Figure {
  const exact =
    keysOf(wanted)
      .map((key) => book.get(key))
      .find((figure) => figure !== undefined) ?? [...book.values()].find(({ path }) => path === wanted);
  if (exact !== undefined) return exact;
  const plain = keysOf(wanted).map(plainKey);
  const close = [...book.values()].filter(({ key }) => plain.includes(plainKey(key)));
  if (close.length === 1) return close[0]!;
  if (close.length > 1) throw new UserError(`"${wanted}" could be ${close.map(({ key }) => key).join(' or ')}`);
  throw new UserError(
    `the result has no figure "${wanted}"${nearest(book, wanted)}; without a key, explain lists them`,
  );
}

/** Figures below a key, such as all of `energy`. */
export function below(book: Book, branch: string): Figure[] {
  const plain = plainKey(branch);
  return [...book.values()].filter(({ key }) => plainKey(key).startsWith(`${plain}.`));
}

/** The nearest key, or what there is below the part of the key that is right. */
function nearest(book: Book, wanted: string): string {
  const aliases = [...book.keys()]
    .filter((key) => key.startsWith('energy.byLayerJ.'))
    .flatMap((key) =>
      ['energy', 'area', 'power'].map((word) => `layers.${key.slice('energy.byLayerJ.'.length)}.${word}`),
    );
  const keys = [...book.keys(), ...aliases];
  const near = suggestion(wanted, keys);
  if (near !== '') return near;
  const words = wanted.split('.');
  for (let length = words.length - 1; length > 0; length--) {
    const branch = words.slice(0, length).map(plainKey).join('.');
    const under = [
      ...new Set(keys.filter((key) => plainKey(key).startsWith(`${branch}.`)).map((key) => key.split('.')[length]!)),
    ];
    if (under.length === 0) continue;
    return (
      suggestion(words[length]!, under) ||
      `, below ${words.slice(0, length).join('.')} there is ` +
        `${under.slice(0, 12).join(', ')}${under.length > 12 ? ', ...' : ''}`
    );
  }
  return suggestion(words[0]!, new Set(keys.map((key) => key.split('.')[0]!)));
}

/** Keys that a wanted word may stand for, first to last. */
function keysOf(wanted: string): string[] {
  const layer = /^layers\.(.+)\.(energy|area|power)$/i.exec(wanted);
  const word = { energy: 'energy.byLayerJ', area: 'area.byLayerMm2', power: 'power.byLayerW' }[
    layer?.[2]?.toLowerCase() ?? ''
  ];
  return [
    wanted,
    ...(layer !== null && word !== undefined ? [`${word}.${layer[1]!}`] : []),
    ...(wanted.toLowerCase() === 'time.seconds' ? ['time.totalS'] : []),
    `config.${wanted}`,
    `constants.${wanted}`,
    `rollUp.${wanted}`,
  ];
}

/** A key in small letters and without the unit at the end of its words; `gopsPerW` and such are names. */
const plainKey = (key: string): string =>
  key
    .split('.')
    .map((word) =>
      (word.includes('Per') && !word.startsWith('per')
        ? word
        : word.replace(/(?<=[a-z])(J|S|W|Mm2)$/, '')
      ).toLowerCase(),
    )
    .join('.');
