// What a command is: how it is called, its flags as data, and its handler. The build lists the files of commands/
// (scripts/list-commands.mjs), so that `--help` reads declarations without loading what the commands use.

import type { ArgumentSet, FlagSet, FlagsOf } from './flag-types.js';
import type { COMMON_FLAGS } from './flags.js';

/** How a command is called and what it takes. */
export interface Declaration {
  /** Name and arguments: `run <config>`. */
  usage: string;
  describe: string;
  /** Where it stands in the help, ascending. */
  order: number;
  arguments: ArgumentSet;
  flags: FlagSet;
  /** Kind of the presets that complete its arguments. */
  completes?: string;
}

/** A command: a file of commands/ exports one or several. */
export interface Command extends Declaration {
  run: (flags: never) => void | Promise<void>;
}

/** A command whose handler gets its flags with their types, the common ones with them. */
export const command = <const A extends ArgumentSet, const F extends FlagSet>(
  declaration: Declaration & {
    arguments: A;
    flags: F;
    run: (flags: FlagsOf<typeof COMMON_FLAGS & A & F>) => void | Promise<void>;
  },
): Command => declaration;
