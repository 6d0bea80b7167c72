// What `#commands` is: the list that the build makes of the files of commands/ (scripts/list-commands.mjs).

import type { Command, Declaration } from './command.js';

/** A command that loads when it runs. */
export interface ListedCommand extends Declaration {
  load: () => Promise<Command>;
}

declare const commands: readonly ListedCommand[];
export default commands;
