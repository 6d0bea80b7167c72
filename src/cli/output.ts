// How commands speak: results to standard output, everything else to standard error, files whole or not at all.

import { basename, dirname, join } from 'node:path';
import { styleText } from 'node:util';
import { UserError } from '../config/index.js';
import { makeFolder, writeWhole } from '../config/writing.node.js';
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
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** Says something that is not a result. */
export function say(options: Pick<CommonOptions, 'quiet'>, text: string): void {
  if (!options.quiet) process.stderr.write(`${text}\n`);
}

/** Names the files that were written; figures as their folder. */
export function sayWritten(options: Pick<CommonOptions, 'quiet'>, paths: readonly string[]): void {
  const figures = paths.filter((path) => basename(dirname(path)) === FIGURES);
  for (const path of paths) if (!figures.includes(path)) say(options, `wrote ${path}`);
  if (figures.length > 0) say(options, `wrote ${figures.length} files in ${dirname(figures[0]!)}`);
}

/** Writes files beside their place and renames them, so that a reader never sees half of one. Returns their paths. */
export function writeFiles(folder: string, files: Record<string, string | Uint8Array>): string[] {
  try {
    return Object.entries(files).map(([name, content]) => {
      const path = join(folder, name);
      makeFolder(dirname(path));
      writeWhole(path, content);
      return path;
    });
  } catch (error) {
    throw new UserError(`--out ${folder}: cannot write: ${(error as Error).message}`);
  }
}
