// The command line: parses, calls, and turns faults into one line and an exit status. Commands load what they need when
// they run.

import yargs, { type Argv } from 'yargs';
import { hideBin } from 'yargs/helpers';
import { closest, ConfigError, UserError } from '../config/errors.js';
import { messageLine, visibleText } from '../config/escape.js';
import { VERSION } from '../config/version.js';
import { withPresets } from './completion.js';
import type { FlagSet } from './flag-types.js';
import { COMMON_FLAGS, wholeFlag } from './flags.js';
import commands from '#commands';

/** A fault of the user: one line each, status 2. Anything else is ours: status 1. */
function fail(error: unknown, debug: boolean): never {
  const user = error instanceof UserError;
  const message = error instanceof Error ? error.message : String(error);
  const line = messageLine(`${user ? '' : 'xbarflow failed: '}${message}`);
  const more = error instanceof ConfigError ? error.others.map((other) => messageLine(other.message)) : [];
  process.stderr.write(
    debug && error instanceof Error ? `${visibleText(error.stack ?? message)}\n` : `${[line, ...more].join('\n')}\n`,
  );
  process.exit(user ? 2 : 1);
}

/** Flags and arguments that may be given several times. */
const LISTS = new Set([
  '_',
  ...commands.flatMap((command) =>
    Object.entries({ ...command.arguments, ...command.flags }).flatMap(([name, { array }]) =>
      array === true ? [name, name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())] : [],
    ),
  ),
]);

/** Flags that mean a folder of results, and what they need it for. */
const FOLDER_FLAGS = [
  ['figures', 'they need a folder'],
  ['timeline', 'it needs a folder'],
  ['resume', 'goes on from what a folder holds'],
] as const;

/** Every other flag once, and numbers where numbers are expected. */
function checkFlags(flags: Record<string, unknown>): true {
  for (const [name, value] of Object.entries(flags)) {
    if (Array.isArray(value) && !LISTS.has(name)) throw new UserError(`--${name}: is given more than once`);
    if (Number.isNaN(value)) throw new UserError(`--${name}: expected a number`);
  }
  if (flags.out === '') throw new UserError('--out: found "", expected a folder');
  if (flags.out === undefined)
    for (const [name, what] of FOLDER_FLAGS)
      if (flags[name] === true) throw new UserError(`--${name}: ${what}, expected --out DIR`);
  if (typeof flags.seed === 'number') wholeFlag('seed', flags.seed, 0);
  return true;
}

/** Flags and words that a command does not take: the first of them, and the flag that may have been meant. */
function unknownWords(command: string, words: readonly string[]): string {
  const written = args.map((arg) => /^--?([^=]+)/.exec(arg)?.[1]);
  const flag = words.find((word) => written.includes(word) || written.includes(`no-${word}`));
  if (flag === undefined) return `${command}: unexpected argument "${words[0]!}", see xbarflow ${command} --help`;
  const known = commands.find(({ usage }) => usage.split(' ')[0] === command)?.flags ?? {};
  const near = closest(flag, Object.keys({ ...COMMON_FLAGS, ...known }));
  const meant = near === undefined ? `, see xbarflow ${command} --help` : `; did you mean --${near}?`;
  return `${command} has no flag ${flag.length > 1 ? '--' : '-'}${flag}${meant}`;
}

/** A fault that yargs reports, on one line and with the word that it is about. */
function inWords(message: string): string {
  const line = message.replace(/\s*\n\s*/g, ' ');
  const command = args.find((arg) => !arg.startsWith('-'));
  if (command === undefined) return line;
  if (line.startsWith('Did you mean'))
    return `no command "${command}"; ${line.replace(/^Did you mean (.*)\?$/, 'did you mean "$1"?')}`;
  const unknown = /^Unknown arguments?: (.*)$/.exec(line)?.[1];
  if (unknown !== undefined) return unknownWords(command, unknown.split(', '));
  const given = /^Not enough non-option arguments: got (\d+)/.exec(line)?.[1];
  if (given === undefined) return line;
  const usage = commands.find((one) => one.usage.split(' ')[0] === command)?.usage ?? '';
  const missing = usage.match(/<[^>]+>/g)?.[Number(given)] ?? 'an argument';
  return `${command}: ${missing} is missing, see xbarflow ${command} --help`;
}

