// How commands speak: results to standard output, everything else to standard error, files whole or not at all.

import { basename, dirname } from 'node:path';
import { styleText } from 'node:util';
import { visibleStyledText, visibleText } from '../config/escape.js';
import { writeResult, type FileSet } from '../config/result-folder.node.js';
import { plainStyle, type Style } from '../report/index.js';
import { FIGURES } from '../report/html/sections.js';
import type { CommonOptions } from './flags.js';

/** The terminal's width and colours (`NO_COLOR` honoured). */
export function terminalStyle(): Style {
  const { stdout } = process;
  const width = stdout.isTTY ? Math.max(40, stdout.columns) : 120;
  const colour = stdout.isTTY && (process.env.NO_COLOR ?? '') === '' && process.env.TERM !== 'dumb';
  return colour
    ? { width, strong: (text) => styleText('bold', text), dim: (text) => styleText('dim', text) }
    : plainStyle(width);
}

/** A time left, as people say it: `48 s`, `2 min 5 s`, `1 h 20 min`. */
export function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  return whole < 3600
    ? `${Math.floor(whole / 60)} min ${whole % 60} s`
    : `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** Prints a result. */
export function print(text: string): void {
  const shown = process.stdout.isTTY ? visibleStyledText(text) : visibleText(text);
  process.stdout.write(shown.endsWith('\n') ? shown : `${shown}\n`);
}

/** Says something that is not a result. */
export function say(options: Pick<CommonOptions, 'quiet'>, text: string): void {
  if (!options.quiet) process.stderr.write(`${visibleText(text)}\n`);
}

/** Files of one folder that are named singly. */
const MOST_NAMED = 8;

/** Names the files that were written; those of a folder of figures, or of many, as their number. */
export function sayWritten(options: Pick<CommonOptions, 'quiet'>, paths: readonly string[]): void {
  for (const folder of new Set(paths.map((path) => dirname(path)))) {
    const own = paths.filter((path) => dirname(path) === folder);
    if (own.length > MOST_NAMED || basename(folder) === FIGURES) say(options, `wrote ${own.length} files in ${folder}`);
    else for (const path of own) say(options, `wrote ${path}`);
  }
}

/** Writes the files of a result into its folder, all or none of them. Returns their paths. */
export const writeFiles = (folder: string, files: FileSet): string[] => writeResult(folder, files);
