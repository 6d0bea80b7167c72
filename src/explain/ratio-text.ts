// The explanation of a ratio for people: what changed, largest first, and the knobs that differ.

import { visibleStyled } from '../config/escape.js';
import { plainNumber } from '../config/numbers.js';
import type { Style } from './style.js';
import type { Change, RatioExplanation } from './ratio.js';
import { originText, written, type Extent } from './text.js';

/** Changes below this share of their sum are put together. */
const LEAST_SHARE = 0.005;

/** A ratio of two designs in lines of text, changes largest first. */
export function ratioText(
  { key, design, baseline, change, knobs }: RatioExplanation,
  style: Style,
  extent: Extent,
): string {
  const lines = [
    style.strong(`${key}: ${design} against ${baseline}`),
    line(change, style).slice(change.name.length).trim(),
  ];
  const walk = (parts: readonly Change[], indent: string, depth: number): void => {
    const shown = parts.filter(
      ({ share }, i) => share === null || (i < extent.parts && Math.abs(share) >= LEAST_SHARE),
    );
    const rest = parts.length - shown.length;
    shown.forEach((part, i) => {
      const last = i === shown.length - 1 && rest === 0;
      lines.push(`${indent}${last ? '└─ ' : '├─ '}${line(part, style)}`);
      if (depth < extent.depth) walk(part.parts, `${indent}${last ? '   ' : '│  '}`, depth + 1);
    });
    if (rest > 0) lines.push(`${indent}└─ and ${rest} smaller`);
  };
  walk(change.parts, '', 1);
  lines.push('', knobs.length === 0 ? 'no knob differs' : 'knobs that differ:');
  for (const knob of knobs)
    lines.push(
      `  ${knob.key}  ${knob.baseline} -> ${knob.value}  ` +
        style.dim(`[${knob.baselineAt ?? 'default'} -> ${knob.at ?? 'default'}]`),
    );
  return lines.map(visibleStyled).join('\n');
}

function line(
  { name, unit, op, baseline, value, ratio, share, says, baselineOrigin, origin }: Change,
  style: Style,
): string {
  const times = ratio === null ? '' : value === baseline ? ', the same' : ` (${plainNumber(ratio)}x)`;
  const part = share === null ? '' : `, ${plainNumber(100 * share)} % of the change`;
  const remark = says === '' || op === 'sum' || op === 'product' ? '' : `  ${says}`;
  const places =
    (op === 'constant' || op === 'config' || op === 'law') && origin !== null && baselineOrigin !== null
      ? `${originText(baselineOrigin, style)} ->${originText(origin, style)}`
      : '';
  return (
    `${name}  ${written(baseline, unit)} -> ` + `${style.strong(written(value, unit))}${times}${part}${remark}${places}`
  );
}