// A reader that has seen enough (`| head`) closes the pipe: no fault of anybody's.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  process.stderr.write(`${messageLine(`xbarflow failed: standard output takes no more: ${error.message}`)}\n`);
  process.exit(1);
});
// Remarks that nobody can read change no result.
process.stderr.on('error', () => undefined);
const args = hideBin(process.argv);

/** Names of the flags of these types, of any command. */
const flagsOfType = (...types: readonly (string | undefined)[]): ReadonlySet<string> =>
  new Set(
    [COMMON_FLAGS, ...commands.map(({ flags }) => flags)].flatMap((flags: FlagSet) =>
      Object.keys(flags).filter((name) => types.includes(flags[name]!.type)),
    ),
  );

/** What the parser would take for something else than what was meant: each word as it was written. */
function checkWords(words: readonly string[]): void {
  const booleans = flagsOfType('boolean');
  const numbers = flagsOfType('number');
  const valued = flagsOfType('number', 'string', undefined);
  words.forEach((word, i) => {
    if (word === '--')
      throw new UserError('--: no word behind it is read; expected flags without it, and ./-name for such a file');
    const [, no, name, , value] = /^--(no-)?([\w-]+)(=(.*))?$/s.exec(word) ?? [];
    if (name === undefined) return;
    if (booleans.has(name)) {
      if (value !== undefined && value !== 'true' && value !== 'false')
        throw new UserError(`${word}: expected true or false, or the flag alone`);
    } else if (no !== undefined && valued.has(name))
      throw new UserError(`${word}: expected --${name} with a value, or nothing`);
    if (no === undefined && numbers.has(name) && (value ?? words[i + 1])?.trim() === '')
      throw new UserError(`--${name}: found ${JSON.stringify(value ?? words[i + 1])}, expected a number`);
  });
}

/** Parses the command line and runs its command. */
async function main(): Promise<void> {
  try {
    checkWords(args);
    const parser: Argv = yargs(args)
      .scriptName('xbarflow')
      .parserConfiguration({ 'dot-notation': false })
      .usage('$0 <command>\n\nCycle-level simulation of crossbar processing-in-memory accelerators')
      .options(COMMON_FLAGS);
    for (const { usage, describe, arguments: own, flags, load } of commands)
      parser.command(
        usage,
        describe,
        (y) =>
          Object.entries(own)
            .reduce((all, [name, options]) => all.positional(name, options), y)
            .options(flags),
        async (given) => {
          if (typeof given.out === 'string') (await import('../config/work-folder.node.js')).checkFolder(given.out);
          const { run } = await load();
          // Cast: yargs made the values by the same declaration that the handler's type is made of.
          await run(given as never);
        },
      );
    await parser
      .demandCommand(1, 'Which command? See xbarflow --help')
      .strict()
      .check(checkFlags)
      .recommendCommands()
      .completion('completion', 'Print a script that completes commands in bash or zsh', withPresets)
      .version(VERSION)
      .wrap(Math.min(120, process.stdout.columns || 100))
      .fail((message, error: unknown) => {
        // What yargs itself finds wrong is the user's to mend, too.
        throw error instanceof Error && error.name !== 'YError' ? error : new UserError(inWords(message));
      })
      // Else yargs prints help by itself, and ends the process whether or not anybody got it.
      .parseAsync(args, (_error: unknown, _given: unknown, help: string) => {
        if (help !== '') process.stdout.write(`${visibleText(help)}\n`);
      });
  } catch (error) {
    fail(error, args.includes('--debug'));
  }
  // All that a command began has ended with it. Where all that it said is written, V8 need not take its memory apart
  // first, which takes longer than to end.
  if ([process.stdout, process.stderr].every((to) => to.errored === null && to.writableLength === 0)) process.exit();
}

void main();
