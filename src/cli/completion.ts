// What a shell may complete besides commands, options and choices: presets, where a command takes one.

import { readdirSync } from 'node:fs';
import commands from '#commands';

/** Presets that complete a command's words; none where it takes none or the package has none. */
function presetCompletions(command: string | undefined): string[] {
  const folder = commands.find(({ usage }) => usage.split(' ')[0] === command)?.completes;
  if (folder === undefined) return [];
  try {
    return readdirSync(new URL(`../../configs/${folder}`, import.meta.url))
      .filter((file) => file.endsWith('.yaml'))
      .map((file) => file.slice(0, -'.yaml'.length));
  } catch {
    return [];
  }
}

type Done = (completions: string[]) => void;

/** yargs' completion with presets beside its own. */
export function withPresets(
  current: string,
  argv: { _: (string | number)[] },
  byDefault: (done: (error: Error | null, completions: string[] | undefined) => void) => void,
  done: Done,
): void {
  const [, command] = argv._.map(String);
  byDefault((_, completions = []) => {
    done([...completions, ...(current.startsWith('-') ? [] : presetCompletions(command))]);
  });
}
