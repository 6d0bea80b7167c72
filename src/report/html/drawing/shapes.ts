// The pen of the machine drawing: boxes, text, arrows. SVG 1.1, ink in the surrounding colour.

import { FONT } from '../charts/theme.js';
import { escapeHtml } from '../../../config/escape.js';
import { textWidth } from '../letter-widths.js';

const round = (value: number): number => Math.round(value * 100) / 100;

/** How text is drawn; sizes in pixels. */
export interface TextStyle {
  size?: number;
  bold?: boolean;
  anchor?: 'start' | 'middle' | 'end';
  soft?: boolean;
  /** Pixels that fit; longer text has smaller letters, and only what is much longer ends in an ellipsis. */
  room?: number;
}

/** Bold letters are so much wider. */
const BOLD = 1.12;
/** Letters shrink to this share of their size before text is cut. */
const LEAST = 0.75;

/** A text that fits its room, and the size of its letters. */
function fitted(text: string, size: number, bold: boolean, room: number): { text: string; size: number } {
  const width = (of: string): number => (bold ? BOLD : 1) * textWidth(of, size, FONT);
  const share = Math.min(1, room / width(text));
  if (share >= LEAST) return { text, size: size * share };
  let end = text.length - 1;
  while (end > 1 && LEAST * width(`${text.slice(0, end)}…`) > room) end--;
  return { text: `${text.slice(0, end)}…`, size: LEAST * size };
}

/** Text on its baseline. */
export function label(
  x: number,
  y: number,
  text: string,
  { size = 11, bold = false, anchor = 'start', soft = false, room = Infinity }: TextStyle = {},
): string {
  const { text: shown, size: letters } = fitted(text, size, bold, room);
  return (
    `<text x="${round(x)}" y="${round(y)}" font-size="${round(letters)}" text-anchor="${anchor}" ` +
    `fill="currentColor"${bold ? ' font-weight="bold"' : ''}${soft ? ' fill-opacity="0.75"' : ''}>` +
    `${escapeHtml(shown)}</text>`
  );
}

/** How a box is drawn. */
export interface BoxStyle {
  fill?: string;
  fillOpacity?: number;
  stroke?: string;
  dashed?: boolean;
  radius?: number;
}

/** The upper left corner of what is drawn, pixels. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** A place with a size, pixels. */
export interface Rectangle extends Place {
  readonly width: number;
  readonly height: number;
}

/** A rectangle as SVG, pixels. */
export function box(
  { x, y, width, height }: Rectangle,
  { fill = 'none', fillOpacity = 1, stroke = 'none', dashed = false, radius = 0 }: BoxStyle,
): string {
  return (
    `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="${radius}" ` +
    `fill="${fill}" fill-opacity="${round(fillOpacity)}" stroke="${stroke}" ` +
    `stroke-width="1.5"${dashed ? ' stroke-dasharray="4 3"' : ''}/>`
  );
}

type Points = readonly (readonly [number, number])[];

/** A line through points. */
export function line(points: Points, color: string, { dashed = false, width = 2 } = {}): string {
  const path = points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join('');
  return (
    `<path d="${path}" fill="none" stroke="${color}" ` +
    `stroke-width="${width}"${dashed ? ' stroke-dasharray="4 3"' : ''}/>`
  );
}

/** A line through points with a head at its end. */
export function arrow(points: Points, color: string, { dashed = false, head = true, width = 2 } = {}): string {
  const [x, y] = points[points.length - 1]!;
  const [px, py] = points[points.length - 2]!;
  const length = Math.hypot(x - px, y - py) || 1;
  const [ux, uy] = [(x - px) / length, (y - py) / length];
  const corner = (side: number): string => `${round(x - 8 * ux - side * 4 * uy)} ${round(y - 8 * uy + side * 4 * ux)}`;
  const tip = `<path d="M${round(x)} ${round(y)}L${corner(1)}L${corner(-1)}Z" fill="${color}"/>`;
  return `${line(points, color, { dashed, width })}${head ? tip : ''}`;
}

/** A group whose parts share a description that appears on hover; `link`: where it leads. */
export function described(title: string, parts: readonly string[], link?: string): string {
  const group = `<g><title>${escapeHtml(title)}</title>${parts.join('')}</g>`;
  return link === undefined ? group : `<a href="${escapeHtml(link)}">${group}</a>`;
}

/** The whole drawing. */
export function drawing(width: number, height: number, title: string, parts: readonly string[]): string {
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${round(width)} ${round(height)}" ` +
    `width="${round(width)}" height="${round(height)}" role="group" aria-label="${escapeHtml(title)}" ` +
    `font-family="${FONT}">${parts.join('')}</svg>`
  );
}
