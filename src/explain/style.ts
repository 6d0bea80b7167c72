// How text for people is written: width, emphasis, lines that fit.

import { visible } from '../config/escape.js';

/** How text is written: width in characters, colour or none. */
export interface Style {
  width: number;
  /** Emphasis for headings; the identity without colour. */
  strong: (text: string) => string;
  dim: (text: string) => string;
}

/** No emphasis: for files and pipes. */
export const plainStyle = (width = 100): Style => ({ width, strong: (text) => text, dim: (text) => text });

/** Text in lines that fit the width; those after the first begin with `indent`. Words that fit no line are cut. */
export function folded(text: string, width: number, indent = ''): string {
  const room = Math.max(1, width - indent.length);
  const lines: string[] = [];
  let line = '';
  for (const word of visible(text)
    .trimStart()
    .split(' ')
    .flatMap((whole) => pieces(whole, room))) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  // What stands before the first word moves all of it.
  return [...lines, line]
    .map((one, i) => `${i === 0 ? text.slice(0, text.length - text.trimStart().length) : indent}${one}`)
    .join('\n');
}

const pieces = (word: string, length: number): string[] =>
  Array.from({ length: Math.max(1, Math.ceil(word.length / length)) }, (_, i) =>
    word.slice(i * length, (i + 1) * length),
  );
