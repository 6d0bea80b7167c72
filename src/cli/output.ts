// How commands speak: results to standard output, everything else to standard error, files whole or not at all.

import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { UserError } from '../config/index.js';
import { plainStyle, type Style } from '../report/index.js';
import type { CommonOptions } from './flags.js';

/** The terminal's width and colours (`NO_COLOR` honoured). */
export function terminalStyle(): Style {
  const { stdout } = process;
  const width = stdout.isTTY ? Math.max(60, stdout.columns) : 120;
  const colour = stdout.isTTY && (process.env.NO_COLOR ?? '') === '' && process.env.TERM !== 'dumb';
  return colour ? { width, strong: (text) => styleText('bold', text), dim: (text) => styleText('dim', text) } : plainStyle(width);
}

/** Prints a result. */
export function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** Says something that is not a result. */
export function say(options: Pick<CommonOptions, 'quiet'>, text: string): void {
  if (!options.quiet) process.stderr.write(`${text}\n`);
}

/** Writes files beside their place and renames them, so that a reader never sees half of one. Returns their paths. */
export function writeFiles(folder: string, files: Record<string, string | Uint8Array>): string[] {
  try {
    mkdirSync(folder, { recursive: true });
    return Object.entries(files).map(([name, content]) => {
      const path = join(folder, name);
      const beside = `${path}.${process.pid}.tmp`;
      try {
        writeFileSync(beside, content);
        renameSync(beside, path);
      } catch (error) {
        rmSync(beside, { force: true });
        throw error;
      }
      return path;
    });
  } catch (error) {
    throw new UserError(`--out ${folder}: cannot write: ${(error as Error).message}`);
  }
}
