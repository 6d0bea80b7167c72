// A table for a terminal.

import Table from 'cli-table3';
import { visible } from '../../config/escape.js';
import type { Style } from '../../explain/style.js';

/** Rows that are laid out at once: what that takes grows with their square. */
const PART = 200;

/** The four pieces of a horizontal line. */
const border = (line: 'top' | 'mid' | 'bottom', piece: string): Record<string, string> =>
  line === 'mid'
    ? { mid: piece, 'left-mid': piece, 'mid-mid': piece, 'right-mid': piece }
    : { [line]: piece, [`${line}-left`]: piece, [`${line}-mid`]: piece, [`${line}-right`]: piece };

/** True for a cell of one line whose letters are as wide as they are many. */
const isPlain = (cell: string, width: number): boolean => cell.length <= width - 2 && /^[ -~]*$/.test(cell);

/** A line of such cells as the layout gives it, much sooner. */
function plainLine(cells: readonly string[], widths: readonly number[], isLeft: (column: number) => boolean): string {
  const padded = cells.map((cell, n) => (isLeft(n) ? cell.padEnd(widths[n]! - 2) : cell.padStart(widths[n]! - 2)));
  return `│${padded.map((cell) => ` ${cell} `).join('│')}│`;
}

/**
 * A table with a head; numbers to the right. Columns that do not fit the width follow in further tables below, under
 * the same first column;
 * a cell that is wider than the width is wrapped.
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  style: Style,
  leftColumns = 1,
): string {
  const room = style.width - 1;
  const titles = head.map(visible);
  const cells = rows.map((row) => row.map(visible));
  const widths = titles.map((title, i) =>
    Math.min(room - 1, cells.reduce((most, row) => Math.max(most, row[i]?.length ?? 0), title.length) + 2),
  );
  const first = widths[0]! + 1;
  const blocks: number[][] = [[]];
  let used = first;
  for (let i = 1; i < head.length; i++) {
    const block = blocks[blocks.length - 1]!;
    const width = widths[i]! + 1;
    if (block.length > 0 && used + width > room) {
      blocks.push([i]);
      used = first + width;
    } else {
      block.push(i);
      used += width;
    }
  }
  return blocks
    .map((block) => {
      const shown = [0, ...block];
      const total = shown.reduce((sum, i) => sum + widths[i]! + 1, 0);
      // Only the widest column gives way, and only where two columns are already too wide.
      const widest = shown.reduce((most, i) => (widths[i]! > widths[most]! ? i : most), 0);
      const part = (from: number): string => {
        const [isFirst, isLast] = [from === 0, from + PART >= cells.length];
        const own = cells.slice(from, from + PART).map((row) => shown.map((i) => row[i] ?? ''));
        const taken = shown.map((i) => (i === widest ? widths[i]! - Math.max(0, total - room) : widths[i]!));
        if (!isFirst && !isLast && own.every((row) => row.every((cell, n) => isPlain(cell, taken[n]!))))
          return own.map((row) => plainLine(row, taken, (n) => shown[n]! < leftColumns)).join('\n');
        const grid = new Table({
          head: isFirst ? shown.map((i) => style.strong(titles[i]!)) : [],
          colAligns: shown.map((i) => (i < leftColumns ? 'left' : 'right')),
          colWidths: taken,
          wordWrap: true,
          style: { head: [], border: [] },
          chars: {
            ...border('mid', ''),
            ...(isFirst ? {} : border('top', '')),
            ...(isLast ? {} : border('bottom', '')),
          },
        });
        for (const row of own) grid.push(row);
        return grid.toString();
      };
      return Array.from({ length: Math.max(1, Math.ceil(cells.length / PART)) }, (_, n) => part(n * PART)).join('\n');
    })
    .join('\n');
}

/** True where a table of these rows stands on a terminal in one piece. */
export function fits(head: readonly string[], rows: readonly (readonly string[])[], { width }: Style): boolean {
  const widths = head.map((title, i) =>
    rows.reduce((most, row) => Math.max(most, visible(row[i] ?? '').length), visible(title).length),
  );
  return widths.reduce((sum, column) => sum + column + 3, 1) <= width - 1;
}

/** Rows one below the other, a line for each column: what has more columns than a terminal. */
export function records(head: readonly string[], rows: readonly (readonly string[])[], style: Style): string {
  const titles = head.map(visible);
  const longest = titles.reduce((most, title) => Math.max(most, title.length), 0);
  return rows
    .map((row) =>
      titles.map((title, i) => `${style.strong(title.padEnd(longest))}  ${visible(row[i] ?? '')}`).join('\n'),
    )
    .join('\n\n');
}
