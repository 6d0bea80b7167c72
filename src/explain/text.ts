// Explanations for people: an indented tree, and the list of what can be explained.

import { visibleStyled } from '../config/escape.js';
import { dimensionOf, formatQuantity, unitOf } from '../config/index.js';
import { count } from '../config/numbers.js';
import { type Style } from './style.js';
import { agrees, type Derivation, type Operation, type Origin } from '../result/reasons/index.js';
import type { Explanation } from './explain.js';
import type { Figure } from '../result/reasons/index.js';

/** How much of a tree is shown: levels, and parts of a sum before the rest is put together. */
export interface Extent {
  depth: number;
  parts: number;
}

/** A value in its unit, to five digits. */
export function written(value: number, unit: string): string {
  const dimension = dimensionOf(unit);
  if (dimension !== undefined && unitOf(dimension) === unit) return formatQuantity(value, dimension, 5);
  if (unit === '') return Math.abs(value) >= 1e-3 || value === 0 ? count(value) : String(Number(value.toPrecision(5)));
  return `${count(value)} ${unit}`;
}

const HOW: Partial<Record<Operation, string>> = {
  sum: 'sum',
  product: 'product',
  quotient: 'quotient',
  difference: 'difference',
  maximum: 'the largest',
  ceiling: 'rounded up',
  mapping: 'mapping',
  network: 'network',
  config: 'config',
};

/** The figure, the tree below it, and what the arithmetic gives. */
export function explanationText(explanation: Explanation, style: Style, extent: Extent): string {
  const { key, value, unit, says, recomputed, derivation, figures, placeholders } = explanation;
  const lines = [style.strong(`${key} = ${written(value, unit)}`) + (unit === '' ? '' : ` (${value} ${unit})`), says];
  const shown = new Set<string>([key]);
  const state = { cut: false };
  const walk = (parts: readonly Derivation[], op: Operation, indent: string, depth: number): void => {
    const sorted =
      op === 'sum'
        ? parts.filter(({ value }) => value !== 0).sort((a, b) => Math.abs(b.value) - Math.abs(a.value))
        : parts;
    const listed = op === 'sum' && sorted.length > extent.parts + 1 ? sorted.slice(0, extent.parts) : sorted;
    const rest = sorted.slice(listed.length);
    listed.forEach((part, i) => {
      const last = i === listed.length - 1 && rest.length === 0;
      const target = part.op === 'figure' ? { ...figures[part.name]!, name: part.name, value: part.value } : part;
      const again = part.op === 'figure' && shown.has(part.name) && target.parts.length > 0;
      if (part.op === 'figure') shown.add(part.name);
      const deeper = target.parts.length > 0 && !again && depth < extent.depth;
      if (target.parts.length > 0 && !again && !deeper) state.cut = true;
      const remark = again ? ' (see above)' : deeper || target.parts.length === 0 ? '' : ' ...';
      lines.push(
        `${indent}${last ? '└─ ' : '├─ '}${line(target, part.op === 'figure' ? part.says : '', style)}${remark}`,
      );
      if (deeper) walk(target.parts, target.op, `${indent}${last ? '   ' : '│  '}`, depth + 1);
    });
    if (rest.length > 0) {
      state.cut = true;
      lines.push(
        `${indent}└─ and ${rest.length} more, together ${written(
          rest.reduce((total, part) => total + part.value, 0),
          rest[0]!.unit,
        )}`,
      );
    }
  };
  lines.push(`= ${line(derivation, '', style).slice(derivation.name.length).trim()}`);
  walk(derivation.parts, derivation.op, '', 1);
  lines.push('', `recomputed: ${recomputed}${unit === '' ? '' : ` ${unit}`}${besides(recomputed, value)}`);
  if (placeholders.length > 0)
    lines.push(style.dim(`rests on ${placeholders.length} placeholders (assumptions): ${placeholders.join(', ')}`));
  if (state.cut) lines.push(style.dim('more: --depth N, --all, or the key of a part'));
  return lines.map(visibleStyled).join('\n');
}

/** How a recomputed value stands to the one of the result. */
function besides(recomputed: number, value: number): string {
  if (recomputed === value) return ', the same';
  if (!agrees(recomputed, value)) return `, which is NOT the ${value} of the result`;
  const share = Number(Math.abs(recomputed / value - 1).toPrecision(2));
  return `, the same but for ${share} of it (order of additions)`;
}

function line({ name, value, unit, op, says, origin }: Derivation, remark: string, style: Style): string {
  const how = [remark, says === '' ? (op === 'config' || op === 'constant' ? '' : (HOW[op] ?? '')) : says]
    .filter((part) => part !== '')
    .join('; ');
  const from = origin === null ? '' : originText(origin, style);
  return `${name}  ${style.strong(written(value, unit))}${how === '' ? '' : `  ${how}`}${from}`;
}

/** Where a constant stands and what it rests on: `[placeholder; "source"; note; file:line:column]`. */
export function originText({ at, source, placeholder, note }: Origin, style: Style): string {
  const parts = [
    ...(placeholder ? ['placeholder'] : []),
    ...(source === null ? [] : [`"${source}"`]),
    ...(note === null ? [] : [note]),
    at ?? 'default',
  ];
  return `  ${style.dim(`[${parts.join('; ')}]`)}`;
}

/** Branches of more figures than this are one line of the list. */
const MOST_OF_A_BRANCH = 40;

/** One line a figure; large branches are one line, unless they alone are asked for. */
export function listText(figures: readonly Figure[], style: Style, whole: boolean): string {
  const branches = new Map<string, Figure[]>();
  for (const figure of figures) {
    const branch = figure.key.split('.')[0]!;
    branches.set(branch, [...(branches.get(branch) ?? []), figure]);
  }
  const lines: string[] = [];
  for (const [branch, own] of branches) {
    if (!whole && own.length > MOST_OF_A_BRANCH)
      lines.push(
        `${branch}.*  ` +
          style.dim(`${count(own.length)} figures, e.g. ${own[0]!.key}; explain RESULT ${branch} ` + 'lists them'),
      );
    else
      for (const { key, value, unit, says } of own)
        lines.push(`${key}  ${style.strong(written(value, unit))}  ${style.dim(says)}`);
  }
  return lines.map(visibleStyled).join('\n');
}
