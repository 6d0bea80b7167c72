// The verdict on a terminal: the first screen of a run, at most 22 lines on 100 columns.

import { formatEngineering, formatQuantity } from '../../config/index.js';
import { plainNumber } from '../../config/numbers.js';
import { folded, type Style } from '../../explain/style.js';
import type { Note } from '../../result/result-types.js';
import type { Result } from '../../simulation/index.js';
import { headlines, restsText, shareWords } from '../verdict-words.js';

/** Characters of the labels beside the text. */
const LABEL = 12;
const BAR = 20;
/** Narrower terminals have no empty lines between the parts of a verdict. */
export const WIDE = 100;

/** A label and its text, folded beside it. */
function labelled(label: string, text: string, { width, strong }: Style): string {
  const indent = ' '.repeat(LABEL);
  const lines = folded(`${indent}${text}`, width, indent).slice(LABEL);
  return `${strong(label.padEnd(LABEL - 1))} ${lines}`;
}

/** A bar of a share, drawn in letters. */
export function bar(share: number, length = BAR): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * length);
  return `${'█'.repeat(full)}${'░'.repeat(length - full)}`;
}

/** What a run amounts to: work, headlines with marks, limits, ideal, assumptions, what to try next. */
export function verdictLines(result: Result, style: Style): string {
  const { verdict } = result;
  const gap = style.width < WIDE ? [] : [''];
  const lines = [style.strong(folded(`${result.architecture}: ${verdict.work}`, style.width)), ...gap];
  for (const { label, text } of headlines(result)) lines.push(labelled(label, text, style));
  lines.push(
    ...gap,
    labelled('time set by', verdict.timeSetBy, style),
    labelled('energy goes', `to ${verdict.energyGoesTo}`, style),
    labelled('area is', verdict.areaIs, style),
    labelled(
      'of ideal',
      `${bar(verdict.idealShare)} ${shareWords(verdict.idealShare)} of the steady state alone, ` +
        formatQuantity(Number(verdict.idealS.toPrecision(4)), 'time'),
      style,
    ),
  );
  if (verdict.peak !== null) {
    const { gops, gopsShare, gopsPerWShare, gopsPerW } = verdict.peak;
    const over = gopsPerWShare > 1 ? ' (idle units draw nothing here)' : '';
    lines.push(
      labelled(
        'of peak',
        `${bar(gopsShare)} ${shareWords(gopsShare)} of the arrays' ${formatEngineering(gops * 1e9, 'OPS')}; ` +
          `${shareWords(gopsPerWShare)} of the chip's ${plainNumber(gopsPerW)} GOPS/W${over}`,
        style,
      ),
    );
  }
  lines.push(labelled('assumed *', restsText(result), style));
  return lines.join('\n');
}

/** Notes of constants that the run uses where they do not hold; they are named first, with what they speak of. */
const MISUSED: readonly string[] = ['above-peak', 'off-point', 'law-range'];

/** What more a run has to say: its tables, and its notes by their codes (the power density has said itself). */
function moreText(notes: readonly Note[]): string {
  const misused = notes.filter(({ code }) => MISUSED.includes(code)).map(({ code, figure }) => `${code} (${figure})`);
  const others = notes.map(({ code }) => code).filter((code) => !MISUSED.includes(code) && code !== 'power-density');
  const names = [...new Set([...misused, ...others])];
  return `--full: all tables${names.length === 0 ? '' : `; notes: ${names.join(', ')}`}`;
}

/** What to know of figures before they are used, note by note. */
export const notesInFull = ({ notes }: Result, style: Style): string =>
  notes.map(({ code, figure, text }) => folded(`${code}, ${figure}: ${text}`, style.width, '  ')).join('\n');

/** Overrides that are worth trying, and where the rest stands. */
export function nextLines({ verdict, notes }: Result, style: Style, full: boolean): string {
  const lines = verdict.next.map(({ set, why }, i) =>
    labelled(i === 0 ? 'try next' : '', `${set.map((one) => `--set ${one}`).join(' ')} : ${why}`, style),
  );
  const rest = full ? [] : [style.dim(folded(moreText(notes), style.width))];
  return [...lines, ...rest].join('\n');
}
